//! One decoded file.

pub(crate) mod decode;
pub(crate) mod encode;
pub mod json;
pub(crate) mod problem;

use std::fmt;

use crate::field::{FieldPath, elements};
use crate::file::decode::Reader;
use crate::file::problem::Problem;
use crate::schema::TypeSchema;
use crate::types::{Metadata, MetadataType, Typed};
use crate::values::position::Position;
use crate::xml::{
    Document, EditError, Element, METADATA_NAMESPACE, Member, SyntaxError, SyntaxErrorKind, apply,
};

/// A metadata file: its text, its tree, and its typed value.
///
/// `File<ExtlClntAppOauthSettings>` is a file of a known type; `File` alone is a file of any type.
/// `Debug` shows no content, because files may hold secrets.
#[derive(Clone)]
pub struct File<T = Metadata> {
    document: Document,
    value: T,
    problems: Vec<Problem>,
}

/// The value of a [`File`]: one metadata type, or any of them.
pub trait Decode: Clone + PartialEq + Sized {
    /// Reads the root element.
    #[doc(hidden)]
    fn decode_root(root: Element<'_>, reader: &mut Reader) -> Result<Self, SyntaxErrorKind>;

    /// The schema of the type.
    #[doc(hidden)]
    fn schema(&self) -> &'static TypeSchema;

    /// The members in Salesforce's order.
    #[doc(hidden)]
    fn root_members(&self) -> Vec<Member>;
}

impl<T: Typed> Decode for T {
    fn decode_root(root: Element<'_>, reader: &mut Reader) -> Result<Self, SyntaxErrorKind> {
        let schema = T::TYPE_SCHEMA;
        if root.name() != schema.name {
            return Err(SyntaxErrorKind::WrongRoot {
                found: root.name().to_owned(),
                expected: format!("`{}`", schema.name),
            });
        }
        Ok(T::decode(root, reader))
    }

    fn schema(&self) -> &'static TypeSchema {
        T::TYPE_SCHEMA
    }

    fn root_members(&self) -> Vec<Member> {
        self.members()
    }
}

impl Decode for Metadata {
    fn decode_root(root: Element<'_>, reader: &mut Reader) -> Result<Self, SyntaxErrorKind> {
        let kind =
            MetadataType::from_root(root.name()).ok_or_else(|| SyntaxErrorKind::WrongRoot {
                found: root.name().to_owned(),
                expected: "a metadata type that this program knows".to_owned(),
            })?;
        Ok(Self::decode(kind, root, reader))
    }

    fn schema(&self) -> &'static TypeSchema {
        self.metadata_type().schema()
    }

    fn root_members(&self) -> Vec<Member> {
        self.members()
    }
}

impl<T: Decode> File<T> {
    /// Reads a file.
    ///
    /// # Errors
    /// When the file cannot be read: it is not well-formed, has the wrong root element or
    /// namespace, a DTD or control characters, or exceeds a limit. Lesser problems are in
    /// [`File::problems`].
    pub fn parse(text: impl Into<String>) -> Result<Self, SyntaxError> {
        Self::from_document(Document::parse(text)?)
    }

    /// Reads a file from bytes, which must be UTF-8.
    ///
    /// # Errors
    /// As [`File::parse`], and when the bytes are not UTF-8.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, SyntaxError> {
        Self::from_document(Document::from_bytes(bytes)?)
    }

    /// Decodes a document.
    ///
    /// # Errors
    /// When the root element or its namespace is not the expected one.
    pub fn from_document(document: Document) -> Result<Self, SyntaxError> {
        let document = document.in_namespace(METADATA_NAMESPACE);
        let root = document.root();
        let mut reader = Reader::default();
        let value = T::decode_root(root, &mut reader)
            .map_err(|kind| SyntaxError::new(kind, root.position()))?;
        let namespace = root.declared_namespace().unwrap_or_default();
        if namespace != METADATA_NAMESPACE {
            let kind = SyntaxErrorKind::WrongNamespace {
                root: root.name().to_owned(),
                found: namespace.into_owned(),
            };
            return Err(SyntaxError::new(kind, root.position()));
        }
        Ok(Self {
            problems: reader.into_problems(),
            document,
            value,
        })
    }

    /// The typed value.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The schema of the type that the file holds.
    pub fn type_schema(&self) -> &'static TypeSchema {
        self.value.schema()
    }

    /// The text, byte for byte as it was read.
    pub fn text(&self) -> &str {
        self.document.text()
    }

    /// The tree.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// What could not be read into the typed value. The text keeps it.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The element at a [`FieldPath`] below the root, such as `isPkceRequired` or
    /// `trustedIpRanges[startIpAddress=10.0.0.1].description`. The first of several counts.
    pub fn locate(&self, path: &str) -> Option<Element<'_>> {
        let root = self.document.root();
        if path.is_empty() {
            return Some(root);
        }
        let path = path.parse().ok()?;
        elements(root, &path).into_iter().next()
    }

    /// The first element at a path.
    pub fn find(&self, path: &FieldPath) -> Option<Element<'_>> {
        let found = elements(self.document.root(), path);
        found.into_iter().next()
    }

    /// The position of the element at a path; that of the root element when the file has no such
    /// element.
    pub fn position_of(&self, path: &str) -> Position {
        self.locate(path)
            .unwrap_or_else(|| self.document.root())
            .position()
    }

    /// The file after a change of its value. Only the lines of the changed fields differ; a new
    /// element goes to its place in Salesforce's order, with the file's own indentation.
    ///
    /// ```
    /// use eca_model::{File, types::ExternalClientApplication};
    ///
    /// let text = r#"<ExternalClientApplication xmlns="http://soap.sforce.com/2006/04/metadata">
    ///   <label>Shop</label> <!-- ours -->
    /// </ExternalClientApplication>
    /// "#;
    /// let file = File::<ExternalClientApplication>::parse(text)?;
    /// let edited = file.edit(|app| app.is_protected = Some(false))?;
    /// let expected = text.replace("  <label>", "  <isProtected>false</isProtected>\n  <label>");
    /// assert_eq!(edited.text(), expected);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When XML cannot carry the new value.
    pub fn edit(&self, change: impl FnOnce(&mut T)) -> Result<Self, EditError> {
        let mut value = self.value.clone();
        change(&mut value);
        let text = apply(
            &self.document,
            &self.value.root_members(),
            &value.root_members(),
        )?;
        let edited = Self::parse(text).map_err(EditError::Unreadable)?;
        if edited.value == value {
            Ok(edited)
        } else {
            Err(EditError::NotRepresentable)
        }
    }
}

impl<T> fmt::Debug for File<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("File")
            .field("document", &self.document)
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}
