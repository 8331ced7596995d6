//! The JWT bearer grant (RFC 7523 section 2.1; Salesforce Help, "OAuth 2.0 JWT Bearer Flow for
//! Server-to-Server Integration").

use bytes::Bytes;
use http::Request;

use crate::secret::AssertionJwt;
use crate::step::{Step, StepKind};
use crate::urls::TokenEndpoint;
use crate::wire::form::Form;

/// Exchanges an assertion for a token. It has no scope and gives no refresh token; the user must be
/// pre-authorised for the app, or have approved it before.
///
/// The `aud` claim is not the endpoint: with a My Domain host the audience is still
/// `https://login.salesforce.com`, `https://test.salesforce.com` or a site.
#[derive(Debug)]
pub struct JwtBearerGrant<'a> {
    endpoint: &'a TokenEndpoint,
    assertion: AssertionJwt,
}

impl<'a> JwtBearerGrant<'a> {
    /// Sends `assertion` to `endpoint`.
    pub fn new(endpoint: &'a TokenEndpoint, assertion: AssertionJwt) -> Self {
        Self {
            endpoint,
            assertion,
        }
    }

    /// The step that errors and reports name.
    pub fn step(endpoint: &TokenEndpoint) -> Step {
        Step::new(StepKind::JwtBearer, endpoint.host())
    }

    /// The one request. [`TokenResponse::parse`](crate::grants::response::TokenResponse::parse)
    /// reads the response.
    pub fn into_request(self) -> Request<Bytes> {
        let mut form = Form::post(self.endpoint.uri());
        form.add("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
            .add("assertion", self.assertion.expose_secret());
        form.finish()
    }
}
