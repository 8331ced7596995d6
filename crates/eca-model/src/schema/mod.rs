//! The reflection table: the facts in the attributes of the structs of [`types`](crate::types).
//!
//! Lint rules, the embedded org, documentation and the comparison with the WSDL read these facts
//! from here. They are stated nowhere else.

use crate::field::FieldPath;
use crate::file::decode::Described;
use crate::types::{MetadataType, Package};
use crate::values::version::ApiVersion;

mod facts;
mod json_schema;
mod markdown;
pub(crate) mod suggest;

pub use facts::{CertificateUse, DecidedBy, ListInText};
pub use json_schema::json_schema;
pub use markdown::markdown;
pub use suggest::nearest as nearest_name;

/// One metadata type.
#[derive(Debug)]
pub struct TypeSchema {
    /// The root element's name, which is also the type's name in the WSDL.
    pub name: &'static str,
    /// The name that manifests list the type under; the same as `name` except for settings.
    pub manifest_name: &'static str,
    /// The full name of the type's only component, where it has only one.
    pub fixed_name: Option<&'static str>,
    /// The folder in the metadata format; empty for manifests, which are beside the folders, and
    /// for a historic type whose folder is not known.
    pub directory: &'static str,
    /// The file suffix in the metadata format, without the dot.
    pub suffix: &'static str,
    /// Whether a component is a pair of files, in both formats: `<name>.<suffix>` holds content
    /// that is not XML of this schema, and `<name>.<suffix>-meta.xml` beside it holds the members
    /// described here.
    pub content: bool,
    /// Whether full names need not be developer names (profiles have spaces in theirs).
    pub free_names: bool,
    /// Whether an org makes a component of the type for each app by itself (Salesforce Help,
    /// "Configure External Client App Policies").
    pub org_made: bool,
    /// The first API version whose WSDL has the type.
    pub since: ApiVersion,
    /// The last API version that has the type, when it was removed.
    pub until: Option<ApiVersion>,
    /// Whether the type has members that are not described here.
    pub partial: bool,
    /// The type's members.
    pub record: &'static RecordSchema,
}

/// A record: the members of a type, or of a nested type.
#[derive(Debug)]
pub struct RecordSchema {
    /// The name in the WSDL.
    pub name: &'static str,
    /// What the record is for.
    pub doc: &'static str,
    /// Whether the record has members that are not described here.
    pub partial: bool,
    /// The members in Salesforce's order (ASCII code points of their names).
    pub fields: &'static [FieldSchema],
}

/// Every type that has a table: the metadata types, sorted by name, and `Package`, the type of the
/// manifests.
pub fn all() -> impl Iterator<Item = &'static TypeSchema> {
    let types = MetadataType::ALL.iter().map(|kind| kind.schema());
    types.chain([Package::TYPE_SCHEMA])
}

/// The type that an unknown name probably means: the one with this suffix or directory, or else the
/// one whose name differs in at most one letter in five, ignoring case.
///
/// ```
/// use eca_model::schema::nearest;
///
/// for (name, meant) in [
///     ("ExternalClientAplication", Some("ExternalClientApplication")),
///     ("ecaOauth", Some("ExtlClntAppOauthSettings")),
///     ("externalClientApps", Some("ExternalClientApplication")),
///     ("Report", None),
/// ] {
///     assert_eq!(nearest(name).map(|schema| schema.name), meant);
/// }
/// ```
pub fn nearest(name: &str) -> Option<&'static TypeSchema> {
    let called = |schema: &&TypeSchema| {
        let names = [schema.suffix, schema.directory];
        names.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    };
    all().find(called).or_else(|| {
        let intended = suggest::nearest(name, all().map(|schema| schema.name))?;
        all().find(|schema| schema.name == intended)
    })
}

impl TypeSchema {
    /// Whether the schema of this API version has the type.
    pub fn is_in(&self, version: ApiVersion) -> bool {
        self.since <= version && self.until.is_none_or(|until| version <= until)
    }

    /// Every member with its path, those of nested records included. Paths choose no record of a
    /// list.
    pub fn members(&self) -> Vec<(FieldPath, &'static FieldSchema)> {
        let mut members = Vec::new();
        walk(self.record, None, &mut members);
        members
    }

    /// The member that names the component which one of this type belongs to.
    pub fn owner(&self) -> Option<&'static FieldSchema> {
        self.record.fields.iter().find(|field| field.owner)
    }
}

