//! Members by path: read, set, removed.

use std::fmt::Write as _;

use eca_model::schema::{FieldKind, FieldSchema, RecordSchema};
use eca_model::{Document, Element, FieldPath, FieldValue, File, Metadata, MetadataType};
use expect_test::expect;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use crate::every_type::record;
use crate::{XMLNS, oauth_settings};

const MEMBERS: &str = "    <!-- ours -->
    <areAttributesIncludedInAssetToken>maybe</areAttributesIncludedInAssetToken>
    <assetTokenValidity>60</assetTokenValidity>
    <commaSeparatedOauthScopes>Api,RefreshToken</commaSeparatedOauthScopes>
    <consumerSecret>hunter2</consumerSecret>
    <isFirstPartyAppEnabled>1</isFirstPartyAppEnabled>
    <label>Shop</label>
    <trustedIpRanges>
        <description>Office</description>
        <endIpAddress>10.0.0.9</endIpAddress>
        <startIpAddress>10.0.0.1</startIpAddress>
    </trustedIpRanges>
    <trustedIpRanges>
        <endIpAddress>10.1.0.9</endIpAddress>
        <startIpAddress>10.1.0.1</startIpAddress>
    </trustedIpRanges>
";

fn file(members: &str) -> File {
    File::parse(oauth_settings(members)).unwrap()
}

fn path(text: &str) -> FieldPath {
    text.parse().unwrap()
}

/// One line for each path: its value, or why there is none.
fn values(file: &File, paths: &[&str]) -> String {
    let line = |text: &&str| match file.get(&path(text)) {
        Ok(Some(value)) => format!("{text}: {value:?}\n"),
        Ok(None) => format!("{text}: none\n"),
        Err(error) => format!("{error}\n"),
    };
    paths.iter().map(line).collect()
}

