//! One annotation of GitHub Actions.

use std::fmt;

use crate::severity::Severity;

/// A command of GitHub Actions that shows a message beside a line of a file. `Display` is one line;
/// all foreign text in it is escaped.
///
/// Source: GitHub Docs, "Workflow commands for GitHub Actions".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Annotation<'a> {
    /// How serious it is.
    pub severity: Severity,
    /// The file: its path in the repository, with `/`; without one, GitHub shows the message only.
    pub path: Option<&'a str>,
    /// The line, if it is known; it counts from 1.
    pub line: Option<u32>,
    /// The column, if it is known; it counts from 1.
    pub column: Option<u32>,
    /// The title.
    pub title: &'a str,
    /// The message; it may have several lines.
    pub message: &'a str,
}

impl fmt::Display for Annotation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let command = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        write!(f, "::{command} ")?;
        if let Some(path) = self.path {
            write!(f, "file={},", property(path))?;
            for (name, number) in [("line", self.line), ("col", self.column)] {
                if let Some(number) = number {
                    write!(f, "{name}={number},")?;
                }
            }
        }
        write!(f, "title={}::{}", property(self.title), data(self.message))
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
