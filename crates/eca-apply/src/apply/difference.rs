//! How an org differs from what it was taken for.

use std::collections::BTreeSet;
use std::fmt;

use eca_model::{ComponentName, ComponentSnapshot, FieldPath, FieldValue, Snapshot};

/// A component, or a member of one, that is not as it was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The component.
    pub component: ComponentName,
    /// The member; `None` where the component as a whole is there or not, or its content differs.
    pub path: Option<FieldPath>,
    /// What it was taken for.
    pub expected: Option<FieldValue>,
    /// What it is.
    pub found: Option<FieldValue>,
    /// Of a whole component.
    what: &'static str,
}

/// What is compared of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Members {
    /// All.
    All,
    /// Not what an org makes itself, such as the key of a consumer.
    Decided,
}

/// The differences between two snapshots, in these components.
pub(crate) fn differences<'a>(
    expected: &Snapshot,
    found: &Snapshot,
    names: impl IntoIterator<Item = &'a ComponentName>,
    members: Members,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    for name in names {
        let whole = |what| Difference {
            component: name.clone(),
            path: None,
            expected: None,
            found: None,
            what,
        };
        match (expected.components.get(name), found.components.get(name)) {
            (Some(expected), Some(found)) => {
                let before = differences.len();
                differences.extend(in_members(name, expected, found, members));
                if before == differences.len() && expected.content != found.content {
                    differences.push(whole("has another content"));
                }
            }
            (Some(_), None) => differences.push(whole("is not there")),
            (None, Some(_)) => differences.push(whole("is there")),
            (None, None) => {}
        }
    }
    differences
}

fn in_members(
    name: &ComponentName,
    expected: &ComponentSnapshot,
    found: &ComponentSnapshot,
    members: Members,
) -> Vec<Difference> {
    let value = |component: &ComponentSnapshot, path: &FieldPath| {
        let made = component.org_made.get(path);
        let made = made.filter(|_| members == Members::All);
        component.fields.get(path).or(made).cloned()
    };
    let sides = [expected, found];
    let mut paths: BTreeSet<&FieldPath> = BTreeSet::new();
    for side in sides {
        paths.extend(side.fields.keys());
        if members == Members::All {
            paths.extend(side.org_made.keys());
        }
    }
    let mut differences = Vec::new();
    for path in paths {
        let (expected, found) = (value(expected, path), value(found, path));
        if expected != found {
            differences.push(Difference {
                component: name.clone(),
                path: Some(path.clone()),
                expected,
                found,
                what: "",
            });
        }
    }
    differences
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(path) = &self.path else {
            return write!(f, "{} {}", self.component, self.what);
        };
        let shown = |value: &Option<FieldValue>| match value {
            Some(value) => value.to_string(),
            None => "nothing".to_owned(),
        };
        write!(
            f,
            "{}/{path} is {} and not {}",
            self.component,
            shown(&self.found),
            shown(&self.expected)
        )
    }
}
