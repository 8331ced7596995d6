//! Caches client attestations.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::jwt::random::IdSource;
use crate::jwt::signed::SignedJwt;
use crate::mint::attestation::ClientAttestation;
use crate::mint::cache::TokenCache;
use crate::mint::error::MintError;
use crate::sign::Signer;

/// Provides client attestations for one app, and signs only when needed.
///
/// A token without `jti` may be sent any number of times, so it is cached until shortly before it
/// expires. Then one thread signs, and all threads that wait get its token. Salesforce accepts a
/// token with a `jti` once, so each call signs a new one.
///
/// ```
/// # #[cfg(feature = "rustcrypto")] {
/// use std::sync::Arc;
/// use std::time::SystemTime;
/// use eca_attest::{ClientAttestation, Minter, OsIds, PrivateKey, Provider};
///
/// # let pem = include_bytes!("../../tests/data/test-only-rsa-2048.pem");
/// let attestation = ClientAttestation::new(
///     "3MVG9example".parse()?,
///     "https://storefront.my.site.com".parse()?,
/// );
/// let signer = Provider::default().signer(&PrivateKey::read(pem)?)?;
/// let minter = Minter::new(attestation, signer, SystemTime::now, OsIds);
/// assert!(Arc::ptr_eq(&minter.mint()?, &minter.mint()?));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Minter {
    attestation: ClientAttestation,
    signer: Box<dyn Signer>,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    ids: Box<dyn IdSource>,
    margin: Duration,
    cache: TokenCache,
    /// Locked while a thread signs, so that the others wait for its token.
    signing: Mutex<()>,
}

impl Minter {
    /// Thirty seconds: enough for a slow request and a server clock that is a little ahead.
    pub const DEFAULT_MARGIN: Duration = Duration::from_secs(30);

    /// A minter with that clock and source of identifiers, for example
    /// [`SystemTime::now`] and [`OsIds`](crate::jwt::random::OsIds).
    pub fn new(
        attestation: ClientAttestation,
        signer: Box<dyn Signer>,
        clock: impl Fn() -> SystemTime + Send + Sync + 'static,
        ids: impl IdSource + 'static,
    ) -> Minter {
        Minter {
            attestation,
            signer,
            clock: Box::new(clock),
            ids: Box::new(ids),
            margin: Minter::DEFAULT_MARGIN,
            cache: TokenCache::default(),
            signing: Mutex::new(()),
        }
    }

    /// Sets how long before its expiry a token is replaced, at most half of its lifetime. The
    /// default is [`Minter::DEFAULT_MARGIN`].
    #[must_use]
    pub fn margin(mut self, margin: Duration) -> Minter {
        self.margin = margin;
        self
    }

    /// A token that is valid now.
    ///
    /// # Errors
    /// If signing fails. The error is not cached: the next call tries again.
    pub fn mint(&self) -> Result<Arc<SignedJwt>, MintError> {
        if self.attestation.is_single_use() {
            let token = self
                .attestation
                .sign(&*self.signer, (self.clock)(), &*self.ids)?;
            return Ok(Arc::new(token));
        }
        if let Some(token) = self.cache.get((self.clock)()) {
            return Ok(token);
        }
        let _guard = self.signing.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have signed meanwhile.
        let now = (self.clock)();
        if let Some(token) = self.cache.get(now) {
            return Ok(token);
        }
        let token = self.attestation.sign(&*self.signer, now, &*self.ids)?;
        let token = Arc::new(token);
        self.cache.put(&token, now, self.margin);
        Ok(token)
    }

    /// Drops the cached token, for example after the server has refused it.
    pub fn forget(&self) {
        self.cache.clear();
    }
}

impl fmt::Debug for Minter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Minter")
            .field("attestation", &self.attestation)
            .field("margin", &self.margin)
            .finish_non_exhaustive()
    }
}
