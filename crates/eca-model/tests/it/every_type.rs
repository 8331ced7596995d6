//! What holds for every metadata type: over files with every member, and over generated ones.

use std::path::Path;

use eca_model::schema::{FieldKind, FieldSchema, RecordSchema, json_schema};
use eca_model::{Document, Element, ExposeSecrets, File, Metadata, MetadataType, canonical};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde::de::DeserializeSeed;
use serde_json::Value;

use crate::XMLNS;

/// The file of a type with every member, made by `cargo xtask fixtures`.
fn fixture(kind: MetadataType) -> String {
    let schema = kind.schema();
    let path = if schema.suffix.is_empty() {
        format!("historic/{}.xml", schema.name)
    } else {
        let name = schema.fixed_name.unwrap_or("Every_member");
        format!("{}/{name}.{}-meta.xml", schema.directory, schema.suffix)
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::read_to_string(folder.join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Values in JSON, each with the schema that it has to match.
pub(crate) fn json_of_every_type() -> Vec<(Value, Value)> {
    let pair = |kind: &MetadataType| {
        let file = File::<Metadata>::parse(fixture(*kind)).unwrap();
        let value = serde_json::to_value(ExposeSecrets(file.value())).unwrap();
        (json_schema(kind.schema()), value)
    };
    MetadataType::ALL.iter().map(pair).collect()
}

#[test]
fn every_member_is_read_and_written() {
    for kind in MetadataType::ALL {
        let text = fixture(*kind);
        let file = File::<Metadata>::parse(text.clone()).unwrap();
        assert_eq!(file.value().metadata_type(), *kind);
        assert_eq!(file.problems(), &[], "{kind}");
        complete(file.document().root(), kind.schema().record);
        assert_eq!(canonical(file.document()), text, "{kind}");
        assert_eq!(file.value().encode(), text, "{kind}");
        check_json(file.value());
        let owner = kind.schema().owner().map(|_| "Sample_1");
        assert_eq!(file.value().external_client_application(), owner, "{kind}");
        let shown = format!("{:?}", file.value());
        assert_eq!(secrets(&text, kind.schema().record, &shown), 0, "{kind}");
    }
}

/// Checks that every member is in the file, with a value.
fn complete(element: Element<'_>, record: &RecordSchema) {
    for field in record.fields {
        let found: Vec<_> = element.children_named(field.element).collect();
        assert_eq!(found.len() > 1, field.list, "{}", field.element);
        for one in found {
            match field.kind {
                FieldKind::Record(nested) => complete(one, nested),
                _ => assert!(!one.text().is_empty(), "{}", field.element),
            }
        }
    }
}

/// The number of secrets of the file that are visible.
fn secrets(text: &str, record: &RecordSchema, shown: &str) -> usize {
    let document = Document::parse(text).unwrap();
    let mut count = 0;
    let mut open = vec![(document.root(), record)];
    while let Some((element, record)) = open.pop() {
        for field in record.fields {
            for child in element.children_named(field.element) {
                if let FieldKind::Record(nested) = field.kind {
                    open.push((child, nested));
                } else if field.is_secret() && shown.contains(&*child.text()) {
                    count += 1;
                }
            }
        }
    }
    count
}

fn check_json(value: &Metadata) {
    let json = serde_json::to_string(&ExposeSecrets(value)).unwrap();
    let mut reader = serde_json::Deserializer::from_str(&json);
    let back = value.metadata_type().deserialize(&mut reader).unwrap();
    assert_eq!(&back, value, "{json}");
}

#[test]
fn decode_of_encode_is_the_value() {
    let config = Config {
        cases: 48,
        failure_persistence: None,
        ..Config::default()
    };
    for kind in MetadataType::ALL {
        let schema = kind.schema();
        let name = schema.name;
        let document = record(schema.record)
            .prop_map(move |inner| format!("<{name} {XMLNS}>{inner}</{name}>"));
        TestRunner::new(config.clone())
            .run(&document, |text| {
                let file = File::<Metadata>::parse(text).unwrap();
                prop_assert_eq!(file.problems(), &[]);
                let encoded = file.value().encode();
                prop_assert_eq!(&canonical(file.document()), &encoded);
                let back = File::<Metadata>::parse(encoded).unwrap();
                prop_assert_eq!(back.value(), file.value());
                check_json(file.value());
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{kind}: {error}"));
    }
}

/// The members of a record as XML, each there or not.
pub(crate) fn record(schema: &'static RecordSchema) -> BoxedStrategy<String> {
    let nothing = Just(String::new()).boxed();
    schema.fields.iter().fold(nothing, |before, one| {
        (before, field(one)).prop_map(|(a, b)| a + &b).boxed()
    })
}

fn field(field: &'static FieldSchema) -> BoxedStrategy<String> {
    let name = field.element;
    let times = if field.list { 0..=3 } else { 0..=1 };
    vec(value(field.kind), times)
        .prop_map(move |values| {
            let element = |value: &String| format!("<{name}>{value}</{name}>");
            values.iter().map(element).collect()
        })
        .boxed()
}

fn value(kind: FieldKind) -> BoxedStrategy<String> {
    match kind {
        FieldKind::Boolean => any::<bool>().prop_map(|value| value.to_string()).boxed(),
        FieldKind::Integer => any::<i32>().prop_map(|value| value.to_string()).boxed(),
        FieldKind::Enumeration(schema) => {
            let known: Vec<_> = schema.values.iter().map(|value| value.text).collect();
            let known = select(known).prop_map(str::to_owned);
            prop_oneof![known, "[A-Z][a-z]{1,8}"].boxed()
        }
        FieldKind::Record(schema) => record(schema),
        // Not `*`, so that no secret is the mask of a secret.
        _ => "[ -)+-~\t\n\ré😀&<>'\"]{0,12}"
            .prop_map(|text| {
                text.replace('&', "&amp;")
                    .replace('<', "&lt;")
                    .replace('\r', "&#13;")
            })
            .boxed(),
    }
}
