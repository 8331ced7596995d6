//! Sources of client attestations, which are signed outside of this crate.

use std::error::Error as StdError;
use std::sync::Arc;

use eca_attest::{AsyncMinter, Minter};
use eca_http::BoxFuture;

use crate::secret::ClientAttestationJwt;

/// Gives a client attestation for each request that needs one.
///
/// It is called once per request: Salesforce refuses a `jti` that it has seen (Salesforce Help,
/// "OAuth 2.0 for First-Party Applications: Generate a Client Attestation JWT"), so each
/// attestation must be new, or have no `jti`. A [`Minter`] and an [`AsyncMinter`] are sources, and
/// so are closures.
///
/// ```
/// use eca_oauth::{AttestationSource, ClientAttestationJwt, InvalidSecret};
///
/// fn takes(_: &dyn AttestationSource) {}
/// takes(&|| ClientAttestationJwt::new("eyJ…") as Result<_, InvalidSecret>);
/// ```
pub trait AttestationSource: Send + Sync {
    /// The attestation for the next request.
    ///
    /// # Errors
    ///
    /// [`AttestationError`] when none can be made.
    fn attestation(&self) -> BoxFuture<'_, Result<ClientAttestationJwt, AttestationError>>;
}

impl<F, E> AttestationSource for F
where
    F: Fn() -> Result<ClientAttestationJwt, E> + Send + Sync,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    fn attestation(&self) -> BoxFuture<'_, Result<ClientAttestationJwt, AttestationError>> {
        let made = self().map_err(AttestationError::new);
        Box::pin(std::future::ready(made))
    }
}

/// Signs in the calling thread, with a key in memory about a millisecond.
impl AttestationSource for Minter {
    fn attestation(&self) -> BoxFuture<'_, Result<ClientAttestationJwt, AttestationError>> {
        let minted = self.mint().map(|signed| (&*signed).into());
        Box::pin(std::future::ready(minted.map_err(AttestationError::new)))
    }
}

impl AttestationSource for AsyncMinter {
    fn attestation(&self) -> BoxFuture<'_, Result<ClientAttestationJwt, AttestationError>> {
        Box::pin(async {
            let minted = self.mint().await.map_err(AttestationError::new)?;
            Ok((&*minted).into())
        })
    }
}

impl<T: AttestationSource + ?Sized> AttestationSource for Arc<T> {
    fn attestation(&self) -> BoxFuture<'_, Result<ClientAttestationJwt, AttestationError>> {
        (**self).attestation()
    }
}

/// A client attestation could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the client attestation could not be made")]
pub struct AttestationError(#[source] Box<dyn StdError + Send + Sync>);

impl AttestationError {
    /// With this cause.
    pub fn new(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}
