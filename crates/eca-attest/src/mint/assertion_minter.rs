//! Makes an assertion for each request.

use std::fmt;
use std::time::SystemTime;

use crate::jwt::random::IdSource;
use crate::jwt::signed::SignedJwt;
use crate::mint::assertion::Assertion;
use crate::mint::error::MintError;
use crate::sign::AsyncSigner;

/// Provides assertions for one app, as [`AsyncMinter`](crate::mint::async_minter::AsyncMinter)
/// provides attestations. Each call signs a new one: servers accept a `jti` once.
///
/// ```
/// # #[cfg(feature = "rustcrypto")] {
/// use std::time::SystemTime;
/// use eca_attest::{Assertion, AssertionMinter, Jti, OsIds, PrivateKey, Provider};
///
/// # let pem = include_bytes!("../../tests/data/test-only-rsa-2048.pem");
/// let assertion = Assertion::jwt_bearer(
///     "3MVG9example".parse()?,
///     "deployer@example.com",
///     "https://login.salesforce.com".parse()?,
/// )
/// .id(Jti::Fresh);
/// // Every signer is also an asynchronous one; this one has its key in memory.
/// let signer = Provider::default().signer(&PrivateKey::read(pem)?)?;
/// let minter = AssertionMinter::new(assertion, Box::new(signer), SystemTime::now, OsIds);
/// let token = async { minter.mint().await };
/// # drop(token);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AssertionMinter {
    assertion: Assertion,
    signer: Box<dyn AsyncSigner>,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    ids: Box<dyn IdSource>,
}

impl AssertionMinter {
    /// A minter with that clock and source of identifiers, for example
    /// [`SystemTime::now`] and [`OsIds`](crate::jwt::random::OsIds).
    pub fn new(
        assertion: Assertion,
        signer: Box<dyn AsyncSigner>,
        clock: impl Fn() -> SystemTime + Send + Sync + 'static,
        ids: impl IdSource + 'static,
    ) -> AssertionMinter {
        AssertionMinter {
            assertion,
            signer,
            clock: Box::new(clock),
            ids: Box::new(ids),
        }
    }

    /// A new token, valid from now.
    ///
    /// # Errors
    /// Those of [`Assertion::sign_async`].
    pub async fn mint(&self) -> Result<SignedJwt, MintError> {
        let signed = self
            .assertion
            .sign_async(&*self.signer, (self.clock)(), &*self.ids);
        signed.await
    }
}

impl fmt::Debug for AssertionMinter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssertionMinter")
            .field("assertion", &self.assertion)
            .finish_non_exhaustive()
    }
}
