//! One component on three sides.

use eca_model::{
    ComponentName, ComponentSnapshot, FieldPath, MetadataType, RecordSchema, Snapshot,
};

use crate::change::{Action, ComponentChange, Conflict, MemberChange, Unreadable, Verdict};
use crate::facts::Facts;
use crate::three_way::Restored;
use crate::three_way::members::{Compared, Members, are_plainly_equal, of_new};
use crate::three_way::side::{Side, lists_without_keys, with_lists_as_values};

/// The three sides, and what is known beside them.
pub(super) struct Comparison<'a> {
    pub(super) last: Option<&'a Snapshot>,
    pub(super) desired: &'a Snapshot,
    pub(super) actual: &'a Snapshot,
    pub(super) facts: &'a Facts,
    pub(super) restored: &'a Restored,
}

/// How a component differs, and where both sides changed it.
#[derive(Default)]
pub(super) struct Difference {
    pub(super) change: Option<ComponentChange>,
    pub(super) conflicts: Vec<Conflict>,
}

type Component<'a> = Option<&'a ComponentSnapshot>;

impl Comparison<'_> {
    pub(super) fn component(
        &self,
        name: &ComponentName,
        last: Component<'_>,
        desired: Component<'_>,
        actual: Component<'_>,
    ) -> Difference {
        let app = [desired, actual, last]
            .into_iter()
            .flatten()
            .find_map(|component| component.app.clone());
        let about = About { name, app };
        if let Some(unreadable) = self.unreadable(name) {
            let is_known_to_us = self.desired.unreadable.contains(name);
            let is_changed = match (last, desired) {
                (Some(last), Some(desired)) => !mean_the_same(last, desired),
                (None, Some(_)) => true,
                (_, None) => false,
            };
            let action = if is_changed && !is_known_to_us {
                Action::Update
            } else {
                Action::Keep
            };
            return about.unreadable(action, unreadable);
        }
        match (desired, actual) {
            (Some(desired), Some(actual)) => self.both(&about, last, desired, actual),
            (Some(desired), None) => self.only_ours(&about, last, desired),
            (None, Some(actual)) => self.only_theirs(&about, last, actual),
            (None, None) => Difference::default(),
        }
    }

    fn unreadable(&self, name: &ComponentName) -> Option<Unreadable> {
        if self.desired.unreadable.contains(name) {
            return Some(Unreadable {
                reason: "the project's file cannot be read".to_owned(),
                remedy: Some("correct the file".to_owned()),
            });
        }
        let fact = self.facts.unreadable.get(name).cloned();
        fact.or_else(|| {
            let is_unreadable = self.actual.unreadable.contains(name);
            is_unreadable.then(|| Unreadable {
                reason: "what the org returned cannot be read".to_owned(),
                remedy: None,
            })
        })
    }

    fn both(
        &self,
        about: &About<'_>,
        last: Component<'_>,
        desired: &ComponentSnapshot,
        actual: &ComponentSnapshot,
    ) -> Difference {
        if are_plainly_equal(last, desired, actual) {
            return Difference::default();
        }
        let all = [Some(desired), Some(actual), last].into_iter().flatten();
        let lists = lists_without_keys(all);
        let side = |component, version| Side {
            snapshot: with_lists_as_values(component, &lists),
            version,
        };
        let last_version = self.last.and_then(|last| last.api_version);
        let is_restored = |path: &FieldPath| {
            let path = path.to_string();
            let app = about.app.as_deref();
            self.restored.contains(app, about.name, Some(&path))
        };
        let members = Members {
            schema: about.schema(),
            last: last.map(|last| side(last, last_version)),
            desired: side(desired, self.desired.api_version),
            actual: side(actual, self.actual.api_version),
            is_restored: &is_restored,
        };
        about.compared(members.compare())
    }

    fn only_ours(
        &self,
        about: &About<'_>,
        last: Component<'_>,
        desired: &ComponentSnapshot,
    ) -> Difference {
        let new = |verdict| {
            let members = of_new(desired, about.schema(), verdict);
            about.whole(Action::Create, verdict, members)
        };
        let Some(last) = last else {
            return new(Verdict::Create);
        };
        if self
            .restored
            .contains(about.app.as_deref(), about.name, None)
        {
            new(Verdict::Restore)
        } else if mean_the_same(last, desired) {
            about.whole(Action::Keep, Verdict::Drift, Vec::new())
        } else {
            about.contested("the project changed it, and somebody deleted it from the org")
        }
    }

    fn only_theirs(
        &self,
        about: &About<'_>,
        last: Component<'_>,
        actual: &ComponentSnapshot,
    ) -> Difference {
        let schema = about.name.kind.known().map(MetadataType::schema);
        if schema.is_some_and(|schema| schema.org_made) && self.has_or_had_app(about) {
            return Difference::default();
        }
        let is_deletable = schema.is_some_and(|schema| schema.fixed_name.is_none());
        let Some(last) = last.filter(|_| is_deletable) else {
            // Settings belong to the org and cannot be deleted.
            return about.whole(Action::Keep, Verdict::Unmanaged, Vec::new());
        };
        // The org adds what it makes; what we applied must be as it was.
        let schema = about.schema();
        let actual = Side {
            snapshot: std::borrow::Cow::Borrowed(actual),
            version: self.actual.api_version,
        };
        let is_as_applied = last.fields.iter().all(|(path, value)| {
            let field = schema.and_then(|schema| schema.at(path));
            field.is_some_and(|field| field.is_secret() || field.action)
                || value.is_placeholder()
                || actual.written(path) == Some(value)
        });
        if is_as_applied {
            about.whole(Action::Delete, Verdict::Remove, Vec::new())
        } else {
            about.contested("the project dropped it, and somebody changed it in the org")
        }
    }

    fn has_or_had_app(&self, about: &About<'_>) -> bool {
        let Some(app) = &about.app else {
            return false;
        };
        let header = ComponentName::new(MetadataType::ExternalClientApplication, app);
        let has = |side: &Snapshot| side.components.contains_key(&header);
        has(self.desired) || self.last.is_some_and(has)
    }
}

