//! `eca list`: which components an org has.

use eca_deploy::{FileProperties, ListQuery};
use eca_model::MetadataType;
use eca_model::schema::nearest;
use serde::Serialize;

use crate::auth;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) const NAME: &str = "list";

/// How many calls run at a time; an org allows few long ones.
pub(crate) const CONCURRENCY: usize = 4;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Metadata types [default: those of External Client Apps and outbound credentials]
    #[arg(value_name = "TYPE")]
    types: Vec<String>,
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    #[derive(Serialize)]
    struct Document {
        components: Vec<FileProperties>,
        failures: Vec<String>,
    }
    let root = context.project_root(&[])?;
    let target = auth::target(context, &root, None)?;
    let queries: Vec<_> = if arguments.types.is_empty() {
        MetadataType::ALL
            .iter()
            .map(|kind| ListQuery::new(kind.name()))
            .collect()
    } else {
        arguments.types.iter().map(ListQuery::new).collect()
    };
    let inventory = eca_deploy::list_metadata(&target.org, &queries, CONCURRENCY).await;
    // Where nothing worked, the one reason says more than a list of it.
    let reason = |error: &eca_deploy::Error| error.api_error().map(ToString::to_string);
    if let Some((_, error)) = inventory.failures.first()
        && (error.is_auth()
            || reason(error).is_none()
            || inventory.failures.len() == queries.len()
                && queries.len() > 1
                && inventory
                    .failures
                    .iter()
                    .all(|(_, own)| reason(own) == reason(error)))
    {
        return Err(auth::call_failed(
            &target,
            "the org did not list its components",
            error,
        ));
    }
    for found in &inventory.components {
        context
            .output
            .print(format_args!("{}:{}", found.kind, found.full_name));
    }
    let failures: Vec<_> = inventory
        .failures
        .iter()
        .filter_map(|(query, error)| Some(format!("{}: {}", query.kind, error.api_error()?)))
        .collect();
    for failure in &failures {
        context.output.info(format_args!("error: {failure}"));
    }
    for (query, _) in &inventory.failures {
        match nearest(&query.kind) {
            Some(meant) if meant.name == query.kind => {}
            Some(meant) => context
                .output
                .info(format_args!("hint: did you mean {}?", meant.name)),
            None => context.output.info(format_args!(
                "hint: the types that the org has: {}",
                target.command_line("describe")
            )),
        }
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
