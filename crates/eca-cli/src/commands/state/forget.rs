//! `eca state forget`: an org, or an app in it, is no longer known as applied.

use std::time::SystemTime;

use eca_apply::{Loaded, Lock, OrgId};
use eca_model::schema::nearest_name as nearest;
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::state::{chosen, require_agreement};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::state::applied::Applied;
use crate::state::holder::holder;

pub(crate) const NAME: &str = "state-forget";

/// Forget that something was applied; the org itself is left alone
///
/// A forgotten app belongs to no project, and nothing of it is deleted by a later apply. Another
/// project can take it over; so can this one, as something that the org has already.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The id of the org [default: that of --org, or the only one]
    #[arg(value_name = "ORG_ID")]
    org_id: Option<OrgId>,
    /// Forget this app only
    #[arg(long, value_name = "APP")]
    app: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document<'a> {
    org: String,
    /// The app; absent when the whole org was forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<&'a str>,
}

pub(super) async fn run(
    context: &Context,
    applied: &Applied,
    arguments: &Arguments,
) -> Result<Exit, Failure> {
    let failed = |error| super::failed(&error);
    let org = chosen(context, applied, arguments.org_id.as_ref()).await?;
    let store = &applied.store;
    let app = arguments.app.as_deref();
    let loaded = store.load(&org).await.map_err(failed)?;
    if let Some(app) = app {
        require_app(&loaded, app)?;
    }
    let what = app.map_or_else(
        || format!("{org}, with all its apps"),
        |app| format!("{app} in {org}"),
    );
    require_agreement(arguments.yes, format_args!("forget {what}?"))?;
    let mut lock = store
        .lock(&org, holder("eca state forget"), SystemTime::now())
        .await
        .map_err(failed)?;
    let forgotten = forget(applied, &mut lock, loaded, app).await;
    let unlocked = store.unlock(lock).await;
    forgotten?;
    unlocked.map_err(|error| super::failed(&error))?;
    context.output.print(format_args!("forgot {what}"));
    let document = Document {
        org: org.to_string(),
        app,
    };
    context.output.document(NAME, Exit::Success, &document);
    Ok(Exit::Success)
}

async fn forget(
    applied: &Applied,
    lock: &mut Lock,
    loaded: Loaded,
    app: Option<&str>,
) -> Result<(), Failure> {
    let failed = |error| super::failed(&error);
    let store = &applied.store;
    let Some(app) = app else {
        return store.forget(lock, loaded).await.map_err(failed);
    };
    let last = store.last(&loaded).await.map_err(failed)?;
    let rest = eca_apply::Applied::unchanged(&loaded.state, last.unwrap_or_default());
    let rest = rest.without_app(app);
    let committed = store.commit(lock, &loaded, rest, SystemTime::now()).await;
    committed.map(drop).map_err(failed)
}

fn require_app(loaded: &Loaded, app: &str) -> Result<(), Failure> {
    let apps = &loaded.state.apps;
    if apps.contains_key(app) {
        return Ok(());
    }
    let message = format!("no app {app} was applied to {}", loaded.state.org);
    let failure = Failure::new(Exit::Usage, message);
    Err(match nearest(app, apps.keys().map(String::as_str)) {
        Some(meant) => failure.hint(format!("did you mean {meant}?")),
        None => failure.hint("show what was applied: eca state show"),
    })
}
