//! Whether an org's value can be sent along.

use eca_model::{FieldKind, FieldPath, FieldValue, RecordSchema, Selector};

/// Whether a file can take a value of the org, or its absence.
pub(super) fn is_possible(
    schema: &RecordSchema,
    path: &FieldPath,
    value: Option<&FieldValue>,
) -> bool {
    let Some(field) = schema.at(path) else {
        // Members that are not typed, and the file beside a component.
        return false;
    };
    let mut selectors = path.steps().iter().map(|step| &step.selector);
    if field.is_secret() || selectors.any(|selector| matches!(selector, Selector::Index(_))) {
        return false;
    }
    let Some(value) = value else {
        return true;
    };
    match (field.kind, value) {
        // As a value of its own, a list of records is one without keys.
        (FieldKind::Record(_), value) => *value == FieldValue::Record,
        (FieldKind::Boolean, value) => matches!(value, FieldValue::Boolean(_)),
        (FieldKind::Integer, value) => matches!(value, FieldValue::Integer(_)),
        (_, FieldValue::List(_)) => field.list || field.list_in_text.is_some(),
        (FieldKind::Enumeration(known), FieldValue::Text(text)) => known.value(text).is_some(),
        (_, FieldValue::Text(text)) => {
            (field.values.is_empty() || field.values.contains(&text.as_str()))
                && !field.list
                && field.list_in_text.is_none()
        }
        _ => false,
    }
}
