//! How much a finding matters.

use std::fmt;

use serde::Serialize;

/// How much a finding matters. Ordered: [`Severity::Info`] is the least.
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
