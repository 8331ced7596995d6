//! The authorization challenge as a state machine without I/O.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eca_attest::ClientId;
use http::Request;
use zeroize::Zeroizing;

use crate::challenge::parameter_name::ParameterName;
use crate::challenge::profile::{AttestationCarrier, ChallengeProfile};
use crate::client::authentication::ClientAuthentication;
use crate::client::pkce::CodeChallenge;
use crate::client::scopes::Scopes;
use crate::error::Error;
use crate::oauth_error::{OAuthError, OAuthErrorKind};
use crate::secret::{AuthSession, AuthorizationCode, ClientAttestationJwt, ClientSecret};
use crate::step::{Step, StepKind};
use crate::urls::ChallengeEndpoint;
use crate::wire::extras::Extras;
use crate::wire::form::Form;
use crate::wire::json;
use crate::wire::members::Members;
use crate::wire::unreadable_response::UnreadableResponse;

/// A running challenge.
///
/// Each response consumes the challenge and returns it in every [outcome](ChallengeOutcome) but the
/// code, so one challenge yields at most one code. It stores the newest `auth_session` and drops it
/// only for `invalid_session`.
#[derive(Debug)]
pub struct Challenge {
    endpoint: ChallengeEndpoint,
    profile: ChallengeProfile,
    client_id: ClientId,
    client_secret: Option<Arc<ClientSecret>>,
    scope: Option<Scopes>,
    pkce: CodeChallenge,
    session: Option<AuthSession>,
    /// Whether the next request opens a challenge.
    first: bool,
}

/// Values for the parameters that the server defines.
#[derive(Default)]
pub struct Fields(Vec<(String, Zeroizing<String>)>);

/// The outcome of one request.
#[derive(Debug)]
#[non_exhaustive]
pub enum ChallengeOutcome {
    /// The user is authenticated.
    Code(Authorized),
    /// The server asks for more (`insufficient_authorization`); the error's extras may name it.
    InsufficientAuthorization {
        /// Continues.
        challenge: Challenge,
        /// The server's error.
        error: OAuthError,
    },
    /// The server asks for a browser (`redirect_to_web`).
    RedirectToWeb {
        /// With the session, which stays valid.
        challenge: Challenge,
        /// Continues as a pushed authorization request (RFC 9126 section 4); without it, an
        /// ordinary authorization code flow begins.
        request_uri: Option<String>,
        /// The lifetime of the request URI.
        expires_in: Option<Duration>,
        /// The server's error.
        error: OAuthError,
    },
    /// The session is no longer valid (`invalid_session`).
    InvalidSession {
        /// Starts over, without the old session.
        challenge: Challenge,
        /// The server's error.
        error: OAuthError,
    },
    /// The server refused.
    Refused {
        /// With the session, so that the user can try again.
        challenge: Challenge,
        /// The server's error.
        error: OAuthError,
    },
    /// The response cannot be read: a proxy's page, for example.
    Unreadable {
        /// Unchanged.
        challenge: Challenge,
        /// Why it cannot be read.
        error: Error,
    },
}

/// A code, and the rest of its response.
#[derive(Debug)]
#[non_exhaustive]
pub struct Authorized {
    /// Redeemed for tokens, once.
    pub code: AuthorizationCode,
    /// The newest session, for a later step-up (section 5.3.1).
    pub auth_session: Option<AuthSession>,
    /// Everything else in the response.
    pub extras: Extras,
}

impl Challenge {
    /// A challenge that has not begun.
    pub fn new(
        endpoint: ChallengeEndpoint,
        profile: ChallengeProfile,
        client_id: ClientId,
        code_challenge: CodeChallenge,
    ) -> Self {
        Self {
            endpoint,
            profile,
            client_id,
            client_secret: None,
            scope: None,
            pkce: code_challenge,
            session: None,
            first: true,
        }
    }

    /// Requests these scopes.
    #[must_use]
    pub fn with_scope(mut self, scope: Scopes) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Authenticates with the client's secret, if the profile has it sent.
    #[must_use]
    pub fn with_secret(mut self, secret: Arc<ClientSecret>) -> Self {
        self.client_secret = Some(secret);
        self
    }

    /// Continues an earlier session: a step-up (section 7).
    #[must_use]
    pub fn with_session(mut self, session: AuthSession) -> Self {
        self.session = Some(session);
        self
    }

    /// Continues a challenge that was interrupted, whose next request opens it or not.
    pub(crate) fn resume(mut self, session: Option<AuthSession>, first: bool) -> Self {
        self.session = session;
        self.first = first;
        self
    }

    /// The step that errors and reports name.
    pub fn step(&self) -> Step {
        Step::new(StepKind::Challenge, self.endpoint.host())
    }

    /// Whether the next request opens the challenge.
    pub fn is_first(&self) -> bool {
        self.first
    }

    /// The newest session, if the server gave one.
    pub fn session(&self) -> Option<&AuthSession> {
        self.session.as_ref()
    }

    pub(crate) fn into_session(self) -> Option<AuthSession> {
        self.session
    }

