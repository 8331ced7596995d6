//! Canonical files of typed values.

use crate::file::decode::Described;
use crate::types::Metadata;
use crate::xml::write_document;

/// The canonical file of a value: the form that an org's retrieve has.
pub fn encode<T: Described>(value: &T) -> String {
    write_document(T::TYPE_SCHEMA.name, &value.members())
}

impl Metadata {
    /// The canonical file of the value; see [`encode`].
    pub fn encode(&self) -> String {
        write_document(self.metadata_type().schema().name, &self.members())
    }
}
