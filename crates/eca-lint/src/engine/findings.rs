//! The findings that a rule reports.

use eca_model::{Component, Position, Typed};

use crate::engine::finding::Finding;
use crate::engine::fix::Fix;
use crate::engine::quote::one_line;
use crate::rule::Rule;
use crate::severity::Severity;

/// The findings of one rule.
pub(crate) struct Findings<'a> {
    rule: &'static Rule,
    list: &'a mut Vec<Finding>,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(rule: &'static Rule, list: &'a mut Vec<Finding>) -> Self {
        Self { rule, list }
    }

    /// A finding at the member `element` of a component, or at its root when the member is absent.
    pub(crate) fn at_element(
        &mut self,
        component: &Component,
        element: &str,
        message: impl Into<String>,
    ) -> Added<'_> {
        self.at(
            component.path(),
            component.file().position_of(element),
            message,
        )
    }

    pub(crate) fn at(
        &mut self,
        path: &str,
        position: Position,
        message: impl Into<String>,
    ) -> Added<'_> {
        let finding = Finding {
            rule: self.rule,
            severity: self.rule.severity(),
            path: path.to_owned(),
            position,
            message: one_line(message.into()),
            help: None,
            fix: None,
        };
        Added(self.list.push_mut(finding))
    }
}

/// A finding that was just added.
pub(crate) struct Added<'a>(&'a mut Finding);

impl Added<'_> {
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        self.0.help = Some(one_line(help.into()));
        self
    }

    pub(crate) fn help_if_some(self, help: Option<String>) -> Self {
        self.0.help = help.map(one_line);
        self
    }

    /// Lowers the severity. A rule never reports above its own severity.
    pub(crate) fn at_most(self, severity: Severity) -> Self {
        self.0.severity = self.0.severity.min(severity);
        self
    }

    /// Adds a fix; its title is the help where there is no other.
    pub(crate) fn fix_if_some(self, fix: Option<Fix>) -> Self {
        if let Some(fix) = &fix {
            self.0.help.get_or_insert_with(|| fix.title.clone());
        }
        self.0.fix = fix;
        self
    }

    /// Adds a typed edit as the fix; its title is the help where there is no other.
    pub(crate) fn fix<T: Typed>(
        self,
        component: &Component,
        title: impl Into<String>,
        change: impl FnOnce(&mut T),
    ) -> Self {
        let title = one_line(title.into());
        self.0.fix = Fix::edit(component, title.as_str(), change);
        self.0.help.get_or_insert(title);
        self
    }
}
