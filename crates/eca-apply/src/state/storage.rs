//! Any of the backends.

use crate::state::backend::{Backend, BackendError, ETag, Put};
use crate::state::folder::Folder;
use crate::state::memory::Memory;
#[cfg(feature = "object-store")]
use crate::state::object_storage::ObjectStorage;

/// Any of the backends, where it is chosen while the program runs.
#[derive(Debug)]
#[non_exhaustive]
pub enum Storage {
    /// A folder.
    Folder(Folder),
    /// Memory.
    Memory(Memory),
    /// A bucket.
    #[cfg(feature = "object-store")]
    Objects(Box<ObjectStorage>),
}

/// The same call, whichever it is.
macro_rules! each {
    ($self:ident, $backend:ident => $call:expr) => {
        match $self {
            Self::Folder($backend) => $call.await,
            Self::Memory($backend) => $call.await,
            #[cfg(feature = "object-store")]
            Self::Objects($backend) => $call.await,
        }
    };
}

impl Backend for Storage {
    async fn check(&self) -> Result<(), BackendError> {
        each!(self, backend => backend.check())
    }

    async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, ETag)>, BackendError> {
        each!(self, backend => backend.get(key))
    }

    async fn folders(&self) -> Result<Vec<String>, BackendError> {
        each!(self, backend => backend.folders())
    }

    async fn create(&self, key: &str, content: &[u8]) -> Result<Put, BackendError> {
        each!(self, backend => backend.create(key, content))
    }

    async fn replace(
        &self,
        key: &str,
        content: &[u8],
        version: &ETag,
    ) -> Result<Put, BackendError> {
        each!(self, backend => backend.replace(key, content, version))
    }

    async fn remove(&self, key: &str, version: &ETag) -> Result<(), BackendError> {
        each!(self, backend => backend.remove(key, version))
    }
}
