//! Every member in every version that the org deploys, from the reflection table: refused one
//! version before its first, read in its first, and refused again after its last.

use std::collections::BTreeMap;

use eca_model::{ApiVersion, FieldKind, FieldSchema, MetadataType, RecordSchema, TypeSchema};

use crate::metadata::package::decode::decode;
use crate::state::component_key::ComponentKey;

/// The versions that the org deploys.
const VERSIONS: std::ops::RangeInclusive<u16> = 58..=68;

/// A member, and the members that contain it, outermost first.
type Place = Vec<&'static FieldSchema>;

/// A document with the required members of a version, and one more member.
fn document(schema: &TypeSchema, place: &[&'static FieldSchema], version: ApiVersion) -> String {
    let mut text = format!(
        "<{} xmlns=\"http://soap.sforce.com/2006/04/metadata\">",
        schema.name
    );
    write(schema.record, place, version, &mut text);
    text + &format!("</{}>", schema.name)
}

fn write(
    record: &RecordSchema,
    place: &[&'static FieldSchema],
    version: ApiVersion,
    text: &mut String,
) {
    for field in record.fields {
        let rest = place
            .split_first()
            .filter(|(first, _)| first.element == field.element)
            .map(|(_, rest)| rest);
        if rest.is_none() && !(field.required && field.is_in(version)) {
            continue;
        }
        text.extend(["<", field.element, ">"]);
        match field.kind {
            FieldKind::Record(inner) => write(inner, rest.unwrap_or_default(), version, text),
            FieldKind::Boolean => text.push_str("true"),
            FieldKind::Integer => {
                text.push_str(&field.range.map_or(1, |range| range.0).to_string());
            }
            FieldKind::Enumeration(enumeration) => {
                let mut values = enumeration.values.iter();
                let value = values.find(|value| value.is_in(version));
                text.push_str(value.map_or("none", |value| value.text));
            }
            _ => text.push_str(field.values.first().copied().unwrap_or("Sample")),
        }
        text.extend(["</", field.element, ">"]);
    }
}

/// The first version that has a member and all that contain it.
fn first(schema: &TypeSchema, place: &[&'static FieldSchema]) -> ApiVersion {
    let since = place.iter().map(|field| field.since);
    since.fold(schema.since, ApiVersion::max)
}

fn places(record: &'static RecordSchema, above: &Place, found: &mut Vec<Place>) {
    for field in record.fields {
        let mut place = above.clone();
        place.push(field);
        if let FieldKind::Record(inner) = field.kind {
            places(inner, &place, found);
        }
        found.push(place);
    }
}

/// The result of decoding a document in a version.
fn decoded(kind: MetadataType, text: &str, version: u16) -> Result<(), String> {
    let id = ComponentKey::new(kind, "Sample");
    let read = decode(&id, text.as_bytes(), ApiVersion::new(version));
    read.map(drop).map_err(|problem| problem.text)
}

#[test]
fn every_member_begins_and_ends_with_its_versions() {
    let mut begun = BTreeMap::<u16, usize>::new();
    let mut ended = 0;
    for &kind in MetadataType::ALL {
        let schema = kind.schema();
        let mut all = Vec::new();
        places(schema.record, &Vec::new(), &mut all);
        for place in all {
            let (member, outer) = place.split_last().unwrap();
            let path: Vec<_> = place.iter().map(|field| field.element).collect();
            let path = format!("{}.{}", schema.name, path.join("."));
            let refused = |version: u16| {
                let text = document(schema, &place, ApiVersion::new(version));
                let message = format!(
                    "Error parsing file: Element {{http://soap.sforce.com/2006/04/metadata}}{} invalid \
                     at this location in type",
                    member.element
                );
                let outcome = decoded(kind, &text, version).unwrap_err();
                assert!(
                    outcome.starts_with(&message),
                    "{path} in {version}: {outcome}"
                );
            };
            let is_around = |version: u16| {
                let version = ApiVersion::new(version);
                schema.is_in(version) && outer.iter().all(|field| field.is_in(version))
            };
            for version in VERSIONS {
                let api_version = ApiVersion::new(version);
                if !is_around(version) {
                    continue;
                }
                if member.is_in(api_version) {
                    let text = document(schema, &place, api_version);
                    assert_eq!(decoded(kind, &text, version), Ok(()), "{path} in {version}");
                } else {
                    refused(version);
                    ended += usize::from(member.since <= api_version);
                }
                let is_first = first(schema, &place) == api_version && member.since == api_version;
                if is_first && VERSIONS.contains(&(version - 1)) && is_around(version - 1) {
                    *begun.entry(version).or_default() += 1;
                }
            }
        }
    }
    // The table has members that begin in these versions; each was refused one version before.
    let versions: Vec<_> = begun.keys().copied().collect();
    eprintln!("members that begin, by version: {begun:?}; refusals after the last: {ended}");
    assert!(versions.len() >= 8 && ended > 0, "{begun:?}");
}

#[test]
fn every_type_begins_with_its_version() {
    let mut types = 0;
    for &kind in MetadataType::ALL {
        let schema = kind.schema();
        for version in VERSIONS {
            let api_version = ApiVersion::new(version);
            let outcome = decoded(kind, &document(schema, &[], api_version), version);
            if schema.is_in(api_version) {
                assert_eq!(outcome, Ok(()), "{} in {version}", schema.name);
            } else {
                let message = format!(
                    "{} is not available in API version {api_version}",
                    schema.name
                );
                assert_eq!(outcome, Err(message));
                types += 1;
            }
        }
    }
    assert!(types > 0);
}
