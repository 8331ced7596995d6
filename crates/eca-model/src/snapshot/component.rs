//! What one component means.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::field::{FieldPath, FieldValue};

/// The meaning of one component.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ComponentSnapshot {
    /// The app that the component belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub app: Option<String>,
    /// The members, but for those that have their default and those that an org makes. A record
    /// that is there has an entry too, so that an empty one differs from none.
    pub fields: BTreeMap<FieldPath, FieldValue>,
    /// Members that are written out and have their default. They do not count when snapshots are
    /// compared, and tell what a project decides from what it leaves open.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub written_defaults: BTreeMap<FieldPath, FieldValue>,
    /// Members that an org makes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub org_made: BTreeMap<FieldPath, FieldValue>,
    /// Of the file beside it, such as the `.crt` of a certificate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub content: Option<ContentSnapshot>,
}

/// A content file, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContentSnapshot {
    /// The size in bytes.
    pub bytes: u64,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
}

impl ComponentSnapshot {
    /// The value that is written for a member, whether it is the default or not.
    pub fn value(&self, path: &FieldPath) -> Option<&FieldValue> {
        self.fields
            .get(path)
            .or_else(|| self.written_defaults.get(path))
            .or_else(|| self.org_made.get(path))
    }

    /// The paths of all members that are written.
    pub fn paths(&self) -> impl Iterator<Item = &FieldPath> {
        let written = self.fields.keys().chain(self.written_defaults.keys());
        written.chain(self.org_made.keys())
    }

    /// Whether the record around a member is there. The root always is.
    pub(crate) fn has_parent(&self, path: &FieldPath) -> bool {
        let parent = path.parent();
        parent.is_none_or(|parent| self.fields.contains_key(&parent))
    }
}

/// Equal meaning: what only an org makes counts, and whether a default is written out does not.
impl PartialEq for ComponentSnapshot {
    fn eq(&self, other: &Self) -> bool {
        self.app == other.app
            && self.fields == other.fields
            && self.org_made == other.org_made
            && self.content == other.content
    }
}

impl Eq for ComponentSnapshot {}
