//! [`Minter`](crate::mint::minter::Minter) for keys whose signatures have to be waited for.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use crate::jwt::random::IdSource;
use crate::mint::attestation::{ClientAttestation, SignedAttestation};
use crate::mint::cache::KeptToken;
use crate::mint::error::MintError;
use crate::mint::minter::Minter;
use crate::sign::AsyncSigner;

/// Hands out client attestations for one app as [`Minter`] does, signed by a KMS or an HSM that is
/// asked no more often than needed.
///
/// However many tasks ask while a token is being signed, all of them get that one. It is theirs in
/// common: whoever stops waiting takes nothing from the others, and when nobody waits any longer,
/// the signing is dropped and the next call begins anew. No lock is held while waiting, and no
/// runtime is needed.
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
/// // Every signer is an asynchronous one too; here a key in memory stands for a KMS.
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
    kept: KeptToken,
    /// Weak, so that a signing nobody waits for ends.
    running: Mutex<Option<WeakShared<Run>>>,
}

type Minted = Result<Arc<SignedAttestation>, Arc<MintError>>;
type Run = BoxFuture<'static, Minted>;

impl AsyncMinter {
    /// A minter with the clock and source of identifiers given, for example
    /// [`SystemTime::now`] and [`OsIds`](crate::jwt::random::OsIds). Tokens are replaced
    /// [`Minter::DEFAULT_MARGIN`] before their end.
    pub fn new(
        attestation: ClientAttestation,
        signer: Box<dyn AsyncSigner>,
        clock: impl Fn() -> SystemTime + Send + Sync + 'static,
        ids: impl IdSource + 'static,
    ) -> AsyncMinter {
        let (clock, ids) = (Box::new(clock), Box::new(ids));
        AsyncMinter::with_margin(attestation, signer, clock, ids, Minter::DEFAULT_MARGIN)
    }

    /// [`new`](AsyncMinter::new), with how long before its end a token is replaced; at most half of
    /// its lifetime counts.
    pub fn with_margin(
        attestation: ClientAttestation,
        signer: Box<dyn AsyncSigner>,
        clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
        ids: Box<dyn IdSource>,
        margin: Duration,
    ) -> AsyncMinter {
        AsyncMinter(Arc::new(Inner {
            attestation,
            signer,
            clock,
            ids,
            margin,
            kept: KeptToken::default(),
            running: Mutex::default(),
        }))
    }

    /// A token that is valid now. May be dropped at any time.
    ///
    /// # Errors
    /// If one has to be signed and cannot be; all who waited for it get the same error. Nothing is
    /// kept then: the next call tries again.
    pub async fn mint(&self) -> Result<Arc<SignedAttestation>, Arc<MintError>> {
        if self.0.attestation.is_single_use() {
            return self.0.sign((self.0.clock)()).await;
        }
        if let Some(token) = self.0.kept.get((self.0.clock)()) {
            return Ok(token);
        }
        // A block of its own: the lock has to be gone before anything is waited for.
        let run = {
            let mut running = self
                .0
                .running
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            // One that ended meanwhile has left its token.
            if let Some(token) = self.0.kept.get((self.0.clock)()) {
                return Ok(token);
            }
            let run = running.as_ref().and_then(WeakShared::upgrade);
            // One that is over failed, or its token is too old by now.
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

    /// Forgets the token that is kept, after the server has refused it for example.
    pub fn forget(&self) {
        self.0.kept.forget();
    }
}

impl Inner {
    /// Signs once, for all who wait, and keeps the token.
    fn start(inner: Arc<Inner>) -> Shared<Run> {
        async move {
            let now = (inner.clock)();
            let token = inner.sign(now).await?;
            inner.kept.put(&token, now, inner.margin);
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
