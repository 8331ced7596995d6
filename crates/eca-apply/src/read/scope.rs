//! What a plan is about: which components, and which members decide what else is asked.

use std::collections::{BTreeMap, BTreeSet};

use eca_model::{
    Component, ComponentName, ComponentSnapshot, FieldPath, FieldValue, MetadataType, Project,
    Snapshot,
};

/// The components that a plan is about.
pub(super) struct Scope<'a> {
    pub(super) desired: &'a Project,
    desired_snapshot: Snapshot,
    last: Option<&'a Snapshot>,
    /// Those of the project, and those that were applied last.
    pub(super) wanted: BTreeSet<ComponentName>,
    /// The apps of both.
    pub(super) apps: BTreeSet<String>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(
        desired: &'a Project,
        last: Option<&'a Snapshot>,
        more_apps: &BTreeSet<String>,
    ) -> Self {
        let desired_snapshot = desired.snapshot();
        let mut wanted = BTreeSet::new();
        let mut apps = more_apps.clone();
        for side in [Some(&desired_snapshot), last].into_iter().flatten() {
            for (name, component) in &side.components {
                wanted.insert(name.clone());
                apps.extend(component.app.clone());
            }
            wanted.extend(side.unreadable.iter().cloned());
        }
        Self {
            desired,
            desired_snapshot,
            last,
            wanted,
            apps,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.apps.is_empty()
    }

    /// Whether a component that the org returned belongs to the plan.
    pub(super) fn has(&self, component: &Component) -> bool {
        self.wanted.contains(component.name())
            || component.app().is_some_and(|app| self.apps.contains(app))
    }

    /// Whether a component that cannot be read may belong to the plan. The components of an app
    /// begin with its name, where an org named them.
    pub(super) fn may_have(&self, name: &ComponentName) -> bool {
        self.wanted.contains(name)
            || name.kind.known().is_some_and(MetadataType::is_of_apps)
                && self.apps.iter().any(|app| name.name.starts_with(app))
    }

    /// The members that decide what else is asked, of all sides.
    pub(super) fn members(&self, actual: &Project) -> Members {
        let actual = actual.snapshot();
        let mut members = Members {
            apps: self.apps.clone(),
            ..Members::default()
        };
        let sides = [Some(&self.desired_snapshot), self.last, Some(&actual)];
        for side in sides.into_iter().flatten() {
            for (name, component) in &side.components {
                members.add(name, component);
            }
        }
        let credentials = actual.components.keys();
        members.external_credentials = credentials
            .filter(|name| name.kind == MetadataType::ExternalCredential)
            .map(|name| name.name.clone())
            .collect();
        members
    }
}

/// What the members of components name.
#[derive(Debug, Default)]
pub(super) struct Members {
    pub(super) apps: BTreeSet<String>,
    /// The permission sets that pre-approve users, and those that are components.
    pub(super) permission_sets: BTreeSet<String>,
    /// The profiles that pre-approve users.
    pub(super) profiles: BTreeSet<String>,
    /// The users that flows run as.
    pub(super) users: BTreeSet<String>,
    /// Those that the org has.
    pub(super) external_credentials: BTreeSet<String>,
    /// Whether an app has policies.
    pub(super) has_policies: bool,
    /// How the policies of an app write permission sets, by app.
    pub(super) written_sets: BTreeMap<String, BTreeSet<String>>,
}

impl Members {
    fn add(&mut self, name: &ComponentName, component: &ComponentSnapshot) {
        match name.kind.known() {
            Some(MetadataType::PermissionSet) => {
                self.permission_sets.insert(name.name.clone());
            }
            Some(MetadataType::ExtlClntAppOauthConfigurablePolicies) => {
                self.has_policies = true;
                let sets = list(component, PERMISSION_SETS);
                if let Some(app) = &component.app {
                    let written = self.written_sets.entry(app.clone()).or_default();
                    written.extend(sets.iter().cloned());
                }
                self.permission_sets.extend(sets);
                self.profiles.extend(list(component, PROFILES));
                for member in ["clientCredentialsFlowUser", "executeHandlerAs"] {
                    let user = component.value(&FieldPath::new(member));
                    if let Some(FieldValue::Text(user)) =
                        user.filter(|value| !value.is_placeholder())
                    {
                        self.users.insert(user.clone());
                    }
                }
            }
            _ => {}
        }
    }
}

/// The members of policies that pre-approve users.
pub(super) const PERMISSION_SETS: &str = "commaSeparatedPermissionSet";
pub(super) const PROFILES: &str = "commaSeparatedProfile";

fn list(component: &ComponentSnapshot, member: &str) -> Vec<String> {
    match component.value(&FieldPath::new(member)) {
        Some(FieldValue::List(items)) => {
            let named = items.iter().filter(|item| !item.contains("${"));
            named.cloned().collect()
        }
        _ => Vec::new(),
    }
}
