//! Secrets of retrieved components, and of the local files that they replace.

use eca_model::{Component, EditError};

use crate::package::field_policy::find;
use crate::package::rules::{RULES, RemovalReason, Rule};

fn rules(component: &Component) -> impl Iterator<Item = &'static Rule> {
    let kind = component.id().kind;
    RULES
        .iter()
        .filter(move |rule| rule.kind == kind && rule.reason == RemovalReason::Secret)
}

impl crate::package::Package {
    /// The component without secrets, and the elements that were removed; `None` if it has none.
    ///
    /// # Errors
    /// If an edit cannot remove a secret, such as one that occurs twice. In that case do not store
    /// the file.
    pub fn redacted(
        component: &Component,
    ) -> Result<Option<(Component, Vec<&'static str>)>, EditError> {
        let mut redacted: Option<Component> = None;
        let mut elements = Vec::new();
        for rule in rules(component) {
            if find(component, rule.element).is_none() {
                continue;
            }
            let cleared = (rule.clear)(redacted.as_ref().unwrap_or(component))?;
            if find(&cleared, rule.element).is_some() {
                return Err(EditError::NotRepresentable);
            }
            elements.push(rule.element);
            redacted = Some(cleared);
        }
        Ok(redacted.map(|component| (component, elements)))
    }

    /// The component with the secrets that only the local one has, and their elements; `None` if
    /// there are none. An org does not return secrets, so a retrieved file would lose them.
    ///
    /// # Errors
    /// If an edit cannot insert a secret.
    pub fn with_secrets_from(
        local: &Component,
        component: &Component,
    ) -> Result<Option<(Component, Vec<&'static str>)>, EditError> {
        let mut merged: Option<Component> = None;
        let mut elements = Vec::new();
        for rule in rules(local) {
            let base = merged.as_ref().unwrap_or(component);
            let Some((_, text)) = find(local, rule.element) else {
                continue;
            };
            if find(base, rule.element).is_some() {
                continue;
            }
            let with = rule.set(base, &text)?;
            // The org may no longer have the record that contains it.
            if find(&with, rule.element).is_some() {
                elements.push(rule.element);
                merged = Some(with);
            }
        }
        Ok(merged.map(|component| (component, elements)))
    }
}
