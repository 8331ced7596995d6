//! `eca schema`: the fields of metadata types.

mod diff;
mod difference;

use eca_model::TypeSchema;
use eca_model::schema::{all, json_schema, markdown, nearest};
use serde::Serialize;
use serde_json::Value;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::terminal::Style;

pub(crate) const NAME: &str = "schema";

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
#[derive(Serialize)]
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
            None => "`eca schema` lists them".to_owned(),
        };
        Failure::new(Exit::Usage, message).hint(hint)
    })
}

fn list(context: &Context) {
    #[derive(Serialize)]
    struct Document {
        types: Vec<TypeEntry>,
    }
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
        .document(NAME, Exit::Success, &Document { types });
}

fn show(context: &Context, schema: &TypeSchema, as_table: bool) {
    #[derive(Serialize)]
    struct Document {
        r#type: TypeEntry,
        json_schema: Value,
    }
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
    let document = Document {
        r#type: TypeEntry::from(schema),
        json_schema,
    };
    context.output.document(NAME, Exit::Success, &document);
}
