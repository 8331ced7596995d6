//! The names in one file that refer to other components.

use std::fmt;

use serde::Serialize;

use crate::file::File;
use crate::schema::{FieldKind, FieldSchema, RecordSchema};
use crate::values::position::Position;
use crate::xml::Element;

/// A permission set grants access to a principal by one text: credential, hyphen, principal
/// (Metadata API Developer Guide, PermissionSet).
const PRINCIPAL_ELEMENT: &str = "externalCredentialPrincipal";
const CREDENTIAL: &str = "ExternalCredential";

/// What a reference refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Target {
    /// The metadata type, or the Salesforce object such as `User`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The full name.
    pub name: String,
    /// A part of that component: the principal of an external credential.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.kind, self.name)?;
        match &self.part {
            Some(part) => write!(formatter, "[{part}]"),
            None => Ok(()),
        }
    }
}

/// One name in a file that refers to a component, inside the project or not.
#[derive(Debug, Clone)]
pub(crate) struct Mention {
    /// The element path below the root.
    pub(crate) path: Box<str>,
    /// The position of the name; in a list that of the item.
    pub(crate) position: Position,
    pub(crate) target: Target,
}

/// The mentions of a file of this record, in the order of the file.
///
/// A project collects them when it reads a file, while the text is at hand. Linking a large project
/// would otherwise fetch each text and tree from memory a second time. A caller that reads files
/// one by one and links nothing does not pay for it.
pub(crate) fn mentions(file: &File, record: &'static RecordSchema) -> Box<[Mention]> {
    let mut mentions = Vec::new();
    read(record, file.document().root(), &mut mentions);
    mentions.into_boxed_slice()
}

fn read(record: &'static RecordSchema, element: Element<'_>, mentions: &mut Vec<Mention>) {
    for child in element.children() {
        let Some(field) = record.field(child.name()) else {
            continue;
        };
        if let FieldKind::Record(record) = field.kind {
            read(record, child, mentions);
        } else if field.element == PRINCIPAL_ELEMENT {
            note(child, CREDENTIAL, false, mentions);
        } else if let Some(kind) = field.references {
            note(child, kind, is_list_in_text(field), mentions);
        }
    }
}

fn note(element: Element<'_>, kind: &'static str, list: bool, mentions: &mut Vec<Mention>) {
    if element.is_nil() {
        return;
    }
    let document = element.document();
    for (offset, name) in element.items(list) {
        let (name, part) = if element.name() == PRINCIPAL_ELEMENT {
            // A credential's name has no hyphen; a principal's name may have several.
            match name.split_once('-') {
                Some((name, part)) => (name.to_owned(), Some(part.to_owned())),
                None => (name, None),
            }
        } else {
            (name, None)
        };
        mentions.push(Mention {
            path: element.path().into_boxed_str(),
            position: document.position(offset),
            target: Target { kind, name, part },
        });
    }
}

/// Whether a text member is a list of names or scopes with commas. No other member has commas
/// between names.
pub(crate) fn is_list_in_text(field: &FieldSchema) -> bool {
    field.element.starts_with("commaSeparated")
}
