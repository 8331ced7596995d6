//! A row of the store.

use bytes::Bytes;

use crate::store::error::StoreError;

/// A row that is to be stored.
pub(crate) struct Row<'a> {
    pub(crate) name: String,
    pub(crate) content: Content<'a>,
}

/// The content of a row.
pub(crate) enum Content<'a> {
    /// Text that is written when it differs from the stored one.
    Json(Vec<u8>),
    /// Bytes that never change while there is a row of this name.
    Fixed(Bytes),
    /// Text that is written once, in its final form.
    Settled(Box<dyn FnOnce() -> Result<Vec<u8>, StoreError> + 'a>),
}

/// What the store remembers of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It is stored.
    Stored,
    /// It is stored in its final form.
    Settled,
    /// It is stored, and has this SHA-256.
    Digest([u8; 32]),
}
