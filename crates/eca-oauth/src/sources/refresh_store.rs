//! Stores of refresh tokens.

use std::error::Error as StdError;
use std::fmt;

use eca_http::BoxFuture;
use futures_util::lock::{Mutex, MutexGuard};

use crate::secret::RefreshToken;

/// Stores one refresh token for every process and thread that may use it.
///
/// A rotated token is stored before its access token is used: a program that crashes in between
/// must not lose the token family. The lock keeps every other user, in this process or another one,
/// from a refresh at the same time: the second request would send a token that is used up.
pub trait RefreshStore: Send + Sync {
    /// Waits for the lock.
    ///
    /// # Errors
    ///
    /// [`RefreshStoreError`] when the store cannot be locked or read.
    fn lock(&self) -> BoxFuture<'_, Result<Box<dyn RefreshTokenGuard + '_>, RefreshStoreError>>;
}

/// Exclusive access to the token until the guard is dropped.
pub trait RefreshTokenGuard: Send {
    /// The newest token.
    fn token(&self) -> &RefreshToken;

    /// Stores the next token, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`RefreshStoreError`] when it cannot be stored; the old one is still there.
    fn replace(&mut self, token: RefreshToken) -> BoxFuture<'_, Result<(), RefreshStoreError>>;
}

/// A refresh token could not be read or stored.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct RefreshStoreError {
    what: String,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl RefreshStoreError {
    /// An error whose text names the store.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            source: None,
        }
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// A refresh token in memory. A rotated token is lost when the process ends.
pub struct MemoryRefreshStore(Mutex<RefreshToken>);

impl MemoryRefreshStore {
    /// A store with this token.
    pub fn new(token: RefreshToken) -> Self {
        Self(Mutex::new(token))
    }
}

impl RefreshStore for MemoryRefreshStore {
    fn lock(&self) -> BoxFuture<'_, Result<Box<dyn RefreshTokenGuard + '_>, RefreshStoreError>> {
        Box::pin(async {
            let guard: Box<dyn RefreshTokenGuard> = Box::new(MemoryGuard(self.0.lock().await));
            Ok(guard)
        })
    }
}

impl fmt::Debug for MemoryRefreshStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryRefreshStore(…)")
    }
}

struct MemoryGuard<'a>(MutexGuard<'a, RefreshToken>);

impl RefreshTokenGuard for MemoryGuard<'_> {
    fn token(&self) -> &RefreshToken {
        &self.0
    }

    fn replace(&mut self, token: RefreshToken) -> BoxFuture<'_, Result<(), RefreshStoreError>> {
        *self.0 = token;
        Box::pin(std::future::ready(Ok(())))
    }
}
