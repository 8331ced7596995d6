//! The reflection table agrees with the metadata WSDL 66.0.

use eca_model::schema::{FieldKind, RecordSchema};
use eca_model::{ApiVersion, DecidedBy, MetadataType};

#[test]
fn table_is_sound() {
    let mut suffixes = std::collections::BTreeSet::new();
    for kind in MetadataType::ALL {
        let schema = kind.schema();
        assert_eq!(schema.name.parse(), Ok(*kind));
        assert_eq!(MetadataType::from_root(schema.name), Some(*kind));
        assert_eq!(schema.name, schema.record.name);
        if !schema.suffix.is_empty() {
            let name = schema.fixed_name.unwrap_or("Shop");
            let file = format!("{name}.{}-meta.xml", schema.suffix);
            assert_eq!(MetadataType::from_file_name(&file), Some((*kind, name)));
        }
        // Only a type of the past may have an unknown place.
        assert!(
            !schema.suffix.is_empty() || schema.until.is_some(),
            "{kind}"
        );
        let place = (schema.suffix, schema.fixed_name);
        assert!(suffixes.insert(place), "{place:?} twice");
        // A type that must name an app is a part of that app.
        let link = schema.record.field("externalClientApplication");
        let is_part = link.is_some_and(|link| link.required);
        assert_eq!(schema.owner().is_some(), is_part, "{kind}");
        check_record(schema.record);
    }
    assert!(MetadataType::ALL.is_sorted());
}

fn check_record(record: &RecordSchema) {
    assert!(
        !record.doc.is_empty(),
        "{} has no documentation",
        record.name
    );
    let names: Vec<_> = record.fields.iter().map(|field| field.element).collect();
    assert!(names.is_sorted(), "{}: {names:?}", record.name);
    for field in record.fields {
        let place = format!("{}.{}", record.name, field.element);
        assert!(!field.doc.is_empty(), "{place} has no documentation");
        assert!(
            field.until.is_none_or(|until| until >= field.since),
            "{place}"
        );
        // A limit fits the kind of its field.
        assert!(field.max_items.is_none() || field.list, "{place}");
        let is_number = matches!(field.kind, FieldKind::Integer);
        assert!(field.range.is_none() || is_number, "{place}");
        let is_text = matches!(field.kind, FieldKind::Text);
        let has_text_limits = field.max_length.is_some() || !field.values.is_empty();
        assert!(is_text || !has_text_limits, "{place}");
        match field.kind {
            FieldKind::Record(nested) => check_record(nested),
            FieldKind::Enumeration(values) => {
                let known = field
                    .default
                    .is_none_or(|default| values.value(default).is_some());
                assert!(known, "{place}: default is none of the values");
            }
            FieldKind::Boolean => {
                assert!(
                    matches!(field.default, None | Some("true" | "false")),
                    "{place}"
                );
            }
            _ => {}
        }
    }
}

#[test]
fn facts() {
    let global = MetadataType::ExtlClntAppGlobalOauthSettings.schema();
    assert_eq!(
        (global.directory, global.suffix),
        ("extlClntAppGlobalOauthSets", "ecaGlblOauth")
    );
    let secret_optional = global.record.field("isConsumerSecretOptional").unwrap();
    let setup = secret_optional.setup.unwrap();
    assert_eq!(
        (setup.label, setup.inverted),
        ("Require Secret for Web Server Flow", true)
    );
    assert!(global.record.field("consumerSecret").unwrap().is_secret());
    assert!(global.record.field("consumerKey").unwrap().is_generated());
    let policies = MetadataType::ExtlClntAppOauthConfigurablePolicies
        .schema()
        .record;
    let relaxation = policies.field("ipRelaxationPolicyType").unwrap();
    assert!(relaxation.values.contains(&"Bypass_2factor"));
    let attributes = policies.field("customAttributes").unwrap();
    assert_eq!(attributes.max_items, Some(128));
    let logout = MetadataType::ExtlClntAppOauthSettings
        .schema()
        .record
        .field("singleLogoutUrl")
        .unwrap();
    let versions = [57, 58, 59].map(|version| logout.is_in(ApiVersion::new(version)));
    assert_eq!(versions, [true, false, true]);
    let historic = policies.field("isNamedUserJwtEnabled").unwrap();
    assert!(historic.is_in(ApiVersion::new(63)) && !historic.is_in(ApiVersion::new(64)));
    let FieldKind::Enumeration(users) = policies.field("permittedUsersPolicyType").unwrap().kind
    else {
        panic!("permittedUsersPolicyType is an enumeration");
    };
    assert!(users.value("AdminApprovedPreAuthorized").is_some());
    assert!(users.value("AdminApproved").is_none());
}

/// Facts that other crates act on, one line for each member that has one.
#[test]
fn who_decides_what_is_a_list_and_what_has_a_key() {
    let mut lines = Vec::new();
    for kind in MetadataType::ALL {
        let schema = kind.schema();
        if schema.org_made {
            lines.push(format!("{kind}: made by an org"));
        }
        for (path, field) in schema.members() {
            let mut facts = Vec::new();
            if field.decided_by != DecidedBy::Project {
                facts.push(format!("decided by {:?}", field.decided_by));
            }
            facts.extend(field.action.then(|| "action".to_owned()));
            facts.extend(field.certificate.map(|it| format!("certificate {it:?}")));
            facts.extend(field.list_in_text.map(|list| format!("list in {list:?}")));
            facts.extend(field.part.map(|part| format!("part after {part}")));
            if !field.key.is_empty() {
                facts.push(format!("key {}", field.key.join(", ")));
            }
            if !facts.is_empty() {
                lines.push(format!("{kind} {path}: {}", facts.join("; ")));
            }
        }
    }
    expect_test::expect_file!["../facts.txt"].assert_eq(&(lines.join("\n") + "\n"));
}

/// A fact that a member's name suggests is stated, or not one.
#[test]
fn no_fact_about_a_member_is_forgotten() {
    /// Names of certificates of the org, in legacy members.
    const NAMES: [&str; 2] = ["certificate", "jwtSigningCertificate"];
    for kind in MetadataType::ALL {
        for (path, field) in kind.schema().members() {
            let place = format!("{kind} {path}");
            let name = field.element;
            let is_name = field.references == Some("Certificate")
                || (*kind == MetadataType::NamedCredential && NAMES.contains(&name));
            if name.to_lowercase().ends_with("certificate") {
                assert!(field.certificate.is_some() || is_name, "{place}: what for?");
            }
            if name.starts_with("commaSep") {
                assert!(field.list_in_text.is_some(), "{place}: a list?");
            }
            if let FieldKind::Record(record) = field.kind
                && field.list
            {
                assert!(!field.key.is_empty(), "{place}: which member is the key?");
                let has = |name: &&str| record.field(name).is_some();
                assert!(field.key.iter().all(has), "{place}: no such key");
            }
            if name.starts_with("shouldRotate") {
                assert!(field.action, "{place}: an action?");
            }
        }
        let is_policy = kind.name().ends_with("ConfigurablePolicies");
        assert_eq!(kind.schema().org_made, is_policy, "{kind}");
    }
}
