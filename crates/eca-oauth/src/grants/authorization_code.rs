//! The authorization code grant (RFC 6749 section 4.1.3).

use bytes::Bytes;
use eca_attest::ClientId;
use http::Request;

use crate::client::authentication::ClientAuthentication;
use crate::client::pkce::PkceVerifier;
use crate::client::proof::ClientProof;
use crate::secret::{AuthorizationCode, ClientSecret};
use crate::step::{Step, StepKind};
use crate::urls::TokenEndpoint;
use crate::wire::form::Form;

/// The authorization code grant with PKCE (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
///
/// [`into_request`](Self::into_request) consumes it with code and verifier, since both are valid
/// for one request only.
#[derive(Debug)]
pub struct AuthorizationCodeGrant<'a> {
    endpoint: &'a TokenEndpoint,
    client_id: &'a ClientId,
    code: AuthorizationCode,
    verifier: PkceVerifier,
    proof: ClientProof<'a>,
    redirect_uri: Option<&'a str>,
}

impl<'a> AuthorizationCodeGrant<'a> {
    /// Redeems `code` at `endpoint`, without a secret and without a redirect URI.
    pub fn new(
        endpoint: &'a TokenEndpoint,
        client_id: &'a ClientId,
        code: AuthorizationCode,
        verifier: PkceVerifier,
    ) -> Self {
        Self {
            endpoint,
            client_id,
            code,
            verifier,
            proof: ClientProof::None,
            redirect_uri: None,
        }
    }

    /// Authenticates with the client's secret.
    #[must_use]
    pub fn with_secret(mut self, secret: &'a ClientSecret, how: ClientAuthentication) -> Self {
        self.proof = ClientProof::Secret(secret, how);
        self
    }

    /// Authenticates with another proof.
    #[must_use]
    pub fn with_proof(mut self, proof: ClientProof<'a>) -> Self {
        self.proof = proof;
        self
    }

    /// Sends the redirect URI of the authorization request. A challenge has none, and then none
    /// must be sent here (OAuth 2.0 for First-Party Applications section 6).
    #[must_use]
    pub fn with_redirect_uri(mut self, redirect_uri: &'a str) -> Self {
        self.redirect_uri = Some(redirect_uri);
        self
    }

    /// The step that errors and reports name.
    pub fn step(&self) -> Step {
        Step::new(StepKind::AuthorizationCode, self.endpoint.host())
    }

    /// The one request. [`TokenResponse::parse`](crate::grants::response::TokenResponse::parse)
    /// reads the response.
    pub fn into_request(self) -> Request<Bytes> {
        let mut form = Form::post(self.endpoint.uri());
        form.add("grant_type", "authorization_code")
            .add("code", self.code.expose_secret())
            .add("code_verifier", self.verifier.expose_secret())
            .add_some("redirect_uri", self.redirect_uri)
            .prove(self.client_id, &self.proof);
        form.finish()
    }
}
