//! Content that could not be read into the typed value.

use std::fmt;

use crate::values::position::Position;

/// Something in a file that could not be read into the typed value. The text keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The kind of problem.
    pub kind: ProblemKind,
    /// The element path below the root.
    pub path: String,
    /// Where the element starts.
    pub position: Position,
}

/// The kinds of [`Problem`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The type has no such member in any version.
    UnknownElement,
    /// A member that may occur once occurs again; the first one counts.
    Duplicate,
    /// Text stands between the members of a record.
    StrayText(String),
    /// The text of a boolean member is not a boolean.
    NotABoolean(String),
    /// The text of an integer member is not an integer.
    NotAnInteger(String),
}

/// How much of a text is shown.
const SHOWN: usize = 40;

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.kind {
            ProblemKind::UnknownElement => write!(formatter, "unknown element `{path}`"),
            ProblemKind::Duplicate => {
                write!(
                    formatter,
                    "`{path}` occurs more than once, which orgs refuse"
                )
            }
            ProblemKind::StrayText(text) => {
                let shown: String = text.chars().take(SHOWN).collect();
                let more = if shown.len() < text.len() { "…" } else { "" };
                write!(
                    formatter,
                    "the text `{shown}{more}` stands between elements"
                )
            }
            ProblemKind::NotABoolean(text) => {
                write!(formatter, "`{path}` is `{text}`, expected true or false")
            }
            ProblemKind::NotAnInteger(text) => {
                write!(formatter, "`{path}` is `{text}`, expected a whole number")
            }
        }
    }
}
