//! Deleting components with `destructiveChanges.xml` and its siblings.

use eca_model::{FieldKind, MetadataType, RecordSchema};

use crate::metadata::job::message::Message;
use crate::metadata::job::options::Options;
use crate::metadata::job::problem::Problem;
use crate::metadata::package::Deletion;
use crate::state::component_key::ComponentKey;
use crate::state::components::Metadata;
use crate::state::record::{Record, Value};

const APP: &str = "externalClientApplication";

/// Removes the components from the draft; returns a message for each.
///
/// Deleting an app deletes its components and its consumer (inferred: Setup does so, but no page
/// documents it for a deploy). Any other component that is still referred to stays.
pub(crate) fn apply<'a>(
    deletions: impl IntoIterator<Item = &'a Deletion>,
    options: &Options,
    draft: &mut Metadata,
) -> Vec<Message> {
    // All are removed before any is checked: one may refer to another.
    let taken: Vec<_> = deletions
        .into_iter()
        .map(|deletion| (deletion, draft.components.remove(&deletion.id)))
        .collect();
    let mut messages = Vec::new();
    for (deletion, component) in taken {
        let mut message = Message {
            kind: Some(deletion.id.kind),
            path: deletion.path.clone(),
            full_name: deletion.id.name.clone(),
            id: component.as_ref().map(|component| component.id.clone()),
            created: false,
            changed: false,
            deleted: false,
            failed: false,
            problem: None,
        };
        match component {
            None => {
                let problem = Problem {
                    text: format!("No {} named: {} found", deletion.id.kind, deletion.id.name),
                    position: Some(deletion.position),
                    is_warning: true,
                };
                message.failed = !options.ignore_warnings;
                message.problem = Some(problem);
            }
            Some(component) => {
                if let Some(referrer) = referrer(draft, &deletion.id).cloned() {
                    draft.components.insert(deletion.id.clone(), component);
                    message.failed = true;
                    message.problem = Some(Problem::at(
                        deletion.position,
                        // Inferred from the wording for other types.
                        format!(
                            "This {} is referenced elsewhere in salesforce.com. Remove the usage and \
                             try again. : {} - {}.",
                            deletion.id.kind, referrer.kind, referrer.name
                        ),
                    ));
                } else {
                    follow(draft, &deletion.id, &component.record);
                    message.changed = true;
                    message.deleted = true;
                }
            }
        }
        messages.push(message);
    }
    messages
}

/// Deletes the dependents of a component.
fn follow(draft: &mut Metadata, id: &ComponentKey, record: &Record) {
    match id.kind {
        MetadataType::ExternalClientApplication => {
            draft
                .components
                .retain(|_, component| component.record.text(APP) != Some(id.name.as_str()));
            draft.consumers.remove(&id.name);
        }
        MetadataType::ExtlClntAppGlobalOauthSettings => {
            if let Some(app) = record.text(APP) {
                draft.consumers.remove(app);
            }
        }
        _ => {}
    }
}

/// A component that names this one and is not deleted with it.
fn referrer<'a>(draft: &'a Metadata, id: &ComponentKey) -> Option<&'a ComponentKey> {
    // An app's satellites name it too, but they are deleted with it.
    if id.kind == MetadataType::ExternalClientApplication {
        return None;
    }
    draft
        .components
        .iter()
        .find(|(referrer, component)| names(&component.record, referrer.kind.schema().record, id))
        .map(|(referrer, _)| referrer)
}

fn names(record: &Record, schema: &RecordSchema, id: &ComponentKey) -> bool {
    record.members().any(|(name, value)| {
        let Some(field) = schema.field(name) else {
            return false;
        };
        match (value, field.kind) {
            (Value::Record(inner), FieldKind::Record(schema)) => names(inner, schema, id),
            (Value::Text(text), _) => {
                field.references == Some(id.kind.manifest_name())
                    && text.split(',').any(|name| name.trim() == id.name)
            }
            (Value::Record(_), _) => false,
        }
    })
}
