//! The components of an org by type.

use eca_deploy::{Inventory, ListQuery};
use eca_model::{ComponentName, Manifest, MetadataType};

use crate::auth;
use crate::auth::Target;
use crate::context::Context;
use crate::failure::Failure;

/// The number of concurrent calls. An org limits the number of long-running ones.
pub(crate) const CONCURRENCY: usize = 4;

/// Every file of every app of the org.
pub(crate) async fn of_apps(context: &Context, target: &Target) -> Result<Manifest, Failure> {
    let inventory = list(context, target, |kind| kind.is_of_apps()).await?;
    let mut manifest = Manifest::new(target.org.endpoint().version());
    for found in &inventory.components {
        manifest.insert(&ComponentName::new(&found.kind, &found.full_name));
    }
    Ok(manifest)
}

/// The components of some types.
pub(crate) async fn list(
    context: &Context,
    target: &Target,
    wanted: impl Fn(&MetadataType) -> bool,
) -> Result<Inventory, Failure> {
    let kinds = MetadataType::ALL.iter().copied().filter(wanted);
    let queries: Vec<_> = kinds
        .map(|kind| ListQuery::new(kind.manifest_name()))
        .collect();
    let inventory = eca_deploy::list_metadata(&target.org, &queries, CONCURRENCY).await;
    for (query, error) in &inventory.failures {
        // An unknown type has no components in the org.
        if error
            .api_error()
            .is_none_or(|error| error.code != "INVALID_TYPE")
        {
            let message = format!("the org did not list {}", query.kind);
            return Err(auth::call_failed_by_version(context, target, &message, error).await);
        }
    }
    Ok(inventory)
}
