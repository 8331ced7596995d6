//! Sources of client attestations, which are signed outside of this crate.

use std::error::Error as StdError;

use eca_http::BoxFuture;

use crate::secret::ClientAttestationJwt;

/// Gives a client attestation for each request that needs one.
///
/// It is called once per request: Salesforce refuses a `jti` that it has seen (Salesforce Help,
/// "OAuth 2.0 for First-Party Applications: Generate a Client Attestation JWT"), so each
/// attestation must be new, or have no `jti`. Closures are sources; implement the trait for a key
/// that signs asynchronously.
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

impl From<eca_attest::SignedJwt> for ClientAttestationJwt {
    fn from(signed: eca_attest::SignedJwt) -> Self {
        Self::from_compact_jws(signed.expose_jwt())
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
