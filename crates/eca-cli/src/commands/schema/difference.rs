//! Compares an org's description of a type with the schema of `eca`.

use eca_deploy::ValueTypeField;
use eca_model::{ApiVersion, FieldKind, FieldSchema, RecordSchema};
use schemars::JsonSchema;
use serde::Serialize;

/// One difference: a type, a member, or a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Difference {
    /// The type and the path of members, separated by dots; a value after `=`.
    pub(super) location: String,
    /// The org's value; `None` when the org does not have it.
    pub(super) org: Option<String>,
    /// The schema's value; `None` when the schema does not have it.
    pub(super) schema: Option<String>,
}

/// The component's name: a member of every type, but not an element of the file.
const NAME: &str = "fullName";

/// Compares the members of a record with an org's description of it.
pub(super) fn compare(
    location: &str,
    schema: &RecordSchema,
    org: &[ValueTypeField],
    version: ApiVersion,
    found: &mut Vec<Difference>,
) {
    for field in schema.fields.iter().filter(|field| field.is_in(version)) {
        let location = format!("{location}.{}", field.element);
        match org.iter().find(|described| described.name == field.element) {
            None => found.push(Difference {
                location,
                org: None,
                schema: Some(kind(field).to_owned()),
            }),
            Some(described) => compare_field(location, field, described, version, found),
        }
    }
    let is_new = |described: &&ValueTypeField| {
        let known = schema
            .field(&described.name)
            .filter(|field| field.is_in(version));
        // A partial record does not list all members.
        described.name != NAME && known.is_none() && !schema.partial
    };
    for described in org.iter().filter(is_new) {
        found.push(Difference {
            location: format!("{location}.{}", described.name),
            org: Some(described.soap_type.clone()),
            schema: None,
        });
    }
}

fn compare_field(
    location: String,
    field: &FieldSchema,
    org: &ValueTypeField,
    version: ApiVersion,
    found: &mut Vec<Difference>,
) {
    let (ours, theirs) = (kind(field), org.soap_type.as_str());
    // Text has many types in an org: string, base64Binary, dateTime, the name of an enumeration.
    let is_plain = |name: &str| matches!(name, "boolean" | "int");
    if ours != theirs && (is_plain(ours) || is_plain(theirs)) {
        found.push(Difference {
            location,
            org: Some(theirs.to_owned()),
            schema: Some(ours.to_owned()),
        });
        return;
    }
    let is_required = org.min_occurs > 0;
    if is_required != field.required {
        let word = |is_required| if is_required { "required" } else { "optional" };
        found.push(Difference {
            location: location.clone(),
            org: Some(word(is_required).to_owned()),
            schema: Some(word(field.required).to_owned()),
        });
    }
    match field.kind {
        FieldKind::Record(nested) => compare(&location, nested, &org.fields, version, found),
        // An org without a list of values does not restrict them.
        FieldKind::Enumeration(enumeration) if !org.picklist_values.is_empty() => {
            let ours = || {
                enumeration
                    .values
                    .iter()
                    .filter(|value| value.is_in(version))
            };
            let theirs = || org.picklist_values.iter().map(|entry| entry.value.as_str());
            for value in ours().filter(|value| theirs().all(|name| name != value.text)) {
                found.push(Difference {
                    location: format!("{location}={}", value.text),
                    org: None,
                    schema: Some("a value".to_owned()),
                });
            }
            for value in theirs().filter(|value| ours().all(|known| known.text != *value)) {
                found.push(Difference {
                    location: format!("{location}={value}"),
                    org: Some("a value".to_owned()),
                    schema: None,
                });
            }
        }
        _ => {}
    }
}

/// The type of a member in the WSDL.
fn kind(field: &FieldSchema) -> &'static str {
    match field.kind {
        FieldKind::Boolean => "boolean",
        FieldKind::Integer => "int",
        FieldKind::Enumeration(schema) => schema.name,
        FieldKind::Record(schema) => schema.name,
        _ => "string",
    }
}
