//! Field tables from the reflection table.

use std::fmt::Write;

use crate::schema::{FieldKind, FieldSchema, RecordSchema, TypeSchema};
use crate::values::version::ApiVersion;

/// The members of a type as Markdown: one table for the type, one for each nested record, and the
/// values of each enumeration.
pub fn markdown(schema: &TypeSchema) -> String {
    let mut text = String::new();
    let versions = span(Some(schema.since), schema.until);
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "# {}\n\n{}\n\nAPI version {versions}.",
        schema.name,
        prose(schema.record.doc)
    );
    if let (Some(name), "") = (schema.fixed_name, schema.directory) {
        let _ = writeln!(text, "File: `{name}.{}`.", schema.suffix);
    } else if !schema.suffix.is_empty() {
        let name = schema.fixed_name.unwrap_or("<name>");
        let (directory, suffix) = (schema.directory, schema.suffix);
        let _ = writeln!(
            text,
            "Source format: `{directory}/{name}.{suffix}-meta.xml`."
        );
    }
    if schema.manifest_name != schema.name {
        let _ = writeln!(text, "In manifests: `{}`.", schema.manifest_name);
    }
    if schema.partial {
        text.push_str("Other members of the type stay in the file, but are not described here.\n");
    }
    table(&mut text, schema.record);

    let mut nested = Vec::new();
    collect(schema.record, &mut nested);
    for kind in nested {
        match kind {
            FieldKind::Record(record) => {
                let _ = writeln!(text, "\n## {}\n\n{}", record.name, prose(record.doc));
                table(&mut text, record);
            }
            FieldKind::Enumeration(values) => {
                let _ = writeln!(text, "\n## {}\n\n{}\n", values.name, prose(values.doc));
                text.push_str("| Value | API | Meaning |\n|---|---|---|\n");
                for value in values.values {
                    let versions = span(value.since, value.until);
                    let (value, doc) = (value.text, cell(value.doc));
                    let _ = writeln!(text, "| `{value}` | {versions} | {doc} |");
                }
            }
            _ => {}
        }
    }
    text
}

fn table(text: &mut String, record: &RecordSchema) {
    text.push_str("\n| Element | Type | API | Meaning |\n|---|---|---|---|\n");
    for field in record.fields {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            field.element,
            kind(field),
            span(Some(field.since), field.until),
            cell(&meaning(field))
        );
    }
}

fn kind(field: &FieldSchema) -> String {
    let name = match field.kind {
        FieldKind::Boolean => "boolean",
        FieldKind::Integer => "integer",
        FieldKind::Text => "text",
        FieldKind::Enumeration(values) => values.name,
        FieldKind::Record(record) => record.name,
    };
    let list = if field.list { "[]" } else { "" };
    let required = if field.required { ", required" } else { "" };
    format!("{name}{list}{required}")
}

fn meaning(field: &FieldSchema) -> String {
    let mut text = prose(field.doc);
    if let Some(setup) = field.setup {
        let relation = if setup.inverted {
            "Setup, inverse of this field"
        } else {
            "Setup"
        };
        let _ = write!(text, " {relation}: \"{}\".", setup.label);
    }
    if let Some((first, last)) = field.gap {
        let _ = write!(text, " Not in {first} to {last}.");
    }
    if let Some(default) = field.default {
        let _ = write!(text, " Default: `{default}`.");
    }
    if let Some(max_length) = field.max_length {
        let _ = write!(text, " At most {max_length} characters.");
    }
    if let Some(max_items) = field.max_items {
        let _ = write!(text, " At most {max_items} times.");
    }
    if let Some((least, most)) = field.range {
        let _ = match most {
            i32::MAX => write!(text, " At least {least}."),
            most => write!(text, " {least} to {most}."),
        };
    }
    if !field.values.is_empty() {
        let _ = write!(text, " One of `{}`.", field.values.join("`, `"));
    }
    if let Some(references) = field.references {
        let _ = write!(text, " Names: {references}.");
    }
    if field.is_secret() {
        text.push_str(" **Secret.**");
    }
    if field.is_generated() {
        text.push_str(" Made by the org.");
    }
    text
}

/// `60.0`, `60.0 to 62.0`, or nothing for an enumerated value that is in every version.
fn span(since: Option<ApiVersion>, until: Option<ApiVersion>) -> String {
    match (since, until) {
        (Some(since), None) => since.to_string(),
        (Some(since), Some(until)) if since == until => format!("{since} only"),
        (Some(since), Some(until)) => format!("{since} to {until}"),
        (None, Some(until)) => format!("to {until}"),
        (None, None) => String::new(),
    }
}

/// Nested records and enumerations, each once, in the order of their first use.
fn collect(record: &RecordSchema, found: &mut Vec<FieldKind>) {
    for field in record.fields {
        let is_known = found.iter().any(|known| name(*known) == name(field.kind));
        if name(field.kind).is_none() || is_known {
            continue;
        }
        found.push(field.kind);
        if let FieldKind::Record(nested) = field.kind {
            collect(nested, found);
        }
    }
}

fn name(kind: FieldKind) -> Option<&'static str> {
    match kind {
        FieldKind::Record(record) => Some(record.name),
        FieldKind::Enumeration(values) => Some(values.name),
        _ => None,
    }
}

/// A doc comment without its line breaks.
fn prose(doc: &str) -> String {
    doc.replace('\n', " ")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
