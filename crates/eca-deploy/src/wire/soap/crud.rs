//! The CRUD calls, which read and write single components: `readMetadata`, `createMetadata`,
//! `updateMetadata`, `upsertMetadata`, `deleteMetadata`, `renameMetadata`. Each takes up to ten
//! components of one type (Metadata API Developer Guide, "CRUD-Based Metadata Development"), which
//! is checked here.

use std::fmt;

use eca_http::Idempotency;
use eca_model::{Component, Document, Element, canonical};

use crate::wire::call::Call;
use crate::wire::call::error::ResponseError;
use crate::wire::call::request::{MAX_COMPONENTS, RequestError};
use crate::wire::call::response::OperationResponse;
use crate::wire::soap::envelope::{call, call_with};
use crate::wire::soap::headers::Headers;
use crate::wire::tree::Node;
use crate::wire::types::saved::SaveResult;
use crate::wire::xml::element;

/// A call that writes components; it gives a result for each.
type Saving<'a> = Call<'a, Vec<SaveResult>>;

/// A component to be written: type, full name and members. `Debug` omits the members, which may be
/// secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct MetadataRecord {
    kind: String,
    full_name: String,
    members: String,
}

impl MetadataRecord {
    /// The record of a component as in its file, **including secrets**: unlike in a package,
    /// nothing is removed.
    pub fn from_component(component: &Component) -> Self {
        let id = component.name();
        Self::from_document(id.kind.as_str(), &id.name, component.file().document())
    }

    /// A record of any type from a document. The name of the root element is ignored.
    pub fn from_document(kind: &str, full_name: &str, document: &Document) -> Self {
        // The WSDL requires its order of members at every level, which is that of the canonical
        // form.
        let mut members = String::new();
        if let Ok(ordered) = Document::parse(canonical(document)) {
            for child in ordered.root().children() {
                if child.name() != "fullName" {
                    write_element(&mut members, child);
                }
            }
        }
        Self {
            kind: kind.to_owned(),
            full_name: full_name.to_owned(),
            members,
        }
    }

    /// The metadata type.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The component's name.
    pub fn full_name(&self) -> &str {
        &self.full_name
    }
}

impl fmt::Debug for MetadataRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetadataRecord")
            .field("kind", &self.kind)
            .field("full_name", &self.full_name)
            .finish_non_exhaustive()
    }
}

/// A component that was read. `Debug` omits the content.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadRecord {
    /// The component's name.
    pub full_name: String,
    /// The file, as in a retrieve.
    pub file: String,
}

impl ReadRecord {
    fn read(kind: &str, record: &Node<'_>) -> Option<Self> {
        let full_name = record.string_of(&["fullName"])?;
        let mut text = format!("<{kind} xmlns=\"{}\">", eca_model::xml::METADATA_NAMESPACE);
        for member in record.children() {
            if member.name() != "fullName" {
                write_node(&mut text, member);
            }
        }
        text.extend(["</", kind, ">"]);
        let file = Document::parse(text)
            .map(|document| canonical(&document))
            .ok()?;
        Some(Self { full_name, file })
    }
}

impl fmt::Debug for ReadRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadRecord")
            .field("full_name", &self.full_name)
            .field("file_bytes", &self.file.len())
            .finish()
    }
}

/// The components that exist in the org: the response has an empty record for each other one.
pub(crate) fn read_metadata<'a>(
    kind: &'a str,
    full_names: &'a [String],
) -> Result<Call<'a, Vec<ReadRecord>>, RequestError> {
    const NAME: &str = "readMetadata";
    count(NAME, full_names.len())?;
    Ok(call(
        NAME,
        Idempotency::Idempotent,
        |_, xml| write_names(xml, kind, full_names),
        |response| {
            let result = response.soap_result()?;
            let records = result.all("records");
            Ok(records
                .filter_map(|record| ReadRecord::read(kind, record))
                .collect())
        },
    ))
}

/// `createMetadata`. **Not repeatable**: a second call fails because the components exist.
pub(crate) fn create_metadata(
    records: &[MetadataRecord],
    all_or_none: bool,
) -> Result<Saving<'_>, RequestError> {
    let not_idempotent = Idempotency::NotIdempotent;
    write_metadata("createMetadata", not_idempotent, records, all_or_none)
}

