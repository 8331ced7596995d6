//! Compares the reflection table with a WSDL.

use std::collections::BTreeSet;
use std::fmt;

use eca_model::{ApiVersion, EnumSchema, FieldKind, FieldSchema, MetadataType, RecordSchema};

use crate::schema::wsdl::{Member, Record, Wsdl, local};

/// Prefixes of the types that `eca-model` describes, also of new ones.
const OURS: [&str; 2] = ["ExtlClntApp", "ExternalClientApp"];

/// A difference between the WSDL and the table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The WSDL's version.
    pub(crate) version: ApiVersion,
    /// Its subject.
    pub(crate) place: Place,
    /// The fact of the WSDL.
    pub(crate) wsdl: String,
    /// The fact of the table.
    pub(crate) table: String,
    /// Whether the table does not have it in any version.
    pub(crate) missing: bool,
}

/// The subject of a difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// A metadata type.
    Type(String),
    /// A member of a type or nested record.
    Member(String, String),
    /// A value of an enumeration.
    Value(String, String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(name) => f.pad(name),
            Self::Member(record, member) => f.pad(&format!("{record}.{member}")),
            Self::Value(enumeration, value) => f.pad(&format!("{enumeration}={value}")),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            version,
            place,
            wsdl,
            table,
            ..
        } = self;
        write!(f, "{version} {place}: {wsdl} | {table}")
    }
}

/// The differences between a WSDL and the table, type by type.
pub(crate) fn compare(wsdl: &Wsdl) -> Vec<Difference> {
    let mut comparison = Comparison {
        wsdl,
        seen: BTreeSet::new(),
        found: Vec::new(),
    };
    for schema in eca_model::schema::all() {
        let place = || Place::Type(schema.name.to_owned());
        let is_in = schema.is_in(wsdl.version);
        match wsdl.records.get(schema.name) {
            Some(record) if is_in => comparison.record(schema.record, record),
            Some(_) => comparison.report(place(), "a type", span(schema.since, schema.until)),
            None if is_in => {
                comparison.report(place(), "nothing", span(schema.since, schema.until));
            }
            None => {}
        }
    }
    for name in wsdl.records.keys() {
        let is_ours = OURS.iter().any(|prefix| name.starts_with(prefix));
        if is_ours && wsdl.is_metadata(name) && MetadataType::from_root(name).is_none() {
            comparison.miss(Place::Type(name.clone()), "a type");
        }
    }
    comparison.found
}

struct Comparison<'a> {
    wsdl: &'a Wsdl,
    /// The nested records and enumerations that are already compared.
    seen: BTreeSet<&'static str>,
    found: Vec<Difference>,
}

impl Comparison<'_> {
    fn report(&mut self, place: Place, wsdl: &str, table: impl Into<String>) {
        self.found.push(Difference {
            version: self.wsdl.version,
            place,
            wsdl: wsdl.to_owned(),
            table: table.into(),
            missing: false,
        });
    }

    fn miss(&mut self, place: Place, wsdl: &str) {
        self.report(place, wsdl, "nothing");
        if let Some(last) = self.found.last_mut() {
            last.missing = true;
        }
    }

    fn record(&mut self, schema: &'static RecordSchema, record: &Record) {
        if !self.seen.insert(schema.name) {
            return;
        }
        let place = |name: &str| Place::Member(schema.name.to_owned(), name.to_owned());
        for member in &record.members {
            match schema.field(&member.name) {
                Some(field) if field.is_in(self.wsdl.version) => {
                    self.member(place(field.element), field, member);
                }
                Some(field) => self.report(place(&member.name), &member.kind, lifetime(field)),
                None if schema.partial => {}
                None => self.miss(place(&member.name), &member.kind),
            }
        }
        for field in schema.fields {
            let is_there = record.members.iter().any(|one| one.name == field.element);
            if field.is_in(self.wsdl.version) && !is_there {
                self.report(place(field.element), "nothing", lifetime(field));
            }
        }
    }

    fn member(&mut self, place: Place, field: &'static FieldSchema, member: &Member) {
        if !fits(field.kind, &member.kind) {
            self.report(place, &member.kind, kind(field.kind));
            return;
        }
        if field.list != member.list {
            let words = |list| if list { "a list" } else { "one" };
            self.report(place.clone(), words(member.list), words(field.list));
        }
        // The table has one flag for all versions, that of the last version.
        let is_last = self.wsdl.version >= ApiVersion::NEWEST_CHECKED
            || field.until == Some(self.wsdl.version);
        if is_last && field.required != member.required {
            let words = |required| if required { "required" } else { "optional" };
            self.report(place, words(member.required), words(field.required));
        }
        match field.kind {
            FieldKind::Record(schema) => {
                if let Some(record) = self.wsdl.records.get(schema.name) {
                    self.record(schema, record);
                }
            }
            FieldKind::Enumeration(schema) => self.enumeration(schema),
            _ => {}
        }
    }

    fn enumeration(&mut self, schema: &'static EnumSchema) {
        let Some(values) = self.wsdl.enumerations.get(schema.name) else {
            return;
        };
        if !self.seen.insert(schema.name) {
            return;
        }
        let version = self.wsdl.version;
        let place = |value: &str| Place::Value(schema.name.to_owned(), value.to_owned());
        for text in values {
            match schema.value(text) {
                Some(value) if value.is_in(version) => {}
                Some(value) => {
                    let lifetime = match (value.since, value.until) {
                        (Some(since), _) if since > version => format!("from {since}"),
                        (_, Some(until)) if until < version => format!("to {until}"),
                        _ => format!("not in {version}"),
                    };
                    self.report(place(text), "a value", lifetime);
                }
                None => self.miss(place(text), "a value"),
            }
        }
        for value in schema.values {
            if value.is_in(version) && !values.iter().any(|text| text == value.text) {
                self.report(place(value.text), "nothing", "a value");
            }
        }
    }
}

/// Whether the table's kind can hold the values of the WSDL's kind. Other kinds are text.
fn fits(kind: FieldKind, wsdl: &str) -> bool {
    let is_ours = wsdl.starts_with("tns:");
    let name = local(wsdl);
    match kind {
        FieldKind::Boolean => name == "boolean",
        FieldKind::Integer => name == "int",
        FieldKind::Enumeration(schema) => is_ours && name == schema.name,
        FieldKind::Record(schema) => is_ours && name == schema.name,
        _ => !is_ours && !matches!(name, "boolean" | "int"),
    }
}

fn kind(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Boolean => "a boolean",
        FieldKind::Integer => "an integer",
        FieldKind::Enumeration(schema) => schema.name,
        FieldKind::Record(schema) => schema.name,
        _ => "text",
    }
}

fn lifetime(field: &FieldSchema) -> String {
    let mut text = span(field.since, field.until);
    if let Some((first, last)) = field.gap {
        text.extend([format!(" without {first} to {last}")]);
    }
    text
}

fn span(since: ApiVersion, until: Option<ApiVersion>) -> String {
    match until {
        Some(until) => format!("from {since} to {until}"),
        None => format!("from {since}"),
    }
}
