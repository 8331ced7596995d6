//! What an org has once a plan is applied.

use std::collections::HashMap;

use eca_model::{ComponentName, FieldPath, FieldValue, Snapshot};

use crate::change::{Action, ComponentChange};

/// The project, the org, and what the plan does between them.
pub(crate) struct After<'a> {
    pub(crate) desired: &'a Snapshot,
    pub(crate) actual: &'a Snapshot,
    changes: HashMap<&'a ComponentName, &'a ComponentChange>,
}

impl<'a> After<'a> {
    pub(crate) fn new(
        desired: &'a Snapshot,
        actual: &'a Snapshot,
        changes: &'a [ComponentChange],
    ) -> Self {
        let by_name = changes.iter().map(|change| (&change.component, change));
        Self {
            desired,
            actual,
            changes: by_name.collect(),
        }
    }

    /// The value of a member in the org, once the plan is applied.
    pub(crate) fn value(
        &self,
        component: &ComponentName,
        path: &FieldPath,
    ) -> Option<&'a FieldValue> {
        let change = self.changes.get(component);
        if let Some(change) = change {
            if change.action == Action::Delete {
                return None;
            }
            if let Some(member) = change.members.iter().find(|member| member.path == *path) {
                return member.after();
            }
        }
        self.before(component, path).or_else(|| {
            let desired = self.desired.components.get(component)?;
            // What somebody deleted from the org, and the plan leaves, is not there.
            let is_there = change.is_none_or(|change| change.action != Action::Keep);
            is_there.then(|| desired.value(path)).flatten()
        })
    }

    /// The value of a member in the org now.
    pub(crate) fn before(
        &self,
        component: &ComponentName,
        path: &FieldPath,
    ) -> Option<&'a FieldValue> {
        self.actual.components.get(component)?.value(path)
    }
}
