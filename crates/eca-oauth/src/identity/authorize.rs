//! The authorization request with credentials, and its response, which is a redirect.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use eca_attest::ClientId;
use eca_http::Redirects;
use http::header::{AUTHORIZATION, LOCATION};
use http::{HeaderName, HeaderValue, Request};
use url::Url;
use zeroize::Zeroizing;

use crate::challenge::verification_method::VerificationMethod;
use crate::client::pkce::CodeChallenge;
use crate::client::scopes::Scopes;
use crate::error::Error;
use crate::identity::gate::{IdentityGate, Recaptcha};
use crate::oauth_error::OAuthError;
use crate::secret::{AuthorizationCode, OneTimePassword, Password, sensitive_header};
use crate::step::{Step, StepKind};
use crate::urls::SiteUrl;
use crate::wire::form::Form;
use crate::wire::json;
use crate::wire::unreadable_response::UnreadableResponse;

/// The credentials of a login.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum IdentityScheme<'a> {
    /// User name and password.
    NamedUser {
        /// The user name.
        username: &'a str,
        /// The password.
        password: &'a Password,
    },
    /// The one-time password of a passwordless login.
    Passwordless {
        /// The handle from the first request.
        identifier: &'a str,
        /// The code that the user entered.
        one_time_password: &'a OneTimePassword,
        /// The method of the first request.
        method: VerificationMethod,
    },
    /// The one-time password of a registration.
    Registration {
        /// The handle from the first request.
        identifier: &'a str,
        /// The code that the user entered.
        one_time_password: &'a OneTimePassword,
        /// The method of the first request.
        method: VerificationMethod,
    },
}

impl fmt::Debug for IdentityScheme<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.request_type())
    }
}

impl IdentityScheme<'_> {
    /// The value of `Auth-Request-Type`.
    fn request_type(&self) -> &'static str {
        match self {
            Self::NamedUser { .. } => "Named-User",
            Self::Passwordless { .. } => "passwordless-login",
            Self::Registration { .. } => "user-registration",
        }
    }

    /// Name and secret.
    fn pair(&self) -> (&str, &str) {
        match self {
            Self::NamedUser { username, password } => (username, password.expose_secret()),
            Self::Passwordless {
                identifier,
                one_time_password,
                ..
            }
            | Self::Registration {
                identifier,
                one_time_password,
                ..
            } => (identifier, one_time_password.expose_secret()),
        }
    }

    fn header(&self) -> HeaderValue {
        let (name, secret) = self.pair();
        let pair = Zeroizing::new(format!("{name}:{secret}"));
        let mut header = Zeroizing::new("Basic ".to_owned());
        BASE64_STANDARD.encode_string(pair.as_bytes(), &mut header);
        sensitive_header(&header)
    }
}

/// Where the credentials of a login are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CredentialPlace {
    /// As the user name and password of a `Basic` header. An app with "Require user credentials in
    /// the POST body" (`isCodeCredPostOnly`) ignores it.
    #[default]
    Header,
    /// As `username` and `password` of the form, which is what that setting requires. The names are
    /// inferred.
    Body,
}

/// An authorization request with `response_type=code_credentials`.
#[derive(Debug)]
pub struct IdentityRequest<'a> {
    /// The user's site.
    pub site: &'a SiteUrl,
    /// The app's consumer key.
    pub client_id: &'a ClientId,
    /// One of the app's callback URLs. Nothing is sent there.
    pub redirect_uri: &'a str,
    /// The challenge of the verifier that the token request will send.
    pub code_challenge: &'a CodeChallenge,
    /// The scopes to request.
    pub scope: Option<&'a Scopes>,
    /// The server returns it with the code.
    pub state: Option<&'a str>,
    /// The credentials.
    pub scheme: IdentityScheme<'a>,
    /// Where they are sent.
    pub place: CredentialPlace,
    /// The proof that the site requires before it checks a password.
    pub gate: IdentityGate<'a>,
}

/// A code, and the rest of its response.
#[derive(Debug)]
#[non_exhaustive]
pub struct IdentityCode {
    /// Redeemed for tokens, once.
    pub code: AuthorizationCode,
    /// The site that redeems it: `sfdc_community_url` where the response has it, which is correct
    /// even where the configured path is not.
    pub site: SiteUrl,
    /// `sfdc_community_id`.
    pub site_id: Option<String>,
}

