//! What the org calls a component.

use std::fmt;

use eca_model::{ComponentName, MetadataType};

/// Type and full name of a component. The org has components of known types only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ComponentKey {
    pub(crate) kind: MetadataType,
    pub(crate) name: String,
}

impl ComponentKey {
    pub(crate) fn new(kind: MetadataType, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { kind, name }
    }
}

impl From<ComponentKey> for ComponentName {
    fn from(key: ComponentKey) -> Self {
        Self::new(key.kind, key.name)
    }
}

impl fmt::Display for ComponentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.manifest_name(), self.name)
    }
}
