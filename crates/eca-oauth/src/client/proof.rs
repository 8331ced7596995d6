//! Client authentication, at every endpoint that requires it.

use std::fmt;
use std::sync::Arc;

use eca_attest::AssertionMinter;
use eca_attest::ClientId;
use eca_http::{BoxFuture, HttpClient, Idempotency};

use crate::client::authentication::ClientAuthentication;
use crate::error::Error;
use crate::secret::{AssertionJwt, ClientSecret};
use crate::sources::attestation::AttestationError;
use crate::step::Step;
use crate::wire::form::Form;

/// The proof in one request.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientProof<'a> {
    /// None: a public client.
    None,
    /// The consumer secret.
    Secret(&'a ClientSecret, ClientAuthentication),
    /// A signed assertion (RFC 7523 section 2.2). Salesforce reads it only when no secret is sent,
    /// requires the client id as `iss` and `sub` and the token endpoint as `aud`, and accepts a
    /// lifetime of at most five minutes.
    Assertion(AssertionJwt),
}

/// The credential of a client that fetches tokens repeatedly.
#[non_exhaustive]
pub enum ClientCredential {
    /// Nothing: a public client.
    Public,
    /// The consumer secret.
    Secret(ClientSecret, ClientAuthentication),
    /// Signed assertions, one per request.
    Assertion(Arc<dyn AssertionSource>),
}

/// Gives a signed assertion for each request that needs one: as a grant (RFC 7523 section 2.1) or
/// as client authentication (section 2.2). An [`AssertionMinter`] is a source, and so are closures.
pub trait AssertionSource: Send + Sync {
    /// The assertion for the next request. Salesforce refuses a `jti` that it has seen, so the
    /// assertion must be new, or have no `jti`.
    ///
    /// # Errors
    ///
    /// [`AttestationError`] when none can be made.
    fn assertion(&self) -> BoxFuture<'_, Result<AssertionJwt, AttestationError>>;
}

impl<F, E> AssertionSource for F
where
    F: Fn() -> Result<AssertionJwt, E> + Send + Sync,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn assertion(&self) -> BoxFuture<'_, Result<AssertionJwt, AttestationError>> {
        let made = self().map_err(AttestationError::new);
        Box::pin(std::future::ready(made))
    }
}

impl AssertionSource for AssertionMinter {
    fn assertion(&self) -> BoxFuture<'_, Result<AssertionJwt, AttestationError>> {
        Box::pin(async {
            let minted = self.mint().await.map_err(AttestationError::new)?;
            Ok((&minted).into())
        })
    }
}

impl ClientCredential {
    /// How a request with this credential is sent. It may be retried, since one more token does no
    /// harm, but an assertion may be valid for one request only.
    pub(crate) fn send_policy(&self, http: &HttpClient) -> (HttpClient, Idempotency) {
        match self {
            Self::Public | Self::Secret(..) => (http.clone(), Idempotency::Idempotent),
            Self::Assertion(_) => (
                http.clone().without_response_retry(),
                Idempotency::NotIdempotent,
            ),
        }
    }

    /// The proof for one request of this step.
    ///
    /// # Errors
    ///
    /// [`Error::Assertion`] when none can be signed.
    pub async fn proof(&self, step: &Step) -> Result<ClientProof<'_>, Error> {
        Ok(match self {
            Self::Public => ClientProof::None,
            Self::Secret(secret, how) => ClientProof::Secret(secret, *how),
            Self::Assertion(source) => ClientProof::Assertion(assertion(&**source, step).await?),
        })
    }
}

impl fmt::Debug for ClientCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "Public",
            Self::Secret(..) => "Secret(…)",
            Self::Assertion(_) => "Assertion(…)",
        })
    }
}

/// An assertion for this step.
pub(crate) async fn assertion(
    source: &dyn AssertionSource,
    step: &Step,
) -> Result<AssertionJwt, Error> {
    let made = source.assertion().await;
    made.map_err(|source| Error::Assertion {
        step: step.clone(),
        source,
    })
}

impl Form {
    /// Adds the client and its proof.
    pub(crate) fn prove(&mut self, id: &ClientId, proof: &ClientProof<'_>) -> &mut Self {
        match proof {
            ClientProof::None => self.authenticate(ClientAuthentication::None, id, None),
            ClientProof::Secret(secret, how) => self.authenticate(*how, id, Some(secret)),
            ClientProof::Assertion(jwt) => self
                .add("client_id", id.as_str())
                .add(
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                )
                .add("client_assertion", jwt.expose_secret()),
        }
    }
}
