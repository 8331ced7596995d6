//! The authorization code flow with a browser (RFC 6749 section 4.1; Salesforce Help, "OAuth 2.0
//! Web Server Flow for Web App Integration"): the URL that the browser opens, and the response at
//! the redirect URI, where the caller listens.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use eca_attest::ClientId;
use url::Url;
use zeroize::Zeroizing;

use crate::client::pkce::{CodeChallenge, NoRandomness};
use crate::client::scopes::Scopes;
use crate::oauth_error::OAuthError;
use crate::secret::AuthorizationCode;
use crate::urls::AuthorizeEndpoint;
use crate::wire::unreadable_response::UnreadableResponse;

/// Binds a response to its request, against forged responses (RFC 6749 section 10.12).
pub struct State(Zeroizing<String>);

impl State {
    /// 128 bits from the operating system.
    ///
    /// # Errors
    ///
    /// [`NoRandomness`] when the operating system has none.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(NoRandomness::new)?;
        Ok(Self::from_random(bytes))
    }

    /// From these random bytes.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The text itself. The caller is responsible for where it goes.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("State(…)")
    }
}

/// The authorization request, which a browser opens.
#[derive(Debug)]
pub struct AuthorizationRequest<'a> {
    /// The authorization endpoint.
    pub endpoint: &'a AuthorizeEndpoint,
    /// The app's consumer key.
    pub client_id: &'a ClientId,
    /// Exactly one of the app's callback URLs.
    pub redirect_uri: &'a str,
    /// The challenge of the verifier that the token request will send.
    pub code_challenge: &'a CodeChallenge,
    /// The state of this request only.
    pub state: &'a State,
    /// The scopes to request.
    pub scope: Option<&'a Scopes>,
    /// The user name to show in the login form.
    pub login_hint: Option<&'a str>,
    /// `login` for a fresh login, `consent` for a fresh approval.
    pub prompt: Option<&'a str>,
}

impl AuthorizationRequest<'_> {
    /// The URL. Its only secret is the `state`.
    pub fn url(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", self.client_id.as_str())
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("code_challenge", self.code_challenge.as_str())
            .append_pair("code_challenge_method", CodeChallenge::METHOD)
            .append_pair("state", self.state.expose_secret());
        let scope = self.scope.map(ToString::to_string);
        for (name, value) in [
            ("scope", scope.as_deref()),
            ("login_hint", self.login_hint),
            ("prompt", self.prompt),
        ] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        format!("{}?{}", self.endpoint.as_str(), query.finish())
    }
}

/// A request at the redirect URI.
#[derive(Debug)]
#[non_exhaustive]
pub enum Callback {
    /// The user approved.
    Code(AuthorizationCode),
    /// The user or the server refused.
    Refused(OAuthError),
    /// Not the response to this request: another path, another `state`, or no response at all.
    /// Browsers request icons, and any program on the machine can send requests, so keep
    /// listening.
    Unrelated,
    /// The response to this request, but it cannot be used.
    Unreadable(UnreadableResponse),
    /// The response of another server, with the issuer that it names: the browser was led there
    /// (RFC 9207).
    OtherIssuer(String),
}

impl Callback {
    /// Reads the target of a request, such as `/callback?code=…&state=…`, at `redirect_uri`.
    ///
    /// `is_issuer` says whether an issuer is that of the server to which the request went. It is
    /// asked only when the response names one, in `iss`; Salesforce's pages do not say that its
    /// servers do.
    pub fn read(
        target: &str,
        redirect_uri: &str,
        state: &State,
        is_issuer: impl Fn(&str) -> bool,
    ) -> Self {
        let Ok(expected) = Url::parse(redirect_uri) else {
            return Self::Unrelated;
        };
        let Ok(url) = expected.join(target) else {
            return Self::Unrelated;
        };
        let value = |name: &str| {
            let mut pairs = url.query_pairs().filter(|(key, _)| key == name);
            let (_, value) = pairs.next()?;
            // A parameter must not be repeated (RFC 6749 section 3.1).
            pairs.next().is_none().then(|| value.into_owned())
        };
        let related = url.path() == expected.path()
            && url.origin() == expected.origin()
            && value("state").as_deref() == Some(state.expose_secret());
        if !related {
            return Self::Unrelated;
        }
        if url.query_pairs().any(|(name, _)| name == "iss") {
            let issuer = value("iss").unwrap_or_default();
            if !is_issuer(&issuer) {
                return Self::OtherIssuer(issuer);
            }
        }
        if let Some(code) = value("error") {
            return Self::Refused(OAuthError::in_query(302, code, value("error_description")));
        }
        match value("code").map(AuthorizationCode::new) {
            Some(Ok(code)) => Self::Code(code),
            Some(Err(_)) => Self::Unreadable(UnreadableResponse::Member("code")),
            None => Self::Unreadable(UnreadableResponse::Missing("code")),
        }
    }
}
