//! `eca list`: lists the components of an org.

use eca_deploy::{FileProperties, ListQuery};
use eca_model::MetadataType;
use eca_model::schema::nearest;
use schemars::JsonSchema;
use serde::Serialize;

use crate::auth;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::shapes;
use crate::ui::output;

pub(crate) const NAME: &str = "list";

/// The number of concurrent calls. An org limits the number of long-running ones.
pub(crate) const CONCURRENCY: usize = 4;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Metadata types [default: those of External Client Apps and outbound credentials]
    #[arg(value_name = "TYPE")]
    types: Vec<String>,
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
        return Err(auth::call_failed(
            &target,
            "the org did not list its components",
            error,
        ));
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
