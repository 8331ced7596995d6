//! What was applied to an org last.

use std::path::Path;

use eca_apply::{OrgId, StateError};
use eca_model::Snapshot;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::state::applied::Applied;

/// What was applied last from this project.
#[derive(Debug, Clone)]
pub(crate) struct LastApplied {
    /// The serial of the state.
    pub(crate) serial: u64,
    pub(crate) snapshot: Snapshot,
}

/// What was applied to an org last from this project; `None` where nothing was.
pub(crate) async fn applied(
    context: &Context,
    root: &Path,
    org_id: &str,
) -> Result<Option<LastApplied>, Failure> {
    let org: OrgId = org_id
        .parse()
        .map_err(|error| Failure::from_error(Exit::Refused, &error))?;
    let Applied {
        store,
        url,
        project,
    } = Applied::open(context, root)?;
    let failed = |error: StateError| Failure::from_library(&error);
    let loaded = store.load(&org).await.map_err(failed)?;
    let Some(snapshot) = store.last(&loaded).await.map_err(failed)? else {
        return Ok(None);
    };
    let project = project.ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            format!("{url} may have the state of other projects, and this one has no name"),
        )
        .hint("name it in eca.toml: [state] project = \"NAME\"")
    })?;
    let snapshot = loaded.state.of_project(snapshot, &project);
    let serial = loaded.state.serial;
    let is_any = !snapshot.components.is_empty();
    Ok(is_any.then_some(LastApplied { serial, snapshot }))
}
