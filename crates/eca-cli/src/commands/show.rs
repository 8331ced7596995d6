//! `eca show`: the settings of an app from all its files.

use eca_model::{App, Component, Element, FieldKind, FieldSchema, Position, RecordSchema};
use schemars::JsonSchema;
use serde::Serialize;

use crate::context;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::replacements::Variables;
use crate::project::values::{ValuesOf, ValuesOption};

pub(crate) const NAME: &str = "show";

/// The number of bytes shown of a long value, such as a certificate.
const SHOWN_CHARACTERS: usize = 72;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The app's developer name [default: all apps]
    #[arg(value_name = "APP")]
    app: Option<String>,
    #[command(flatten)]
    values: ValuesOption,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document<'a> {
    project: String,
    apps: Vec<AppView<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct AppView<'a> {
    name: &'a str,
    files: Vec<FileView<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct FileView<'a> {
    r#type: &'static str,
    name: &'a str,
    path: &'a str,
    members: Vec<MemberView>,
}

/// One value: an element without child elements.
#[derive(Serialize, JsonSchema)]
struct MemberView {
    path: String,
    line: u32,
    /// `***` for a secret.
    value: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    secret: bool,
    /// Where a value per org is written, such as `eca.toml:14`.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    setup: Option<SetupView>,
}

/// The same setting in Setup.
#[derive(Serialize, JsonSchema)]
struct SetupView {
    label: &'static str,
    /// Whether a ticked box in Setup is `false` in the file.
    inverted: bool,
    /// Whether the box in Setup is ticked; absent when the value is no boolean.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticked: Option<bool>,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let (root, project) = context.load_project(&[])?;
    context::require_metadata(&root, &project)?;
    if let Some(app) = &arguments.app {
        context::require_app(&project, app)?;
    }
    let (of, variables) = (ValuesOf::Option, Variables::None);
    let overlaid = (arguments.values).resolve(context, &root, project, of, variables)?;
    let project = &overlaid.project;
    let mut apps = project.apps();
    apps.retain(|app| arguments.app.as_deref().is_none_or(|name| name == app.name));
    let document = Document {
        project: root.display().to_string(),
        apps: apps.iter().map(|app| app_view(app)).collect(),
    };
    context.output.document(NAME, Exit::Success, &document);
    for app in &document.apps {
        print(context, app);
    }
    for file in project.unreadable() {
        context.output.warn(file);
    }
    Ok(Exit::Success)
}

fn app_view<'a>(app: &App<'a>) -> AppView<'a> {
    AppView {
        name: app.name,
        files: app.components().map(file_view).collect(),
    }
}

fn file_view(component: &Component) -> FileView<'_> {
    let mut members = Vec::new();
    let schema = component.kind().schema();
    let root = component.file().document().root();
    add_members(Some(schema.record), root, &mut members);
    let elements = members.iter_mut();
    for (member, position) in elements {
        member.source = component.origin_at(*position).map(ToString::to_string);
    }
    let members = members.into_iter().map(|(member, _)| member).collect();
    FileView {
        r#type: schema.name,
        name: component.full_name(),
        path: component.path(),
        members,
    }
}

fn add_members(
    record: Option<&'static RecordSchema>,
    element: Element<'_>,
    members: &mut Vec<(MemberView, Position)>,
) {
    for child in element.children() {
        let field = record.and_then(|record| record.field(child.name()));
        let secret = field.is_some_and(eca_model::FieldSchema::is_secret);
        if child.children().next().is_some() && !secret {
            let record = match field.map(|field| field.kind) {
                Some(FieldKind::Record(record)) => Some(record),
                _ => None,
            };
            add_members(record, child, members);
        } else {
            members.push((member_view(field, child), child.position()));
        }
    }
}

fn member_view(field: Option<&'static FieldSchema>, element: Element<'_>) -> MemberView {
    let secret = field.is_some_and(eca_model::FieldSchema::is_secret);
    let text = element.text();
    let setup = field.and_then(|field| field.setup).map(|setup| {
        let value = match text.trim() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        SetupView {
            label: setup.label,
            inverted: setup.inverted,
            ticked: value.map(|value| value != setup.inverted),
        }
    });
    MemberView {
        path: element.path(),
        line: element.position().line,
        value: if secret {
            "***".to_owned()
        } else {
            text.into_owned()
        },
        secret,
        source: None,
        setup,
    }
}

fn print(context: &Context, app: &AppView<'_>) {
    context.output.print(app.name);
    for file in &app.files {
        let FileView {
            r#type, name, path, ..
        } = file;
        context.output.print("");
        context
            .output
            .print(format_args!("  {type} {name} ({path})"));
        let width = file.members.iter().map(|member| member.path.len()).max();
        let width = width.unwrap_or_default();
        for member in &file.members {
            let MemberView { path, value, .. } = member;
            let value = one_line(value);
            let setup = member.setup.as_ref().map(setup_text).unwrap_or_default();
            let source = member.source.as_ref().map(|source| format!("  [{source}]"));
            let source = source.unwrap_or_default();
            let line = format!("    {path:width$}  {value}{source}{setup}");
            context.output.print(line.trim_end());
        }
    }
    context.output.print("");
}

/// The checkbox in Setup: `Setup: "Require Secret …" is checked (inverse of this field)`.
fn setup_text(setup: &SetupView) -> String {
    let label = setup.label;
    let ticked = match setup.ticked {
        Some(true) => " is checked",
        Some(false) => " is not checked",
        None => "",
    };
    let inverted = if setup.inverted {
        " (inverse of this field)"
    } else {
        ""
    };
    format!("  Setup: \"{label}\"{ticked}{inverted}")
}

fn one_line(value: &str) -> String {
    let flat: Vec<_> = value.split_whitespace().collect();
    let flat = flat.join(" ");
    match flat.char_indices().nth(SHOWN_CHARACTERS) {
        Some((at, _)) => format!("{}… ({} characters)", &flat[..at], value.chars().count()),
        None => flat,
    }
}
