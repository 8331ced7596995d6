//! The names in one file that refer to other components.

use std::fmt;

use serde::Serialize;

use crate::file::File;
use crate::project::component_name::ComponentName;
use crate::schema::{FieldKind, FieldSchema, RecordSchema};
use crate::values::position::Position;
use crate::xml::Element;

/// What a reference means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Target {
    /// The component, or another Salesforce object such as `User:bot@acme.example`.
    pub component: ComponentName,
    /// A part of that component: the principal of an external credential.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.component)?;
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
        } else if let Some(kind) = field.references {
            note(child, kind, field, mentions);
        }
    }
}

fn note(
    element: Element<'_>,
    kind: &'static str,
    field: &FieldSchema,
    mentions: &mut Vec<Mention>,
) {
    if element.is_nil() {
        return;
    }
    let document = element.document();
    for (offset, name) in element.items(field.list_in_text) {
        // A credential's name has no hyphen, a principal's may have several (Metadata API Developer
        // Guide, PermissionSet).
        let split = field.part.and_then(|separator| name.split_once(separator));
        let (name, part) = match split {
            Some((name, part)) => (name.to_owned(), Some(part.to_owned())),
            None => (name, None),
        };
        mentions.push(Mention {
            path: element.path().into_boxed_str(),
            position: document.position(offset),
            target: Target {
                component: ComponentName::new(kind, name),
                part,
            },
        });
    }
}