#[test]
fn values_are_typed() {
    let paths = [
        "areAttributesIncludedInAssetToken",
        "assetTokenValidity",
        "commaSeparatedOauthScopes",
        "consumerSecret",
        "isFirstPartyAppEnabled",
        "label",
        "idTokenConfig",
        "idTokenConfig.idTokenAudience",
        "trustedIpRanges",
        "trustedIpRanges[startIpAddress=10.0.0.1]",
        "trustedIpRanges[startIpAddress=10.0.0.1].description",
        "trustedIpRanges[startIpAddress=10.1.0.1].description",
        "trustedIpRanges[1].endIpAddress",
        "trustedIpRanges[2].endIpAddress",
        "trustedIpRanges.description",
        "lable",
        "label.text",
        "trustedIpRanges[start=1].description",
    ];
    expect![[r#"
        areAttributesIncludedInAssetToken: Text("maybe")
        assetTokenValidity: Integer(60)
        commaSeparatedOauthScopes: List(["Api", "RefreshToken"])
        consumerSecret: Secret
        isFirstPartyAppEnabled: Boolean(true)
        label: Text("Shop")
        idTokenConfig: none
        idTokenConfig.idTokenAudience: none
        trustedIpRanges: Record
        trustedIpRanges[startIpAddress=10.0.0.1]: Record
        trustedIpRanges[startIpAddress=10.0.0.1].description: Text("Office")
        trustedIpRanges[startIpAddress=10.1.0.1].description: none
        trustedIpRanges[1].endIpAddress: Text("10.1.0.9")
        trustedIpRanges[2].endIpAddress: none
        `trustedIpRanges.description`: 2 records can be meant; choose one, such as trustedIpRanges[startIpAddress=…]
        ExtlClntAppOauthSettings has no member `lable`; did you mean `label`?
        `label.text`: `label` is a value and has no members
        ExtlClntAppOauthIpRange has no member `start`
    "#]]
    .assert_eq(&values(&file(MEMBERS), &paths));
}

/// Sets a member, or removes it, and compares the text of the members.
fn check(members: &str, at: &str, value: Option<FieldValue>, expected: &str) {
    let file = file(members);
    let edited = match value {
        Some(value) => file.set(&path(at), value).unwrap(),
        None => file.remove(&path(at)).unwrap(),
    };
    assert_eq!(edited.text(), oauth_settings(expected), "{at}");
}

#[test]
fn only_the_lines_of_the_member_change() {
    let replaced = |from: &str, to: &str| {
        assert!(MEMBERS.contains(from), "{from}");
        MEMBERS.replacen(from, to, 1)
    };
    let office = "trustedIpRanges[startIpAddress=10.0.0.1]";
    let scopes = FieldValue::from_iter(["Api", "OpenID"]);
    for (at, value, expected) in [
        (
            "label",
            Some("A & B".into()),
            replaced(">Shop<", ">A &amp; B<"),
        ),
        ("label", Some("Shop".into()), MEMBERS.to_owned()),
        ("label", None, replaced("    <label>Shop</label>\n", "")),
        ("assetTokenValidity", Some(90.into()), replaced("60", "90")),
        (
            "isFirstPartyAppEnabled",
            Some(false.into()),
            replaced(">1<", ">false<"),
        ),
        (
            "commaSeparatedOauthScopes",
            Some(scopes),
            replaced("Api,RefreshToken", "Api, OpenID"),
        ),
        // A value that is none of the member's is replaced, and removed.
        (
            "areAttributesIncludedInAssetToken",
            Some(true.into()),
            replaced("maybe", "true"),
        ),
        (
            "areAttributesIncludedInAssetToken",
            None,
            replaced(
                "    <areAttributesIncludedInAssetToken>maybe</areAttributesIncludedInAssetToken>\n",
                "",
            ),
        ),
        (
            "consumerSecret",
            None,
            replaced("    <consumerSecret>hunter2</consumerSecret>\n", ""),
        ),
        (
            &format!("{office}.description"),
            Some("Shop".into()),
            replaced("Office", "Shop"),
        ),
        (
            &format!("{office}.description"),
            None,
            replaced("        <description>Office</description>\n", ""),
        ),
        (
            office,
            None,
            replaced(
                "    <trustedIpRanges>\n        <description>Office</description>\n        <endIpAddress>10.0.0.9</endIpAddress>\n        <startIpAddress>10.0.0.1</startIpAddress>\n    </trustedIpRanges>\n",
                "",
            ),
        ),
        (
            "trustedIpRanges[1].description",
            Some("Home".into()),
            replaced(
                "        <endIpAddress>10.1",
                "        <description>Home</description>\n        <endIpAddress>10.1",
            ),
        ),
        // Not there.
        ("singleLogoutUrl", None, MEMBERS.to_owned()),
        (
            "singleLogoutUrl",
            Some("https://a.example".into()),
            replaced(
                "</label>\n",
                "</label>\n    <singleLogoutUrl>https://a.example</singleLogoutUrl>\n",
            ),
        ),
    ] {
        check(MEMBERS, at, value, &expected);
    }
}

#[test]
fn records_are_made_by_their_key() {
    let range = "trustedIpRanges[startIpAddress=10.2.0.1]";
    let added = format!(
        "{MEMBERS}    <trustedIpRanges>\n        <endIpAddress>10.2.0.9</endIpAddress>\n        <startIpAddress>10.2.0.1</startIpAddress>\n    </trustedIpRanges>\n"
    );
    check(
        MEMBERS,
        &format!("{range}.endIpAddress"),
        Some("10.2.0.9".into()),
        &added,
    );
    let empty = format!(
        "{MEMBERS}    <trustedIpRanges>\n        <startIpAddress>10.2.0.1</startIpAddress>\n    </trustedIpRanges>\n"
    );
    check(MEMBERS, range, Some(FieldValue::Record), &empty);
    check(
        "",
        "idTokenConfig.idTokenAudience",
        Some("a".into()),
        "    <idTokenConfig>\n        <idTokenAudience>a</idTokenAudience>\n    </idTokenConfig>\n",
    );
}

#[test]
fn values_that_a_member_does_not_take() {
    let mut refused = String::new();
    for (at, value) in [
        ("label", true.into()),
        ("isFirstPartyAppEnabled", "yes".into()),
        ("assetTokenValidity", "60".into()),
        ("commaSeparatedOauthScopes", "Api".into()),
        (
            "commaSeparatedOauthScopes",
            FieldValue::from_iter(["Api,Web"]),
        ),
        ("label", FieldValue::from_iter(["a"])),
        ("label", "\u{1}".into()),
        ("consumerSecret", "hunter2".into()),
        ("consumerSecret", FieldValue::Secret),
        ("idTokenConfig", "a".into()),
        ("idTokenConfig.idTokenValidityInMinutes", 721.into()),
        ("trustedIpRanges.description", "a".into()),
        ("trustedIpRanges[7].description", "a".into()),
        ("trustedIpRanges[description=Home].endIpAddress", "a".into()),
        (
            "trustedIpRanges[startIpAddress=1].startIpAddress",
            "2".into(),
        ),
    ] {
        let error = file(MEMBERS).set(&path(at), value).unwrap_err();
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        writeln!(refused, "{error}{}", cause.unwrap_or_default()).unwrap();
    }
    expect![[r"
        `label` takes a text, and got true
        `isFirstPartyAppEnabled` takes true or false, and got yes
        `assetTokenValidity` takes a number, and got 60
        `commaSeparatedOauthScopes` takes a list, and got Api
        `commaSeparatedOauthScopes` takes a list of items, none of them empty, and got Api,Web
        `label` takes one text, and got a
        `label` cannot be written: the new value of `label` holds control character U+0001, which XML cannot carry
        `consumerSecret` is a secret and must not be written to a file
        `consumerSecret` is a secret and must not be written to a file
        `idTokenConfig` is a record: name one of its members
        `idTokenConfig.idTokenValidityInMinutes` takes a number from 1 to 720, and got 721
        `trustedIpRanges.description`: 2 records can be meant; choose one, such as trustedIpRanges[startIpAddress=…]
        `trustedIpRanges[7].description`: there is no record at that index
        `trustedIpRanges[description=Home].endIpAddress`: a new record is chosen by trustedIpRanges[startIpAddress=…]
        `trustedIpRanges[startIpAddress=1].startIpAddress` cannot be written: the new value reads back as a different one after it is written to a file
    "]].assert_eq(&refused);
}

#[test]
fn paths_are_read_and_written() {
    for text in [
        "label",
        "idTokenConfig.idTokenAudience",
        "trustedIpRanges[3].description",
        "trustedIpRanges[startIpAddress=10.0.0.1].description",
        r"customAttributes[key=a\,b\]\\c=d].formula",
        "externalCredentialParameters[parameterType=AuthHeader,parameterName=X-Key].parameterValue",
    ] {
        assert_eq!(path(text).to_string(), text);
    }
    let mut refused = String::new();
    for text in [
        "", ".", "a.", "a..b", "a[", "a[]", "a[1", "a[b=c", "a[b]", "a[1]b", "a[1].", "a b",
        "a[1x]", r"a[b=\",
    ] {
        writeln!(refused, "{}", text.parse::<FieldPath>().unwrap_err()).unwrap();
    }
    expect![[r"
        `` is not the path of a member: an element's name is missing, or is no name
        `.` is not the path of a member: an element's name is missing, or is no name
        `a.` is not the path of a member: an element's name is missing, or is no name
        `a..b` is not the path of a member: an element's name is missing, or is no name
        `a[` is not the path of a member: a record is chosen by its index, or by name=text
        `a[]` is not the path of a member: a record is chosen by its index, or by name=text
        `a[1` is not the path of a member: `]` is missing
        `a[b=c` is not the path of a member: `]` is missing
        `a[b]` is not the path of a member: a record is chosen by its index, or by name=text
        `a[1]b` is not the path of a member: a dot belongs behind `]`
        `a[1].` is not the path of a member: an element's name is missing, or is no name
        `a b` is not the path of a member: an element's name is missing, or is no name
        `a[1x]` is not the path of a member: an index is a number
        `a[b=\` is not the path of a member: `]` is missing
    "]]
    .assert_eq(&refused);
}

proptest! {
    #[test]
    fn a_path_reads_back(steps in proptest::collection::vec(
        ("[a-zA-Z_][a-zA-Z0-9_]{0,5}", proptest::option::of(proptest::collection::vec(("[a-z]{1,4}", "[ -~é\n]{0,6}"), 1..3))),
        1..4,
    )) {
        let mut built: Option<FieldPath> = None;
        for (element, key) in steps {
            let mut path = match built {
                Some(path) => path.join(element),
                None => FieldPath::new(element),
            };
            if let Some(key) = key {
                path = path.select(eca_model::Selector::Key(key));
            }
            built = Some(path);
        }
        let built = built.unwrap();
        prop_assert_eq!(built.to_string().parse::<FieldPath>().unwrap(), built);
    }

    #[test]
    fn no_path_panics(text in "[a-c.=,\\[\\]\\\\0-9]{0,16}") {
        let _ = text.parse::<FieldPath>();
    }
}

/// A member that is there, by the path that the tree gives it.
fn members(
    element: Element<'_>,
    schema: &'static RecordSchema,
    found: &mut Vec<(String, &'static FieldSchema)>,
) {
    for child in element.children() {
        let field = schema.field(child.name()).unwrap();
        match field.kind {
            FieldKind::Record(nested) => members(child, nested, found),
            _ => found.push((child.path(), field)),
        }
    }
}

/// Another value of the member.
fn other(field: &FieldSchema, at: &FieldPath, choice: usize) -> FieldValue {
    let indexed = at.to_string().ends_with(']');
    let texts: Vec<String> = match field.kind {
        FieldKind::Enumeration(values) => values.values.iter().map(|v| v.text.to_owned()).collect(),
        _ if !field.values.is_empty() => field.values.iter().map(|&v| v.to_owned()).collect(),
        _ => ["Other", "An & other", "é"].map(str::to_owned).to_vec(),
    };
    match field.kind {
        FieldKind::Boolean => choice.is_multiple_of(2).into(),
        FieldKind::Integer => field.range.map_or(7, |(least, _)| least).into(),
        _ if field.list_in_text.is_some() || (field.list && !indexed) => {
            texts.into_iter().take(2).collect()
        }
        _ => FieldValue::Text(texts[choice % texts.len()].clone()),
    }
}

/// In every type: what is set is read, what is removed is gone, and no line but those of the member
/// changes.
#[test]
fn every_member_of_every_type() {
    let config = Config {
        cases: 32,
        failure_persistence: None,
        ..Config::default()
    };
    for kind in MetadataType::ALL {
        let schema = kind.schema();
        let name = schema.name;
        let document = record(schema.record)
            .prop_map(move |inner| format!("<{name} {XMLNS}>{inner}</{name}>"));
        let seen = std::cell::Cell::new(0);
        TestRunner::new(config.clone())
            .run(
                &(document, any::<Index>(), 0_usize..9),
                |(text, index, choice)| {
                    let canonical = File::<Metadata>::parse(text).unwrap().value().encode();
                    let file = File::<Metadata>::parse(canonical.clone()).unwrap();
                    let mut found = Vec::new();
                    members(file.document().root(), schema.record, &mut found);
                    if found.is_empty() {
                        return Ok(());
                    }
                    seen.set(seen.get() + 1);
                    let (at, field) = index.get(&found);
                    let at = path(at);
                    let lines = lines_of(&file, &at);
                    if !field.is_secret() {
                        let value = other(field, &at, choice);
                        let edited = file.set(&at, value.clone()).unwrap();
                        prop_assert_eq!(edited.get(&at).unwrap(), Some(value));
                        check_lines(file.text(), edited.text(), &lines)?;
                    }
                    let removed = file.remove(&at).unwrap();
                    check_lines(file.text(), removed.text(), &lines)?;
                    if !field.list {
                        prop_assert_eq!(removed.get(&at).unwrap(), None);
                    }
                    Ok(())
                },
            )
            .unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert!(seen.get() > 0, "{kind}: no member was there");
    }
}

/// The lines of a member, counted from 0.
fn lines_of(file: &File, at: &FieldPath) -> std::ops::RangeInclusive<usize> {
    let element = file.locate(&at.to_string()).unwrap();
    let line = |offset: usize| file.text()[..offset].matches('\n').count();
    line(element.range().start)..=line(element.range().end)
}

/// Only the member's lines differ.
fn check_lines(
    before: &str,
    after: &str,
    lines: &std::ops::RangeInclusive<usize>,
) -> Result<(), TestCaseError> {
    let (old, new): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    prop_assert_eq!(&old[..*lines.start()], &new[..*lines.start()]);
    let tail = &old[lines.end() + 1..];
    prop_assert_eq!(tail, &new[new.len() - tail.len()..]);
    prop_assert!(Document::parse(after).is_ok());
    Ok(())
}
