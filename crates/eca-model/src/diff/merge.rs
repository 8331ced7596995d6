//! Two descendants of one component, made one.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::field::{FieldError, FieldPath, FieldValue};
use crate::project::component::Component;
use crate::schema::FieldSchema;
use crate::snapshot::ComponentSnapshot;

/// The outcome of [`merge`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Merge {
    /// Our component with their changes. Where both sides changed a member, it has our value.
    pub component: Component,
    /// The members that both sides changed in different ways.
    pub conflicts: Vec<MergeConflict>,
}

/// A member that both sides changed in different ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MergeConflict {
    /// The member.
    pub path: FieldPath,
    /// The value that both started from; `None` where it was left out, or nothing is known of it.
    pub base: Option<FieldValue>,
    /// Our value.
    pub ours: Option<FieldValue>,
    /// Their value.
    pub theirs: Option<FieldValue>,
}

/// Puts their changes into our component: what they changed since `base` and we did not.
///
/// Comments, order and indentation of our file stay. Not taken are secrets, which an org does not
/// show, and members that only an org makes and our file does without. A member that is left out
/// and one that holds its default are the same. Without a base, members that both sides have and
/// that differ are conflicts, and members of one side stay.
///
/// ```
/// use eca_model::{Project, merge};
///
/// let component = |members: &str| {
///     let text = format!(r#"<ExternalClientApplication xmlns="http://soap.sforce.com/2006/04/metadata">
///         {members}
///     </ExternalClientApplication>"#);
///     let entry = ("Shop.eca-meta.xml".to_owned(), text.into_bytes());
///     Project::from_entries([entry]).components()[0].clone()
/// };
/// let base = component("<description>d</description>\n<label>Shop</label>");
/// let ours = component("<description>new</description>\n<label>Shop</label>");
/// let theirs = component("<description>d</description>\n<label>Store</label>");
/// let merged = merge(Some(&base), &ours, &theirs);
/// let both = component("<description>new</description>\n<label>Store</label>");
/// assert_eq!(merged.component.file().text(), both.file().text());
/// assert_eq!(merged.conflicts, []);
/// ```
pub fn merge(base: Option<&Component>, ours: &Component, theirs: &Component) -> Merge {
    let snapshot = |component: &Component| component.snapshot(None);
    let sides = Sides {
        base: base.map(snapshot),
        ours: snapshot(ours),
        theirs: snapshot(theirs),
    };
    let schema = ours.kind().schema().record;
    let paths: BTreeSet<_> = sides.ours.paths().chain(sides.theirs.paths()).collect();
    let mut taken = Vec::new();
    let mut conflicts = Vec::new();
    for path in paths {
        match sides.decide(schema.at(path), path) {
            Decision::Ours => {}
            Decision::Theirs => taken.push(path),
            Decision::Conflict => conflicts.push(sides.conflict(path)),
        }
    }
    let mut component = ours.clone();
    for path in taken {
        let value = sides.theirs.value(path);
        // A record stays when we changed something in it.
        let is_contested = |conflict: &MergeConflict| conflict.path.is_within(path);
        if value.is_none() && conflicts.iter().any(is_contested) {
            continue;
        }
        match put(&component, path, value) {
            Ok(edited) => component = edited,
            Err(_) => conflicts.push(sides.conflict(path)),
        }
    }
    Merge {
        component,
        conflicts,
    }
}

fn put(
    component: &Component,
    path: &FieldPath,
    value: Option<&FieldValue>,
) -> Result<Component, FieldError> {
    match value {
        Some(value) => component.set(path, value.clone()),
        None => component.remove(path),
    }
}

enum Decision {
    Ours,
    Theirs,
    Conflict,
}

struct Sides {
    base: Option<ComponentSnapshot>,
    ours: ComponentSnapshot,
    theirs: ComponentSnapshot,
}

impl Sides {
    fn decide(&self, field: Option<&FieldSchema>, path: &FieldPath) -> Decision {
        let is = |question: fn(&FieldSchema) -> bool| field.is_some_and(question);
        let meaning = |side: &ComponentSnapshot| {
            let default = || field.and_then(FieldValue::default_of);
            side.value(path).cloned().or_else(default)
        };
        let (ours, theirs) = (meaning(&self.ours), meaning(&self.theirs));
        let is_left_to_the_org = is(FieldSchema::is_generated) && self.ours.value(path).is_none();
        if ours == theirs || is(FieldSchema::is_secret) || is_left_to_the_org {
            return Decision::Ours;
        }
        let Some(base_side) = &self.base else {
            return match (self.ours.value(path), self.theirs.value(path)) {
                (None, Some(_)) => Decision::Theirs,
                (Some(_), Some(_)) => Decision::Conflict,
                _ => Decision::Ours,
            };
        };
        let base = meaning(base_side);
        if theirs == base {
            Decision::Ours
        } else if ours == base && !self.is_in_a_record_that_we_removed(base_side, path) {
            Decision::Theirs
        } else {
            Decision::Conflict
        }
    }

    fn is_in_a_record_that_we_removed(&self, base: &ComponentSnapshot, path: &FieldPath) -> bool {
        let parents = std::iter::successors(path.parent(), FieldPath::parent);
        let mut removed = parents
            .map(|parent| base.value(&parent).is_some() && self.ours.value(&parent).is_none());
        removed.any(|is_removed| is_removed)
    }

    fn conflict(&self, path: &FieldPath) -> MergeConflict {
        MergeConflict {
            path: path.clone(),
            base: self
                .base
                .as_ref()
                .and_then(|base| base.value(path).cloned()),
            ours: self.ours.value(path).cloned(),
            theirs: self.theirs.value(path).cloned(),
        }
    }
}
