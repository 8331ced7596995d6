//! [`Minter`](crate::mint::minter::Minter) for asynchronous signers.

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

/// Provides client attestations for one app as [`Minter`] does, signed by a KMS or an HSM.
///
/// All tasks that wait for a signature get the same token. A task may stop waiting; when the last
/// one does, the signing is dropped, and the next call starts a new one. No lock is held across an
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
/// // Every signer is an asynchronous one too; here with a key in memory.
/// let signer = Provider::default().signer(&PrivateKey::read(pem)?)?;
/// let minter = AsyncMinter::new(attestation, Box::new(signer), SystemTime::now, OsIds);
/// let token = async { minter.mint().await };
/// # drop(token);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AsyncMinter(Arc<Inner>);

struct Inner {
    attestation: ClientAttestation,
    signer: Box<dyn AsyncSigner>,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    ids: Box<dyn IdSource>,
    margin: Duration,
    cache: TokenCache,
    /// Weak, so that a signing that no task waits for ends.
    running: Mutex<Option<WeakShared<Run>>>,
}

type Minted = Result<Arc<SignedJwt>, Arc<MintError>>;
type Run = BoxFuture<'static, Minted>;

impl AsyncMinter {
    /// A minter with the clock and source of identifiers given, for example
    /// [`SystemTime::now`] and [`OsIds`](crate::jwt::random::OsIds).
    pub fn new(
        attestation: ClientAttestation,
        signer: Box<dyn AsyncSigner>,
        clock: impl Fn() -> SystemTime + Send + Sync + 'static,
        ids: impl IdSource + 'static,
    ) -> AsyncMinter {
        AsyncMinter(Arc::new(Inner {
            attestation,
            signer,
            clock: Box::new(clock),
            ids: Box::new(ids),
            margin: Minter::DEFAULT_MARGIN,
            cache: TokenCache::default(),
            running: Mutex::default(),
        }))
    }

    /// Sets how long before its end a token is replaced; at most half of its lifetime counts.
    #[must_use]
    pub fn margin(mut self, margin: Duration) -> AsyncMinter {
        // Only `mint` shares the parts of the minter.
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.margin = margin;
        }
        self
    }

    /// A token that is valid now. The future may be dropped at any time.
    ///
    /// # Errors
    /// If one has to be signed and cannot be; all callers that waited get the same error. Nothing
    /// is cached then: the next call tries again.
    pub async fn mint(&self) -> Result<Arc<SignedJwt>, Arc<MintError>> {
        if self.0.attestation.is_single_use() {
            return self.0.sign((self.0.clock)()).await;
        }
        if let Some(token) = self.0.cache.get((self.0.clock)()) {
            return Ok(token);
        }
        // A block, so that the lock is released before the await.
        let run = {
            let mut running = self
                .0
                .running
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            // A signing that ended meanwhile has cached its token.
            if let Some(token) = self.0.cache.get((self.0.clock)()) {
                return Ok(token);
            }
            let run = running.as_ref().and_then(WeakShared::upgrade);
            // A signing that is over failed, or its token is too old.
            if let Some(run) = run.filter(|run| run.peek().is_none()) {
                run
            } else {
                let run = Inner::start(Arc::clone(&self.0));
                *running = run.downgrade();
                run
            }
        };
        run.await
    }

    /// Drops the cached token, for example after the server has refused it.
    pub fn forget(&self) {
        self.0.cache.clear();
    }
}

impl Inner {
    /// Signs once, for all tasks that wait, and caches the token.
    fn start(inner: Arc<Inner>) -> Shared<Run> {
        async move {
            let now = (inner.clock)();
            let token = inner.sign(now).await?;
            inner.cache.put(&token, now, inner.margin);
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
            .field("attestation", &self.0.attestation)
            .field("margin", &self.0.margin)
            .finish_non_exhaustive()
    }
}
