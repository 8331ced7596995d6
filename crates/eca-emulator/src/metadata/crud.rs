//! The calls that change components without a package: readMetadata, createMetadata and their
//! siblings (Metadata API Developer Guide, "CRUD-Based Metadata Development").

use std::time::SystemTime;

use eca_model::{ApiVersion, MetadataType, Position};
use quick_xml::escape::partial_escape;
use serde_json::{Map, Value, json};

use crate::core::Core;
use crate::metadata::job::advance;
use crate::metadata::job::message::Message;
use crate::metadata::job::options::Options;
use crate::metadata::package::{Deletion, Package, PackageFile};
use crate::metadata::wire::node::Node;
use crate::metadata::{deploy, generate, retrieve};
use crate::state::component_key::ComponentKey;
use crate::state::{OrgConfig, State, record};

/// A fault: code and text.
type Fault = (&'static str, String);

/// The largest number of components in a call.
const MAX_COMPONENTS: usize = 10;

/// The effect of a call on its components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    Create,
    Update,
    Upsert,
}

/// `readMetadata`: a record for each name, an empty one for each missing component.
pub(crate) fn read(core: &Core, operation: &Node, version: ApiVersion) -> Result<Value, Fault> {
    let kind = kind(operation.text_of(&["type"]).unwrap_or_default())?;
    let names = names(operation)?;
    let state = core.read();
    let records: Vec<_> = names
        .iter()
        .map(|name| {
            let id = ComponentKey::new(kind, name.as_str());
            state
                .metadata
                .components
                .get(&id)
                .map_or(Value::Null, |component| {
                    let schema = kind.schema();
                    let shown = retrieve::shown(&component.record, schema.record, version);
                    let mut record = to_json(&shown);
                    record.insert("@xsi:type".into(), json!(schema.name));
                    record.insert("fullName".into(), json!(id.name));
                    Value::Object(record)
                })
        })
        .collect();
    Ok(json!({ "records": records }))
}

/// `createMetadata`, `updateMetadata`, `upsertMetadata`. Each component is independent unless
/// `AllOrNoneHeader` is set. It is inferred that an update replaces the whole component, as a
/// deploy does.
pub(crate) fn write(
    core: &Core,
    token: Option<&str>,
    operation: &Node,
    version: ApiVersion,
    how: Write,
    all_or_none: bool,
) -> Result<Value, Fault> {
    let mut files = Vec::new();
    for node in operation.children_named("metadata") {
        let kind = kind(node.kind.as_deref().unwrap_or_default())?;
        let name = node.text_of(&["fullName"]).unwrap_or_default().to_owned();
        files.push(PackageFile {
            path: String::new(),
            bytes: file(node, kind).into_bytes(),
            content: None,
            id: ComponentKey::new(kind, name),
        });
    }
    limit(files.len())?;
    if files
        .iter()
        .any(|file| Some(file.id.kind) != files.first().map(|first| first.id.kind))
    {
        return Err((
            "INVALID_TYPE",
            "All components of a call must have the same type".to_owned(),
        ));
    }
    core.transact(|state, now| {
    let by = user(state, &core.config, token, now);
    let before = state.metadata.clone();
    let trail = state.audit_trail.len();
    // A rotated key revokes tokens; restoring the key restores them.
    let grants = all_or_none.then(|| state.grants.clone());
    let mut results = Vec::new();
    let mut has_failed = false;
    for file in files {
        let is_there = before.components.contains_key(&file.id);
        let name = file.id.name.clone();
        let refusal = match (how, is_there) {
            (Write::Create, true) => Some(error(
                "DUPLICATE_DEVELOPER_NAME",
                &format!("This {} API Name already exists", file.id.kind),
            )),
            (Write::Update, false) => Some(no_such(&file.id)),
            _ => None,
        };
        let refusal = refusal.or_else(|| apply(state, &core.config, vec![file], &[], version, (&by, now)));
        has_failed |= refusal.is_some();
        let mut result = result(&name, refusal);
        if how == Write::Upsert {
            result.insert("created".into(), json!(!is_there));
        }
        results.push(Value::Object(result));
    }
    if all_or_none && has_failed {
        state.metadata = before;
        state.audit_trail.truncate(trail);
        if let Some(grants) = grants {
            state.grants = grants;
        }
        for result in &mut results {
            if result["success"] == true {
                result["success"] = json!(false);
                result["errors"] = error(
                    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                    "Record rolled back because not all records were valid and the request was using AllOrNone header",
                );
            }
        }
    }
    Ok(Value::Array(results))
    })
}

/// `deleteMetadata`.
pub(crate) fn delete(
    core: &Core,
    token: Option<&str>,
    operation: &Node,
    version: ApiVersion,
) -> Result<Value, Fault> {
    let kind = kind(operation.text_of(&["type"]).unwrap_or_default())?;
    let names = names(operation)?;
    core.transact(|state, now| {
        let by = user(state, &core.config, token, now);
        let results = names
            .into_iter()
            .map(|name| {
                let id = ComponentKey::new(kind, name.as_str());
                let refusal = if state.metadata.components.contains_key(&id) {
                    let deletion = Deletion {
                        id,
                        path: String::new(),
                        position: Position::from_offset("", 0),
                        is_last: true,
                    };
                    apply(
                        state,
                        &core.config,
                        Vec::new(),
                        &[deletion],
                        version,
                        (&by, now),
                    )
                } else {
                    Some(no_such(&id))
                };
                Value::Object(result(&name, refusal))
            })
            .collect();
        Ok(Value::Array(results))
    })
}

