//! JSON Schemas from the reflection table.

use serde_json::{Map, Value, json};

use crate::schema::{EnumSchema, FieldKind, FieldSchema, RecordSchema, TypeSchema};

/// The JSON Schema (draft 2020-12) of a type's values in JSON; see [`json`](crate::file::json) for
/// their form.
///
/// It describes what Salesforce accepts, so it is stricter than this crate's reading: enumerated
/// values are those of the table, and members that the newest version requires are required.
/// Members of past versions are `deprecated`, secrets `writeOnly`. Facts that JSON Schema cannot
/// express are in `x-since`, `x-until`, `x-references`, `x-org-generated`, `x-setup-label` and
/// `x-setup-inverted`.
///
/// ```
/// use eca_model::MetadataType;
/// use eca_model::schema::json_schema;
///
/// let schema = json_schema(MetadataType::ExtlClntAppPushSettings.schema());
/// assert_eq!(schema["properties"]["pushServiceType"]["enum"], serde_json::json!(["Apple", "Android"]));
/// assert_eq!(schema["properties"]["applePushConfig"]["$ref"], "#/$defs/ExtlClntAppApplePushConfig");
/// ```
pub fn json_schema(schema: &TypeSchema) -> Value {
    let mut definitions = Map::new();
    let mut object = record(schema.record, &mut definitions);
    object.insert(
        "$schema".to_owned(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    object.insert("title".to_owned(), json!(schema.name));
    object.insert("x-since".to_owned(), json!(schema.since.to_string()));
    if let Some(until) = schema.until {
        object.insert("deprecated".to_owned(), json!(true));
        object.insert("x-until".to_owned(), json!(until.to_string()));
    }
    if !definitions.is_empty() {
        object.insert("$defs".to_owned(), Value::Object(definitions));
    }
    Value::Object(object)
}

fn record(schema: &RecordSchema, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let properties: Map<_, _> = schema
        .fields
        .iter()
        .map(|one| (one.element.to_owned(), field(one, definitions)))
        .collect();
    let required: Vec<_> = schema
        .fields
        .iter()
        .filter(|field| field.required && field.until.is_none())
        .map(|field| field.element)
        .collect();
    let mut object = Map::new();
    object.insert("type".to_owned(), json!("object"));
    object.insert("description".to_owned(), json!(prose(schema.doc)));
    object.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        object.insert("required".to_owned(), json!(required));
    }
    if !schema.partial {
        object.insert("additionalProperties".to_owned(), json!(false));
    }
    object
}

fn field(field: &FieldSchema, definitions: &mut Map<String, Value>) -> Value {
    let value = value(field, definitions);
    let mut object = if field.list {
        let mut list = Map::new();
        list.insert("type".to_owned(), json!("array"));
        list.insert("items".to_owned(), Value::Object(value));
        if let Some(max_items) = field.max_items {
            list.insert("maxItems".to_owned(), json!(max_items));
        }
        list
    } else {
        value
    };
    object.insert("description".to_owned(), json!(prose(field.doc)));
    object.insert("x-since".to_owned(), json!(field.since.to_string()));
    if let Some(default) = field.default {
        let default = match field.kind {
            FieldKind::Boolean => json!(default == "true"),
            FieldKind::Integer => default.parse::<i32>().map_or(json!(default), |n| json!(n)),
            _ => json!(default),
        };
        object.insert("default".to_owned(), default);
    }
    if let Some(until) = field.until {
        object.insert("deprecated".to_owned(), json!(true));
        object.insert("x-until".to_owned(), json!(until.to_string()));
    }
    if field.is_secret() {
        object.insert("writeOnly".to_owned(), json!(true));
    }
    if field.is_generated() {
        object.insert("x-org-generated".to_owned(), json!(true));
    }
    if let Some(references) = field.references {
        object.insert("x-references".to_owned(), json!(references));
    }
    if let Some(setup) = field.setup {
        object.insert("x-setup-label".to_owned(), json!(setup.label));
        if setup.inverted {
            object.insert("x-setup-inverted".to_owned(), json!(true));
        }
    }
    Value::Object(object)
}

/// The schema of one value; the limits of a list apply to its items.
fn value(field: &FieldSchema, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let mut object = Map::new();
    match field.kind {
        FieldKind::Boolean => {
            object.insert("type".to_owned(), json!("boolean"));
        }
        FieldKind::Integer => {
            object.insert("type".to_owned(), json!("integer"));
            let (least, most) = field.range.unwrap_or((i32::MIN, i32::MAX));
            object.insert("minimum".to_owned(), json!(least));
            object.insert("maximum".to_owned(), json!(most));
        }
        FieldKind::Text => {
            object.insert("type".to_owned(), json!("string"));
            if let Some(max_length) = field.max_length {
                object.insert("maxLength".to_owned(), json!(max_length));
            }
            if !field.values.is_empty() {
                object.insert("enum".to_owned(), json!(field.values));
            }
        }
        FieldKind::Enumeration(EnumSchema { values, .. }) => {
            let texts: Vec<_> = values.iter().map(|value| value.text).collect();
            object.insert("type".to_owned(), json!("string"));
            object.insert("enum".to_owned(), json!(texts));
        }
        FieldKind::Record(nested) => {
            if !definitions.contains_key(nested.name) {
                let definition = record(nested, definitions);
                definitions.insert(nested.name.to_owned(), Value::Object(definition));
            }
            object.insert("$ref".to_owned(), json!(format!("#/$defs/{}", nested.name)));
        }
    }
    object
}

/// A doc comment without its line breaks.
fn prose(doc: &str) -> String {
    doc.replace('\n', " ")
}
