//! The client of the Headless Identity APIs.

use std::fmt;
use std::sync::Arc;

use eca_attest::ClientId;
use eca_http::HttpClient;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::challenge::verification_method::VerificationMethod;
use crate::client::authentication::ClientAuthentication;
use crate::client::pkce::PkceVerifier;
use crate::client::scopes::Scopes;
use crate::error::Error;
use crate::grants::authorization_code::AuthorizationCodeGrant;
use crate::grants::response::TokenResponse;
use crate::headless::HeadlessClient;
use crate::identity::authorize::{CredentialPlace, IdentityRequest, IdentityScheme};
use crate::identity::forgot_password::{ForgotPassword, ResetStatus};
use crate::identity::gate::IdentityGate;
use crate::identity::init::{Identifier, PasswordlessInit, RegistrationInit};
use crate::observe::{ObservedClient, Observer, StepOutcome};
use crate::secret::{ClientSecret, OneTimePassword, Password};
use crate::step::Step;
use crate::urls::SiteUrl;
use crate::wire::extras::Extras;
use crate::wire::stored;
use crate::wire::stored::{InvalidPending, StoredText};

/// An app at a site that serves the Headless Identity APIs. A request is retried only if it was
/// certainly not sent, and has the time limit of a headless login,
/// [`HeadlessClient::DEFAULT_TIMEOUT`].
#[derive(Debug)]
pub struct IdentityClient {
    site: SiteUrl,
    client_id: ClientId,
    client_secret: Option<Arc<ClientSecret>>,
    redirect_uri: String,
    scope: Option<Scopes>,
    place: CredentialPlace,
}

/// A login or registration that waits for the user's one-time password. It is borrowed by
/// [`finish`](IdentityClient::finish), and a service can store it in between, as
/// [JSON](Self::expose_json).
pub struct IdentityPending {
    identifier: Identifier,
    purpose: Purpose,
    method: VerificationMethod,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Purpose {
    Login,
    Registration,
}

/// The JSON form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    identifier: StoredText,
    email: Option<String>,
    extras: Map<String, Value>,
    purpose: Purpose,
    method: VerificationMethod,
}

impl IdentityPending {
    /// The response to the request for the one-time password.
    pub fn identifier(&self) -> &Identifier {
        &self.identifier
    }

    /// This flow as JSON, **with the handle of the user**. Together with the one-time password it
    /// is a login, so keep it as
    /// [`PendingVerification::expose_json`](crate::headless::pending::PendingVerification::expose_json)
    /// says.
    pub fn expose_json(&self) -> Zeroizing<String> {
        stored::to_json(&Stored {
            identifier: self.identifier.identifier.as_str().into(),
            email: self.identifier.email.clone(),
            extras: self.identifier.extras.members().clone(),
            purpose: self.purpose,
            method: self.method,
        })
    }

    /// The flow that [`expose_json`](Self::expose_json) gave, by the same version of this crate.
    ///
    /// # Errors
    ///
    /// [`InvalidPending`] for any other text.
    pub fn from_json(json: &str) -> Result<Self, InvalidPending> {
        let mut stored: Stored = stored::from_json(json)?;
        Ok(Self {
            identifier: Identifier {
                identifier: std::mem::take(&mut *stored.identifier.0),
                email: stored.email,
                extras: Extras::new(stored.extras),
            },
            purpose: stored.purpose,
            method: stored.method,
        })
    }
}

impl fmt::Debug for IdentityPending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityPending")
            .field("purpose", &self.purpose)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

impl IdentityClient {
    /// A public app; `redirect_uri` is one of its callback URLs.
    pub fn new(site: SiteUrl, client_id: ClientId, redirect_uri: impl Into<String>) -> Self {
        Self {
            site,
            client_id,
            client_secret: None,
            redirect_uri: redirect_uri.into(),
            scope: None,
            place: CredentialPlace::default(),
        }
    }

    /// Authenticates as a private app.
    #[must_use]
    pub fn with_secret(mut self, secret: ClientSecret) -> Self {
        self.client_secret = Some(Arc::new(secret));
        self
    }

    /// Requests these scopes.
    #[must_use]
    pub fn with_scope(mut self, scope: Scopes) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Sends credentials there. Default [`CredentialPlace::Header`].
    #[must_use]
    pub fn with_credentials_in(mut self, place: CredentialPlace) -> Self {
        self.place = place;
        self
    }

    /// Logs in with user name and password. The gate is the reCAPTCHA that a site can require for
    /// it; an access token is not sent.
    ///
    /// # Errors
    ///
    /// [`Error`] of the step that failed.
    pub async fn login(
        &self,
        http: &HttpClient,
        username: &str,
        password: &Password,
        gate: IdentityGate<'_>,
        verifier: PkceVerifier,
        observer: &dyn Observer,
    ) -> Result<TokenResponse, Error> {
        let scheme = IdentityScheme::NamedUser { username, password };
        self.authorize(http, scheme, gate, verifier, observer).await
    }