/// `renameMetadata`: the component keeps its record; references to an app are updated (inferred).
pub(crate) fn rename(core: &Core, operation: &Node) -> Result<Value, Fault> {
    const APP: &str = "externalClientApplication";
    let kind = kind(operation.text_of(&["type"]).unwrap_or_default())?;
    let name = |parameter| operation.text_of(&[parameter]).unwrap_or_default();
    let (old, new) = (
        ComponentKey::new(kind, name("oldFullName")),
        ComponentKey::new(kind, name("newFullName")),
    );
    core.transact(|state, now| {
        let refusal = if !state.metadata.components.contains_key(&old) {
            Some(no_such(&old))
        } else if state.metadata.components.contains_key(&new) {
            Some(error(
                "DUPLICATE_DEVELOPER_NAME",
                &format!("This {kind} API Name already exists"),
            ))
        } else {
            let draft = &mut state.metadata;
            if let Some(component) = draft.components.remove(&old) {
                draft.components.insert(new.clone(), component);
            }
            if kind == MetadataType::ExternalClientApplication {
                for component in draft.components.values_mut() {
                    if component.record.text(APP) == Some(old.name.as_str()) {
                        component.record.set(APP, new.name.as_str());
                    }
                }
                if let Some(consumer) = draft.consumers.remove(&old.name) {
                    draft.consumers.insert(new.name.clone(), consumer);
                }
                generate::complete(
                    &state.org_id,
                    draft,
                    &mut state.ids,
                    &mut state.random,
                    [new.name.as_str()],
                    now,
                );
            }
            draft.revision += 1;
            None
        };
        Ok(Value::Object(result(&new.name, refusal)))
    })
}

/// The name of the user of a session.
fn user(state: &State, config: &OrgConfig, token: Option<&str>, now: SystemTime) -> String {
    let token = token.and_then(|token| state.grants.token(token, now));
    token.map_or_else(
        || config.admin_username.clone(),
        |token| token.username.clone(),
    )
}

/// Runs a deploy of one component; the refusal, if there is one.
fn apply(
    state: &mut State,
    config: &OrgConfig,
    files: Vec<PackageFile>,
    deletions: &[Deletion],
    version: ApiVersion,
    (by, now): (&str, SystemTime),
) -> Option<Value> {
    let package = Package {
        version,
        manifest_path: String::new(),
        files,
        deletions: deletions.to_vec(),
        problems: Vec::new(),
    };
    let options = Options {
        ignore_warnings: true,
        ..Options::default()
    };
    let outcome = deploy::evaluate(&package, &options, state, config, now);
    let refusal = outcome
        .messages
        .iter()
        .find(|message| message.failed)
        .map(explain);
    if refusal.is_none() {
        advance::commit(state, outcome.draft, by, now);
    }
    refusal
}

/// The error of a message. A text that begins with a code keeps the code.
fn explain(message: &Message) -> Value {
    let text = message
        .problem
        .as_ref()
        .map_or("", |problem| problem.text.as_str());
    match text.split_once(": ") {
        Some((code, rest))
            if code
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_') =>
        {
            error(code, rest)
        }
        _ => error("FIELD_INTEGRITY_EXCEPTION", text),
    }
}

fn error(code: &str, message: &str) -> Value {
    json!({ "message": message, "statusCode": code })
}

fn no_such(id: &ComponentKey) -> Value {
    error(
        "INVALID_CROSS_REFERENCE_KEY",
        &format!(
            "In field: fullName - no {} named {} found",
            id.kind, id.name
        ),
    )
}

fn result(name: &str, refusal: Option<Value>) -> Map<String, Value> {
    let mut result = Map::new();
    result.insert("success".into(), json!(refusal.is_none()));
    if let Some(error) = refusal {
        result.insert("errors".into(), error);
    }
    result.insert("fullName".into(), json!(name));
    result
}

fn kind(name: &str) -> Result<MetadataType, Fault> {
    name.parse()
        .map_err(|_| ("INVALID_TYPE", format!("Unknown type:{name}")))
}

fn names(operation: &Node) -> Result<Vec<String>, Fault> {
    let names: Vec<_> = operation
        .children_named("fullNames")
        .map(|name| name.text.trim().to_owned())
        .collect();
    limit(names.len())?;
    Ok(names)
}

fn limit(count: usize) -> Result<(), Fault> {
    if count > MAX_COMPONENTS {
        return Err((
            "EXCEEDED_ID_LIMIT",
            format!(
                "record limit reached. cannot submit more than {MAX_COMPONENTS} records in this call"
            ),
        ));
    }
    Ok(())
}

/// The component as the file that a deploy would contain.
fn file(node: &Node, kind: MetadataType) -> String {
    fn write(text: &mut String, node: &Node) {
        text.push('<');
        text.push_str(&node.name);
        text.push('>');
        if node.children.is_empty() {
            text.push_str(&partial_escape(&node.text));
        }
        for child in &node.children {
            write(text, child);
        }
        text.push_str("</");
        text.push_str(&node.name);
        text.push('>');
    }
    let name = kind.schema().name;
    let mut text = format!("<{name} xmlns=\"http://soap.sforce.com/2006/04/metadata\">");
    for child in &node.children {
        if child.name != "fullName" {
            write(&mut text, child);
        }
    }
    text.push_str("</");
    text.push_str(name);
    text.push('>');
    text
}

fn to_json(record: &record::Record) -> Map<String, Value> {
    let mut members: Map<String, Value> = Map::new();
    for (name, value) in record.members() {
        let value = match value {
            record::Value::Text(text) => json!(text),
            record::Value::Record(inner) => Value::Object(to_json(inner)),
        };
        match members.get_mut(name) {
            None => {
                members.insert(name.to_owned(), value);
            }
            Some(Value::Array(several)) => several.push(value),
            Some(one) => *one = json!([one.take(), value]),
        }
    }
    members
}
