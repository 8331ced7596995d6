//! `eca state show`: what was applied to an org.

use eca_apply::OrgId;
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::state::chosen;
use crate::commands::state::entry::Entry;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::state::applied::Applied;

pub(crate) const NAME: &str = "state-show";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The id of the org [default: that of --org, or the only one]
    #[arg(value_name = "ORG_ID")]
    org_id: Option<OrgId>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    /// Where the state is.
    url: String,
    #[serde(flatten)]
    entry: Entry,
    /// The components that were applied last, `TYPE:NAME`.
    components: Vec<String>,
}

pub(super) async fn run(
    context: &Context,
    applied: &Applied,
    arguments: &Arguments,
) -> Result<Exit, Failure> {
    let org = chosen(context, applied, arguments.org_id.as_ref()).await?;
    let failed = |error| super::failed(&error);
    let entry = Entry::load(applied, &org).await?;
    entry.print(context);
    let loaded = applied.store.load(&org).await.map_err(failed)?;
    let snapshot = applied.store.last(&loaded).await.map_err(failed)?;
    let components = snapshot.into_iter().flat_map(|last| last.components);
    let components: Vec<_> = components.map(|(name, _)| name.to_string()).collect();
    for component in &components {
        context.output.print(format_args!("    {component}"));
    }
    let document = Document {
        url: applied.url.to_string(),
        entry,
        components,
    };
    context.output.document(NAME, Exit::Success, &document);
    Ok(Exit::Success)
}
