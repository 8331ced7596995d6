//! What a project means, apart from how it is written.

use eca_model::schema::{FieldKind, RecordSchema};
use eca_model::{Document, Element, File, Metadata, MetadataType, Project, Snapshot};
use expect_test::expect;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::XMLNS;
use crate::every_type::record;

fn snapshot(kind: MetadataType, members: &str) -> Snapshot {
    let schema = kind.schema();
    let name = schema.name;
    let text = format!("<{name} {XMLNS}>{members}</{name}>");
    let file = format!(
        "x/{}.{}-meta.xml",
        schema.fixed_name.unwrap_or("Shop"),
        schema.suffix
    );
    Project::from_entries([(file, text.into_bytes())]).snapshot()
}

#[test]
fn as_json() {
    let text = "<callbackUrl>https://b.example\nhttps://a.example</callbackUrl><consumerKey>3MVG9</consumerKey>\
        <consumerSecret>hunter2</consumerSecret><externalClientApplication>Shop</externalClientApplication>\
        <idTokenConfig><idTokenValidityInMinutes>2</idTokenValidityInMinutes></idTokenConfig>\
        <isPkceRequired>true</isPkceRequired><isIntrospectAllTokens>true</isIntrospectAllTokens><future>1</future>";
    let snapshot = snapshot(MetadataType::ExtlClntAppGlobalOauthSettings, text);
    let json = serde_json::to_string_pretty(&snapshot).unwrap();
    assert!(!json.contains("hunter2"));
    expect![[r#"
        {
          "components": {
            "ExtlClntAppGlobalOauthSettings:Shop": {
              "app": "Shop",
              "fields": {
                "callbackUrl": [
                  "https://a.example",
                  "https://b.example"
                ],
                "consumerSecret": {
                  "present": "secret"
                },
                "externalClientApplication": "Shop",
                "future": "1",
                "idTokenConfig": {
                  "present": "record"
                },
                "isIntrospectAllTokens": true
              },
              "written_defaults": {
                "idTokenConfig.idTokenValidityInMinutes": 2,
                "isPkceRequired": true
              },
              "org_made": {
                "consumerKey": "3MVG9"
              }
            }
          }
        }"#]]
    .assert_eq(&json);
    assert_eq!(serde_json::from_str::<Snapshot>(&json).unwrap(), snapshot);
}

#[test]
fn records_are_known_by_their_key() {
    let range = |start: &str, end: &str| {
        format!(
            "<trustedIpRanges><endIpAddress>{end}</endIpAddress><startIpAddress>{start}</startIpAddress></trustedIpRanges>"
        )
    };
    let (a, b) = (range("10.0.0.1", "10.0.0.9"), range("10.1.0.1", "10.1.0.9"));
    let settings = |members: &str| snapshot(MetadataType::ExtlClntAppOauthSettings, members);
    assert_eq!(settings(&format!("{a}{b}")), settings(&format!("{b}{a}")));
    assert_ne!(settings(&format!("{a}{b}")), settings(&a));
    // Two with one key are known by their place.
    let twice = settings(&format!("{a}{}", range("10.0.0.1", "10.0.0.7")));
    let json = serde_json::to_string(&twice).unwrap();
    assert!(json.contains("trustedIpRanges[1].endIpAddress"), "{json}");
}

#[test]
fn a_default_counts_only_in_versions_that_have_the_member() {
    let at = |version: &str, members: &str| {
        let project = format!(
            r#"{{"packageDirectories": [{{"path": "x"}}], "sourceApiVersion": "{version}"}}"#
        );
        let text = format!(
            "<ExtlClntAppGlobalOauthSettings {XMLNS}>{members}</ExtlClntAppGlobalOauthSettings>"
        );
        let files = [
            ("sfdx-project.json", project),
            ("x/Shop.ecaGlblOauth-meta.xml", text),
        ];
        Project::from_entries(files.map(|(path, text)| (path.to_owned(), text.into_bytes())))
            .snapshot()
    };
    let written = "<isCodeCredFlowEnabled>false</isCodeCredFlowEnabled>";
    assert_eq!(at("66.0", written), at("66.0", ""));
    assert_ne!(at("60.0", written), at("60.0", ""));
}

/// The same meaning in another form: members in another order, comments, defaults written out.
fn reworded(element: Element<'_>, record: &RecordSchema, defaults: bool) -> String {
    let mut members: Vec<String> = Vec::new();
    for child in element.children() {
        let field = record.field(child.name()).unwrap();
        let name = child.name();
        members.push(match field.kind {
            FieldKind::Record(nested) => {
                format!("<{name}>{}</{name}>", reworded(child, nested, defaults))
            }
            _ => child.document().text()[child.range()].to_owned(),
        });
    }
    // Records change their places only where each is known by its key.
    let is_ordered = |name: &str| {
        let field = record.field(name).unwrap();
        let key = |item: Element<'_>| -> Vec<String> {
            let members = field.key.iter().filter_map(|name| item.child(name));
            members
                .map(|member| member.text().trim().to_owned())
                // An empty member of a key says as much as none.
                .filter(|text| !text.is_empty())
                .collect()
        };
        let keys: Vec<_> = element.children_named(name).map(key).collect();
        let is_known = |key: &Vec<String>| {
            !key.is_empty() && keys.iter().filter(|other| *other == key).count() == 1
        };
        field.list && matches!(field.kind, FieldKind::Record(_)) && !keys.iter().all(is_known)
    };
    if !element.children().any(|child| is_ordered(child.name())) {
        members.reverse();
    }
    if defaults {
        for field in record.fields {
            let is_absent = element.child(field.element).is_none();
            if let (Some(default), true) = (field.default, is_absent) {
                members.push(format!("<{0}>{default}</{0}>", field.element));
            }
        }
    }
    members.join("<!-- ours -->\n  ")
}

#[test]
fn equal_meaning_is_equal() {
    let config = Config {
        cases: 32,
        failure_persistence: None,
        ..Config::default()
    };
    for kind in MetadataType::ALL
        .iter()
        .filter(|kind| !kind.schema().suffix.is_empty())
    {
        let schema = kind.schema();
        TestRunner::new(config.clone())
            .run(
                &(record(schema.record), any::<bool>()),
                |(members, defaults)| {
                    let name = schema.name;
                    let text = format!("<{name} {XMLNS}>{members}</{name}>");
                    let canonical = File::<Metadata>::parse(text).unwrap().value().encode();
                    let document = Document::parse(canonical).unwrap();
                    let root = document.root();
                    let inner = &document.text()[root.content_range()];
                    let before = snapshot(*kind, inner);
                    let other = reworded(root, schema.record, defaults);
                    prop_assert_eq!(&before, &snapshot(*kind, &other), "{}\n{}", inner, other);
                    let json = serde_json::to_string(&before).unwrap();
                    prop_assert_eq!(&before, &serde_json::from_str::<Snapshot>(&json).unwrap());
                    Ok(())
                },
            )
            .unwrap_or_else(|error| panic!("{kind}: {error}"));
    }
}
