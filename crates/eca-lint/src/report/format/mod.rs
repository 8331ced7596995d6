//! Reports for people and for machines.

mod annotation;
mod github;
mod gitlab;
mod junit;
pub mod markdown;
mod sarif;
mod text;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

use crate::engine::finding::Finding;
use crate::report::sources::Sources;
use crate::severity::Severity;

pub use annotation::Annotation;
pub use text::{Color, text};

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Format {
    /// Source lines with carets, for people.
    #[default]
    Text,
    /// One line per finding, `path:line:column: …`, which editors and `grep` understand; the help,
    /// if any, is on the line below.
    Short,
    /// The findings as JSON.
    Json,
    /// SARIF 2.1.0, which code scanning services read.
    Sarif,
    /// `JUnit` XML, which nearly every build server shows: a suite per file, a test case per
    /// finding. It is failed when the finding fails the run, or else skipped.
    Junit,
    /// Commands of GitHub Actions, which become annotations.
    Github,
    /// The code quality report of GitLab.
    Gitlab,
    /// A comment in Markdown, of at most 65,536 characters: counts by rule, then the findings, the
    /// gravest first.
    Markdown,
}

impl Format {
    /// Every format.
    pub const ALL: &[Self] = &[
        Self::Text,
        Self::Short,
        Self::Json,
        Self::Sarif,
        Self::Junit,
        Self::Github,
        Self::Gitlab,
        Self::Markdown,
    ];

    /// The name that [`FromStr`] takes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Short => "short",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Markdown => "markdown",
        }
    }

    /// The report, without a line feed at its end. Text has no colour; [`text`](fn@text) can add
    /// it. Findings of the severity `deny` and above fail the run.
    pub fn render(self, findings: &[&Finding], sources: &Sources, deny: Severity) -> String {
        match self {
            Self::Text => text(findings, sources, Color::Never),
            Self::Short => short(findings),
            Self::Json => pretty(&findings),
            Self::Sarif => sarif::render(findings),
            Self::Junit => junit::render(findings, deny),
            Self::Github => github::render(findings),
            Self::Gitlab => gitlab::render(findings),
            Self::Markdown => markdown::render(findings),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.iter().copied();
        all.find(|format| format.as_str() == text)
            .ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// A name that is not a [`Format`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "no format is called \"{0}\"; there are text, short, json, sarif, junit, github, gitlab, markdown"
)]
pub struct UnknownFormat(String);

fn short(findings: &[&Finding]) -> String {
    let lines = findings.iter().map(|finding| format!("{finding:#}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The values of this crate always have a JSON form.
pub(crate) fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The name of a finding's severity in SARIF and in GitLab.
pub(crate) fn level(finding: &Finding) -> [&'static str; 2] {
    use crate::severity::Severity::{Error, Info, Warning};
    match finding.severity {
        Error => ["error", "critical"],
        Warning => ["warning", "major"],
        Info => ["note", "info"],
    }
}
