//! What one project makes of a rule.

use std::str::FromStr;

use crate::severity::{Severity, UnknownLevel};

/// What becomes of the findings of a rule, in place of the rule's own severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Level {
    /// There are none.
    Off,
    /// All of them have this severity.
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
