//! `eca state list`: the orgs that something was applied to.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::state::entry::Entry;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::state::applied::Applied;

pub(crate) const NAME: &str = "state-list";

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document<'a> {
    /// Where the state is.
    url: String,
    /// The name that the apps of this project belong to. A shared state needs one in `eca.toml`.
    project: Option<&'a str>,
    orgs: Vec<Entry>,
}

pub(super) async fn run(context: &Context, applied: &Applied) -> Result<Exit, Failure> {
    let known = applied.store.orgs().await;
    let mut orgs = Vec::new();
    for org in known.map_err(|error| super::failed(&error))? {
        let entry = Entry::load(applied, &org).await?;
        entry.print(context);
        orgs.push(entry);
    }
    if orgs.is_empty() {
        let url = &applied.url;
        context
            .output
            .info(format_args!("nothing was applied yet: {url} is empty"));
    }
    let url = applied.url.to_string();
    let document = Document {
        url,
        project: applied.project.as_deref(),
        orgs,
    };
    context.output.document(NAME, Exit::Success, &document);
    Ok(Exit::Success)
}
