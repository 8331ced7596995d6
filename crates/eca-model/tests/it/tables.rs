//! The whole reflection table as text, so that a review shows every changed fact.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use eca_model::schema::{self, EnumSchema, FieldKind, FieldSchema, RecordSchema};
use expect_test::expect_file;

#[derive(Default)]
struct Tables {
    records: BTreeMap<&'static str, &'static RecordSchema>,
    enumerations: BTreeMap<&'static str, &'static EnumSchema>,
}

impl Tables {
    fn add(&mut self, record: &'static RecordSchema) {
        self.records.insert(record.name, record);
        for field in record.fields {
            match field.kind {
                FieldKind::Record(nested) => self.add(nested),
                FieldKind::Enumeration(values) => {
                    self.enumerations.insert(values.name, values);
                }
                _ => {}
            }
        }
    }
}

#[test]
fn facts_of_every_member_and_value() {
    let mut text = String::new();
    let mut nested = Tables::default();
    for schema in schema::all() {
        nested.add(schema.record);
    }
    for schema in schema::all() {
        nested.records.remove(schema.name);
        let (name, directory, suffix) = (schema.name, schema.directory, schema.suffix);
        let life = life(Some(schema.since), schema.until, None);
        writeln!(text, "type {name} {directory}/*.{suffix}{life}").unwrap();
        members(&mut text, schema.record);
    }
    for record in nested.records.values() {
        writeln!(text, "nested {}", record.name).unwrap();
        members(&mut text, record);
    }
    for values in nested.enumerations.values() {
        writeln!(text, "enumeration {}", values.name).unwrap();
        for value in values.values {
            let life = life(value.since, value.until, value.gap);
            writeln!(text, "    {}{life}", value.text).unwrap();
        }
    }
    expect_file!["tables.txt"].assert_eq(&text);

    // Counted in the WSDLs 47.0 to 66.0: 26 types of external client apps and what they refer to,
    // 21 nested records (`Package` counts as one) and 36 enumerations. Permission sets, profiles,
    // sites and the org's OAuth settings are other types, of which a part is typed.
    let others = [
        "Network",
        "OauthOidcSettings",
        "Package",
        "PermissionSet",
        "Profile",
    ];
    let of_sites = ["NetworkAuthApiSettings", "NetworkEmailTmplAllowlist"];
    let counted = [
        schema::all().count() - others.len(),
        nested.records.len() + ["Package"].len() - of_sites.len(),
        nested.enumerations.len(),
    ];
    assert_eq!(counted, [26, 21, 36]);
}

fn members(text: &mut String, record: &RecordSchema) {
    for field in record.fields {
        let kind = match field.kind {
            FieldKind::Record(nested) => nested.name,
            FieldKind::Enumeration(values) => values.name,
            FieldKind::Boolean => "boolean",
            FieldKind::Integer => "integer",
            _ => "text",
        };
        let list = if field.list { "[]" } else { "" };
        let life = life(Some(field.since), field.until, field.gap);
        writeln!(
            text,
            "    {}: {kind}{list}{life}{}",
            field.element,
            facts(field)
        )
        .unwrap();
    }
}

fn facts(field: &FieldSchema) -> String {
    let mut facts = String::new();
    for (is, word) in [
        (field.required, "required"),
        (field.is_secret(), "secret"),
        (field.is_generated(), "generated"),
        (field.owner, "owner"),
        (field.always_retrieved, "always retrieved"),
    ] {
        if is {
            facts.extend(["; ", word]);
        }
    }
    for (name, value) in [
        ("default", field.default.map(str::to_owned)),
        ("references", field.references.map(str::to_owned)),
        (
            "at most",
            field.max_length.map(|most| format!("{most} characters")),
        ),
        (
            "at most",
            field.max_items.map(|most| format!("{most} items")),
        ),
        (
            "from",
            field
                .range
                .map(|(least, most)| format!("{least} to {most}")),
        ),
        (
            "one of",
            (!field.values.is_empty()).then(|| field.values.join(", ")),
        ),
        ("Setup:", field.setup.map(|setup| setup.label.to_owned())),
    ] {
        if let Some(value) = value {
            facts.extend(["; ", name, " ", &value]);
        }
    }
    if field.setup.is_some_and(|setup| setup.inverted) {
        facts.push_str(" (inverted)");
    }
    facts
}

fn life<V: std::fmt::Display>(since: Option<V>, until: Option<V>, gap: Option<(V, V)>) -> String {
    let mut text = since.map(|since| format!(" {since}-")).unwrap_or_default();
    if let Some(until) = until {
        let dash = if text.is_empty() { " -" } else { "" };
        text.extend([dash, &until.to_string()]);
    }
    if let Some((first, last)) = gap {
        text.extend([format!(" without {first}-{last}")]);
    }
    text
}
