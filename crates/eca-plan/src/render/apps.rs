//! What a plan says of each app.

use std::collections::BTreeMap;

use crate::change::{Action, ComponentChange, Conflict};
use crate::plan::Plan;
use crate::policy::EffectivePolicy;
use crate::risk::Risk;

/// What a plan says of an app, or of what belongs to none.
#[derive(Default)]
pub(super) struct AppPart<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) changes: Vec<&'a ComponentChange>,
    pub(super) conflicts: Vec<&'a Conflict>,
    pub(super) policies: Vec<&'a EffectivePolicy>,
    pub(super) risks: Vec<&'a Risk>,
}

/// What an app has most of all, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    Conflicts,
    Risks,
    Changes,
    Drift,
    Unreadable,
    Quiet,
}

/// By name, and last what belongs to none.
type Apps<'a> = BTreeMap<(bool, Option<&'a str>), AppPart<'a>>;

fn entry<'m, 'a>(apps: &'m mut Apps<'a>, name: Option<&'a str>) -> &'m mut AppPart<'a> {
    let part = apps.entry((name.is_none(), name)).or_default();
    part.name = name;
    part
}

impl<'a> AppPart<'a> {
    /// The apps by name, and last what belongs to none.
    pub(super) fn all(plan: &'a Plan) -> Vec<Self> {
        let mut apps = Apps::new();
        for change in &plan.changes {
            entry(&mut apps, change.app.as_deref()).changes.push(change);
        }
        for conflict in &plan.conflicts {
            entry(&mut apps, conflict.app.as_deref())
                .conflicts
                .push(conflict);
        }
        for policy in &plan.policies {
            entry(&mut apps, Some(&policy.app)).policies.push(policy);
        }
        for risk in &plan.risks {
            entry(&mut apps, risk.app.as_deref()).risks.push(risk);
        }
        apps.into_values().collect()
    }

    pub(super) fn group(&self) -> Group {
        let mut changes = self.changes.iter();
        if !self.conflicts.is_empty() {
            Group::Conflicts
        } else if !self.risks.is_empty() {
            Group::Risks
        } else if changes.clone().any(|change| change.is_sent()) {
            Group::Changes
        } else if changes.clone().any(|change| change.is_drift()) || !self.policies.is_empty() {
            Group::Drift
        } else if changes.any(|change| change.is_unreadable()) {
            Group::Unreadable
        } else {
            Group::Quiet
        }
    }

    /// In a few words.
    pub(super) fn summary(&self) -> String {
        let with = |action| {
            self.changes
                .iter()
                .filter(|change| change.action == action)
                .count()
        };
        let drifts = self
            .changes
            .iter()
            .filter(|change| change.is_drift())
            .count();
        let unreadable = self
            .changes
            .iter()
            .filter(|change| change.is_unreadable())
            .count();
        let counts = [
            (with(Action::Create), "to create"),
            (with(Action::Update), "to change"),
            (with(Action::Delete), "to delete"),
            (self.conflicts.len(), "in conflict"),
            (drifts + self.policies.len(), "drifted"),
            (unreadable, "unreadable"),
            (self.risks.len(), "at risk"),
        ];
        let said: Vec<_> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        if said.is_empty() {
            "nothing to do".to_owned()
        } else {
            said.join(", ")
        }
    }
}
