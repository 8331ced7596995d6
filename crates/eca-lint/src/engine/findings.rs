//! The findings that a rule reports.

use std::collections::HashMap;

use eca_model::{Component, Position, Typed};

use crate::engine::finding::Finding;
use crate::engine::fix::Fix;
use crate::engine::quote::one_line;
use crate::rule::Rule;
use crate::severity::Severity;

/// The most findings of one rule in one file that are listed. A file of 16 MiB can break a rule
/// millions of times.
const MOST: usize = 1000;

/// The findings of one rule.
pub(crate) struct Findings<'a> {
    rule: &'static Rule,
    list: &'a mut Vec<Finding>,
    /// How often [`Self::at`] was called for a file.
    counts: HashMap<String, usize>,
    /// The last finding that is not listed.
    unlisted: Finding,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(rule: &'static Rule, list: &'a mut Vec<Finding>) -> Self {
        Self {
            rule,
            list,
            counts: HashMap::new(),
            unlisted: Finding::new(rule, "", Position::START, String::new()),
        }
    }

    /// Whether further findings in this file are not listed. Only loops over very many places have
    /// to ask.
    pub(crate) fn is_full(&self, path: &str) -> bool {
        self.counts.get(path).is_some_and(|count| *count > MOST)
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
        let finding = Finding::new(self.rule, path, position, one_line(message.into()));
        let count = match self.counts.get_mut(path) {
            Some(count) => count,
            None => self.counts.entry(path.to_owned()).or_default(),
        };
        *count += 1;
        if *count <= MOST {
            return Added(self.list.push_mut(finding));
        }
        if *count == MOST + 1 {
            let message =
                format!("there are more findings of this rule; the first {MOST} are listed");
            let mut summary = Finding::new(self.rule, path, position, message);
            summary.severity = Severity::Info;
            self.list.push(summary);
        }
        self.unlisted = finding;
        Added(&mut self.unlisted)
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
