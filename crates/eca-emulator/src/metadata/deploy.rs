//! The effect of a deploy on the org.

use std::collections::BTreeSet;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use eca_attest::Certificate;
use eca_model::{FieldKind, MetadataType, RecordSchema};

use crate::ids::RecordKind;
use crate::metadata::checks::CheckContext;
use crate::metadata::job::message::Message;
use crate::metadata::job::options::Options;
use crate::metadata::job::outcome::Outcome;
use crate::metadata::job::problem::Problem;
use crate::metadata::package::decode::{Decoded, decode};
use crate::metadata::package::{CONTENT, Package, PackageFile, destructive};
use crate::metadata::{checks, generate, retrieve};
use crate::state::component_key::ComponentKey;
use crate::state::components::{Component, Metadata};
use crate::state::record::{Record, Value};
use crate::state::{OrgConfig, State};

struct Item<'a> {
    file: &'a PackageFile,
    read: Result<Decoded, Problem>,
    warning: Option<Problem>,
}

/// Evaluates the package on a copy of the metadata. The org changes when the copy replaces the
/// original.
pub(crate) fn evaluate(
    package: &Package,
    options: &Options,
    state: &mut State,
    config: &OrgConfig,
    now: SystemTime,
) -> Outcome {
    let mut draft = state.metadata.clone();
    let (last, first): (Vec<_>, Vec<_>) = package
        .deletions
        .iter()
        .partition(|deletion| deletion.is_last);
    let mut deleted = destructive::apply(first, options, &mut draft);
    let mut items: Vec<_> = package
        .files
        .iter()
        .map(|file| Item {
            file,
            read: decode(&file.id, &file.bytes, package.version)
                .and_then(|decoded| with_content(decoded, file)),
            warning: None,
        })
        .collect();
    for item in &items {
        if let Ok(decoded) = &item.read {
            put(&mut draft, state, &item.file.id, decoded, now);
        }
    }

    // Components that others refer to are checked first, so that their refusal affects the others.
    items.sort_by_key(|item| rank(item.file.id.kind));
    for item in &mut items {
        let Ok(decoded) = &item.read else { continue };
        let problem = checks::check(&CheckContext {
            org_id: &state.org_id,
            users: &state.users,
            permission_sets: &state.permission_sets,
            version: package.version,
            draft: &draft,
            id: &item.file.id,
            record: &decoded.record,
            document: &decoded.document,
        });
        match problem {
            Some(problem) if problem.is_warning && options.ignore_warnings => {
                item.warning = Some(problem);
            }
            Some(problem) => {
                roll_back(&mut draft, &state.metadata, &item.file.id);
                item.read = Err(problem);
            }
            None => {}
        }
    }

    deleted.extend(destructive::apply(last, options, &mut draft));

    // Spellings are changed last: the checks apply to the deployed text.
    for item in items.iter().filter(|item| item.read.is_ok()) {
        if let Some(component) = draft.components.get_mut(&item.file.id) {
            generate::normalize(item.file.id.kind, &mut component.record);
            if config.keeps_pkce && component.record.flag("isPkceRequired") == Some(false) {
                component.record.set("isPkceRequired", "true");
            }
        }
    }

    let apps: BTreeSet<String> = items
        .iter()
        .filter_map(|item| {
            let decoded = item.read.as_ref().ok()?;
            match item.file.id.kind {
                MetadataType::ExternalClientApplication => Some(item.file.id.name.clone()),
                _ => decoded
                    .record
                    .text("externalClientApplication")
                    .map(str::to_owned),
            }
        })
        .collect();
    generate::complete(
        &state.org_id,
        &mut draft,
        &mut state.ids,
        &mut state.random,
        apps.iter().map(String::as_str),
        now,
    );

    items.sort_by(|a, b| a.file.path.cmp(&b.file.path));
    let mut messages = package_messages(package);
    messages.extend(deleted);
    messages.extend(
        items
            .into_iter()
            .map(|item| message(item, &state.metadata, &mut draft, config)),
    );
    draft.revision = state.metadata.revision + 1;
    Outcome { messages, draft }
}

