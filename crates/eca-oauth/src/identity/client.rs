//! The driver over the Headless Identity APIs.

use std::sync::Arc;

use eca_http::{HttpClient, Idempotency};

use crate::challenge::VerificationMethod;
use crate::client::pkce::PkceVerifier;
use crate::client::{ClientAuthentication, ClientId, Scopes};
use crate::error::Error;
use crate::grants::grant::AuthorizationCodeGrant;
use crate::grants::response::TokenResponse;
use crate::headless::password::Credentials;
use crate::identity::{
    ForgotPassword, Identifier, IdentityGate, IdentityRequest, IdentityScheme, PasswordlessInit,
    RegistrationInit, ResetStatus,
};
use crate::observe::{Observer, StepOutcome, Watched};
use crate::secret::{ClientSecret, OneTimePassword};
use crate::step::Step;
use crate::urls::SiteUrl;

/// An app at a site that serves the Headless Identity APIs. Each request is a pure value elsewhere
/// in this crate; the methods here carry them over, and none is sent twice unless it provably never
/// left.
#[derive(Debug)]
pub struct IdentityClient {
    site: SiteUrl,
    client_id: ClientId,
    client_secret: Option<Arc<ClientSecret>>,
    redirect_uri: String,
    scope: Option<Scopes>,
}

/// A login or registration that waits for the user's one-time password.
#[derive(Debug)]
pub struct IdentityPending {
    identifier: Identifier,
    purpose: Purpose,
    method: VerificationMethod,
}

#[derive(Debug, Clone, Copy)]
enum Purpose {
    Login,
    Registration,
}

impl IdentityPending {
    /// What the API said about the one-time password that it sent.
    pub fn identifier(&self) -> &Identifier {
        &self.identifier
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
        }
    }

    /// The same as a private app.
    #[must_use]
    pub fn with_secret(mut self, secret: ClientSecret) -> Self {
        self.client_secret = Some(Arc::new(secret));
        self
    }

    /// The same, asking for these scopes.
    #[must_use]
    pub fn with_scope(mut self, scope: Scopes) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Logs in with user name and password.
    ///
    /// # Errors
    ///
    /// [`Error`] of the step that failed.
    pub async fn login(
        &self,
        http: &HttpClient,
        credentials: &Credentials,
        verifier: PkceVerifier,
        observer: &dyn Observer,
    ) -> Result<TokenResponse, Error> {
        let scheme = IdentityScheme::NamedUser {
            username: credentials.username(),
            password: credentials.password(),
        };
        self.authorize(http, scheme, verifier, observer).await
    }

    /// Asks for a one-time password for a login.
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

    /// Hands in the data of a new user and asks for a one-time password for them.
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
        let read = |response: &_| Identifier::parse(step, response);
        let fine = StepOutcome::MoreNeeded;
        let identifier = send(http, observer, step, request, read, fine).await?;
        Ok(IdentityPending {
            identifier,
            purpose,
            method,
        })
    }

    /// Hands in the one-time password that the user typed in, and logs in. `pending` may be tried
    /// again with another one; how often is the site's to say.
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
        self.authorize(http, scheme, verifier, observer).await
    }

    /// One of the two steps of a forgotten password.
    ///
    /// # Errors
    ///
    /// [`Error`] of the exchange.
    pub async fn forgot_password(
        &self,
        http: &HttpClient,
        what: ForgotPassword<'_>,
        gate: IdentityGate<'_>,
        observer: &dyn Observer,
    ) -> Result<ResetStatus, Error> {
        let step = ForgotPassword::step(&self.site);
        let request = what.request(&self.site, gate);
        let read = |response: &_| ResetStatus::parse(&step, response);
        send(
            http,
            observer,
            &step,
            request,
            read,
            StepOutcome::MoreNeeded,
        )
        .await
    }

    async fn authorize(
        &self,
        http: &HttpClient,
        scheme: IdentityScheme<'_>,
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
        };
        let step = authorize.step();
        let read = |response: &_| authorize.parse(response);
        let request = authorize.request();
        let code = send(http, observer, &step, request, read, StepOutcome::Code).await?;

        let endpoint = code.site.token_endpoint();
        let grant = AuthorizationCodeGrant::new(&endpoint, &self.client_id, code.code, verifier)
            .with_redirect_uri(&self.redirect_uri);
        let grant = match &self.client_secret {
            Some(secret) => grant.with_secret(secret, ClientAuthentication::default()),
            None => grant,
        };
        let step = grant.step();
        let read = |response: &_| TokenResponse::parse(&step, response);
        let request = grant.into_request();
        send(http, observer, &step, request, read, StepOutcome::Token).await
    }
}

async fn send<T>(
    http: &HttpClient,
    observer: &dyn Observer,
    step: &Step,
    request: http::Request<bytes::Bytes>,
    read: impl Fn(&http::Response<bytes::Bytes>) -> Result<T, Error>,
    fine: StepOutcome,
) -> Result<T, Error> {
    let http = http.clone().without_response_retry();
    let watched = Watched {
        http: &http,
        observer,
    };
    let (response, report) = watched
        .send(step, Idempotency::NotIdempotent, request)
        .await?;
    let result = read(&response);
    watched.tell(report, StepOutcome::of(&result, fine));
    result
}
