//! What a plan sends, and what the org has afterwards.

use eca_model::{
    ApiVersion, Component, ComponentName, ComponentSnapshot, FieldError, FieldPath, FieldValue,
    Project, Selector, Snapshot,
};

use crate::change::{Action, CONTENT, ComponentChange, MemberChange};
use crate::plan::Plan;

/// A package that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// The project has no such component: it is another one than the plan was made of.
    #[error("the plan deploys {component}, which the project does not have; plan again")]
    NoComponent {
        /// The component.
        component: ComponentName,
    },
    /// A value of the org cannot be written into a file.
    #[error("the org's value of {component} cannot be sent along")]
    Field {
        /// The component.
        component: ComponentName,
        /// The reason.
        #[source]
        source: Box<FieldError>,
    },
}

impl Plan {
    /// A component as it is sent: the project's, with the org's values of what nobody here ever set
    /// and of what somebody changed there. A deploy replaces the whole component, so that without
    /// them it would reset these.
    ///
    /// # Errors
    /// When the project is not the one that the plan was made of.
    pub fn component(
        &self,
        project: &Project,
        name: &ComponentName,
    ) -> Result<Component, PackageError> {
        let found = project.component(name);
        let component = found.ok_or_else(|| PackageError::NoComponent {
            component: name.clone(),
        })?;
        match self.changes.iter().find(|change| change.component == *name) {
            Some(change) => with_kept(component, change),
            None => Ok(component.clone()),
        }
    }

    /// The project as it is sent. Components that the plan does not deploy stay as they are.
    ///
    /// # Errors
    /// As [`Plan::component`].
    pub fn package(&self, project: &Project) -> Result<Project, PackageError> {
        let mut package = project.clone();
        let sent = self
            .changes
            .iter()
            .filter(|change| matches!(change.action, Action::Create | Action::Update));
        for change in sent {
            let name = &change.component;
            let found = project.component(name);
            let component = found.ok_or_else(|| PackageError::NoComponent {
                component: name.clone(),
            })?;
            if change.members.iter().any(MemberChange::is_kept) {
                package.put(with_kept(component, change)?);
            }
        }
        Ok(package)
    }

    /// What the org has once the plan is applied, as far as the files tell. What an org makes
    /// itself stays as it was.
    pub fn expected(&self, desired: &Snapshot, actual: &Snapshot) -> Snapshot {
        let version = desired.api_version;
        let mut expected = actual.clone();
        for change in &self.changes {
            let name = &change.component;
            match change.action {
                Action::Keep => {}
                Action::Delete => {
                    expected.components.remove(name);
                }
                Action::Create | Action::Update => {
                    if let Some(desired) = desired.components.get(name) {
                        let sent =
                            after_deploy(change, desired, actual.components.get(name), version);
                        expected.components.insert(name.clone(), sent);
                        expected.unreadable.remove(name);
                    }
                }
            }
        }
        expected
    }
}

fn with_kept(component: &Component, change: &ComponentChange) -> Result<Component, PackageError> {
    let mut component = component.clone();
    for member in change.members.iter().filter(|member| member.is_kept()) {
        let edited = match &member.actual {
            Some(FieldValue::List(items)) if items.is_empty() => component.remove(&member.path),
            Some(value) => component.set(&member.path, value.clone()),
            None => component.remove(&member.path),
        };
        component = edited.map_err(|source| PackageError::Field {
            component: change.component.clone(),
            source: Box::new(source),
        })?;
    }
    Ok(component)
}

/// Whether a path is that of a member, or of a record of the list that the member is.
fn is_at(path: &FieldPath, member: &FieldPath) -> bool {
    let (Some((list, outer)), Some(step)) = (
        member.steps().split_last(),
        path.steps().get(member.steps().len() - 1),
    ) else {
        return false;
    };
    let is_list = list.selector == Selector::Any && list.element == step.element;
    path == member || (path.steps().starts_with(outer) && is_list && step.selector != Selector::Any)
}

/// The component after its deploy.
fn after_deploy(
    change: &ComponentChange,
    desired: &ComponentSnapshot,
    actual: Option<&ComponentSnapshot>,
    version: Option<ApiVersion>,
) -> ComponentSnapshot {
    let mut after = desired.clone();
    // An org keeps what it makes, shows no secret, and remembers no request.
    after.org_made = actual.map_or_else(Default::default, |actual| actual.org_made.clone());
    after.fields.retain(|_, value| *value != FieldValue::Secret);
    let schema = change
        .component
        .kind
        .known()
        .map(|kind| kind.schema().record);
    // A version without a member neither sends nor resets it (inferred).
    let is_unknown = |path: &FieldPath| {
        let known = version.zip(schema.and_then(|schema| schema.at(path)));
        known.is_some_and(|(version, field)| !field.is_in(version))
    };
    for (path, value) in actual.into_iter().flat_map(|actual| &actual.fields) {
        if is_unknown(path) && !after.fields.contains_key(path) {
            after.fields.insert(path.clone(), value.clone());
        }
    }
    for member in &change.members {
        let field = schema.and_then(|schema| schema.at(&member.path));
        let is_request = field.is_some_and(|field| field.action);
        if !member.is_kept() && !is_request {
            continue;
        }
        if member.path == FieldPath::new(CONTENT) {
            after.content = actual.and_then(|actual| actual.content.clone());
            continue;
        }
        let is_elsewhere = |path: &FieldPath| !is_at(path, &member.path);
        after.fields.retain(|path, _| is_elsewhere(path));
        after.written_defaults.retain(|path, _| is_elsewhere(path));
        let set = actual.and_then(|actual| actual.fields.get(&member.path));
        // No file says that a list is empty.
        let set = set.filter(|value| **value != FieldValue::List(Vec::new()));
        if let (Some(value), false) = (set, is_request) {
            after.fields.insert(member.path.clone(), value.clone());
        }
    }
    after
}
