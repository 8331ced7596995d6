//! The identity of a component.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::types::MetadataType;

/// Type and full name, as manifests list them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ComponentId {
    /// The metadata type.
    pub kind: MetadataType,
    /// The full name, which is the file's base name.
    pub name: String,
}

impl ComponentId {
    /// The component of this type with this name.
    pub fn new(kind: MetadataType, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
        }
    }
}

impl fmt::Display for ComponentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.kind, self.name)
    }
}

impl Serialize for ComponentId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("ComponentId", 2)?;
        record.serialize_field("type", self.kind.name())?;
        record.serialize_field("name", &self.name)?;
        record.end()
    }
}
