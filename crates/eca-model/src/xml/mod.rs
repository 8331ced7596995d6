//! XML as Salesforce's metadata files use it: a lossless tree over the text, edits that touch only
//! their own lines, and the writer of the canonical form, that of an org's retrieve.

mod canonical;
mod declaration;
mod document;
mod edit;
mod element;
mod format;
mod index;
mod member;
mod node;
mod parse;
mod scanner;
mod syntax_error;
mod text;

pub use canonical::canonical;
pub use document::Document;
pub use element::{Children, Element};
pub use format::format;
pub use member::{Content, Member};
pub use syntax_error::{SyntaxError, SyntaxErrorKind};

pub(crate) use canonical::{escape, write_document};
pub use edit::EditError;
pub(crate) use edit::{ElementEdit, apply, edit_element};

/// The namespace of every metadata element (metadata WSDL, `targetNamespace`).
pub const METADATA_NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";

/// The namespace of `xsi:nil`.
pub(crate) const XSI_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema-instance";
