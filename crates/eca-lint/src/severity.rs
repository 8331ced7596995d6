//! How serious a finding is.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

/// How serious a finding is. Ordered: [`Severity::Info`] is the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing; nothing breaks.
    Info,
    /// Deploys, but does not do what the author most likely wants, or will break later.
    Warning,
    /// The org refuses it, the app cannot be used, or a secret leaks.
    Error,
}

impl Severity {
    /// The name in text and JSON output: `info`, `warning` or `error`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = [Self::Info, Self::Warning, Self::Error].into_iter();
        all.find(|severity| severity.as_str() == text)
            .ok_or_else(|| UnknownLevel(text.to_owned()))
    }
}

/// A name that is neither a [`Severity`] nor another [`Level`](crate::level::Level).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no severity is called \"{0}\"; there are info, warning, error, and off for rules")]
pub struct UnknownLevel(String);
