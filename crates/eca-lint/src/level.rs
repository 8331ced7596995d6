//! The level of a rule in one project.

use std::str::FromStr;

use crate::severity::{Severity, UnknownLevel};

/// The level of a rule's findings, in place of the rule's own severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Level {
    /// No findings.
    Off,
    /// All findings have this severity.
    At(Severity),
}

/// The name of a severity, or `off`.
impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            text => text.parse().map(Self::At),
        }
    }
}
