//! Token introspection (RFC 7662; Salesforce Help, "OpenID Connect Token Introspection").

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use eca_attest::ClientId;
use http::Request;

use crate::client::proof::ClientProof;
use crate::client::scopes::Scopes;
use crate::error::Error;
use crate::secret::AccessToken;
use crate::step::{Step, StepKind};
use crate::urls::IntrospectionEndpoint;
use crate::wire::extras::Extras;
use crate::wire::form::Form;
use crate::wire::json;
use crate::wire::unreadable_response::UnreadableResponse;

/// The state of an access token.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Introspection {
    /// Whether it is valid. If not, the other members are missing.
    pub active: bool,
    /// Its scopes.
    pub scope: Option<Scopes>,
    /// The app that it was issued to.
    pub client_id: Option<String>,
    /// The user name.
    pub username: Option<String>,
    /// The user's identity URL.
    pub sub: Option<String>,
    /// When it expires.
    pub expires_at: Option<SystemTime>,
    /// Everything else.
    pub extras: Extras,
}

impl Introspection {
    /// The step that errors and reports name.
    pub fn step(endpoint: &IntrospectionEndpoint) -> Step {
        Step::new(StepKind::Introspect, endpoint.host())
    }

    /// The request. The client must authenticate.
    pub fn request(
        endpoint: &IntrospectionEndpoint,
        client_id: &ClientId,
        proof: &ClientProof<'_>,
        token: &AccessToken,
    ) -> Request<Bytes> {
        let mut form = Form::post(endpoint.uri());
        form.add("token", token.expose_secret())
            .add("token_type_hint", "access_token")
            .prove(client_id, proof);
        form.finish()
    }

    /// Reads the response.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's error, or [`Error::Unreadable`].
    pub fn parse(step: &Step, response: &http::Response<Bytes>) -> Result<Self, Error> {
        json::read(step, response, |mut members| {
            Ok(Self {
                active: members
                    .take_if("active", serde_json::Value::as_bool)
                    .ok_or(UnreadableResponse::Missing("active"))?,
                scope: members.take("scope", Scopes::try_from)?,
                client_id: members.take_text("client_id")?,
                username: members.take_text("username")?,
                sub: members.take_text("sub")?,
                expires_at: members
                    .take_if("exp", serde_json::Value::as_u64)
                    .and_then(|s| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(s))),
                extras: Extras::new(members.0),
            })
        })
    }
}
