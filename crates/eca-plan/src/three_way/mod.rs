//! The three-way comparison: the project, the org, and what was applied last.

mod component;
mod decide;
mod keep;
mod members;
mod side;

use std::collections::BTreeSet;

use eca_model::{ComponentName, Snapshot};

use crate::change::{ComponentChange, Conflict};
use crate::facts::Facts;
use crate::three_way::component::Comparison;

/// Which drift is undone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Restored(Option<BTreeSet<String>>);

impl Restored {
    /// None.
    pub(crate) fn none() -> Self {
        Self(Some(BTreeSet::new()))
    }

    /// All.
    pub(crate) fn all() -> Self {
        Self(None)
    }

    /// Also that of an app, of a component, or of a member (`Type:Name/path`).
    pub(crate) fn with(mut self, selection: String) -> Self {
        if let Some(selections) = &mut self.0 {
            selections.insert(selection);
        }
        self
    }

    /// Whether the drift of a component, or of one of its members, is undone.
    pub(crate) fn contains(
        &self,
        app: Option<&str>,
        component: &ComponentName,
        path: Option<&str>,
    ) -> bool {
        let Some(selections) = &self.0 else {
            return true;
        };
        if selections.is_empty() {
            return false;
        }
        let name = component.to_string();
        app.is_some_and(|app| selections.contains(app))
            || selections.contains(&name)
            || path.is_some_and(|path| selections.contains(&format!("{name}/{path}")))
    }
}

/// Compares every component of the three sides. The changes are sorted by app and component.
pub(crate) fn compare(
    last: Option<&Snapshot>,
    desired: &Snapshot,
    actual: &Snapshot,
    facts: &Facts,
    restored: &Restored,
) -> (Vec<ComponentChange>, Vec<Conflict>) {
    let sides = last.into_iter().chain([desired, actual]);
    let listed = sides.flat_map(|side| side.components.keys().chain(&side.unreadable));
    let names: BTreeSet<&ComponentName> = listed.chain(facts.unreadable.keys()).collect();
    let comparison = Comparison {
        last,
        desired,
        actual,
        facts,
        restored,
    };
    let mut changes = Vec::new();
    let mut conflicts = Vec::new();
    for name in names {
        let found = comparison.component(name);
        changes.extend(found.change);
        conflicts.extend(found.conflicts);
    }
    let by_app = |app: &Option<String>| (app.is_none(), app.clone());
    changes.sort_by_cached_key(|change| by_app(&change.app));
    conflicts.sort_by_cached_key(|conflict| by_app(&conflict.app));
    (changes, conflicts)
}
