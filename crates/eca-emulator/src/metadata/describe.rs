//! `describeMetadata` and `describeValueType`: the schema table in the form of an org's answer.

use std::collections::BTreeSet;

use eca_model::{ApiVersion, FieldKind, FieldSchema, MetadataType, RecordSchema};
use serde_json::{Value, json};

use crate::metadata::wire::node::Node;

/// A fault: code and text.
type Fault = (&'static str, String);

/// The types of a version.
pub(crate) fn metadata(operation: &Node, version: ApiVersion) -> Value {
    let version = operation
        .text_of(&["asOfVersion"])
        .and_then(|text| text.parse().ok())
        .unwrap_or(version);
    // All settings are one type here.
    let mut described = BTreeSet::new();
    let objects: Vec<_> = MetadataType::ALL
        .iter()
        .map(|kind| kind.schema())
        .filter(|schema| {
            schema.since <= version
                && schema.until.is_none_or(|until| version <= until)
                && described.insert(schema.manifest_name)
        })
        .map(|schema| {
            json!({
                "directoryName": schema.directory,
                "inFolder": false,
                "metaFile": schema.content,
                "suffix": schema.suffix,
                "xmlName": schema.manifest_name,
            })
        })
        .collect();
    json!({
        "metadataObjects": objects,
        "organizationNamespace": "",
        "partialSaveAllowed": true,
        "testRequired": false,
    })
}

/// The members of a type, given as `{namespace}Name`.
pub(crate) fn value_type(operation: &Node, version: ApiVersion) -> Result<Value, Fault> {
    let given = operation.text_of(&["type"]).unwrap_or_default();
    let name = given.rsplit_once('}').map_or(given, |(_, name)| name);
    let kind: MetadataType = name
        .parse()
        .map_err(|_| ("INVALID_TYPE", format!("Unknown type:{given}")))?;
    let mut fields = vec![json!({
        "isForeignKey": false,
        "isNameField": true,
        "minOccurs": 0,
        "name": "fullName",
        "soapType": "string",
        "valueRequired": true,
    })];
    fields.extend(members(kind.schema().record, version));
    Ok(json!({
        "apiCreatable": true,
        "apiDeletable": true,
        "apiReadable": true,
        "apiUpdatable": true,
        "valueTypeFields": fields,
    }))
}

fn members(schema: &RecordSchema, version: ApiVersion) -> Vec<Value> {
    schema
        .fields
        .iter()
        .filter(|field| field.is_in(version))
        .map(|field| member(field, version))
        .collect()
}

/// `ValueTypeField` (WSDL 66.0).
fn member(field: &FieldSchema, version: ApiVersion) -> Value {
    // A text that names a part of a component is no key.
    let references = field.references.filter(|_| field.part.is_none());
    let mut value = json!({
        "isForeignKey": references.is_some(),
        "isNameField": false,
        "minOccurs": i32::from(field.required),
        "name": field.element,
        "soapType": match field.kind {
            FieldKind::Boolean => "boolean",
            FieldKind::Integer => "int",
            FieldKind::Enumeration(schema) => schema.name,
            FieldKind::Record(schema) => schema.name,
            _ => "string",
        },
        "valueRequired": field.required,
    });
    if let Some(domain) = references {
        value["foreignKeyDomain"] = json!(domain);
    }
    match field.kind {
        FieldKind::Record(schema) => value["fields"] = json!(members(schema, version)),
        FieldKind::Enumeration(schema) => {
            let entries: Vec<_> = schema
                .values
                .iter()
                .filter(|value| {
                    value.since.is_none_or(|since| since <= version)
                        && value.until.is_none_or(|until| version <= until)
                })
                .map(|value| {
                    json!({
                        "active": true,
                        "defaultValue": field.default == Some(value.text),
                        "label": value.text,
                        "value": value.text,
                    })
                })
                .collect();
            value["picklistValues"] = json!(entries);
        }
        _ => {}
    }
    value
}
