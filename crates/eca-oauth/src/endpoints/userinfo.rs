//! The user of a token (OpenID Connect Core section 5.3; Salesforce Help, "The UserInfo Endpoint").

use bytes::Bytes;
use http::Request;

use crate::error::Error;
use crate::oauth_error::OAuthError;
use crate::secret::AccessToken;
use crate::step::{Step, StepKind};
use crate::urls::UserinfoEndpoint;
use crate::wire::extras::Extras;
use crate::wire::{form, json};

/// The user of a token.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct UserInfo {
    /// The subject: Salesforce's identity URL of the user.
    pub sub: String,
    /// The user's id, `005…`.
    pub user_id: Option<String>,
    /// The org's id, `00D…`.
    pub organization_id: Option<String>,
    /// The user name.
    pub preferred_username: Option<String>,
    /// The full name.
    pub name: Option<String>,
    /// The email address.
    pub email: Option<String>,
    /// Everything else; `Debug` shows names only.
    pub extras: Extras,
}

impl UserInfo {
    /// The step that errors and reports name.
    pub fn step(endpoint: &UserinfoEndpoint) -> Step {
        Step::new(StepKind::Userinfo, endpoint.host())
    }

    /// The request.
    pub fn request(endpoint: &UserinfoEndpoint, token: &AccessToken) -> Request<Bytes> {
        form::get_with_token(endpoint.uri(), token)
    }

    /// Reads the response. Salesforce refuses a bad token here with a bare word such as
    /// `Bad_OAuth_Token` instead of JSON; that is read as the error code.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's error, or [`Error::Unreadable`].
    pub fn parse(step: &Step, response: &http::Response<Bytes>) -> Result<Self, Error> {
        if let Some(error) = bare_word(response) {
            return Err(Error::refused(step, error));
        }
        json::read(step, response, |mut members| {
            Ok(Self {
                sub: members.require_text("sub")?,
                user_id: members.take_text("user_id")?,
                organization_id: members.take_text("organization_id")?,
                preferred_username: members.take_text("preferred_username")?,
                name: members.take_text("name")?,
                email: members.take_text("email")?,
                extras: Extras::new(members.0),
            })
        })
    }
}

fn bare_word(response: &http::Response<Bytes>) -> Option<OAuthError> {
    let status = response.status();
    let body = std::str::from_utf8(response.body()).ok()?.trim();
    let word = !body.is_empty()
        && body.len() <= 64
        && body.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (status.is_client_error() && word).then(|| OAuthError::bare(status.as_u16(), body))
}
