//! Where refresh tokens are kept.

use std::error::Error as StdError;
use std::fmt;

use eca_http::BoxFuture;
use futures_util::lock::{Mutex, MutexGuard};

use crate::secret::RefreshToken;

/// Keeps one refresh token, for all who may use it.
///
/// A rotated token is written here before its access token is used: a program that dies in between
/// must not lose the family. And nobody else may refresh meanwhile, in this process or another one:
/// the second would show a token that has been used.
pub trait RefreshStore: Send + Sync {
    /// Waits until nobody else holds the token.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be had.
    fn lock(&self) -> BoxFuture<'_, Result<Box<dyn HeldRefreshToken + '_>, StoreError>>;
}

/// The token, held alone; dropping it lets others at it.
pub trait HeldRefreshToken: Send {
    /// The newest token.
    fn token(&self) -> &RefreshToken;

    /// Keeps the next one, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be kept; the old one is still there.
    fn replace(&mut self, token: RefreshToken) -> Result<(), StoreError>;
}

/// A refresh token could not be read or kept.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct StoreError {
    what: String,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl StoreError {
    /// With a text that names the store.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            source: None,
        }
    }

    /// The same with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// A refresh token in memory. What is rotated is gone with the process.
pub struct MemoryRefreshStore(Mutex<RefreshToken>);

impl MemoryRefreshStore {
    /// This token.
    pub fn new(token: RefreshToken) -> Self {
        Self(Mutex::new(token))
    }
}

impl RefreshStore for MemoryRefreshStore {
    fn lock(&self) -> BoxFuture<'_, Result<Box<dyn HeldRefreshToken + '_>, StoreError>> {
        Box::pin(async {
            let held: Box<dyn HeldRefreshToken> = Box::new(InMemory(self.0.lock().await));
            Ok(held)
        })
    }
}

impl fmt::Debug for MemoryRefreshStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryRefreshStore(…)")
    }
}

struct InMemory<'a>(MutexGuard<'a, RefreshToken>);

impl HeldRefreshToken for InMemory<'_> {
    fn token(&self) -> &RefreshToken {
        &self.0
    }

    fn replace(&mut self, token: RefreshToken) -> Result<(), StoreError> {
        *self.0 = token;
        Ok(())
    }
}
