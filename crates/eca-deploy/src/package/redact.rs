//! Secrets of retrieved components, and of the local files that they replace.

use eca_model::text::SecretText;
use eca_model::{Component, FieldError, FieldPath};

use crate::package::field_policy::find;
use crate::package::rules::{RemovalReason, rules};

fn secrets(component: &Component) -> impl Iterator<Item = &'static FieldPath> {
    let rules = rules(component.kind()).iter();
    rules
        .filter(|rule| rule.reason == RemovalReason::Secret)
        .map(|rule| &rule.path)
}

impl crate::package::Package {
    /// The component without secrets, and the members that were removed; `None` if it has none.
    ///
    /// # Errors
    /// If a secret cannot be removed. Then the file must not be stored.
    pub fn redacted(
        component: &Component,
    ) -> Result<Option<(Component, Vec<&'static FieldPath>)>, FieldError> {
        let mut redacted: Option<Component> = None;
        let mut members = Vec::new();
        for path in secrets(component) {
            if find(component, path).is_none() {
                continue;
            }
            redacted = Some(redacted.as_ref().unwrap_or(component).remove(path)?);
            members.push(path);
        }
        Ok(redacted.map(|component| (component, members)))
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