    /// Makes the site send a one-time password for a login.
    ///
    /// # Errors
    ///
    /// [`Error`] of the exchange.
    pub async fn start_passwordless(
        &self,
        http: &HttpClient,
        user: PasswordlessInit<'_>,
        gate: IdentityGate<'_>,
        observer: &dyn Observer,
    ) -> Result<IdentityPending, Error> {
        let step = PasswordlessInit::step(&self.site);
        let request = user.request(&self.site, gate);
        self.start(http, observer, &step, request, Purpose::Login, user.method)
            .await
    }

    /// Sends the data of a new user and makes the site send them a one-time password.
    ///
    /// # Errors
    ///
    /// [`Error`] of the exchange.
    pub async fn start_registration(
        &self,
        http: &HttpClient,
        user: RegistrationInit<'_>,
        gate: IdentityGate<'_>,
        observer: &dyn Observer,
    ) -> Result<IdentityPending, Error> {
        let step = RegistrationInit::step(&self.site);
        let (method, request) = (user.method, user.request(&self.site, gate));
        self.start(
            http,
            observer,
            &step,
            request,
            Purpose::Registration,
            method,
        )
        .await
    }

    async fn start(
        &self,
        http: &HttpClient,
        observer: &dyn Observer,
        step: &Step,
        request: http::Request<bytes::Bytes>,
        purpose: Purpose,
        method: VerificationMethod,
    ) -> Result<IdentityPending, Error> {
        let outcome = StepOutcome::InsufficientAuthorization;
        let identifier = ObservedClient::once(http, observer)
            .within(HeadlessClient::DEFAULT_TIMEOUT)
            .exchange(step, request, Identifier::parse, outcome)
            .await?;
        Ok(IdentityPending {
            identifier,
            purpose,
            method,
        })
    }

    /// Logs in with the one-time password that the user entered. `pending` can be used again with
    /// another one; the site limits how often.
    ///
    /// # Errors
    ///
    /// [`Error`] of the step that failed.
    pub async fn finish(
        &self,
        http: &HttpClient,
        pending: &IdentityPending,
        one_time_password: &OneTimePassword,
        verifier: PkceVerifier,
        observer: &dyn Observer,
    ) -> Result<TokenResponse, Error> {
        let (identifier, method) = (pending.identifier.identifier.as_str(), pending.method);
        let scheme = match pending.purpose {
            Purpose::Login => IdentityScheme::Passwordless {
                identifier,
                one_time_password,
                method,
            },
            Purpose::Registration => IdentityScheme::Registration {
                identifier,
                one_time_password,
                method,
            },
        };
        let gate = IdentityGate::Open;
        self.authorize(http, scheme, gate, verifier, observer).await
    }

    /// Starts or completes a password reset.
    ///
    /// # Errors
    ///
    /// [`Error`] of the exchange.
    pub async fn forgot_password(
        &self,
        http: &HttpClient,
        operation: ForgotPassword<'_>,
        gate: IdentityGate<'_>,
        observer: &dyn Observer,
    ) -> Result<ResetStatus, Error> {
        let step = ForgotPassword::step(&self.site);
        let request = operation.request(&self.site, gate);
        let outcome = StepOutcome::InsufficientAuthorization;
        ObservedClient::once(http, observer)
            .within(HeadlessClient::DEFAULT_TIMEOUT)
            .exchange(&step, request, ResetStatus::parse, outcome)
            .await
    }

    async fn authorize(
        &self,
        http: &HttpClient,
        scheme: IdentityScheme<'_>,
        gate: IdentityGate<'_>,
        verifier: PkceVerifier,
        observer: &dyn Observer,
    ) -> Result<TokenResponse, Error> {
        let code_challenge = verifier.challenge();
        let authorize = IdentityRequest {
            site: &self.site,
            client_id: &self.client_id,
            redirect_uri: &self.redirect_uri,
            code_challenge: &code_challenge,
            scope: self.scope.as_ref(),
            state: None,
            scheme,
            place: self.place,
            gate,
        };
        let client = ObservedClient::once(http, observer).within(HeadlessClient::DEFAULT_TIMEOUT);
        let (step, request) = (authorize.step(), authorize.request());
        let parse = |_: &_, response: &_| authorize.parse(response);
        let code = client
            .exchange(&step, request, parse, StepOutcome::Code)
            .await?;

        let endpoint = code.site.token_endpoint();
        let grant = AuthorizationCodeGrant::new(&endpoint, &self.client_id, code.code, verifier)
            .with_redirect_uri(&self.redirect_uri);
        let grant = match &self.client_secret {
            Some(secret) => grant.with_secret(secret, ClientAuthentication::default()),
            None => grant,
        };
        let (step, request) = (grant.step(), grant.into_request());
        client
            .exchange(&step, request, TokenResponse::parse, StepOutcome::Token)
            .await
    }
}
