//! Components without their secrets, for keeping what an org gave.

use eca_model::{Component, EditError};

use super::rules::{DropReason, RULES};

impl super::Package {
    /// The component without secrets, and which elements those were; `None` where there are none.
    ///
    /// # Errors
    /// When a secret is there that cannot be taken out by an edit, such as one that stands there twice. Then the file
    /// must not be kept.
    pub fn redacted(
        component: &Component,
    ) -> Result<Option<(Component, Vec<&'static str>)>, EditError> {
        let mut redacted: Option<Component> = None;
        let mut elements = Vec::new();
        let rules = RULES
            .iter()
            .filter(|rule| rule.kind == component.id().kind && rule.reason == DropReason::Secret);
        for rule in rules {
            let has = |component: &Component| {
                let root = component.file().document().root();
                root.child(rule.element).is_some()
            };
            if !has(component) {
                continue;
            }
            let cleared = (rule.clear)(redacted.as_ref().unwrap_or(component))?;
            if has(&cleared) {
                return Err(EditError::NotRepresentable);
            }
            elements.push(rule.element);
            redacted = Some(cleared);
        }
        Ok(redacted.map(|component| (component, elements)))
    }
}