/// Whether a component was not changed in the project since it was applied.
fn mean_the_same(last: &ComponentSnapshot, desired: &ComponentSnapshot) -> bool {
    last.fields == desired.fields && last.content == desired.content
}

/// The component that is spoken of.
struct About<'a> {
    name: &'a ComponentName,
    app: Option<String>,
}

impl About<'_> {
    fn schema(&self) -> Option<&'static RecordSchema> {
        self.name.kind.known().map(|kind| kind.schema().record)
    }

    fn change(&self, action: Action) -> ComponentChange {
        ComponentChange {
            component: self.name.clone(),
            app: self.app.clone(),
            action,
            verdict: None,
            unreadable: None,
            members: Vec::new(),
        }
    }

    fn whole(&self, action: Action, verdict: Verdict, members: Vec<MemberChange>) -> Difference {
        let change = ComponentChange {
            verdict: Some(verdict),
            members,
            ..self.change(action)
        };
        Difference {
            change: Some(change),
            conflicts: Vec::new(),
        }
    }

    fn unreadable(&self, action: Action, unreadable: Unreadable) -> Difference {
        let mut found = self.whole(action, Verdict::Unreadable, Vec::new());
        if let Some(change) = &mut found.change {
            change.unreadable = Some(unreadable);
        }
        found
    }

    fn contested(&self, reason: &str) -> Difference {
        let conflict = Conflict {
            component: self.name.clone(),
            app: self.app.clone(),
            path: None,
            last: None,
            desired: None,
            actual: None,
            reason: reason.to_owned(),
            source: None,
        };
        Difference {
            change: None,
            conflicts: vec![conflict],
        }
    }

    fn compared(&self, compared: Compared) -> Difference {
        let is_sent = compared.members.iter().any(MemberChange::is_sent);
        let action = if is_sent {
            Action::Update
        } else {
            Action::Keep
        };
        let conflict = |(member, reason): (MemberChange, &str)| Conflict {
            component: self.name.clone(),
            app: self.app.clone(),
            path: Some(member.path),
            last: member.last,
            desired: member.desired,
            actual: member.actual,
            reason: reason.to_owned(),
            source: None,
        };
        let has_members = !compared.members.is_empty();
        Difference {
            change: has_members.then(|| ComponentChange {
                members: compared.members,
                ..self.change(action)
            }),
            conflicts: compared.conflicts.into_iter().map(conflict).collect(),
        }
    }
}
