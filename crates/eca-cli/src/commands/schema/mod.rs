//! `eca schema`: the fields of metadata types.

pub(crate) mod diff;
mod difference;
mod documents;

use std::collections::BTreeMap;

use eca_model::TypeSchema;
use eca_model::schema::{all, json_schema, markdown, nearest, nearest_name};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::commands::explain::CONNECTED_APP;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::terminal::Style;

pub(crate) const NAME: &str = "schema";

/// The most types in a hint.
const MEANT: usize = 5;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// A metadata type, such as ExtlClntAppOauthSettings [default: list all]
    #[arg(value_name = "TYPE")]
    name: Option<String>,
    /// Print a table of fields instead of the JSON Schema
    #[arg(long, conflicts_with = "json", requires = "name")]
    markdown: bool,
    /// Print the JSON Schema of what a command prints with --json, such as deploy or deploys-list
    /// [default: list all]
    #[arg(long, value_name = "COMMAND", num_args = 0..=1, conflicts_with_all = ["name", "markdown"])]
    #[expect(
        clippy::option_option,
        reason = "the type of clap for an option with an optional value"
    )]
    json_output: Option<Option<String>>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Compare an org's description of its types with the schema of eca
    Diff(diff::Arguments),
}

impl Arguments {
    /// The name in the `schema` member of JSON documents.
    pub(crate) fn name(&self) -> &'static str {
        match self.command {
            Some(Command::Diff(_)) => diff::NAME,
            None => NAME,
        }
    }
}

/// One type of the list.
#[derive(Serialize, JsonSchema)]
struct TypeEntry {
    name: &'static str,
    directory: &'static str,
    suffix: &'static str,
    since: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

impl From<&TypeSchema> for TypeEntry {
    fn from(schema: &TypeSchema) -> Self {
        Self {
            name: schema.name,
            directory: schema.directory,
            suffix: schema.suffix,
            since: schema.since.to_string(),
            until: schema.until.map(|version| version.to_string()),
        }
    }
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    if let Some(Command::Diff(arguments)) = &arguments.command {
        return diff::run(context, arguments).await;
    }
    match &arguments.json_output {
        Some(Some(command)) => return json_output(context, command),
        Some(None) => {
            list_documents(context);
            return Ok(Exit::Success);
        }
        None => {}
    }
    match &arguments.name {
        None => list(context),
        Some(name) => show(context, find(name)?, arguments.markdown),
    }
    Ok(Exit::Success)
}

/// The type with this root element; case-insensitive.
fn find(name: &str) -> Result<&'static TypeSchema, Failure> {
    let found = all().find(|schema| schema.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        let message = format!("`{name}` is not a metadata type of External Client Apps");
        let hint = match nearest(name) {
            Some(schema) => format!("did you mean {}? `eca schema` lists them all", schema.name),
            None => match part_of(name) {
                _ if name.eq_ignore_ascii_case("ConnectedApp") => CONNECTED_APP.to_owned(),
                types if types.is_empty() => "`eca schema` lists them".to_owned(),
                types => format!(
                    "did you mean {}? `eca schema` lists them all",
                    types.join(", ")
                ),
            },
        };
        Failure::new(Exit::Usage, message).hint(hint)
    })
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct TypeList {
    types: Vec<TypeEntry>,
}

/// The types whose name has this part.
fn part_of(name: &str) -> Vec<&'static str> {
    let part = name.to_lowercase();
    let names = all().map(|schema| schema.name);
    let names = names.filter(|name| part.len() > 2 && name.to_lowercase().contains(&part));
    names.take(MEANT).collect()
}

fn list(context: &Context) {
    let types: Vec<_> = all().map(TypeEntry::from).collect();
    for entry in &types {
        let until = entry.until.as_deref().map(|until| format!(" to {until}"));
        context.output.print(format_args!(
            "{:<38}{:<38}{:<30}from {}{}",
            entry.name,
            entry.directory,
            entry.suffix,
            entry.since,
            until.unwrap_or_default()
        ));
    }
    context
        .output
        .document(NAME, Exit::Success, &TypeList { types });
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct OneType {
    r#type: TypeEntry,
    json_schema: Value,
}

fn show(context: &Context, schema: &TypeSchema, as_table: bool) {
    let json_schema = json_schema(schema);
    if as_table {
        context
            .output
            .print_block(Style::Plain, markdown(schema).trim_end());
    } else {
        context
            .output
            .print_block(Style::Plain, format_args!("{json_schema:#}"));
    }
    let document = OneType {
        r#type: TypeEntry::from(schema),
        json_schema,
    };
    context.output.document(NAME, Exit::Success, &document);
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct DocumentList {
    /// The schemas by the name in `schema` of the documents.
    documents: BTreeMap<&'static str, Value>,
}

/// The names of all documents; with `--json`, their schemas.
fn list_documents(context: &Context) {
    let documents: BTreeMap<_, _> = documents::names().filter_map(documents::schema).collect();
    for name in documents.keys() {
        context.output.print(name);
    }
    let document = DocumentList { documents };
    context.output.document(NAME, Exit::Success, &document);
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct OneDocument {
    /// The name in `schema` of the documents.
    document: &'static str,
    json_schema: Value,
}

/// The schema of the document of a command: `deploys list`, or as documents have it,
/// `deploys-list`.
fn json_output(context: &Context, command: &str) -> Result<Exit, Failure> {
    let name = command.trim().replace(' ', "-").to_lowercase();
    let Some((document, json_schema)) = documents::schema(&name) else {
        let message = format!("no command `{command}` prints a document");
        let hint = match nearest_name(&name, documents::names()) {
            Some(meant) => format!("did you mean {meant}?"),
            None => "`eca schema --json-output` lists them".to_owned(),
        };
        return Err(Failure::new(Exit::Usage, message).hint(hint));
    };
    context
        .output
        .print_block(Style::Plain, format_args!("{json_schema:#}"));
    let document = OneDocument {
        document,
        json_schema,
    };
    context.output.document(NAME, Exit::Success, &document);
    Ok(Exit::Success)
}
