//! A project with its fixes applied.

use std::collections::BTreeSet;

use eca_model::{Component, ComponentName, Project};

use crate::engine::finding::Finding;
use crate::engine::fix;
use crate::engine::lint::lint;
use crate::engine::options::Options;

/// The most rounds. Each of several touching fixes takes a round; no known project needs as many.
const MAX_ROUNDS: usize = 20;

/// A project with its fixes applied.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Fixed {
    /// The project with the new texts.
    pub project: Project,
    /// How many fixes were applied.
    pub applied: usize,
    changed: BTreeSet<ComponentName>,
}

impl Fixed {
    /// The components whose files have changed.
    pub fn changed(&self) -> impl Iterator<Item = &Component> {
        self.changed
            .iter()
            .filter_map(|id| self.project.component(id))
    }
}

/// Applies every fix of a project, and lints again, until no fix is left. A fix changes only the
/// lines of its finding.
pub fn fix_all(project: &Project, options: &Options) -> Fixed {
    fix_where(project, options, |_| true)
}

/// Applies the fixes of some findings, as [`fix_all`] does.
pub fn fix_where(
    project: &Project,
    options: &Options,
    is_selected: impl Fn(&Finding) -> bool,
) -> Fixed {
    let mut fixed = Fixed {
        project: project.clone(),
        applied: 0,
        changed: BTreeSet::new(),
    };
    for _ in 0..MAX_ROUNDS {
        let report = lint(&fixed.project, options);
        let selected = report
            .findings()
            .iter()
            .filter(|finding| is_selected(finding));
        let by_file = fix::by_file(selected.filter_map(|finding| finding.fix.as_ref()));
        let edits: Vec<_> = fixed
            .project
            .components()
            .iter()
            .filter_map(|component| {
                let selected = by_file.get(component.path())?.iter().copied();
                let (text, applied) = fix::apply(component.file().text(), selected);
                // Fixes that are correct alone could break the file together; then none is applied.
                let edited = component.with_text(text).ok()?;
                (applied > 0).then_some((edited, applied))
            })
            .collect();
        if edits.is_empty() {
            break;
        }
        for (component, applied) in edits {
            fixed.applied += applied;
            fixed.changed.insert(component.name().clone());
            fixed.project.put(component);
        }
    }
    fixed
}
