//! The exchanges of a flow.

use std::fmt;

/// One exchange of a flow, and its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    kind: StepKind,
    host: String,
}

/// The kind of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepKind {
    /// Reading the server's metadata (RFC 8414).
    Discovery,
    /// An authorization challenge request (OAuth 2.0 for First-Party Applications).
    Challenge,
    /// Redeeming an authorization code (RFC 6749 section 4.1.3).
    AuthorizationCode,
    /// The client credentials grant (RFC 6749 section 4.4).
    ClientCredentials,
    /// Reading a token's user (OpenID Connect Core section 5.3).
    Userinfo,
    /// The JWT bearer grant (RFC 7523 section 2.1).
    JwtBearer,
    /// The refresh token grant (RFC 6749 section 6).
    Refresh,
    /// Requesting a device code.
    DeviceCode,
    /// Polling whether the user has approved a device.
    Device,
    /// The token exchange grant (RFC 8693).
    TokenExchange,
    /// Revoking a token (RFC 7009).
    Revoke,
    /// Introspecting a token (RFC 7662).
    Introspect,
    /// Sending the user to a browser (RFC 6749 section 4.1.1).
    Authorize,
    /// Requesting a one-time password from a Headless Identity API.
    IdentityInit,
    /// Exchanging credentials for a code at a Headless Identity API.
    IdentityAuthorize,
    /// Resetting a forgotten password at a Headless Identity API.
    ForgotPassword,
}

impl Step {
    /// This kind of exchange with this host.
    pub fn new(kind: StepKind, host: impl Into<String>) -> Self {
        Self {
            kind,
            host: host.into(),
        }
    }

    /// The kind of the exchange.
    pub fn kind(&self) -> StepKind {
        self.kind
    }

    /// Host, and port if the URL names one.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Display for StepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discovery => "metadata request",
            Self::Challenge => "authorization challenge",
            Self::AuthorizationCode => "authorization code grant",
            Self::ClientCredentials => "client credentials grant",
            Self::Userinfo => "userinfo request",
            Self::JwtBearer => "jwt bearer grant",
            Self::Refresh => "refresh token grant",
            Self::DeviceCode => "device code request",
            Self::Device => "device grant",
            Self::TokenExchange => "token exchange grant",
            Self::Revoke => "token revocation",
            Self::Introspect => "token introspection",
            Self::Authorize => "authorization request",
            Self::IdentityInit => "headless identity request",
            Self::IdentityAuthorize => "headless identity login",
            Self::ForgotPassword => "forgot password request",
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.kind, self.host)
    }
}
