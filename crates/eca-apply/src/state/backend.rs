//! Where objects are stored.

use std::error::Error as StdError;
use std::future::Future;

/// Stores small objects by keys such as `00D…/state.json`. It has to keep three promises: an object
/// is whole or not there; of several creations at once, one succeeds; and so does one of several
/// replacements of the same version.
pub trait Backend: Send + Sync {
    /// An object and its version; `None` when there is none.
    fn get(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<Option<(Vec<u8>, ETag)>, BackendError>> + Send;

    /// Stores an object that must not exist yet.
    fn create(
        &self,
        key: &str,
        content: &[u8],
    ) -> impl Future<Output = Result<Put, BackendError>> + Send;

    /// Stores another content over exactly this version.
    fn replace(
        &self,
        key: &str,
        content: &[u8],
        version: &ETag,
    ) -> impl Future<Output = Result<Put, BackendError>> + Send;

    /// Removes exactly this version. That it is gone already is no error.
    fn remove(
        &self,
        key: &str,
        version: &ETag,
    ) -> impl Future<Output = Result<(), BackendError>> + Send;
}

/// The version of an object. Two of the same object are equal only when its content is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(Vec<u8>);

impl ETag {
    /// From what the backend calls it.
    pub fn new(tag: impl Into<Vec<u8>>) -> Self {
        Self(tag.into())
    }
}

/// What became of a conditional write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// The object is stored, and has this version.
    Stored(ETag),
    /// Another object, or version, is there. Nothing was changed.
    Refused,
}

/// A backend that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {key}")]
#[non_exhaustive]
pub struct BackendError {
    /// What was tried.
    pub operation: &'static str,
    /// The object.
    pub key: String,
    /// The reason.
    #[source]
    pub source: Box<dyn StdError + Send + Sync>,
}

impl BackendError {
    /// An operation on an object that failed.
    pub fn new(
        operation: &'static str,
        key: &str,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            operation,
            key: key.to_owned(),
            source: source.into(),
        }
    }
}
