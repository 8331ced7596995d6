//! A violation of a rule.

use std::fmt;

use eca_model::Position;
use serde::{Serialize, Serializer};

use crate::engine::fix::Fix;
use crate::engine::quote::one_line;
use crate::rule::Rule;
use crate::severity::Severity;

/// A violation of a rule, with its position.
///
/// `Display` is one line, `path:line:column: severity ECA1203 rule-name: message`; the alternate
/// form `{:#}` adds a second line with the help, if there is any.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How serious the finding is; at most [`Rule::severity`], unless
    /// [`Options::levels`](crate::engine::options::Options::levels) raises it.
    pub severity: Severity,
    /// The file: its path inside the project, with `/`.
    pub path: String,
    /// The position of the wrong element, or of the one that lacks an element.
    pub position: Position,
    /// What is wrong, with the element or value. Never contains the value of a secret.
    pub message: String,
    /// What to do about it, where that is known.
    pub help: Option<String>,
    /// The change that resolves it, where there is only one.
    pub fix: Option<Fix>,
}

impl Finding {
    /// A finding with the rule's severity, and without help or fix.
    pub(crate) fn new(
        rule: &'static Rule,
        path: &str,
        position: Position,
        message: String,
    ) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            path: path.to_owned(),
            position,
            message,
            help: None,
            fix: None,
        }
    }

    /// The finding with this text before its paths, such as `apps/` for a project in the folder
    /// `apps` of a repository.
    #[must_use]
    pub fn with_path_prefix(&self, prefix: &str) -> Self {
        let mut finding = self.clone();
        finding.path.insert_str(0, prefix);
        if let Some(fix) = &mut finding.fix {
            fix.path.insert_str(0, prefix);
        }
        finding
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            severity,
            path,
            position,
            message,
            help,
            ..
        } = self;
        let path = one_line(path.clone());
        write!(f, "{path}:{position}: {severity} {rule}: {message}")?;
        match help {
            Some(help) if f.alternate() => write!(f, "\n  help: {help}"),
            _ => Ok(()),
        }
    }
}

/// An object with `rule`, `name`, `severity`, `path`, `line`, `column`, `message`, `help`
/// and `fix` (the last two absent when there is none).
impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            rule: crate::rule_id::RuleId,
            name: &'a str,
            severity: Severity,
            path: &'a str,
            line: u32,
            column: u32,
            message: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            help: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            fix: Option<&'a Fix>,
        }
        Wire {
            rule: self.rule.id(),
            name: self.rule.name(),
            severity: self.severity,
            path: &self.path,
            line: self.position.line,
            column: self.position.column,
            message: &self.message,
            help: self.help.as_deref(),
            fix: self.fix.as_ref(),
        }
        .serialize(serializer)
    }
}
