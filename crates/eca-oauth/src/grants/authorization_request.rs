//! The authorization code flow with a browser (RFC 6749 section 4.1; Salesforce Help, "OAuth 2.0
//! Web Server Flow for Web App Integration"): the URL that the browser opens, and what comes back
//! to the redirect URI. Listening there is the caller's business.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use url::Url;
use zeroize::Zeroizing;

use crate::client::id::ClientId;
use crate::client::pkce::{CodeChallenge, NoRandomness};
use crate::client::scopes::Scopes;
use crate::oauth_error::OAuthError;
use crate::secret::AuthorizationCode;
use crate::urls::AuthorizeEndpoint;
use crate::wire::unreadable_answer::UnreadableAnswer;

/// Ties an answer to the request it is for, against forged answers (RFC 6749 section 10.12).
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

    /// Of these random bytes.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The text itself. Whoever calls this answers for where it goes.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("State(…)")
    }
}

/// What a browser is sent to.
#[derive(Debug)]
pub struct AuthorizationRequest<'a> {
    /// Where to.
    pub endpoint: &'a AuthorizeEndpoint,
    /// The app.
    pub client_id: &'a ClientId,
    /// Exactly one of the app's callback URLs.
    pub redirect_uri: &'a str,
    /// Of the verifier that the token request will show.
    pub code_challenge: &'a CodeChallenge,
    /// Of this request only.
    pub state: &'a State,
    /// What to ask for.
    pub scope: Option<&'a Scopes>,
    /// The user name to show in the login form.
    pub login_hint: Option<&'a str>,
    /// `login` for a fresh login, `consent` for a fresh approval.
    pub prompt: Option<&'a str>,
}

impl AuthorizationRequest<'_> {
    /// The URL. It holds the `state`, and nothing else that is secret.
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

/// What a request at the redirect URI means.
#[derive(Debug)]
#[non_exhaustive]
pub enum Callback {
    /// The user approved.
    Code(AuthorizationCode),
    /// The user or the server did not.
    Refused(OAuthError),
    /// Not an answer to our request: another path, another `state`, or no answer at all. Browsers
    /// ask for icons, and anybody on the machine can ask for anything; keep listening.
    NotOurs,
    /// Our answer, and not to be used.
    Unreadable(UnreadableAnswer),
}

impl Callback {
    /// Reads the target of a request, such as `/callback?code=…&state=…`, at `redirect_uri`.
    pub fn read(target: &str, redirect_uri: &str, state: &State) -> Self {
        let Some(own) = Url::parse(redirect_uri).ok() else {
            return Self::NotOurs;
        };
        let Some(url) = own.join(target).ok() else {
            return Self::NotOurs;
        };
        let value = |name: &str| {
            let mut pairs = url.query_pairs().filter(|(own, _)| own == name);
            let (_, value) = pairs.next()?;
            // Twice the same parameter is nobody's answer (RFC 6749 section 3.1).
            pairs.next().is_none().then(|| value.into_owned())
        };
        let ours = url.path() == own.path()
            && url.origin() == own.origin()
            && value("state").as_deref() == Some(state.expose_secret());
        if !ours {
            return Self::NotOurs;
        }
        if let Some(code) = value("error") {
            return Self::Refused(OAuthError::in_query(302, code, value("error_description")));
        }
        match value("code").map(AuthorizationCode::new) {
            Some(Ok(code)) => Self::Code(code),
            Some(Err(_)) => Self::Unreadable(UnreadableAnswer::Member("code")),
            None => Self::Unreadable(UnreadableAnswer::Missing("code")),
        }
    }
}
