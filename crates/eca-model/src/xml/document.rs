//! The lossless tree.

use std::fmt;
use std::sync::OnceLock;

use crate::values::position::Position;
use crate::xml::element::Element;
use crate::xml::index::{
    LINE_INDEX_THRESHOLD, LineIndex, Ordinal, SIBLING_INDEX_THRESHOLD, SiblingIndex,
};
use crate::xml::node::Node;
use crate::xml::parse::parse;
use crate::xml::{SyntaxError, SyntaxErrorKind};

/// A well-formed XML document: its text, and a tree of byte ranges over it.
///
/// The text is never rewritten, so an unedited document is written back byte for byte.
/// `Debug` shows no content, because files may hold secrets.
#[derive(Clone)]
pub struct Document {
    text: String,
    nodes: Vec<Node>,
    /// The indexes are built on first use, and only for long files.
    lines: OnceLock<Box<LineIndex>>,
    siblings: OnceLock<Box<SiblingIndex>>,
    /// Whether all elements are in the namespace that the root declares.
    one_namespace: bool,
    /// The elements in another namespace than the wanted one, in order.
    foreign: Box<[u32]>,
}

impl Document {
    /// Reads a text of at most 16 MiB, with at most 500,000 elements, nested at most 64 deep.
    ///
    /// # Errors
    /// When the text is not well-formed XML 1.0, has a DTD or a control character, or exceeds a
    /// limit.
    pub fn parse(text: impl Into<String>) -> Result<Self, SyntaxError> {
        let text = text.into();
        let (nodes, one_namespace) = parse(&text)?;
        Ok(Self {
            text,
            nodes,
            lines: OnceLock::new(),
            siblings: OnceLock::new(),
            one_namespace,
            foreign: Box::default(),
        })
    }

    /// The document for readers that know one namespace. Elements of others keep their prefix, or
    /// their declaration, in [`Element::name`], so that nobody takes them for one of this
    /// namespace.
    #[must_use]
    pub fn in_namespace(mut self, namespace: &str) -> Self {
        if self.one_namespace {
            return self;
        }
        let count = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let foreign = (1..count).filter(|index| {
            let element = Element::new(&self, *index);
            element.namespace().as_deref() != Some(namespace)
        });
        self.foreign = foreign.collect();
        self
    }

    pub(super) fn is_foreign(&self, index: u32) -> bool {
        !self.foreign.is_empty() && self.foreign.binary_search(&index).is_ok()
    }

    /// Reads bytes, which must be UTF-8 (a byte order mark is kept).
    ///
    /// # Errors
    /// As [`Document::parse`], and when the bytes are not UTF-8.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, SyntaxError> {
        Self::parse(utf8(bytes)?)
    }

    /// The text as it was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The root element.
    pub fn root(&self) -> Element<'_> {
        Element::new(self, 0)
    }

    /// The position of a byte offset.
    pub fn position(&self, offset: usize) -> Position {
        if self.text.len() <= LINE_INDEX_THRESHOLD {
            return Position::from_offset(&self.text, offset);
        }
        let lines = self
            .lines
            .get_or_init(|| Box::new(LineIndex::new(&self.text)));
        lines.position(&self.text, offset)
    }

    /// The index of a node among the siblings of its name; `None` where the siblings are so few
    /// that counting is cheap.
    pub(super) fn ordinal(&self, index: u32) -> Option<Ordinal> {
        let make = || Box::new(SiblingIndex::new(&self.text, &self.nodes));
        (self.nodes.len() > SIBLING_INDEX_THRESHOLD)
            .then(|| self.siblings.get_or_init(make).get(index))
    }

    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Document")
            .field("root", &self.root().name())
            .field("bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

/// Bytes as text.
pub(crate) fn utf8(bytes: Vec<u8>) -> Result<String, SyntaxError> {
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let valid = String::from_utf8_lossy(&error.as_bytes()[..offset]);
        SyntaxError::new(
            SyntaxErrorKind::NotUtf8 { offset },
            Position::from_offset(&valid, offset),
        )
    })
}