fn walk(
    record: &'static RecordSchema,
    parent: Option<&FieldPath>,
    members: &mut Vec<(FieldPath, &'static FieldSchema)>,
) {
    for field in record.fields {
        let path = match parent {
            Some(parent) => parent.clone().join(field.element),
            None => FieldPath::new(field.element),
        };
        members.push((path.clone(), field));
        if let FieldKind::Record(nested) = field.kind {
            walk(nested, Some(&path), members);
        }
    }
}

impl RecordSchema {
    /// The member with this element name.
    pub fn field(&self, element: &str) -> Option<&'static FieldSchema> {
        let found = self
            .fields
            .binary_search_by(|field| field.element.cmp(element));
        found.ok().map(|index| &self.fields[index])
    }

    /// The member at a path; `None` where the path names no member.
    pub fn at(&self, path: &FieldPath) -> Option<&'static FieldSchema> {
        let (first, rest) = path.steps().split_first()?;
        let mut field = self.field(&first.element)?;
        for step in rest {
            let FieldKind::Record(record) = field.kind else {
                return None;
            };
            field = record.field(&step.element)?;
        }
        Some(field)
    }
}

/// One member of a record.
#[derive(Debug)]
pub struct FieldSchema {
    /// The element's name.
    pub element: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether the element may repeat.
    pub list: bool,
    /// Whether the schema demands it (`minOccurs` 1).
    pub required: bool,
    /// The first API version whose schema has it.
    pub since: ApiVersion,
    /// The last API version that has it, when it was removed.
    pub until: Option<ApiVersion>,
    /// The first and last of the versions in between whose schema lacks it.
    pub gap: Option<(ApiVersion, ApiVersion)>,
    /// The value that an org uses when the member is left out, where it is documented.
    pub default: Option<&'static str>,
    /// Whether an org's retrieve always writes it, even when it was never set.
    pub always_retrieved: bool,
    /// Who decides the value.
    pub decided_by: DecidedBy,
    /// Whether `true` is a request rather than a state: the org does it with every deploy.
    pub action: bool,
    /// What the certificate is for that the member holds: its text, or where the documentation
    /// leaves it open, its text or its name.
    pub certificate: Option<CertificateUse>,
    /// How several items stand in one text.
    pub list_in_text: Option<ListInText>,
    /// The members by which a record of this list is known; empty for other members.
    pub key: &'static [&'static str],
    /// Whether the value names the component that this one belongs to.
    pub owner: bool,
    /// The metadata type (or Salesforce object) that the value names.
    pub references: Option<&'static str>,
    /// The character after which the value names a part of that component, such as the principal
    /// of an external credential.
    pub part: Option<char>,
    /// The longest value, in characters.
    pub max_length: Option<u32>,
    /// The largest number of occurrences.
    pub max_items: Option<u32>,
    /// The smallest and the largest number.
    pub range: Option<(i32, i32)>,
    /// The texts that an org accepts, where the schema declares a text and the documentation lists
    /// the values; empty otherwise.
    pub values: &'static [&'static str],
    /// Its label in Setup.
    pub setup: Option<SetupLabel>,
    /// What it does.
    pub doc: &'static str,
}

impl FieldSchema {
    /// Whether the schema of this API version has the member.
    pub fn is_in(&self, version: ApiVersion) -> bool {
        self.since <= version
            && self.until.is_none_or(|until| version <= until)
            && !matches!(self.gap, Some((first, last)) if first <= version && version <= last)
    }

    /// Whether the value is a secret, which must not stand in source control.
    pub fn is_secret(&self) -> bool {
        self.decided_by == DecidedBy::Secret
    }

    /// Whether the org makes the value; it is bound to that org.
    pub fn is_generated(&self) -> bool {
        self.decided_by == DecidedBy::Org
    }
}

/// A label in Setup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetupLabel {
    /// The label's text.
    pub label: &'static str,
    /// Whether a ticked box in Setup means `false` in the file.
    pub inverted: bool,
}

/// What an element holds.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum FieldKind {
    /// `true` or `false`.
    Boolean,
    /// A 32-bit integer.
    Integer,
    /// Character data.
    Text,
    /// One of a list of values.
    Enumeration(&'static EnumSchema),
    /// Child elements.
    Record(&'static RecordSchema),
}

/// An enumeration.
#[derive(Debug)]
pub struct EnumSchema {
    /// The name in the WSDL.
    pub name: &'static str,
    /// What it is about.
    pub doc: &'static str,
    /// The values.
    pub values: &'static [EnumValue],
}

impl EnumSchema {
    /// The value with this text.
    pub fn value(&self, text: &str) -> Option<&'static EnumValue> {
        self.values.iter().find(|value| value.text == text)
    }
}

/// One value of an enumeration.
#[derive(Debug)]
pub struct EnumValue {
    /// The text in the file.
    pub text: &'static str,
    /// The first API version that has it, when it is newer than the enumeration.
    pub since: Option<ApiVersion>,
    /// The last API version that has it, when it was removed.
    pub until: Option<ApiVersion>,
    /// The first and last of the versions in between that lack it.
    pub gap: Option<(ApiVersion, ApiVersion)>,
    /// What it means.
    pub doc: &'static str,
}

impl EnumValue {
    /// Whether the enumeration of this API version has the value.
    pub fn is_in(&self, version: ApiVersion) -> bool {
        self.since.is_none_or(|since| since <= version)
            && self.until.is_none_or(|until| version <= until)
            && !matches!(self.gap, Some((first, last)) if first <= version && version <= last)
    }
}
