//! The elements at a path, and the schema of the member.

use crate::field::error::FieldError;
use crate::field::path::{FieldPath, Selector, Step};
use crate::schema::{FieldKind, FieldSchema, RecordSchema, suggest};
use crate::xml::Element;

/// The child elements that a step means.
pub(super) fn children<'a>(parent: Element<'a>, step: &Step) -> Vec<Element<'a>> {
    let named = parent
        .children()
        .filter(|child| child.name() == step.element);
    match &step.selector {
        Selector::Any => named.collect(),
        Selector::Index(index) => named.skip(*index).take(1).collect(),
        Selector::Key(members) => named.filter(|child| has(*child, members)).collect(),
    }
}

fn has(record: Element<'_>, members: &[(String, String)]) -> bool {
    members.iter().all(|(name, text)| {
        let member = record.child(name);
        member.is_some_and(|member| member.text().trim() == text)
    })
}

/// The elements at a path; several where no selector chooses one of several.
pub(crate) fn elements<'a>(root: Element<'a>, path: &FieldPath) -> Vec<Element<'a>> {
    let mut found = vec![root];
    for step in path.steps() {
        found = found
            .into_iter()
            .flat_map(|parent| children(parent, step))
            .collect();
    }
    found
}

/// The schema of each step of a path, and that of the member.
pub(super) fn fields(
    record: &'static RecordSchema,
    path: &FieldPath,
) -> Result<Vec<&'static FieldSchema>, FieldError> {
    let mut fields: Vec<&'static FieldSchema> = Vec::new();
    for step in path.steps() {
        let record = match fields.last() {
            None => record,
            Some(FieldSchema {
                kind: FieldKind::Record(inner),
                ..
            }) => inner,
            Some(value) => {
                return Err(FieldError::NotARecord {
                    path: path.clone(),
                    element: value.element.to_owned(),
                });
            }
        };
        let field = member(record, &step.element)?;
        if let (Selector::Key(members), FieldKind::Record(inner)) = (&step.selector, field.kind) {
            for (name, _) in members {
                member(inner, name)?;
            }
        }
        fields.push(field);
    }
    Ok(fields)
}

fn member(
    record: &'static RecordSchema,
    element: &str,
) -> Result<&'static FieldSchema, FieldError> {
    record.field(element).ok_or_else(|| FieldError::Unknown {
        record: record.name,
        element: element.to_owned(),
        meant: suggest::nearest(element, record.fields.iter().map(|field| field.element)),
    })
}

/// How a record of a list is chosen, such as `trustedIpRanges[startIpAddress=…]`.
pub(super) fn example(field: &FieldSchema) -> String {
    let members: Vec<_> = field.key.iter().map(|name| format!("{name}=…")).collect();
    let inside = if members.is_empty() {
        "0".to_owned()
    } else {
        members.join(",")
    };
    format!("{}[{inside}]", field.element)
}
