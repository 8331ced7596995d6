//! Signing no more often than needed.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use crate::attestation::{ClientAttestation, SignedAttestation};
use crate::mint_error::MintError;
use crate::random::IdSource;
use crate::signer::Signer;

/// Hands out client attestations for one app, and signs only when it has to.
///
/// A token without `jti` may be sent any number of times, so it is kept until shortly before it
/// expires; however many threads ask at that moment, one signs and the others get its token. A
/// token with a `jti` is taken once by Salesforce, so each call signs a new one.
///
/// ```
/// # #[cfg(feature = "rustcrypto")] {
/// use std::sync::Arc;
/// use std::time::SystemTime;
/// use eca_attest::{ClientAttestation, Minter, OsIds, PrivateKey, Provider};
///
/// # let pem = include_bytes!("../tests/data/test-only-rsa-2048.pem");
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
    kept: RwLock<Option<Kept>>,
    /// Held while signing, so that a burst waits for one signature.
    signing: Mutex<()>,
}

/// A token, and when it may be handed out.
pub(crate) struct Kept {
    token: Arc<SignedAttestation>,
    from: SystemTime,
    until: SystemTime,
}

impl Kept {
    /// One that was signed `now`; at most half of its lifetime counts as `margin`.
    pub(crate) fn new(token: &Arc<SignedAttestation>, now: SystemTime, margin: Duration) -> Kept {
        let end = token.expires_at().to_system_time();
        let lifetime = end.duration_since(now).unwrap_or_default();
        let until = end.checked_sub(margin.min(lifetime / 2));
        Kept {
            token: Arc::clone(token),
            from: now,
            until: until.unwrap_or(now),
        }
    }

    pub(crate) fn at(&self, now: SystemTime) -> Option<Arc<SignedAttestation>> {
        // A clock that was set back would send a token from the future.
        (self.from <= now && now < self.until).then(|| Arc::clone(&self.token))
    }
}

impl Minter {
    /// How long before its end a token is replaced, unless half of its lifetime is less: enough
    /// for a slow request, and for a clock that is a little ahead.
    pub const DEFAULT_MARGIN: Duration = Duration::from_secs(30);

    /// A minter with the clock and source of identifiers given, for example
    /// [`SystemTime::now`] and [`OsIds`](crate::OsIds).
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
            kept: RwLock::new(None),
            signing: Mutex::new(()),
        }
    }

    /// Sets how long before its end a token is replaced; at most half of its lifetime counts.
    #[must_use]
    pub fn margin(mut self, margin: Duration) -> Minter {
        self.margin = margin;
        self
    }

    /// A token that is valid now.
    ///
    /// # Errors
    /// If one has to be signed and cannot be. Nothing is kept then: the next call tries again.
    pub fn mint(&self) -> Result<Arc<SignedAttestation>, MintError> {
        if self.attestation.is_single_use() {
            let token = self
                .attestation
                .sign(&*self.signer, (self.clock)(), &*self.ids)?;
            return Ok(Arc::new(token));
        }
        if let Some(token) = self.kept((self.clock)()) {
            return Ok(token);
        }
        let _one_at_a_time = self.signing.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever was here before may have signed it.
        let now = (self.clock)();
        if let Some(token) = self.kept(now) {
            return Ok(token);
        }
        let token = self.attestation.sign(&*self.signer, now, &*self.ids)?;
        let token = Arc::new(token);
        let kept = Kept::new(&token, now, self.margin);
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(token)
    }

    /// Forgets the token that is kept, after the server has refused it for example.
    pub fn forget(&self) {
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn kept(&self, now: SystemTime) -> Option<Arc<SignedAttestation>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref()?.at(now)
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
