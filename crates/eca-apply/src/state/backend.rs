//! Where objects are stored.

use std::error::Error as StdError;
use std::future::Future;

use sha2::{Digest as _, Sha256};

/// The most bytes of an object that is read.
pub const OBJECT_LIMIT: usize = 64 << 20;

/// Stores small objects by keys such as `00D…/state.json`. It has to keep three promises: an object
/// is whole or not there; of several creations at once, one succeeds; and so does one of several
/// replacements of the same version.
pub trait Backend: Send + Sync {
    /// Finds out whether the promises are kept, before a lock is taken.
    fn check(&self) -> impl Future<Output = Result<(), BackendError>> + Send {
        std::future::ready(Ok(()))
    }

    /// An object and its version; `None` when there is none. One over [`OBJECT_LIMIT`] is an error.
    fn get(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<Option<(Vec<u8>, ETag)>, BackendError>> + Send;

    /// The first parts of all keys, sorted.
    fn folders(&self) -> impl Future<Output = Result<Vec<String>, BackendError>> + Send;

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

    /// What the backend calls it.
    #[cfg(feature = "object-store")]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The SHA-256 of the content, where a backend has no versions of its own.
    pub(crate) fn of(content: &[u8]) -> Self {
        Self(Sha256::digest(content).to_vec())
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
    /// What kind of problem it is.
    pub kind: BackendErrorKind,
    /// The next step, if it is known.
    pub remedy: Option<&'static str>,
    /// The reason.
    #[source]
    pub source: Box<dyn StdError + Send + Sync>,
}

/// The kinds of problems of a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackendErrorKind {
    /// No credentials, or ones without the rights.
    Denied,
    /// The bucket does not exist.
    Missing,
    /// The bucket is in another region.
    Region,
    /// It could not be reached.
    Unreachable,
    /// It does not keep the promises of a [`Backend`].
    Conditions,
    /// Another one.
    Other,
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
            kind: BackendErrorKind::Other,
            remedy: None,
            source: source.into(),
        }
    }

    /// The same with its kind.
    #[must_use]
    pub fn with_kind(mut self, kind: BackendErrorKind) -> Self {
        self.kind = kind;
        self
    }

    /// The same with the next step.
    #[must_use]
    pub fn with_remedy(mut self, remedy: &'static str) -> Self {
        self.remedy = Some(remedy);
        self
    }
}
