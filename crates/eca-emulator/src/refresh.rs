//! Refreshing a sandbox.

use std::sync::Arc;
use std::time::SystemTime;

use eca_model::MetadataType;
use thiserror::Error;

use crate::ids::RecordKind;
use crate::kind::OrgKind;
use crate::metadata::generate;
use crate::metadata::job::Jobs;
use crate::oauth::issue;
use crate::secret::Secret;
use crate::state::components::Metadata;
use crate::state::grants::Grants;
use crate::state::lockouts::Lockouts;
use crate::state::stored_credentials::StoredCredentials;
use crate::state::users::UserKind;
use crate::state::verifications::Verifications;
use crate::state::{OrgConfig, State};

/// The content of a sandbox's production org, which [`Org::refresh`](crate::org::Org::refresh)
/// copies. There is no production org, so the caller states it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Production {
    /// None of the sandbox's external client apps and related components: they are lost.
    #[default]
    WithoutApps,
    /// The same components. Copied apps get new consumers, `oauthLink` and `orgScopedExternalApp`,
    /// since the old ones name another org; it is inferred that Salesforce does so.
    WithSameApps,
}

/// Why [`Org::refresh`](crate::org::Org::refresh) did nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("only a sandbox can be refreshed; this org is {0}")]
pub struct RefreshRefused(pub(crate) OrgKind);

/// Refreshes a sandbox as a copy of its production org; returns the administrator's new access
/// token.
///
/// The org gets another id. Sessions, tokens, codes, approvals, deploys and the login history are
/// gone, and so are external client apps that only the sandbox had. Users keep their passwords, and
/// all except the administrator get `.invalid` after their e-mail addresses (Salesforce Help,
/// "Sandbox Setup Considerations").
pub(crate) fn refresh(
    state: &mut State,
    config: &OrgConfig,
    production: Production,
    now: SystemTime,
) -> Result<Secret, RefreshRefused> {
    if !matches!(config.kind, OrgKind::Sandbox(_)) {
        return Err(RefreshRefused(config.kind.clone()));
    }
    state.org_id = state.ids.next(RecordKind::Organization);
    let old = std::mem::take(&mut state.metadata);
    // Keys of the former sandbox exist elsewhere: here they are not installed.
    let mut former = old.former_keys.clone();
    former.extend(old.consumers.values().map(|consumer| consumer.key.clone()));
    state.metadata = match production {
        Production::WithoutApps => Metadata::default(),
        Production::WithSameApps => copied(state, &old, now),
    };
    state.metadata.former_keys = former;
    state.metadata.revision = old.revision + 1;
    state.jobs = Jobs::default();
    state.grants = Grants::default();
    state.verifications = Verifications::default();
    state.lockouts = Lockouts::default();
    state.logins.clear();
    state.audit_trail.clear();
    state.stored_credentials = StoredCredentials::default();
    state.outbox.clear();
    state.users.rename(|user| {
        (user.kind != UserKind::Administrator).then(|| config.kind.username(&user.username))
    });
    let (metadata, standing) = (&state.metadata, &state.permission_sets);
    state.users.retain_permission_sets(|name| {
        standing.contains(name) || metadata.has(MetadataType::PermissionSet, name)
    });
    let token = Arc::new(issue::access_token(&state.org_id, &mut state.random));
    issue::add_admin_session(state, &token, &config.admin_username, now);
    state.admin_token = Arc::clone(&token);
    Ok(token.duplicate())
}

/// The same components, with all org-specific values generated again. It is inferred that a copied
/// app gets another consumer: its `oauthLink` would name the old org.
fn copied(state: &mut State, old: &Metadata, now: SystemTime) -> Metadata {
    let mut new = Metadata {
        components: old.components.clone(),
        ..Metadata::default()
    };
    for component in new.components.values_mut() {
        for member in ["oauthLink", "orgScopedExternalApp", "consumerKey"] {
            component.record.remove(member);
        }
    }
    let apps: Vec<_> = new
        .of_type(MetadataType::ExternalClientApplication)
        .map(|(id, _)| id.name.clone())
        .collect();
    let names = apps.iter().map(String::as_str);
    generate::complete(
        &state.org_id,
        &mut new,
        &mut state.ids,
        &mut state.random,
        names,
        now,
    );
    new
}
