//! The refresh token grant (RFC 6749 section 6; Salesforce Help, "OAuth 2.0 Refresh Token Flow for
//! Renewed Sessions").

use bytes::Bytes;
use eca_attest::ClientId;
use http::Request;

use crate::client::proof::ClientProof;
use crate::secret::RefreshToken;
use crate::step::{Step, StepKind};
use crate::urls::TokenEndpoint;
use crate::wire::form::Form;

/// Exchanges a refresh token for an access token. Where the app rotates, the response has the next
/// refresh token, and a request with the old one revokes all of them.
#[derive(Debug)]
pub struct RefreshGrant<'a> {
    endpoint: &'a TokenEndpoint,
    client_id: &'a ClientId,
    proof: ClientProof<'a>,
}

impl<'a> RefreshGrant<'a> {
    /// The grant of this client.
    pub fn new(
        endpoint: &'a TokenEndpoint,
        client_id: &'a ClientId,
        proof: ClientProof<'a>,
    ) -> Self {
        Self {
            endpoint,
            client_id,
            proof,
        }
    }

    /// The step that errors and reports name.
    pub fn step(endpoint: &TokenEndpoint) -> Step {
        Step::new(StepKind::Refresh, endpoint.host())
    }

    /// The request. [`TokenResponse::parse`](crate::grants::response::TokenResponse::parse) reads
    /// the response.
    pub fn request(&self, token: &RefreshToken) -> Request<Bytes> {
        let mut form = Form::post(self.endpoint.uri());
        form.add("grant_type", "refresh_token")
            .add("refresh_token", token.expose_secret())
            .prove(self.client_id, &self.proof);
        form.finish()
    }
}
