//! The response to every token request.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde_json::Value;

use crate::client::scopes::Scopes;
use crate::error::Error;
use crate::oauth_error::seconds;
use crate::secret::{AccessToken, AuthSession, IdToken, RefreshToken};
use crate::step::Step;
use crate::urls::{InstanceUrl, SiteUrl};
use crate::wire::extras::Extras;
use crate::wire::json;
use crate::wire::members::Members;
use crate::wire::unreadable_response::UnreadableResponse;

/// A token and the rest of its response (Salesforce Help, "OAuth 2.0 Web Server Flow").
#[derive(Debug)]
#[non_exhaustive]
pub struct TokenResponse {
    /// The token.
    pub access_token: AccessToken,
    /// `Bearer` with Salesforce.
    pub token_type: Option<String>,
    /// Gets new access tokens, if the app and the flow allow it.
    pub refresh_token: Option<RefreshToken>,
    /// Identifies the user, if `openid` was requested.
    pub id_token: Option<IdToken>,
    /// The token's scopes; Salesforce may grant other scopes than requested.
    pub scope: Option<Scopes>,
    /// The org that the token is for.
    pub instance_url: Option<InstanceUrl>,
    /// The user's identity URL.
    pub id: Option<String>,
    /// When the token was made.
    pub issued_at: Option<IssuedAt>,
    /// Base64 of an HMAC-SHA256 over `id` and `issued_at` with the client secret; not checked
    /// here.
    pub signature: Option<String>,
    /// The user's Experience Cloud site (`sfdc_site_url`, formerly `sfdc_community_url`).
    pub site_url: Option<SiteUrl>,
    /// The id of that site (`sfdc_site_id`, formerly `sfdc_community_id`).
    pub site_id: Option<String>,
    /// `jwt` for an access token that is one; absent for an opaque one.
    pub token_format: Option<String>,
    /// The token's lifetime. Salesforce does not send it, other servers do.
    pub expires_in: Option<Duration>,
    /// The challenge's session, for a later step-up (OAuth 2.0 for First-Party Applications
    /// section 6.1).
    pub auth_session: Option<AuthSession>,
    /// Everything else.
    pub extras: Extras,
}

/// A moment in milliseconds since 1970, which Salesforce sends as a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssuedAt(u64);

impl IssuedAt {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn as_millis(self) -> u64 {
        self.0
    }

    /// The moment as a system time; `None` where the platform cannot represent it.
    pub fn as_system_time(self) -> Option<SystemTime> {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(self.0))
    }
}

impl TokenResponse {
    /// Reads the response to a token request.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's error, or [`Error::Unreadable`].
    pub fn parse(step: &Step, response: &http::Response<Bytes>) -> Result<Self, Error> {
        json::read(step, response, Self::read)
    }

    fn read(mut members: Members) -> Result<Self, UnreadableResponse> {
        let access_token = members.require("access_token", AccessToken::new)?;
        let site = |value: &Value| value.as_str()?.parse().ok();
        Ok(Self {
            access_token,
            token_type: members.take_text("token_type")?,
            refresh_token: members.take("refresh_token", RefreshToken::new)?,
            id_token: members.take("id_token", IdToken::new)?,
            scope: members.take("scope", Scopes::try_from)?,
            // The token is sent there next, so a bad one is an error.
            instance_url: members.take("instance_url", InstanceUrl::try_from)?,
            id: members.take_text("id")?,
            issued_at: members.take_if("issued_at", millis),
            signature: members.take_text("signature")?,
            site_url: members
                .take_if("sfdc_site_url", site)
                .or_else(|| members.take_if("sfdc_community_url", site)),
            site_id: members
                .take_if("sfdc_site_id", text)
                .or_else(|| members.take_if("sfdc_community_id", text)),
            token_format: members.take_if("token_format", text),
            expires_in: members.take_if("expires_in", |value| seconds(&value.to_string())),
            auth_session: members
                .take_text("auth_session")?
                .and_then(|text| AuthSession::new(text).ok()),
            extras: Extras::new(members.0),
        })
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn millis(value: &Value) -> Option<IssuedAt> {
    let number = match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    number.map(IssuedAt)
}
