//! JSON Schemas and field tables from the reflection table.

use std::io::Write;
use std::process::{Command, Stdio};

use eca_model::MetadataType;
use eca_model::schema::{json_schema, markdown};
use expect_test::expect_file;
use serde_json::json;

#[test]
fn one_of_each_in_full() {
    let schema = MetadataType::ExtlClntAppPushSettings.schema();
    let text = serde_json::to_string_pretty(&json_schema(schema)).unwrap() + "\n";
    expect_file!["push_settings.schema.json"].assert_eq(&text);
    expect_file!["push_settings.schema.md"].assert_eq(&markdown(schema));
}

#[test]
fn every_type_has_a_table_of_every_member() {
    for kind in MetadataType::ALL {
        let schema = kind.schema();
        let text = markdown(schema);
        let value = json_schema(schema);
        for field in schema.record.fields {
            let row = format!("| `{}` |", field.element);
            assert!(text.contains(&row), "{kind}: {row}");
            assert!(value["properties"][field.element].is_object(), "{kind}");
        }
    }
}

/// An independent validator: Python's `jsonschema`, where it is installed.
#[test]
fn a_foreign_validator_agrees() {
    let has_validator = Command::new("python3")
        .args(["-W", "ignore", "-c", "import jsonschema"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !has_validator {
        return;
    }
    let oauth = json_schema(MetadataType::ExtlClntAppOauthSettings.schema());
    let global = json_schema(MetadataType::ExtlClntAppGlobalOauthSettings.schema());
    let policies = json_schema(MetadataType::ExtlClntAppOauthConfigurablePolicies.schema());
    let push = json_schema(MetadataType::ExtlClntAppPushSettings.schema());
    let mut cases = json!([
        [oauth, {"externalClientApplication": "Shop", "customAttributes": [{"formula": "a", "key": "b"}]}, true],
        [oauth, {"label": "Shop"}, false],
        [oauth, {"externalClientApplication": "Shop", "isFirstPartyAppsEnabled": true}, false],
        [oauth, {"externalClientApplication": "Shop", "customAttributes": [{"formula": "a"}]}, false],
        [global, {"externalClientApplication": "Shop", "idTokenConfig": {"idTokenValidityInMinutes": 720}}, true],
        [global, {"externalClientApplication": "Shop", "idTokenConfig": {"idTokenValidityInMinutes": 0}}, false],
        [policies, {"externalClientApplication": "Shop", "refreshTokenValidityUnit": "Weeks"}, false],
        [push, {"externalClientApplication": "Shop", "pushServiceType": "Apple"}, true],
        [push, {"externalClientApplication": "Shop", "pushServiceType": "apple"}, false],
    ]);
    let values = crate::every_type::json_of_every_type();
    let values = values
        .into_iter()
        .map(|(schema, value)| json!([schema, value, true]));
    cases.as_array_mut().unwrap().extend(values);
    let schemas: Vec<_> = MetadataType::ALL
        .iter()
        .map(|kind| json_schema(kind.schema()))
        .collect();
    let mut judge = Command::new("python3")
        .args(["-W", "ignore", "-c"])
        .arg(
            "import json, sys\n\
             from jsonschema import Draft202012Validator as V\n\
             data = json.load(sys.stdin)\n\
             for schema in data['schemas']: V.check_schema(schema)\n\
             for schema, value, valid in data['cases']:\n    \
                 assert V(schema).is_valid(value) == valid, value\n",
        )
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let input = json!({"schemas": schemas, "cases": cases}).to_string();
    judge
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    assert!(judge.wait().unwrap().success());
}
