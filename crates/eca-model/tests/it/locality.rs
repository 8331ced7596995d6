//! An edit of one member changes the lines of that member and no other byte, in every metadata
//! type.

use std::fmt::Write as _;

use eca_model::schema::{FieldKind, RecordSchema};
use eca_model::{Document, Element, File, Metadata, MetadataType};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use crate::XMLNS;
use crate::every_type::record;

/// An element of a file, as byte ranges.
struct Place {
    range: std::ops::Range<usize>,
    content: std::ops::Range<usize>,
    /// `None` for a record.
    value: Option<FieldKind>,
    /// Whether its parent has other children.
    has_siblings: bool,
}

/// The document with tabs, and a comment behind the members of each record. A comment in front of a
/// member would belong to it, and the place of a new first member would be ambiguous.
fn in_own_style(document: &Document, schema: &RecordSchema) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{} {XMLNS}>\n",
        document.root().name()
    );
    write(document, document.root(), schema, 1, &mut text);
    text + &format!("</{}>\n", document.root().name())
}

fn write(
    document: &Document,
    element: Element<'_>,
    schema: &RecordSchema,
    depth: usize,
    text: &mut String,
) {
    let indent = "\t".repeat(depth);
    for child in element.children() {
        let name = child.name();
        let inside = schema.field(name).map(|field| field.kind);
        match inside {
            Some(FieldKind::Record(nested)) if child.children().next().is_some() => {
                writeln!(text, "{indent}<{name}>").unwrap();
                write(document, child, nested, depth + 1, text);
                writeln!(text, "{indent}</{name}>").unwrap();
            }
            _ => writeln!(text, "{indent}{}", &document.text()[child.range()]).unwrap(),
        }
    }
    writeln!(text, "{indent}<!-- ours -->").unwrap();
}

fn places(element: Element<'_>, schema: &RecordSchema, found: &mut Vec<Place>) {
    let has_siblings = element.children().count() > 1;
    for child in element.children() {
        let kind = schema.field(child.name()).unwrap().kind;
        let nested = match kind {
            FieldKind::Record(nested) => Some(nested),
            _ => None,
        };
        found.push(Place {
            range: child.range(),
            content: child.content_range(),
            value: nested.is_none().then_some(kind),
            has_siblings,
        });
        if let Some(nested) = nested {
            places(child, nested, found);
        }
    }
}

/// Another value of that kind.
fn other(kind: FieldKind, old: &str) -> String {
    match (kind, old) {
        (FieldKind::Boolean, "true") => "false".to_owned(),
        (FieldKind::Boolean, _) => "true".to_owned(),
        (FieldKind::Integer, "7") => "8".to_owned(),
        (FieldKind::Integer, _) => "7".to_owned(),
        (_, "Another") => "Other".to_owned(),
        _ => "Another".to_owned(),
    }
}

/// Edits the text into what the second one means: its lines have to come out.
fn check(before: &str, after: &str) -> Result<(), TestCaseError> {
    let wanted = File::<Metadata>::parse(after).unwrap();
    let file = File::<Metadata>::parse(before).unwrap();
    let edited = file.edit(|value| *value = wanted.value().clone()).unwrap();
    prop_assert_eq!(edited.text(), after);
    Ok(())
}

#[test]
fn one_member_set_cleared_or_added_leaves_every_other_byte() {
    let config = Config {
        cases: 64,
        failure_persistence: None,
        ..Config::default()
    };
    let (mut set, mut removed) = (0, 0);
    for kind in MetadataType::ALL {
        let schema = kind.schema();
        let name = schema.name;
        let document = record(schema.record)
            .prop_map(move |inner| format!("<{name} {XMLNS}>{inner}</{name}>"));
        let counts = std::cell::Cell::new((0, 0));
        TestRunner::new(config.clone())
            .run(&(document, any::<Index>()), |(text, index)| {
                let canonical = File::<Metadata>::parse(text).unwrap().value().encode();
                let text = in_own_style(&Document::parse(canonical).unwrap(), schema.record);
                let document = Document::parse(text.as_str()).unwrap();
                let mut found = Vec::new();
                places(document.root(), schema.record, &mut found);
                if found.is_empty() {
                    return Ok(());
                }
                let place = index.get(&found);
                let (set, removed) = counts.get();
                if let Some(kind) = place.value {
                    let mut after = text.clone();
                    let value = other(kind, &text[place.content.clone()]);
                    after.replace_range(place.content.clone(), &value);
                    check(&text, &after)?;
                    counts.set((set + 1, removed));
                }
                if place.has_siblings {
                    let start = text[..place.range.start].rfind('\n').unwrap() + 1;
                    let mut without = text.clone();
                    without.replace_range(start..=place.range.end, "");
                    check(&text, &without)?;
                    // A comment that went with its record does not come back.
                    if !text[place.range.clone()].contains("<!--") {
                        check(&without, &text)?;
                    }
                    let (set, _) = counts.get();
                    counts.set((set, removed + 1));
                }
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{kind}: {error}"));
        let (set_here, removed_here) = counts.get();
        assert!(set_here > 0, "{kind}: nothing was set");
        set += set_here;
        removed += removed_here;
    }
    assert!(set > 500 && removed > 500, "{set} set, {removed} removed");
}
