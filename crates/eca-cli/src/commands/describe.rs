//! `eca describe`: the metadata types of an org, or the members of one type.

use eca_deploy::ValueTypeField;

use crate::auth;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) const NAME: &str = "describe";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A metadata type, whose members are shown [default: all types, by name]
    #[arg(value_name = "TYPE")]
    kind: Option<String>,
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let root = context.project_root(&[])?;
    let target = auth::target(context, &root, None)?;
    if let Some(kind) = &arguments.kind {
        let described = match eca_deploy::describe_value_type(&target.org, kind).await {
            Ok(described) => described,
            Err(error) => {
                let message = format!("the org did not describe {kind}");
                let failure =
                    auth::call_failed_by_version(context, &target, &message, &error).await;
                let unknown = error
                    .api_error()
                    .is_some_and(|error| error.code == "INVALID_TYPE");
                return Err(failure.maybe_hint(unknown.then(|| {
                    let all = target.command_line(NAME);
                    format!("to see the types that it has: {all}")
                })));
            }
        };
        show(context, &described.value_type_fields, 0);
        context.output.document(NAME, Exit::Success, &described);
        return Ok(Exit::Success);
    }
    let described = match eca_deploy::describe_metadata(&target.org).await {
        Ok(described) => described,
        Err(error) => {
            let message = "the org did not describe its types";
            return Err(auth::call_failed_by_version(context, &target, message, &error).await);
        }
    };
    for object in &described.metadata_objects {
        let suffix = object.suffix.as_deref().unwrap_or("-");
        let (name, directory) = (&object.xml_name, &object.directory_name);
        context
            .output
            .print(format_args!("{name} {directory}/*.{suffix}"));
    }
    context.output.document(NAME, Exit::Success, &described);
    Ok(Exit::Success)
}

fn show(context: &Context, fields: &[ValueTypeField], depth: usize) {
    for field in fields {
        let required = if field.value_required {
            ", required"
        } else {
            ""
        };
        let values: Vec<_> = field
            .picklist_values
            .iter()
            .map(|entry| entry.value.as_str())
            .collect();
        let values = if values.is_empty() {
            String::new()
        } else {
            format!(": {}", values.join(", "))
        };
        context.output.print(format_args!(
            "{:indent$}{} ({}{required}){values}",
            "",
            field.name,
            field.soap_type,
            indent = depth * 2
        ));
        show(context, &field.fields, depth + 1);
    }
}
