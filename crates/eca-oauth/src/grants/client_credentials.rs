//! The client credentials grant (RFC 6749 section 4.4).

use bytes::Bytes;
use eca_attest::ClientId;
use http::Request;

use crate::client::proof::ClientProof;
use crate::error::Error;
use crate::step::{Step, StepKind};
use crate::urls::TokenEndpoint;
use crate::wire::form::Form;

/// The client credentials grant: a token for the app's own run-as user.
///
/// Salesforce serves it on an org's own host only (Salesforce Help, "OAuth 2.0 Client Credentials
/// Flow for Server-to-Server Integration"), takes no `scope` and gives no refresh token. The page
/// shows the secret, preferably in a Basic header; it does not state whether a signed assertion is
/// accepted instead, as by other servers.
#[derive(Debug)]
pub struct ClientCredentialsGrant<'a> {
    endpoint: &'a TokenEndpoint,
    client_id: &'a ClientId,
    proof: ClientProof<'a>,
}

impl<'a> ClientCredentialsGrant<'a> {
    /// The grant of this client.
    ///
    /// # Errors
    ///
    /// [`Error::LoginHost`] for an endpoint on a shared login host.
    pub fn new(
        endpoint: &'a TokenEndpoint,
        client_id: &'a ClientId,
        proof: ClientProof<'a>,
    ) -> Result<Self, Error> {
        if endpoint.is_login_host() {
            return Err(Error::LoginHost {
                step: Self::step(endpoint),
            });
        }
        Ok(Self {
            endpoint,
            client_id,
            proof,
        })
    }

    /// The step that errors and reports name.
    pub fn step(endpoint: &TokenEndpoint) -> Step {
        Step::new(StepKind::ClientCredentials, endpoint.host())
    }

    /// The request. [`TokenResponse::parse`](crate::grants::response::TokenResponse::parse) reads
    /// the response.
    pub fn request(&self) -> Request<Bytes> {
        let mut form = Form::post(self.endpoint.uri());
        form.add("grant_type", "client_credentials")
            .prove(self.client_id, &self.proof);
        form.finish()
    }
}
