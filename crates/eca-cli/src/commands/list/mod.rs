//! `eca list`: lists the components of an org.

pub(crate) mod apps;

use eca_deploy::{FileProperties, ListQuery};
use eca_model::MetadataType;
use eca_model::schema::nearest;
use schemars::JsonSchema;
use serde::Serialize;

use crate::auth;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::project::inventory::CONCURRENCY;
use crate::shapes;
use crate::ui::output;

pub(crate) const NAME: &str = "list";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Metadata types [default: those of External Client Apps and outbound credentials]
    #[arg(value_name = "TYPE")]
    types: Vec<String>,
    /// List the apps in a table, with their flows; their files are retrieved and not written
    #[arg(long, conflicts_with = "types")]
    apps: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    #[schemars(with = "Vec<shapes::FileProperties>")]
    components: Vec<FileProperties>,
    failures: Vec<String>,
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let root = context.project_root(&[])?;
    let target = auth::target(context, &root, None)?;
    if arguments.apps {
        return apps::run(context, &target).await;
    }
    let queries: Vec<_> = if arguments.types.is_empty() {
        MetadataType::ALL
            .iter()
            .map(|kind| ListQuery::new(kind.manifest_name()))
            .collect()
    } else {
        arguments.types.iter().map(ListQuery::new).collect()
    };
    let inventory = eca_deploy::list_metadata(&target.org, &queries, CONCURRENCY).await;
    // When every query fails for one reason, that reason is reported once.
    let reason = |error: &eca_deploy::Error| error.api_error().map(ToString::to_string);
    if let Some((_, error)) = inventory.failures.first()
        && (error.is_auth()
            || reason(error).is_none()
            || inventory.failures.len() == queries.len()
                && queries.len() > 1
                && inventory
                    .failures
                    .iter()
                    .all(|(_, other)| reason(other) == reason(error)))
    {
        let message = "the org did not list its components";
        return Err(auth::call_failed_by_version(context, &target, message, error).await);
    }
    for component in &inventory.components {
        context
            .output
            .print(format_args!("{}:{}", component.kind, component.full_name));
    }
    let mut failures = Vec::new();
    for (query, error) in &inventory.failures {
        let reason = reason(error).unwrap_or_else(|| chain(error));
        let message = format!("{}: {reason}", query.kind);
        let hint = match nearest(&query.kind) {
            Some(intended) if intended.name == query.kind => None,
            Some(intended) => Some(format!("did you mean {}?", intended.name)),
            None => Some(format!(
                "the types that the org has: {}",
                target.command_line("describe")
            )),
        };
        output::error(&Failure::new(Exit::Failed, message.as_str()).maybe_hint(hint));
        failures.push(message);
    }
    let exit = if failures.is_empty() {
        Exit::Success
    } else {
        Exit::Failed
    };
    let document = Document {
        components: inventory.components,
        failures,
    };
    context.output.document(NAME, exit, &document);
    Ok(exit)
}
