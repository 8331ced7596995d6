//! A plan, and how it is made.

mod outcome;
mod schema;

use std::collections::{HashMap, HashSet};

use eca_model::{ComponentName, ComponentSnapshot, FieldPath, FieldValue, MetadataType, Snapshot};
use serde::{Deserialize, Serialize};

pub use outcome::{Counts, Outcome};

use crate::change::{ComponentChange, Conflict};
use crate::facts::Facts;
use crate::plan::schema::Schema;
use crate::policy::{DECIDING, EffectivePolicy, RefreshLifetime};
use crate::risk::{After, Risk, detect};
use crate::step::{Step, steps};
use crate::three_way::{Restored, compare};

/// What a deploy of a project would change in an org, and in which steps.
///
/// It is JSON with a version, and holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Plan {
    /// The version of the JSON.
    schema: Schema,
    /// The components that differ, or cannot be compared, by app and name.
    pub changes: Vec<ComponentChange>,
    /// What the project and the org changed in different ways. While there is one, there are no
    /// steps.
    pub conflicts: Vec<Conflict>,
    /// Apps whose refresh tokens live another time than their files say. They count as drift.
    pub policies: Vec<EffectivePolicy>,
    /// What may go wrong.
    pub risks: Vec<Risk>,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// Selections of [`PlanOptions::restore_drift`] that no drift matches, sorted. Whoever made
    /// them meant something else: refuse them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unmatched: Vec<String>,
}

/// How a plan is made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanOptions {
    restored: Restored,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            restored: Restored::none(),
        }
    }
}

impl PlanOptions {
    /// Puts the project's value back wherever somebody changed it in the org.
    #[must_use]
    pub fn restore_all_drift(mut self) -> Self {
        self.restored = Restored::all();
        self
    }

    /// Puts the project's value back in an app (`Billing`), in a component
    /// (`ExtlClntAppOauthSettings:Billing_oauth`), or in a member of one
    /// (`ExtlClntAppOauthSettings:Billing_oauth/singleLogoutUrl`). What matches no drift is one of
    /// [`Plan::unmatched`].
    #[must_use]
    pub fn restore_drift(mut self, selection: impl Into<String>) -> Self {
        self.restored = self.restored.with(selection.into());
        self
    }
}

/// Plans a deploy: what differs between the project and an org, given what was applied last.
///
/// `desired` is the project as it is meant for this org, `actual` what the org has now, and `last`
/// what was applied from this project before; without it nothing is deleted, and what only the org
/// has is left alone.
pub fn plan(
    last: Option<&Snapshot>,
    desired: &Snapshot,
    actual: &Snapshot,
    facts: &Facts,
    options: &PlanOptions,
) -> Plan {
    let (changes, conflicts) = compare(last, desired, actual, facts, &options.restored);
    let after = After::new(desired, actual, &changes);
    let risks = detect(&changes, &after, facts);
    let policies = effective_policies(&changes, &after);
    let unmatched = options.restored.unmatched(&changes);
    let steps = if conflicts.is_empty() {
        steps(&changes, &after, facts)
    } else {
        Vec::new()
    };
    Plan {
        schema: Schema,
        changes,
        conflicts,
        policies,
        risks,
        steps,
        unmatched,
    }
}

impl Plan {
    /// Fills in where the project writes the values, such as `eca.toml:14`.
    #[must_use]
    pub fn with_sources(
        mut self,
        source: impl Fn(&ComponentName, &FieldPath) -> Option<String>,
    ) -> Self {
        for change in &mut self.changes {
            for member in change.members.iter_mut().filter(|m| m.desired.is_some()) {
                member.source = source(&change.component, &member.path);
            }
        }
        for conflict in &mut self.conflicts {
            if let (Some(path), Some(_)) = (&conflict.path, &conflict.desired) {
                conflict.source = source(&conflict.component, path);
            }
        }
        self
    }
}

/// Policies and global settings of one app.
#[derive(Default)]
struct Pair<'a> {
    policy: Option<(&'a ComponentName, &'a ComponentSnapshot)>,
    global: Option<(&'a ComponentName, &'a ComponentSnapshot)>,
}

/// The apps whose files say one thing about refresh tokens while another holds, because a member
/// that the project leaves out has a value in the org.
fn effective_policies(changes: &[ComponentChange], after: &After<'_>) -> Vec<EffectivePolicy> {
    // Where none of these members differs, both sides mean the same.
    let has_a_say = |change: &&ComponentChange| {
        let mut paths = change.members.iter().map(|member| member.path.steps());
        paths.any(|path| matches!(path, [step] if DECIDING.contains(&step.element.as_str())))
    };
    let concerned = changes.iter().filter(has_a_say);
    let concerned: HashSet<&str> = concerned
        .filter_map(|change| change.app.as_deref())
        .collect();
    if concerned.is_empty() {
        return Vec::new();
    }
    let mut apps: HashMap<&str, Pair<'_>> = HashMap::new();
    for (name, component) in &after.desired.components {
        let app = component.app.as_deref();
        let Some(app) = app.filter(|app| concerned.contains(app)) else {
            continue;
        };
        match name.kind.known() {
            Some(MetadataType::ExtlClntAppOauthConfigurablePolicies) => {
                apps.entry(app).or_default().policy = Some((name, component));
            }
            Some(MetadataType::ExtlClntAppGlobalOauthSettings) => {
                apps.entry(app).or_default().global = Some((name, component));
            }
            _ => {}
        }
    }
    let differs = |(app, pair): (&str, Pair<'_>)| {
        let (policy, global) = (pair.policy?, pair.global?);
        let desired =
            RefreshLifetime::new(|path| policy.1.value(path), |path| global.1.value(path));
        let later =
            |name| move |path: &FieldPath| -> Option<&FieldValue> { after.value(name, path) };
        let actual = RefreshLifetime::new(later(policy.0), later(global.0));
        let is_told = desired != RefreshLifetime::Unknown && actual != RefreshLifetime::Unknown;
        (is_told && desired != actual).then(|| EffectivePolicy::new(app, desired, actual))
    };
    let mut policies: Vec<_> = apps.into_iter().filter_map(differs).collect();
    policies.sort_by(|a, b| a.app.cmp(&b.app));
    policies
}
