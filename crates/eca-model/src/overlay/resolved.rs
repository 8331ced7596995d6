//! A project with the values of an org.

use std::collections::BTreeMap;

use crate::field::{FieldPath, Selector, Step};
use crate::project::Project;
use crate::project::component_name::ComponentName;
use crate::values::origin::Origin;

/// A project with the values of an org, and where each of these is written.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Overlaid {
    /// The project. Its files are those on disk with other values: they are not to be saved.
    pub project: Project,
    /// Where the values are written that are not the project's own.
    pub origins: BTreeMap<ComponentName, Vec<(FieldPath, Origin)>>,
}

impl Overlaid {
    /// How many values are not the project's own.
    pub fn count(&self) -> usize {
        self.origins.values().map(Vec::len).sum()
    }

    /// Where the value of a member is written, if it is not the project's own.
    pub fn origin(&self, component: &ComponentName, path: &FieldPath) -> Option<&Origin> {
        let origins = self.origins.get(component)?;
        let found = origins.iter().find(|(given, _)| means(given, path));
        found.map(|(_, origin)| origin)
    }
}

/// Whether a given path means a member whose path has every member of its keys.
fn means(given: &FieldPath, whole: &FieldPath) -> bool {
    let is_same = |(given, whole): (&Step, &Step)| {
        given.element == whole.element
            && match (&given.selector, &whole.selector) {
                (Selector::Key(given), Selector::Key(whole)) => {
                    given.iter().all(|member| whole.contains(member))
                }
                (Selector::Any, _) => true,
                (given, whole) => given == whole,
            }
    };
    given.steps().len() == whole.steps().len()
        && given.steps().iter().zip(whole.steps()).all(is_same)
}
