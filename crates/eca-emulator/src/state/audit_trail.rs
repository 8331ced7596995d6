//! Setup's "View Setup Audit Trail".

use std::time::SystemTime;

use eca_model::MetadataType;
use serde::{Deserialize, Serialize};

use crate::ids::RecordId;
use crate::state::State;
use crate::state::component_key::ComponentKey;
use crate::state::components::{Component, Metadata};

/// The largest number of entries. Salesforce keeps them for 180 days (Salesforce Help, "Monitor
/// Setup Changes with Setup Audit Trail").
const MAX_CHANGES: usize = 20_000;

/// An entry. Salesforce's words for external client apps are not published: action, section and
/// text are this org's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SetupChange {
    pub(crate) time: SystemTime,
    pub(crate) user: RecordId,
    pub(crate) username: String,
    pub(crate) action: String,
    pub(crate) display: String,
}

impl State {
    /// Replaces the metadata by a user's draft, and says in the trail what that changed.
    pub(crate) fn replace_metadata(&mut self, mut draft: Metadata, by: &str, now: SystemTime) {
        let user = self.users.get(by);
        let user = user.map(|user| (user.id.clone(), user.username.clone()));
        if let Some((user, username)) = user {
            let mut entry = |verb: &str, key: &ComponentKey, component: &Component| {
                if key.kind.schema().org_made && verb == "created" {
                    return;
                }
                self.audit_trail.push(SetupChange {
                    time: now,
                    user: user.clone(),
                    username: username.clone(),
                    action: format!("{verb}{}", key.kind),
                    display: display(verb, key, component),
                });
            };
            for (key, old) in &self.metadata.components {
                if !draft.components.contains_key(key) {
                    entry("deleted", key, old);
                }
            }
            for (key, new) in &mut draft.components {
                let old = self.metadata.components.get(key);
                let verb = match old {
                    None => "created",
                    Some(old) if old.modified != new.modified => "changed",
                    // The clock stands still.
                    Some(old) if new.modified == now && old.record != new.record => "changed",
                    Some(_) => continue,
                };
                new.modified_by = Some(username.clone());
                entry(verb, key, new);
            }
        }
        if self.audit_trail.len() > MAX_CHANGES {
            self.audit_trail.drain(..MAX_CHANGES / 10);
        }
        self.metadata = draft;
    }
}

fn display(verb: &str, key: &ComponentKey, component: &Component) -> String {
    let verb = verb[..1].to_uppercase() + &verb[1..];
    let kind = key.kind;
    match component.record.text("externalClientApplication") {
        Some(app) if kind != MetadataType::ExternalClientApplication => {
            format!("{verb} {kind} {} of external client app {app}", key.name)
        }
        _ => format!("{verb} {kind} {}", key.name),
    }
}
