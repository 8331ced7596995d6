//! A row of the store.

use bytes::Bytes;

use crate::store::error::StoreError;

/// A row to store.
pub(crate) struct Row<'a> {
    pub(crate) name: String,
    pub(crate) content: Content<'a>,
}

/// The content of a row.
pub(crate) enum Content<'a> {
    /// Text that is written when it differs from the stored one.
    Json(Vec<u8>),
    /// Bytes that never change while a row with this name exists.
    Fixed(Bytes),
    /// Text that is written once, in its final form.
    Settled(Box<dyn FnOnce() -> Result<Vec<u8>, StoreError> + 'a>),
}

/// What the store remembers about a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It is stored.
    Stored,
    /// It is stored in its final form.
    Settled,
    /// It is stored, and has this SHA-256.
    Digest([u8; 32]),
}
