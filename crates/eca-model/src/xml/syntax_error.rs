//! Errors that make a file unreadable.

use crate::values::position::Position;

/// A file that cannot be read: not well-formed, not of the expected type, or over a limit.
///
/// Lesser problems are reported as a [`Problem`](crate::file::problem::Problem).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct SyntaxError {
    kind: SyntaxErrorKind,
    position: Position,
}

impl SyntaxError {
    pub(crate) fn new(kind: SyntaxErrorKind, position: Position) -> Self {
        Self { kind, position }
    }

    /// What is wrong.
    pub fn kind(&self) -> &SyntaxErrorKind {
        &self.kind
    }

    /// Where reading stopped.
    pub fn position(&self) -> Position {
        self.position
    }
}

/// The reasons of a [`SyntaxError`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// The text has no element.
    #[error("no XML element found; the file is empty or is not XML")]
    Empty,
    /// The text is not UTF-8.
    #[error("not UTF-8 text (byte {offset} is invalid); metadata files are UTF-8")]
    NotUtf8 {
        /// The first offending byte, from 0.
        offset: usize,
    },
    /// The text breaks a rule of XML.
    #[error("not well-formed XML: {0}")]
    NotWellFormed(String),
    /// The XML declaration names another version. A parser reads XML 1.1 by other rules.
    #[error("XML version `{0}` is declared; metadata files are XML 1.0")]
    Version(String),
    /// The XML declaration names another encoding than the text has.
    #[error("the encoding `{0}` is declared, but the text is UTF-8")]
    Encoding(String),
    /// A document type definition. Metadata has none, and entity-expansion attacks need one.
    #[error("a DTD is not allowed in metadata files")]
    Dtd,
    /// A character that XML 1.0 does not allow.
    #[error("control character U+{0:04X} is not allowed in XML")]
    ControlCharacter(u32),
    /// More than one root element.
    #[error("a second root element `{0}`; a metadata file has one")]
    SecondRoot(String),
    /// The root element is not that of the expected type.
    #[error("root element is `{found}`, expected {expected}")]
    WrongRoot {
        /// The root element's name.
        found: String,
        /// The expected root element.
        expected: String,
    },
    /// The root element is in another namespace, or in none.
    #[error(
        "root element `{root}` is in namespace `{found}`, expected `http://soap.sforce.com/2006/04/metadata`"
    )]
    WrongNamespace {
        /// The root element's name.
        root: String,
        /// Its namespace; empty for none.
        found: String,
    },
    /// The text is longer than the limit of [`Document::parse`](crate::xml::Document::parse).
    #[error("the file is larger than {} MiB", .limit >> 20)]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The text has more elements than the limit of
    /// [`Document::parse`](crate::xml::Document::parse).
    #[error("the file has more than {0} elements")]
    TooManyElements(usize),
    /// Elements are nested deeper than the limit of
    /// [`Document::parse`](crate::xml::Document::parse).
    #[error("elements are nested deeper than {0} levels")]
    TooDeep(usize),
}
