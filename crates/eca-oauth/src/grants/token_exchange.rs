//! The token exchange grant (RFC 8693; Salesforce Help, "OAuth 2.0 Token Exchange Flow").

use bytes::Bytes;
use eca_attest::ClientId;
use http::Request;
use serde::{Deserialize, Serialize};

use crate::client::proof::ClientProof;
use crate::client::scopes::Scopes;
use crate::error::Error;
use crate::secret::SubjectToken;
use crate::step::{Step, StepKind};
use crate::urls::TokenEndpoint;
use crate::wire::form::Form;

/// Exchanges a token of another identity provider for one of Salesforce. An Apex handler in the org
/// maps it to a user. Served on an org's or a site's own host only.
#[derive(Debug)]
pub struct TokenExchangeGrant<'a> {
    endpoint: &'a TokenEndpoint,
    client_id: &'a ClientId,
    proof: ClientProof<'a>,
    kind: SubjectTokenType,
    handler: Option<&'a str>,
    scope: Option<&'a Scopes>,
}

/// The type of a subject token (RFC 8693 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SubjectTokenType {
    /// An access token.
    AccessToken,
    /// A refresh token.
    RefreshToken,
    /// An OpenID Connect id token.
    IdToken,
    /// A SAML 2.0 assertion.
    Saml2,
    /// A JWT. Salesforce spells it with capitals where the RFC has `jwt`.
    Jwt,
}

impl SubjectTokenType {
    /// The value of `subject_token_type`.
    pub fn urn(self) -> &'static str {
        match self {
            Self::AccessToken => "urn:ietf:params:oauth:token-type:access_token",
            Self::RefreshToken => "urn:ietf:params:oauth:token-type:refresh_token",
            Self::IdToken => "urn:ietf:params:oauth:token-type:id_token",
            Self::Saml2 => "urn:ietf:params:oauth:token-type:saml2",
            Self::Jwt => "urn:ietf:params:oauth:token-type:JWT",
        }
    }
}

impl<'a> TokenExchangeGrant<'a> {
    /// The grant of this client, for tokens of this kind.
    ///
    /// # Errors
    ///
    /// [`Error::LoginHost`] for an endpoint on a shared login host.
    pub fn new(
        endpoint: &'a TokenEndpoint,
        client_id: &'a ClientId,
        proof: ClientProof<'a>,
        kind: SubjectTokenType,
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
            kind,
            handler: None,
            scope: None,
        })
    }

    /// Uses the handler with this developer name, instead of the app's default one.
    #[must_use]
    pub fn with_handler(mut self, handler: &'a str) -> Self {
        self.handler = Some(handler);
        self
    }

    /// Requests these scopes.
    #[must_use]
    pub fn with_scope(mut self, scope: &'a Scopes) -> Self {
        self.scope = Some(scope);
        self
    }

    /// The step that errors and reports name.
    pub fn step(endpoint: &TokenEndpoint) -> Step {
        Step::new(StepKind::TokenExchange, endpoint.host())
    }

    /// The request. [`TokenResponse::parse`](crate::grants::response::TokenResponse::parse) reads
    /// the response.
    pub fn request(&self, subject: &SubjectToken) -> Request<Bytes> {
        let scope = self.scope.map(ToString::to_string);
        let mut form = Form::post(self.endpoint.uri());
        form.add(
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        )
        .add("subject_token", subject.expose_secret())
        .add("subject_token_type", self.kind.urn())
        .add_some("token_handler", self.handler)
        .add_some("scope", scope.as_deref())
        .prove(self.client_id, &self.proof);
        form.finish()
    }
}