    /// The next request. One that opens the challenge has scope and code challenge; every one has
    /// the session, if there is one, and the attestation.
    pub fn request(&self, fields: &Fields, attestation: ClientAttestationJwt) -> Request<Bytes> {
        let mut form = Form::post(self.endpoint.uri());
        if self.profile.response_type {
            form.add("response_type", "code");
        }
        self.authenticate(&mut form);
        if self.first {
            let scope = self.scope.as_ref().map(ToString::to_string);
            form.add_some("scope", scope.as_deref())
                .add("code_challenge", self.pkce.as_str())
                .add("code_challenge_method", CodeChallenge::METHOD);
        }
        let session = self.session.as_ref().map(AuthSession::expose_secret);
        form.add_some("auth_session", session);
        match &self.profile.attestation {
            AttestationCarrier::Header(header) => {
                form.header(header.name().clone(), attestation.header());
            }
            AttestationCarrier::FormFields {
                assertion,
                assertion_type,
                assertion_type_value,
            } => {
                form.add(assertion_type.as_str(), assertion_type_value)
                    .add(assertion.as_str(), attestation.expose_secret());
            }
        }
        // Signed for this request; the drop wipes it.
        drop(attestation);
        for (name, value) in &fields.0 {
            form.add(name, value);
        }
        form.finish()
    }

    fn authenticate(&self, form: &mut Form) {
        let how = self.profile.client_secret;
        let secret = self.client_secret.as_deref();
        // Two of the three ways have the client id in the form already.
        let with_id = secret.is_some() && how == ClientAuthentication::Form;
        if self.profile.client_id && !with_id {
            form.add("client_id", self.client_id.as_str());
        }
        if how != ClientAuthentication::None && secret.is_some() {
            form.authenticate(how, &self.client_id, secret);
        }
    }

    /// Reads the response to the last request.
    pub fn handle_response(mut self, response: &http::Response<Bytes>) -> ChallengeOutcome {
        let status = response.status().as_u16();
        let mut members = match json::object(response) {
            Ok(members) => members,
            Err(error) => return self.unreadable(status, error),
        };
        let session = take_session(&mut members);
        if !members.states_error() {
            return self.success(response.status(), session, members);
        }
        let error = match OAuthError::read(status, members) {
            Ok(error) => error,
            Err(error) => {
                self.session = session.or(self.session);
                return self.unreadable(status, error);
            }
        };
        let kind = error.kind();
        if kind == OAuthErrorKind::InvalidSession {
            self.session = session;
            self.first = true;
            let challenge = self;
            return ChallengeOutcome::InvalidSession { challenge, error };
        }
        self.session = session.or(self.session);
        match kind {
            OAuthErrorKind::InsufficientAuthorization => {
                // Without a session the server cannot tie the next request to this one.
                self.first = self.session.is_none();
                let challenge = self;
                ChallengeOutcome::InsufficientAuthorization { challenge, error }
            }
            OAuthErrorKind::RedirectToWeb => ChallengeOutcome::RedirectToWeb {
                challenge: self,
                request_uri: error.extras().text("request_uri").map(str::to_owned),
                expires_in: error.expires_in(),
                error,
            },
            _ => ChallengeOutcome::Refused {
                challenge: self,
                error,
            },
        }
    }

    fn success(
        mut self,
        status: http::StatusCode,
        session: Option<AuthSession>,
        mut members: Members,
    ) -> ChallengeOutcome {
        self.session = session.or(self.session);
        if !status.is_success() {
            return self.unreadable(status.as_u16(), UnreadableResponse::NoErrorCode);
        }
        let code = members.take("authorization_code", AuthorizationCode::new);
        match code.and_then(|code| code.ok_or(UnreadableResponse::Missing("authorization_code"))) {
            Ok(code) => ChallengeOutcome::Code(Authorized {
                code,
                auth_session: self.session,
                extras: Extras::new(members.0),
            }),
            Err(error) => self.unreadable(status.as_u16(), error),
        }
    }

    fn unreadable(self, status: u16, source: UnreadableResponse) -> ChallengeOutcome {
        let error = Error::Unreadable {
            step: self.step(),
            status,
            source,
        };
        ChallengeOutcome::Unreadable {
            challenge: self,
            error,
        }
    }
}

/// The session, unless it is empty or not a string: then the previous one stays.
fn take_session(members: &mut Members) -> Option<AuthSession> {
    let text = members.take_text("auth_session").ok().flatten()?;
    AuthSession::new(text).ok()
}

impl Fields {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field.
    #[must_use]
    pub fn with(mut self, name: &ParameterName, value: &str) -> Self {
        let value = Zeroizing::new(value.to_owned());
        self.0.push((name.as_str().to_owned(), value));
        self
    }

    /// Adds the profile's parameters with a constant value.
    pub(crate) fn add_fixed(&mut self, fixed: &BTreeMap<ParameterName, String>) {
        let fixed = fixed.iter();
        self.0.extend(
            fixed.map(|(name, value)| (name.as_str().to_owned(), Zeroizing::new(value.clone()))),
        );
    }

    /// A copy for another try. Not `Clone`, so that no copy is made by accident.
    pub(crate) fn copy(&self) -> Self {
        Self(self.0.clone())
    }

    /// Each name and value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, value.as_str()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, Zeroizing<String>)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, Zeroizing<String>)>>(fields: I) -> Self {
        Self(fields.into_iter().collect())
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}
