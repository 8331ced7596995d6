//! `eca schema diff`: compares an org's description of its types with the schema of `eca`.

use std::fmt::Write as _;

use eca_model::{ApiVersion, MetadataType, TypeSchema};
use schemars::JsonSchema;
use serde::Serialize;

use crate::auth;
use crate::commands::schema::difference::{Difference, compare};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::terminal::Style;

pub(crate) const NAME: &str = "schema-diff";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Metadata types [default: all that the API version has]
    #[arg(value_name = "TYPE")]
    names: Vec<String>,
    /// The API version whose schema is compared [default: the API version of the requests]
    #[arg(long, value_name = "VERSION")]
    schema_version: Option<ApiVersion>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    instance: String,
    org_version: String,
    schema_version: String,
    types: usize,
    differences: Vec<Difference>,
}

/// The error of the Metadata API for an unknown type.
const NO_TYPE: &str = "INVALID_TYPE";

pub(super) async fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let chosen = chosen(arguments)?;
    let root = context.project_root(&[])?;
    let target = auth::target(context, &root, None)?;
    let org_version = target.org.endpoint().version();
    let version = arguments.schema_version.unwrap_or(org_version);
    let asked: Vec<_> = chosen
        .into_iter()
        .filter(|schema| !arguments.names.is_empty() || schema.is_in(version))
        .collect();
    let mut differences = Vec::new();
    for schema in &asked {
        match eca_deploy::describe_value_type(&target.org, schema.name).await {
            Ok(described) => {
                let fields = &described.value_type_fields;
                compare(
                    schema.name,
                    schema.record,
                    fields,
                    version,
                    &mut differences,
                );
            }
            Err(error) if error.api_error().is_some_and(|error| error.code == NO_TYPE) => {
                differences.push(Difference {
                    location: schema.name.to_owned(),
                    org: None,
                    schema: Some("a type".to_owned()),
                });
            }
            Err(error) => {
                let message = format!("the org did not describe {}", schema.name);
                return Err(auth::call_failed(&target, &message, &error));
            }
        }
    }
    if !differences.is_empty() {
        context
            .output
            .print_block(Style::Plain, table(&differences).trim_end());
    }
    context.output.info(format_args!(
        "{} types of API {org_version}, {} differences from the schema of {version}",
        asked.len(),
        differences.len()
    ));
    let exit = if differences.is_empty() {
        Exit::Success
    } else {
        Exit::Failed
    };
    let document = Document {
        instance: target.org.endpoint().instance().to_owned(),
        org_version: org_version.to_string(),
        schema_version: version.to_string(),
        types: asked.len(),
        differences,
    };
    context.output.document(NAME, exit, &document);
    Ok(exit)
}

fn chosen(arguments: &Arguments) -> Result<Vec<&'static TypeSchema>, Failure> {
    if arguments.names.is_empty() {
        return Ok(MetadataType::ALL.iter().map(|kind| kind.schema()).collect());
    }
    arguments
        .names
        .iter()
        .map(|name| crate::commands::schema::find(name))
        .collect()
}

/// The columns location, org and schema, with a dash for a missing value.
fn table(differences: &[Difference]) -> String {
    let longest = differences
        .iter()
        .map(|one| one.location.chars().count())
        .max();
    let width = longest.unwrap_or_default().max("location".len());
    let mut text = format!("{:width$}  {:24}  schema\n", "location", "org");
    for one in differences {
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
        let (org, schema) = (side(&one.org), side(&one.schema));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:width$}  {org:24}  {schema}", one.location);
    }
    text
}
