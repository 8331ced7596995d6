//! The error response of a server.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::sent_secrets::SentSecrets;
use crate::wire::extras::Extras;
use crate::wire::members::Members;
use crate::wire::unreadable_response::UnreadableResponse;

/// The error codes of RFC 6749 and its extensions that this crate knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OAuthErrorKind {
    /// `invalid_request` (RFC 6749 section 5.2).
    InvalidRequest,
    /// `invalid_client`, and Salesforce's `invalid_client_id` and `invalid_client_credentials`.
    InvalidClient,
    /// `invalid_client_attestation` (OAuth 2.0 Attestation-Based Client Authentication).
    InvalidClientAttestation,
    /// `invalid_grant`.
    InvalidGrant,
    /// `invalid_scope`.
    InvalidScope,
    /// `unauthorized_client`.
    UnauthorizedClient,
    /// `unsupported_grant_type`.
    UnsupportedGrantType,
    /// `unsupported_response_type`.
    UnsupportedResponseType,
    /// `access_denied`.
    AccessDenied,
    /// `server_error`.
    ServerError,
    /// `temporarily_unavailable`.
    TemporarilyUnavailable,
    /// Salesforce's `rate_limit_exceeded`, and `slow_down` (RFC 8628 section 3.5).
    RateLimited,
    /// Salesforce's `invalid_app_access`: the user is not approved for the app.
    InvalidAppAccess,
    /// `invalid_token` (RFC 6750 section 3.1), and Salesforce's `Bad_OAuth_Token`.
    InvalidToken,
    /// `insufficient_authorization` (OAuth 2.0 for First-Party Applications section 5.2.2).
    InsufficientAuthorization,
    /// `redirect_to_web` (the same section).
    RedirectToWeb,
    /// `invalid_session` (the same section).
    InvalidSession,
    /// None of these; [`OAuthError::code`] has its text.
    Other,
}

/// An error that a server stated in JSON (RFC 6749 section 5.2).
///
/// [`code`](Self::code) and [`description`](Self::description) are verbatim, except that a secret
/// of the request is `[secret]` there when this crate sent the request ([`SentSecrets`]). `Display`
/// escapes control characters, since a terminal would interpret them.
#[derive(Clone, PartialEq)]
pub struct OAuthError {
    code: String,
    description: Option<String>,
    uri: Option<String>,
    status: u16,
    extras: Extras,
}

impl OAuthError {
    pub(crate) fn read(status: u16, mut members: Members) -> Result<Self, UnreadableResponse> {
        let code = members.take_text("error")?;
        Ok(Self {
            code: code.ok_or(UnreadableResponse::NoErrorCode)?,
            description: members.take_if("error_description", text),
            uri: members.take_if("error_uri", text),
            status,
            extras: Extras::new(members.0),
        })
    }

    /// An error that came as a bare word instead of JSON.
    pub(crate) fn bare(status: u16, code: &str) -> Self {
        Self {
            code: code.to_owned(),
            description: None,
            uri: None,
            status,
            extras: Extras::default(),
        }
    }

    /// An error that came in the query of a redirect (RFC 6749 section 4.1.2.1).
    pub(crate) fn in_query(status: u16, code: String, description: Option<String>) -> Self {
        Self {
            code,
            description,
            uri: None,
            status,
            extras: Extras::default(),
        }
    }

    /// The same error without the secrets of the request that it answers.
    pub(crate) fn mask(&mut self, secrets: &SentSecrets) {
        let mask = |text: &mut String| *text = secrets.mask(text).into_owned();
        mask(&mut self.code);
        self.description.as_mut().map(mask);
        self.uri.as_mut().map(mask);
        self.extras.mask(secrets);
    }

    /// The `error` member, verbatim.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The `error_description` member, verbatim.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// The `error_uri` member, verbatim.
    pub fn uri(&self) -> Option<&str> {
        self.uri.as_deref()
    }

    /// The HTTP status. Servers disagree on it, so nothing here depends on it.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The other members.
    pub fn extras(&self) -> &Extras {
        &self.extras
    }

    /// The kind of the code.
    pub fn kind(&self) -> OAuthErrorKind {
        match self.code.as_str() {
            "invalid_request" => OAuthErrorKind::InvalidRequest,
            "invalid_client" | "invalid_client_id" | "invalid_client_credentials" => {
                OAuthErrorKind::InvalidClient
            }
            "invalid_client_attestation" => OAuthErrorKind::InvalidClientAttestation,
            "invalid_grant" => OAuthErrorKind::InvalidGrant,
            "invalid_scope" => OAuthErrorKind::InvalidScope,
            "unauthorized_client" => OAuthErrorKind::UnauthorizedClient,
            "unsupported_grant_type" => OAuthErrorKind::UnsupportedGrantType,
            "unsupported_response_type" => OAuthErrorKind::UnsupportedResponseType,
            "access_denied" => OAuthErrorKind::AccessDenied,
            "server_error" => OAuthErrorKind::ServerError,
            "temporarily_unavailable" => OAuthErrorKind::TemporarilyUnavailable,
            "rate_limit_exceeded" | "slow_down" => OAuthErrorKind::RateLimited,
            "invalid_app_access" => OAuthErrorKind::InvalidAppAccess,
            "invalid_token" | "Bad_OAuth_Token" => OAuthErrorKind::InvalidToken,
            "insufficient_authorization" => OAuthErrorKind::InsufficientAuthorization,
            "redirect_to_web" => OAuthErrorKind::RedirectToWeb,
            "invalid_session" => OAuthErrorKind::InvalidSession,
            _ => OAuthErrorKind::Other,
        }
    }

    /// Whether a later attempt may succeed.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.kind(),
            OAuthErrorKind::ServerError
                | OAuthErrorKind::TemporarilyUnavailable
                | OAuthErrorKind::RateLimited
        )
    }

    /// Whether the server refused the client: its id, secret or attestation.
    pub fn is_client(&self) -> bool {
        matches!(
            self.kind(),
            OAuthErrorKind::InvalidClient
                | OAuthErrorKind::InvalidClientAttestation
                | OAuthErrorKind::UnauthorizedClient
        )
    }

    /// The `expires_in` member as a duration.
    pub(crate) fn expires_in(&self) -> Option<Duration> {
        self.extras.json("expires_in").as_deref().and_then(seconds)
    }
}

impl fmt::Debug for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthError")
            .field("code", &self.code)
            .field("description", &self.description)
            .field("status", &self.status)
            .field("extras", &self.extras)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Escaped(&self.code))?;
        if let Some(description) = &self.description {
            write!(f, ": {}", Escaped(description))?;
        }
        write!(f, " (http {})", self.status)
    }
}

impl StdError for OAuthError {}

/// Text from a server, with control characters escaped.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            if c.is_control() {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        Ok(())
    }
}

fn text(value: &serde_json::Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Whole seconds from JSON text: a number, or a number in a string.
pub(crate) fn seconds(json: &str) -> Option<Duration> {
    json.trim_matches('"').parse().ok().map(Duration::from_secs)
}