impl IdentityRequest<'_> {
    /// The step that errors and reports name.
    pub fn step(&self) -> Step {
        Step::new(StepKind::IdentityAuthorize, self.site.host())
    }

    /// The request. It makes the transport return a redirect, which is never followed.
    pub fn request(&self) -> Request<Bytes> {
        let mut form = Form::post(&self.site.authorize());
        let scope = self.scope.map(ToString::to_string);
        form.add("response_type", "code_credentials")
            .add("client_id", self.client_id.as_str())
            .add("redirect_uri", self.redirect_uri)
            .add("code_challenge", self.code_challenge.as_str())
            .add_some("scope", scope.as_deref())
            .add_some("state", self.state)
            .header(
                HeaderName::from_static("auth-request-type"),
                HeaderValue::from_static(self.scheme.request_type()),
            );
        match self.place {
            CredentialPlace::Header => {
                form.header(AUTHORIZATION, self.scheme.header());
            }
            CredentialPlace::Body => {
                let (name, secret) = self.scheme.pair();
                form.add("username", name).add("password", secret);
            }
        }
        match self.gate {
            IdentityGate::Recaptcha(Recaptcha::Token(token)) => {
                form.add("recaptcha", token);
            }
            IdentityGate::Recaptcha(event) => {
                form.add("recaptchaevent", &event.event_json().to_string());
            }
            IdentityGate::AccessToken(_) | IdentityGate::Open => {}
        }
        // The method of the first request, in both flows (Headless Identity Implementation Guide,
        // "Send an Authorization Request").
        if let IdentityScheme::Passwordless { method, .. }
        | IdentityScheme::Registration { method, .. } = self.scheme
        {
            form.header(
                HeaderName::from_static("auth-verification-type"),
                HeaderValue::from_static(method.as_str()),
            );
        }
        let mut request = form.finish();
        request.extensions_mut().insert(Redirects::Return);
        request
    }

    /// Reads the response: a redirect to the redirect URI, or the JSON of the echo endpoint.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's error, from the redirect's query or from JSON;
    /// [`Error::Unreadable`] for anything else, such as a login page, a redirect to somewhere else,
    /// another `state`, or a site on another host.
    pub fn parse(&self, response: &http::Response<Bytes>) -> Result<IdentityCode, Error> {
        let step = self.step();
        let unreadable = |source| Error::unreadable(&step, response, source);
        let Some(location) = response.headers().get(LOCATION) else {
            let mut members = json::members(&step, response)?;
            let mut text = |name| members.take_text(name).map_err(unreadable);
            let parameters = AuthorizationResponse {
                code: text("code")?.map(Zeroizing::new),
                state: text("state")?,
                site: text("sfdc_community_url")?,
                site_id: text("sfdc_community_id")?,
            };
            return self.check(parameters).map_err(unreadable);
        };
        let location = location
            .to_str()
            .ok()
            .and_then(|text| Url::parse(text).ok())
            .ok_or_else(|| unreadable(UnreadableResponse::Redirect))?;
        let expected = Url::parse(self.redirect_uri).ok();
        let same = |url: &Url| {
            url.origin() == location.origin()
                && url.path() == location.path()
                && url.scheme() == location.scheme()
        };
        if !expected.is_some_and(|expected| same(&expected)) {
            return Err(unreadable(UnreadableResponse::Redirect));
        }
        let query = |name: &str| {
            let mut pairs = location.query_pairs();
            let pair = pairs.find(|(key, _)| key == name);
            pair.map(|(_, value)| value.into_owned())
        };
        if let Some(code) = query("error") {
            let status = response.status().as_u16();
            let error = OAuthError::in_query(status, code, query("error_description"));
            return Err(Error::refused(&step, error));
        }
        let parameters = AuthorizationResponse {
            code: query("code").map(Zeroizing::new),
            state: query("state"),
            site: query("sfdc_community_url"),
            site_id: query("sfdc_community_id"),
        };
        self.check(parameters).map_err(unreadable)
    }

    fn check(&self, parameters: AuthorizationResponse) -> Result<IdentityCode, UnreadableResponse> {
        if self.state.is_some() && parameters.state.as_deref() != self.state {
            return Err(UnreadableResponse::Member("state"));
        }
        let code = parameters.code.ok_or(UnreadableResponse::Missing("code"))?;
        let code = AuthorizationCode::new(code.as_str())
            .map_err(|_| UnreadableResponse::Member("code"))?;
        let site = match parameters.site {
            None => self.site.clone(),
            Some(text) => text
                .parse()
                .map_err(|_| UnreadableResponse::Member("sfdc_community_url"))?,
        };
        // Code, verifier and secret go there next.
        if (site.uri().scheme(), site.host()) != (self.site.uri().scheme(), self.site.host()) {
            return Err(UnreadableResponse::ForeignEndpoint { found: site.host() });
        }
        Ok(IdentityCode {
            code,
            site,
            site_id: parameters.site_id,
        })
    }
}

/// The parameters of an authorization response (RFC 6749 section 4.1.2), from a redirect's query or
/// from JSON.
struct AuthorizationResponse {
    code: Option<Zeroizing<String>>,
    state: Option<String>,
    site: Option<String>,
    site_id: Option<String>,
}
