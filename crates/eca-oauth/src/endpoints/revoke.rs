//! Revoking tokens (RFC 7009; Salesforce Help, "Revoke OAuth Tokens").

use bytes::Bytes;
use http::Request;

use crate::error::Error;
use crate::secret::{AccessToken, RefreshToken};
use crate::step::{Step, StepKind};
use crate::urls::RevocationEndpoint;
use crate::wire::form::Form;
use crate::wire::json;
use crate::wire::unreadable_response::UnreadableResponse;

/// A token to revoke. Revoking a refresh token revokes its access tokens too.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Revocation<'a> {
    /// An access token.
    Access(&'a AccessToken),
    /// A refresh token.
    Refresh(&'a RefreshToken),
}

impl Revocation<'_> {
    /// The step that errors and reports name.
    pub fn step(endpoint: &RevocationEndpoint) -> Step {
        Step::new(StepKind::Revoke, endpoint.host())
    }

    /// The request. It is idempotent.
    pub fn request(self, endpoint: &RevocationEndpoint) -> Request<Bytes> {
        let mut form = Form::post(endpoint.uri());
        form.add(
            "token",
            match self {
                Self::Access(token) => token.expose_secret(),
                Self::Refresh(token) => token.expose_secret(),
            },
        );
        form.finish()
    }

    /// Reads the response: any success, whatever its body (RFC 7009 section 2.2).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's error, or [`Error::Unreadable`].
    pub fn parse(step: &Step, response: &http::Response<Bytes>) -> Result<(), Error> {
        if response.status().is_success() {
            return Ok(());
        }
        json::members(step, response)?;
        // Not reached: `members` accepts no other status.
        Err(Error::Unreadable {
            step: step.clone(),
            status: response.status().as_u16(),
            source: UnreadableResponse::NoErrorCode,
        })
    }
}
