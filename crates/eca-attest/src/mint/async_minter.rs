//! Caches client attestations that an asynchronous signer signs.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use crate::jwt::random::IdSource;
use crate::jwt::signed::SignedJwt;
use crate::mint::attestation::ClientAttestation;
use crate::mint::cache::TokenCache;
use crate::mint::error::MintError;
use crate::mint::minter::Minter;
use crate::sign::AsyncSigner;

/// [`Minter`] for an asynchronous signer, such as a KMS.
///
/// All tasks that wait for a signature get the same token. A task may stop waiting. When the last
/// one stops, the signing is dropped, and the next call starts a new one. No lock is held across an
/// await, and no runtime is needed.
///
/// ```
/// # #[cfg(feature = "rustcrypto")] {
/// use std::time::SystemTime;
/// use eca_attest::{AsyncMinter, ClientAttestation, OsIds, PrivateKey, Provider};
///
/// # let pem = include_bytes!("../../tests/data/test-only-rsa-2048.pem");
/// let attestation = ClientAttestation::new(
///     "3MVG9example".parse()?,
///     "https://storefront.my.site.com".parse()?,
/// );
/// // Every signer is also an asynchronous one; this one has its key in memory.
/// let signer = Provider::default().signer(&PrivateKey::read(pem)?)?;
/// let minter = AsyncMinter::new(attestation, Box::new(signer), SystemTime::now, OsIds);
/// let token = async { minter.mint().await };
/// # drop(token);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AsyncMinter {
    inner: Arc<Inner>,
    margin: Duration,
}

/// The part that a signing shares with its minter.
struct Inner {
    attestation: ClientAttestation,
    signer: Box<dyn AsyncSigner>,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    ids: Box<dyn IdSource>,
    cache: TokenCache,
    /// Weak, so that a signing that no task waits for ends.
    running: Mutex<Option<WeakShared<Run>>>,
}

type Minted = Result<Arc<SignedJwt>, Arc<MintError>>;
type Run = BoxFuture<'static, Minted>;

impl AsyncMinter {
    /// A minter with that clock and source of identifiers, for example
    /// [`SystemTime::now`] and [`OsIds`](crate::jwt::random::OsIds).
    pub fn new(
        attestation: ClientAttestation,
        signer: Box<dyn AsyncSigner>,
        clock: impl Fn() -> SystemTime + Send + Sync + 'static,
        ids: impl IdSource + 'static,
    ) -> AsyncMinter {
        let inner = Inner {
            attestation,
            signer,
            clock: Box::new(clock),
            ids: Box::new(ids),
            cache: TokenCache::default(),
            running: Mutex::default(),
        };
        AsyncMinter {
            inner: Arc::new(inner),
            margin: Minter::DEFAULT_MARGIN,
        }
    }

    /// Sets how long before its expiry a token is replaced, at most half of its lifetime. The
    /// default is [`Minter::DEFAULT_MARGIN`].
    #[must_use]
    pub fn margin(mut self, margin: Duration) -> AsyncMinter {
        self.margin = margin;
        self
    }

    /// A token that is valid now. The future may be dropped at any time.
    ///
    /// # Errors
    /// If signing fails; all callers that wait for the signature get the same error. It is not
    /// cached: the next call tries again.
    pub async fn mint(&self) -> Result<Arc<SignedJwt>, Arc<MintError>> {
        let inner = &self.inner;
        if inner.attestation.is_single_use() {
            return inner.sign((inner.clock)()).await;
        }
        if let Some(token) = inner.cache.get((inner.clock)()) {
            return Ok(token);
        }
        // A block, so that the lock is released before the await.
        let run = {
            let mut running = inner.running.lock().unwrap_or_else(PoisonError::into_inner);
            // A signing that ended meanwhile has cached its token.
            if let Some(token) = inner.cache.get((inner.clock)()) {
                return Ok(token);
            }
            let run = running.as_ref().and_then(WeakShared::upgrade);
            // A signing that is over failed, or its token is too old.
            if let Some(run) = run.filter(|run| run.peek().is_none()) {
                run
            } else {
                let run = Inner::start(Arc::clone(inner), self.margin);
                *running = run.downgrade();
                run
            }
        };
        run.await
    }

    /// Drops the cached token, for example after the server has refused it.
    pub fn forget(&self) {
        self.inner.cache.clear();
    }
}

impl Inner {
    /// Signs once, for all tasks that wait, and caches the token.
    fn start(inner: Arc<Inner>, margin: Duration) -> Shared<Run> {
        async move {
            let now = (inner.clock)();
            let token = inner.sign(now).await?;
            inner.cache.put(&token, now, margin);
            Ok(token)
        }
        .boxed()
        .shared()
    }

    async fn sign(&self, now: SystemTime) -> Minted {
        let signed = self.attestation.sign_async(&*self.signer, now, &*self.ids);
        signed.await.map(Arc::new).map_err(Arc::new)
    }
}

impl fmt::Debug for AsyncMinter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncMinter")
            .field("attestation", &self.inner.attestation)
            .field("margin", &self.margin)
            .finish_non_exhaustive()
    }
}