/// `updateMetadata`.
pub(crate) fn update_metadata(
    records: &[MetadataRecord],
    all_or_none: bool,
) -> Result<Saving<'_>, RequestError> {
    let idempotent = Idempotency::Idempotent;
    write_metadata("updateMetadata", idempotent, records, all_or_none)
}

/// `upsertMetadata`.
pub(crate) fn upsert_metadata(
    records: &[MetadataRecord],
    all_or_none: bool,
) -> Result<Saving<'_>, RequestError> {
    let idempotent = Idempotency::Idempotent;
    write_metadata("upsertMetadata", idempotent, records, all_or_none)
}

/// `deleteMetadata`. **Not repeatable**: a second call fails because the components are gone.
pub(crate) fn delete_metadata<'a>(
    kind: &'a str,
    full_names: &'a [String],
    all_or_none: bool,
) -> Result<Saving<'a>, RequestError> {
    const NAME: &str = "deleteMetadata";
    count(NAME, full_names.len())?;
    Ok(call_with(
        Headers::all_or_none(all_or_none),
        NAME,
        Idempotency::NotIdempotent,
        |_, xml| write_names(xml, kind, full_names),
        saved,
    ))
}

/// `renameMetadata`. **Not repeatable**.
pub(crate) fn rename_metadata<'a>(
    kind: &'a str,
    old_full_name: &'a str,
    new_full_name: &'a str,
) -> Call<'a, SaveResult> {
    call(
        "renameMetadata",
        Idempotency::NotIdempotent,
        |_, xml| {
            element(xml, "type", kind);
            element(xml, "oldFullName", old_full_name);
            element(xml, "newFullName", new_full_name);
        },
        |response| Ok(SaveResult::read(&response.soap_result()?)),
    )
}

fn write_metadata<'a>(
    operation: &'static str,
    idempotency: Idempotency,
    records: &'a [MetadataRecord],
    all_or_none: bool,
) -> Result<Saving<'a>, RequestError> {
    count(operation, records.len())?;
    if let Some(first) = records.first() {
        // The name goes into an attribute as it is.
        if !first.kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(RequestError::TypeName {
                name: first.kind.chars().take(40).collect(),
            });
        }
        if let Some(other) = records.iter().find(|record| record.kind != first.kind) {
            return Err(RequestError::MixedTypes {
                operation,
                first: first.kind.clone(),
                other: other.kind.clone(),
            });
        }
    }
    Ok(call_with(
        Headers::all_or_none(all_or_none),
        operation,
        idempotency,
        move |_, xml| {
            for record in records {
                xml.push_str(
                    "<metadata xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"",
                );
                xml.push_str(&record.kind);
                xml.push_str("\">");
                element(xml, "fullName", &record.full_name);
                xml.push_str(&record.members);
                xml.push_str("</metadata>");
            }
        },
        saved,
    ))
}

/// The result for each component, in the order of the request.
fn saved(response: &OperationResponse<'_>) -> Result<Vec<SaveResult>, ResponseError> {
    let node = response.soap()?;
    let results: Vec<_> = node.all("result").map(SaveResult::read).collect();
    if results.is_empty() {
        return Err(response.unreadable("it has no result", None));
    }
    Ok(results)
}

fn write_names(xml: &mut String, kind: &str, full_names: &[String]) {
    element(xml, "type", kind);
    for name in full_names {
        element(xml, "fullNames", name);
    }
}

fn count(operation: &'static str, components: usize) -> Result<(), RequestError> {
    if components > MAX_COMPONENTS {
        return Err(RequestError::TooManyComponents {
            operation,
            components,
        });
    }
    Ok(())
}

fn write_element(xml: &mut String, member: Element<'_>) {
    if member.is_nil() {
        return;
    }
    if member.children().next().is_none() {
        element(xml, member.name(), &member.text());
        return;
    }
    xml.extend(["<", member.name(), ">"]);
    for child in member.children() {
        write_element(xml, child);
    }
    xml.extend(["</", member.name(), ">"]);
}

fn write_node(xml: &mut String, member: &Node<'_>) {
    if member.children().is_empty() {
        if let Some(text) = member.text() {
            element(xml, member.name(), text);
        }
        return;
    }
    xml.extend(["<", member.name(), ">"]);
    for child in member.children() {
        write_node(xml, child);
    }
    xml.extend(["</", member.name(), ">"]);
}
