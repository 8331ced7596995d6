//! `describeValueType`: what the members of a type are (WSDL 66.0, `DescribeValueTypeResult`).

use eca_model::{ApiVersion, FieldKind, FieldSchema, MetadataType, RecordSchema};
use serde_json::{Value, json};

use crate::metadata::{envelope::Node, soap::Fault};

const NAMESPACE: &str = "{http://soap.sforce.com/2006/04/metadata}";

/// Describes the type that an operation names, with or without its namespace.
pub(crate) fn describe(operation: &Node, version: ApiVersion) -> Result<Value, Fault> {
    let given = operation.text_of(&["type"]).unwrap_or_default();
    let name = given.strip_prefix(NAMESPACE).unwrap_or(given);
    let kind = name
        .parse::<MetadataType>()
        .map_err(|_| ("INVALID_TYPE", format!("Unknown type:{name}")))?;
    let mut fields = fields(kind.schema().record, version);
    // Every component has a name.
    fields.push(json!({
        "isForeignKey": false, "isNameField": true, "minOccurs": 1, "name": "fullName",
        "soapType": "string", "valueRequired": true,
    }));
    Ok(json!({
        "apiCreatable": true,
        "apiDeletable": true,
        "apiReadable": true,
        "apiUpdatable": true,
        "valueTypeFields": fields,
    }))
}

fn fields(record: &RecordSchema, version: ApiVersion) -> Vec<Value> {
    let known = record.fields.iter().filter(|field| field.is_in(version));
    known.map(|field| describe_field(field, version)).collect()
}

fn describe_field(field: &FieldSchema, version: ApiVersion) -> Value {
    let mut described = json!({
        "isForeignKey": field.references.is_some(),
        "isNameField": false,
        "minOccurs": u8::from(field.required),
        "name": field.element,
        "valueRequired": field.required,
    });
    if let Some(target) = field.references {
        described["foreignKeyDomain"] = json!(target);
    }
    described["soapType"] = match field.kind {
        FieldKind::Boolean => json!("boolean"),
        FieldKind::Integer => json!("int"),
        FieldKind::Enumeration(values) => {
            let entry = |value: &str| json!({ "active": true, "defaultValue": false, "label": value, "value": value });
            let values_of = values.values.iter().map(|value| entry(value.text));
            described["picklistValues"] = values_of.collect();
            json!(values.name)
        }
        FieldKind::Record(record) => {
            described["fields"] = json!(fields(record, version));
            json!(record.name)
        }
        _ => json!("string"),
    };
    described
}
