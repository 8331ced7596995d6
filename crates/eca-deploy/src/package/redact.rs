//! Secrets of retrieved components, and of the local files that they replace.

use eca_model::text::SecretText;
use eca_model::types::{ExternalClientApplication, ExtlClntAppDistState};
use eca_model::{Component, FieldError, FieldPath};

use crate::package::field_policy::find;
use crate::package::rules::{RemovalReason, rules};

fn secrets(component: &Component) -> impl Iterator<Item = &'static FieldPath> {
    let rules = rules(component.kind()).iter();
    rules
        .filter(|rule| rule.reason == RemovalReason::Secret)
        .map(|rule| &rule.path)
}

/// The component without these members, and those that it had.
fn without(
    component: &Component,
    paths: impl Iterator<Item = &'static FieldPath>,
) -> Result<Option<(Component, Vec<&'static FieldPath>)>, FieldError> {
    let mut edited: Option<Component> = None;
    let mut members = Vec::new();
    for path in paths.filter(|path| find(component, path).is_some()) {
        edited = Some(edited.as_ref().unwrap_or(component).remove(path)?);
        members.push(path);
    }
    Ok(edited.map(|component| (component, members)))
}

impl crate::package::Package {
    /// The component without secrets, and the members that were removed; `None` if it has none.
    ///
    /// # Errors
    /// If a secret cannot be removed. Then the file must not be stored.
    pub fn redacted(
        component: &Component,
    ) -> Result<Option<(Component, Vec<&'static FieldPath>)>, FieldError> {
        without(component, secrets(component))
    }

    /// The component without the members that only one org can have, and the members that were
    /// removed, if the header of its app makes the app local; `None` if there are none. A packaged
    /// app needs them: they refer to its consumer. Without a header they stay.
    ///
    /// # Errors
    /// If a member cannot be removed.
    pub fn without_org_specific(
        component: &Component,
        header: Option<&Component>,
    ) -> Result<Option<(Component, Vec<&'static FieldPath>)>, FieldError> {
        let header = header.and_then(Component::typed::<ExternalClientApplication>);
        let is_local = header.is_some_and(|app| {
            let state = app.distribution_state.as_ref();
            state.is_none_or(|state| *state == ExtlClntAppDistState::Local)
        });
        if !is_local {
            return Ok(None);
        }
        let rules = rules(component.kind()).iter();
        let bound = rules.filter(|rule| rule.reason == RemovalReason::OrgBound);
        without(component, bound.map(|rule| &rule.path))
    }

    /// The component with the secrets that only the local one has, and their members; `None` if
    /// there are none. An org does not return secrets, so a retrieved file would lose them.
    ///
    /// # Errors
    /// If a secret cannot be inserted.
    pub fn with_secrets_from(
        local: &Component,
        component: &Component,
    ) -> Result<Option<(Component, Vec<&'static FieldPath>)>, FieldError> {
        let mut merged: Option<Component> = None;
        let mut members = Vec::new();
        for path in secrets(local) {
            let base = merged.as_ref().unwrap_or(component);
            let Some((_, text)) = find(local, path) else {
                continue;
            };
            // The org may no longer have the record that contains it.
            let has_record = path
                .parent()
                .is_none_or(|record| base.file().find(&record).is_some());
            if find(base, path).is_some() || !has_record {
                continue;
            }
            merged = Some(base.set_secret(path, &SecretText::from(text))?);
            members.push(path);
        }
        Ok(merged.map(|component| (component, members)))
    }
}
