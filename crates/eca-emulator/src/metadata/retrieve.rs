//! Retrieving components.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use eca_model::{ApiVersion, Document, FieldKind, MetadataType, RecordSchema, canonical};
use quick_xml::escape::partial_escape;
use serde_json::{Value as Json, json};

use crate::metadata::job::outcome::RetrieveOutcome;
use crate::metadata::package::archive::Entry;
use crate::metadata::package::{CONTENT, META_SUFFIX, archive};
use crate::metadata::wire::retrieve_request::RetrieveRequest;
use crate::state::component_key::ComponentKey;
use crate::state::components::Component;
use crate::state::record::{Record, Value};
use crate::state::users::User;
use crate::state::{OrgConfig, State};
use crate::testing::clock::timestamp;

/// Collects the components and packs them.
pub(crate) fn retrieve(
    request: &RetrieveRequest,
    state: &State,
    config: &OrgConfig,
) -> RetrieveOutcome {
    let mut outcome = RetrieveOutcome {
        files: Vec::new(),
        messages: Vec::new(),
        error: request.refused.clone(),
        zip: None,
    };
    if outcome.error.is_some() {
        return outcome;
    }
    let manifest_path = format!("{}package.xml", request.root());
    let mut wanted = BTreeSet::new();
    for (type_name, members) in &request.types {
        let mut missing = |problem: String| {
            outcome
                .messages
                .push(json!({ "fileName": manifest_path, "problem": problem }));
        };
        let mut kinds = MetadataType::by_manifest_name(type_name, "*");
        let Some(kind) = kinds.next() else {
            missing(format!("Entity type '{type_name}' is unknown"));
            continue;
        };
        for member in members {
            let mut kinds = MetadataType::by_manifest_name(type_name, member);
            if member == "*" {
                for kind in kinds {
                    wanted.extend(state.metadata.of_type(kind).map(|(id, _)| id.clone()));
                }
            } else if let Some(kind) = kinds.find(|kind| state.metadata.has(*kind, member)) {
                wanted.insert(ComponentKey {
                    kind,
                    name: member.clone(),
                });
            } else {
                missing(format!(
                    "Entity of type '{kind}' named '{member}' cannot be found"
                ));
            }
        }
    }
    let mut entries = Vec::new();
    for id in &wanted {
        if let Some(component) = state.metadata.components.get(id) {
            let path = format!("{}{}", request.root(), path_of(id));
            outcome
                .files
                .push(file_properties(id, component, &path, state, config));
            let bytes = file(id, &component.record, request.version).into_bytes();
            let path = if id.kind.schema().content {
                entries.extend(content(component).map(|bytes| Entry {
                    path: path.clone(),
                    bytes,
                }));
                path + META_SUFFIX
            } else {
                path
            };
            entries.push(Entry { path, bytes });
        }
    }
    entries.push(Entry {
        path: manifest_path,
        bytes: manifest(request).into_bytes(),
    });
    match archive::pack(&entries) {
        Ok(zip) => outcome.zip = Some(Bytes::from(zip)),
        Err(error) => outcome.error = Some((error.code().to_owned(), error.to_string())),
    }
    outcome
}

/// The content file of a component that is a pair.
fn content(component: &Component) -> Option<Vec<u8>> {
    let encoded = component.record.text(CONTENT)?;
    STANDARD.decode(encoded).ok()
}

/// The path of a component in a package; for a pair that of its content.
pub(crate) fn path_of(id: &ComponentKey) -> String {
    let schema = id.kind.schema();
    format!("{}/{}.{}", schema.directory, id.name, schema.suffix)
}

/// A component as a file of one API version.
pub(crate) fn file(id: &ComponentKey, record: &Record, version: ApiVersion) -> String {
    let schema = id.kind.schema();
    let record = shown(record, schema.record, version);
    let text = record.to_xml(schema.name);
    // A file that was built from decoded members is well-formed, so this always has a document.
    Document::parse(text.as_str()).map_or(text, |document| canonical(&document))
}

/// The members that the version's schema has, without secrets, and those that a retrieve always
/// writes.
pub(crate) fn shown(record: &Record, schema: &RecordSchema, version: ApiVersion) -> Record {
    let mut shown = Record::default();
    for (name, value) in record.members() {
        let field = schema.field(name);
        let is_visible = match field {
            Some(field) => field.is_in(version) && !field.is_secret(),
            None => schema.partial,
        };
        if is_visible {
            let value = match (value, field.map(|field| field.kind)) {
                (Value::Record(inner), Some(FieldKind::Record(schema))) => {
                    Value::Record(self::shown(inner, schema, version))
                }
                _ => value.clone(),
            };
            shown.push(name, value);
        }
    }
    for field in schema.fields {
        if field.always_retrieved && field.is_in(version) && !shown.has(field.element) {
            let default = field.default.or(match field.kind {
                FieldKind::Boolean => Some("false"),
                _ => None,
            });
            if let Some(default) = default {
                shown.set(field.element, default);
            }
        }
    }
    shown
}

/// `FileProperties` (WSDL 66.0).
pub(crate) fn file_properties(
    id: &ComponentKey,
    component: &Component,
    path: &str,
    state: &State,
    config: &OrgConfig,
) -> Json {
    let id_and_name = |username: &str| {
        let user = state.users.get(username);
        let id = user.map_or("", |user| user.id.as_str());
        (id, user.map(User::display_name).unwrap_or_default())
    };
    let (user_id, user_name) = id_and_name(&config.admin_username);
    let modified_by = component.modified_by.as_deref();
    let (modifier_id, modifier_name) = id_and_name(modified_by.unwrap_or(&config.admin_username));
    let date = |time: SystemTime| timestamp(time);
    json!({
        "createdById": user_id,
        "createdByName": user_name,
        "createdDate": date(component.created),
        "fileName": path,
        "fullName": id.name,
        "id": component.id.as_str(),
        "lastModifiedById": modifier_id,
        "lastModifiedByName": modifier_name,
        "lastModifiedDate": date(component.modified),
        "manageableState": "unmanaged",
        "type": id.kind.manifest_name(),
    })
}

/// The manifest of the answer repeats the one of the request, wildcards included (inferred).
fn manifest(request: &RetrieveRequest) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n",
    );
    let mut types = request.types.clone();
    types.sort();
    for (name, members) in &types {
        text.push_str("    <types>\n");
        for member in members {
            let _ = writeln!(
                text,
                "        <members>{}</members>",
                partial_escape(member)
            );
        }
        let _ = writeln!(
            text,
            "        <name>{}</name>\n    </types>",
            partial_escape(name)
        );
    }
    let _ = writeln!(
        text,
        "    <version>{}</version>\n</Package>",
        request.version
    );
    text
}
