//! Secrets of components that an org gave, and of the local files that they replace.

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
    /// The component without secrets, and which elements those were; `None` where there are none.
    ///
    /// # Errors
    /// When a secret is there that cannot be taken out by an edit, such as one that stands there
    /// twice. Then the file must not be kept.
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

    /// The component with the secrets that the local one has and it has not, and which elements
    /// those are; `None` where there are none. An org gives no secrets out, so a file that says
    /// what the org says keeps its own.
    ///
    /// # Errors
    /// When a secret cannot be put in by an edit.
    pub fn with_secrets_from(
        local: &Component,
        component: &Component,
    ) -> Result<Option<(Component, Vec<&'static str>)>, EditError> {
        let mut kept: Option<Component> = None;
        let mut elements = Vec::new();
        for rule in rules(local) {
            let base = kept.as_ref().unwrap_or(component);
            let Some((_, text)) = find(local, rule.element) else {
                continue;
            };
            if find(base, rule.element).is_some() {
                continue;
            }
            let with = rule.set(base, &text)?;
            // The record that it stood in may be gone from the org.
            if find(&with, rule.element).is_some() {
                elements.push(rule.element);
                kept = Some(with);
            }
        }
        Ok(kept.map(|component| (component, elements)))
    }
}
