//! Why a member cannot be read or written by its path.

use crate::field::path::FieldPath;
use crate::xml::EditError;

/// A member that cannot be read or written by its path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// The record has no such member.
    #[error("{record} has no member `{element}`{}", suggestion(*.meant))]
    Unknown {
        /// The type or record.
        record: &'static str,
        /// The element of the path.
        element: String,
        /// The member that was probably meant.
        meant: Option<&'static str>,
    },
    /// The path goes through a member that has no members.
    #[error("`{path}`: `{element}` is a value and has no members")]
    NotARecord {
        /// The path.
        path: FieldPath,
        /// The element.
        element: String,
    },
    /// The path ends at a record, and a value is wanted.
    #[error("`{path}` is a record: name one of its members")]
    IsARecord {
        /// The path.
        path: FieldPath,
    },
    /// Several records can be meant.
    #[error("`{path}`: {count} records can be meant; choose one, such as {example}")]
    Ambiguous {
        /// The path.
        path: FieldPath,
        /// How many.
        count: usize,
        /// How one is chosen.
        example: String,
    },
    /// No record is at that index.
    #[error("`{path}`: there is no record at that index")]
    NoSuchIndex {
        /// The path.
        path: FieldPath,
    },
    /// A new record cannot be made, because the path does not have every member of its key.
    #[error("`{path}`: a new record is chosen by {key}")]
    IncompleteKey {
        /// The path.
        path: FieldPath,
        /// How it is chosen.
        key: String,
    },
    /// The value is not one of the member's.
    #[error("`{path}` takes {expected}, and got {found}")]
    Value {
        /// The path.
        path: FieldPath,
        /// What the member takes.
        expected: String,
        /// The value, on one line.
        found: String,
    },
    /// The member is a secret, and an ordinary value was given.
    #[error("`{path}` is a secret and must not be written to a file")]
    Secret {
        /// The path.
        path: FieldPath,
    },
    /// The edit cannot be written.
    #[error("`{path}` cannot be written")]
    Edit {
        /// The path.
        path: FieldPath,
        /// Why.
        #[source]
        source: EditError,
    },
}

fn suggestion(name: Option<&str>) -> String {
    name.map_or(String::new(), |name| format!("; did you mean `{name}`?"))
}