fn package_messages(package: &Package) -> Vec<Message> {
    let message = |path: &str, full_name: &str, problem: Option<&Problem>| Message {
        kind: None,
        path: path.to_owned(),
        full_name: full_name.to_owned(),
        id: None,
        created: false,
        changed: problem.is_none(),
        deleted: false,
        failed: problem.is_some(),
        problem: problem.cloned(),
    };
    let mut messages: Vec<_> = package
        .problems
        .iter()
        .map(|problem| message(&problem.path, &problem.full_name, Some(&problem.problem)))
        .collect();
    if !package
        .problems
        .iter()
        .any(|problem| problem.path == package.manifest_path)
    {
        messages.insert(0, message(&package.manifest_path, "package.xml", None));
    }
    let mut manifests: Vec<_> = package
        .deletions
        .iter()
        .map(|deletion| &deletion.path)
        .collect();
    manifests.dedup();
    for path in manifests {
        let name = path.rsplit('/').next().unwrap_or_default();
        messages.push(message(path, name, None));
    }
    messages
}

fn message(item: Item<'_>, before: &Metadata, draft: &mut Metadata, config: &OrgConfig) -> Message {
    let id = &item.file.id;
    let old = before.components.get(id);
    let mut message = Message {
        kind: Some(id.kind),
        path: item.file.path.clone(),
        full_name: id.name.clone(),
        id: old.map(|old| old.id.clone()),
        created: false,
        changed: false,
        deleted: false,
        failed: false,
        problem: item.warning,
    };
    match item.read {
        Err(problem) => {
            message.failed = true;
            message.problem = Some(problem);
        }
        Ok(_) => {
            if let Some(new) = draft.components.get_mut(id) {
                message.id = Some(new.id.clone());
                message.created = old.is_none();
                message.changed = old.is_none_or(|old| is_changed(id, old, new, config));
                if let (false, Some(old)) = (message.changed, old) {
                    new.modified = old.modified;
                }
            }
        }
    }
    message
}

/// Whether a component differs from before. Order, and members that are written with their default
/// values, make no difference; secrets, which no file shows, do.
fn is_changed(id: &ComponentKey, old: &Component, new: &Component, config: &OrgConfig) -> bool {
    let file = |component: &Component| retrieve::file(id, &component.record, config.api_version);
    let secrets = |component: &Component| {
        let mut found = Vec::new();
        secrets(&component.record, id.kind.schema().record, &mut found);
        found
    };
    old.record != new.record && (file(old) != file(new) || secrets(old) != secrets(new))
}

fn secrets(record: &Record, schema: &RecordSchema, found: &mut Vec<String>) {
    for (name, value) in record.members() {
        match (value, schema.field(name)) {
            (Value::Text(text), Some(field)) if field.is_secret() => found.push(text.clone()),
            (Value::Record(inner), Some(field)) => {
                if let FieldKind::Record(schema) = field.kind {
                    secrets(inner, schema, found);
                }
            }
            _ => {}
        }
    }
}

/// A deploy replaces the whole component: members that are left out are removed, and have their
/// defaults from then on.
fn put(
    draft: &mut Metadata,
    state: &mut State,
    id: &ComponentKey,
    decoded: &Decoded,
    now: SystemTime,
) {
    let component = match draft.components.get(id) {
        Some(old) => Component {
            id: old.id.clone(),
            record: decoded.record.clone(),
            created: old.created,
            modified: now,
            modified_by: old.modified_by.clone(),
        },
        None => Component {
            id: state.ids.next(match id.kind {
                MetadataType::PermissionSet => RecordKind::PermissionSet,
                _ => RecordKind::Component,
            }),
            record: decoded.record.clone(),
            created: now,
            modified: now,
            modified_by: None,
        },
    };
    draft.components.insert(id.clone(), component);
}

/// The content file of a certificate becomes a member, as in `MetadataWithContent` (WSDL 66.0). The
/// wording for an unreadable one is inferred.
fn with_content(mut decoded: Decoded, file: &PackageFile) -> Result<Decoded, Problem> {
    if let Some(content) = &file.content {
        Certificate::read(content)
            .map_err(|error| Problem::new(format!("The certificate is not valid: {error}")))?;
        let encoded = STANDARD.encode(content);
        decoded.record.set(CONTENT, encoded);
    }
    Ok(decoded)
}

fn roll_back(draft: &mut Metadata, before: &Metadata, id: &ComponentKey) {
    match before.components.get(id) {
        Some(old) => {
            draft.components.insert(id.clone(), old.clone());
        }
        None => {
            draft.components.remove(id);
        }
    }
}

fn rank(kind: MetadataType) -> u8 {
    match kind {
        MetadataType::ExternalClientApplication | MetadataType::ExternalAuthIdentityProvider => 0,
        MetadataType::ExternalCredential => 1,
        MetadataType::PermissionSet | MetadataType::NamedCredential => 2,
        MetadataType::ExtlClntAppOauthSettings => 3,
        MetadataType::ExtlClntAppGlobalOauthSettings => 4,
        _ => 5,
    }
}
