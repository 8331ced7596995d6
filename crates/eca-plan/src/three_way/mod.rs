//! The three-way comparison: the project, the org, and what was applied last.

mod component;
mod decide;
mod keep;
mod members;
mod side;

use std::collections::BTreeSet;

use eca_model::{ComponentName, ComponentSnapshot, Snapshot};

use crate::change::{ComponentChange, Conflict, Verdict};
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

    /// The selections that no change puts anything back for.
    pub(crate) fn unmatched(&self, changes: &[ComponentChange]) -> Vec<String> {
        let mut unmatched = self.0.clone().unwrap_or_default();
        for change in changes {
            let name = change.component.to_string();
            let members = change.members.iter();
            let restored = members.filter(|member| member.verdict == Verdict::Restore);
            let mut is_restored = change.verdict == Some(Verdict::Restore);
            for member in restored {
                is_restored = true;
                unmatched.remove(&format!("{name}/{}", member.path));
            }
            if is_restored {
                unmatched.remove(&name);
                if let Some(app) = &change.app {
                    unmatched.remove(app);
                }
            }
        }
        unmatched.into_iter().collect()
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
pub(crate) fn compare<'a>(
    last: Option<&'a Snapshot>,
    desired: &'a Snapshot,
    actual: &'a Snapshot,
    facts: &'a Facts,
    restored: &Restored,
) -> (Vec<ComponentChange>, Vec<Conflict>) {
    let comparison = Comparison {
        last,
        desired,
        actual,
        facts,
        restored,
    };
    let mut changes = Vec::new();
    let mut conflicts = Vec::new();
    // The sides are sorted, and are read side by side.
    let of = |side: Option<&'a Snapshot>| side.into_iter().flat_map(|side| &side.components);
    let mut lasts = of(last).peekable();
    let mut desireds = of(Some(desired)).peekable();
    let mut actuals = of(Some(actual)).peekable();
    let sides = last.into_iter().chain([desired, actual]);
    let unreadable = sides.flat_map(|side| &side.unreadable);
    let unreadable: BTreeSet<_> = unreadable.chain(facts.unreadable.keys()).collect();
    let mut unreadable = unreadable.into_iter().peekable();
    loop {
        let next = [
            lasts.peek().map(|(name, _)| *name),
            desireds.peek().map(|(name, _)| *name),
            actuals.peek().map(|(name, _)| *name),
            unreadable.peek().copied(),
        ];
        let Some(name) = next.into_iter().flatten().min() else {
            break;
        };
        unreadable.next_if_eq(&name);
        let component = |side: Option<(_, &'a ComponentSnapshot)>| side.map(|(_, found)| found);
        let found = comparison.component(
            name,
            component(lasts.next_if(|(next, _)| *next == name)),
            component(desireds.next_if(|(next, _)| *next == name)),
            component(actuals.next_if(|(next, _)| *next == name)),
        );
        changes.extend(found.change);
        conflicts.extend(found.conflicts);
    }
    let by_app = |a: &Option<String>, b: &Option<String>| (a.is_none(), a).cmp(&(b.is_none(), b));
    changes.sort_by(|a, b| by_app(&a.app, &b.app));
    conflicts.sort_by(|a: &Conflict, b: &Conflict| by_app(&a.app, &b.app));
    (changes, conflicts)
}
