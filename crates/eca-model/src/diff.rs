//! What differs in meaning between two projects.

use std::collections::BTreeSet;

use crate::component::{Component, ComponentId};
use crate::project::Project;
use crate::schema::{FieldKind, FieldSchema, RecordSchema};
use crate::xml::Element;

/// One component that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentDiff {
    /// The component.
    pub id: ComponentId,
    /// How it differs.
    pub change: ComponentChange,
}

/// How a component differs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ComponentChange {
    /// Only the right side has it.
    Added,
    /// Only the left side has it.
    Removed,
    /// Both sides have it, and these members differ.
    Changed(Vec<FieldDiff>),
}

/// One member that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDiff {
    /// The element path below the root.
    pub path: String,
    /// How it differs.
    pub change: FieldChange,
    /// The left side's text; `***` for a secret.
    pub left: Option<String>,
    /// The right side's text; `***` for a secret.
    pub right: Option<String>,
}

/// How a member differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldChange {
    /// Only the right side has it.
    Added,
    /// Only the left side has it.
    Removed,
    /// The values differ.
    Changed,
    /// Only the right side has it, and it is a member that the org makes.
    OrgGenerated,
}

/// Compares two projects: same meaning, whatever the formatting, the order of members or the comments. A member that
/// is left out and one that holds the schema's default are the same.
pub fn diff(left: &Project, right: &Project) -> Vec<ComponentDiff> {
    let ids: BTreeSet<_> = left
        .components()
        .iter()
        .chain(right.components())
        .map(Component::id)
        .collect();
    let differs = |id: &ComponentId| {
        let change = match (left.component(id), right.component(id)) {
            (Some(left), Some(right)) => {
                let mut fields = Vec::new();
                let schema = id.kind.schema().record;
                let (left, right) = (
                    left.file().document().root(),
                    right.file().document().root(),
                );
                compare(Some(schema), Some(left), Some(right), "", &mut fields);
                if fields.is_empty() {
                    return None;
                }
                ComponentChange::Changed(fields)
            }
            (None, _) => ComponentChange::Added,
            (_, None) => ComponentChange::Removed,
        };
        Some(ComponentDiff {
            id: id.clone(),
            change,
        })
    };
    ids.into_iter().filter_map(differs).collect()
}

/// Compares the children of two elements. The trees are compared rather than the typed values, so that what is not
/// typed (unknown members, values that are no booleans) counts too.
fn compare(
    schema: Option<&'static RecordSchema>,
    left: Option<Element<'_>>,
    right: Option<Element<'_>>,
    prefix: &str,
    fields: &mut Vec<FieldDiff>,
) {
    let children = |side: Option<Element<'_>>| -> Vec<String> {
        side.into_iter()
            .flat_map(Element::children)
            .map(|child| child.name().to_owned())
            .collect()
    };
    let names: BTreeSet<String> = children(left).into_iter().chain(children(right)).collect();
    for name in names {
        let (left, right) = (named(left, &name), named(right, &name));
        let field = schema.and_then(|schema| schema.field(&name));
        let several = left.len() > 1 || right.len() > 1;
        for index in 0..left.len().max(right.len()) {
            let path = if several {
                format!("{prefix}{name}[{index}]")
            } else {
                format!("{prefix}{name}")
            };
            compare_element(
                field,
                left.get(index).copied(),
                right.get(index).copied(),
                path,
                fields,
            );
        }
    }
}

/// The elements of one name that hold something.
fn named<'a>(side: Option<Element<'a>>, name: &str) -> Vec<Element<'a>> {
    let children = side.into_iter().flat_map(Element::children);
    children
        .filter(|child| child.name() == name && !child.is_nil())
        .collect()
}

fn compare_element(
    field: Option<&'static FieldSchema>,
    left: Option<Element<'_>>,
    right: Option<Element<'_>>,
    path: String,
    fields: &mut Vec<FieldDiff>,
) {
    let has_children =
        |side: Option<Element<'_>>| side.is_some_and(|e| e.children().next().is_some());
    if has_children(left) || has_children(right) {
        let schema = match field.map(|field| field.kind) {
            Some(FieldKind::Record(record)) => Some(record),
            _ => None,
        };
        compare(schema, left, right, &format!("{path}."), fields);
        return;
    }
    let text = |side: Option<Element<'_>>| side.map(|element| normalised(field, &element.text()));
    let (left, right) = (text(left), text(right));
    let default = field.and_then(|field| field.default);
    let meaning = |side: &Option<String>| side.clone().or_else(|| default.map(str::to_owned));
    if meaning(&left) == meaning(&right) {
        return;
    }
    let change = match (&left, &right) {
        (None, _) if field.is_some_and(|field| field.generated) => FieldChange::OrgGenerated,
        (None, _) => FieldChange::Added,
        (_, None) => FieldChange::Removed,
        _ => FieldChange::Changed,
    };
    let secret = field.is_some_and(|field| field.secret);
    let shown =
        |side: Option<String>| side.map(|text| if secret { "***".to_owned() } else { text });
    fields.push(FieldDiff {
        path,
        change,
        left: shown(left),
        right: shown(right),
    });
}

/// Two spellings of one value are one value.
fn normalised(field: Option<&'static FieldSchema>, text: &str) -> String {
    match field.map(|field| field.kind) {
        Some(FieldKind::Boolean) => match text.trim() {
            "1" => "true".to_owned(),
            "0" => "false".to_owned(),
            other => other.to_owned(),
        },
        Some(FieldKind::Integer | FieldKind::Enumeration(_)) => text.trim().to_owned(),
        _ if field.is_some_and(|field| field.element.starts_with("commaSeparated")) => {
            let items: Vec<_> = text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .collect();
            items.join(", ")
        }
        _ => text.to_owned(),
    }
}
