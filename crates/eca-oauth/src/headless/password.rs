//! Headless login with user name and password, on top of the authorization challenge (Salesforce
//! Help, "OAuth 2.0 for First-Party Applications: Headless Username-Password Flow for Private
//! Clients").

use std::fmt;

use eca_attest::ClientId;
use eca_http::HttpClient;

use crate::challenge::profile::{ChallengeProfile, LoginField, LoginParameters};
use crate::challenge::state_machine::{Authorized, Fields};
use crate::client::authentication::ClientAuthentication;
use crate::client::pkce::{CodeChallenge, PkceVerifier};
use crate::client::scopes::Scopes;
use crate::error::Error;
use crate::grants::response::TokenResponse;
use crate::headless::{App, Exchange, Outcome};
use crate::observe::Observer;
use crate::secret::{ClientSecret, Password};
use crate::sources::attestation::AttestationSource;
use crate::urls::SiteUrl;

/// A login of an external user at an Experience Cloud site, without a browser.
///
/// The flow is a sequence of exchanges:
///
/// 1. if the [profile](ChallengeProfile) has `discover`: the site's metadata;
/// 2. a challenge with scope, PKCE challenge, attestation, and what the profile's `first_step`
///    names;
/// 3. if the server asks for more: a challenge with its session, user name and password; both,
///    since the draft leaves open whether a server stores the fields of the first request;
/// 4. the code for a token, with the PKCE verifier and the client secret.
///
/// A lost session (`invalid_session`) is started over once. Except for the metadata request, a
/// request is retried only if it was certainly not sent: attestations and codes are valid once.
#[derive(Debug)]
pub struct UsernamePasswordLogin {
    app: App,
    credentials: Credentials,
}

/// User name and password.
pub struct Credentials {
    username: String,
    password: Password,
}

impl Credentials {
    /// This user with this password.
    pub fn new(username: impl Into<String>, password: Password) -> Self {
        Self {
            username: username.into(),
            password,
        }
    }

    /// The user name.
    pub fn username(&self) -> &str {
        &self.username
    }

    pub(crate) fn password(&self) -> &Password {
        &self.password
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("username", &self.username)
            .field("password", &self.password)
            .finish()
    }
}

impl UsernamePasswordLogin {
    /// A login at `site` by the app with this id and secret.
    pub fn new(
        site: SiteUrl,
        profile: ChallengeProfile,
        client_id: ClientId,
        client_secret: ClientSecret,
        credentials: Credentials,
    ) -> Self {
        let app = App::new(site, profile, client_id, client_secret);
        Self { app, credentials }
    }

    /// Requests these scopes.
    #[must_use]
    pub fn with_scope(mut self, scope: Scopes) -> Self {
        self.app.scope = Some(scope);
        self
    }

    /// Sends the secret this way when the code is redeemed.
    #[must_use]
    pub fn with_token_authentication(mut self, how: ClientAuthentication) -> Self {
        self.app.token_authentication = how;
        self
    }

    /// Runs the whole flow.
    ///
    /// # Errors
    ///
    /// [`Error`] of the step that failed, with the server's error if it sent one.
    pub async fn login(
        &self,
        http: &HttpClient,
        attestation: &dyn AttestationSource,
        verifier: PkceVerifier,
        observer: &dyn Observer,
    ) -> Result<TokenResponse, Error> {
        let challenge = verifier.challenge();
        let authorized = self
            .authorize(http, attestation, &challenge, observer)
            .await?;
        self.redeem(http, authorized, verifier, observer).await
    }

    /// Runs the flow up to the code.
    ///
    /// # Errors
    ///
    /// As [`login`](Self::login).
    pub async fn authorize(
        &self,
        http: &HttpClient,
        attestation: &dyn AttestationSource,
        code_challenge: &CodeChallenge,
        observer: &dyn Observer,
    ) -> Result<Authorized, Error> {
        let steps = self.steps()?;
        let exchange = Exchange {
            http,
            attestation,
            observer,
        };
        let challenge = self.app.begin(exchange, code_challenge).await?;
        let step = challenge.step();
        match exchange.run_steps(challenge, &steps, false).await? {
            Outcome::Code(authorized) => Ok(authorized),
            Outcome::Open(_) => Err(Error::NotInProfile {
                step,
                flow: "login",
            }),
        }
    }

    /// Redeems a code. A session that came with the code is in the response, unless the server
    /// sends a newer one.
    ///
    /// # Errors
    ///
    /// As [`login`](Self::login).
    pub async fn redeem(
        &self,
        http: &HttpClient,
        authorized: Authorized,
        verifier: PkceVerifier,
        observer: &dyn Observer,
    ) -> Result<TokenResponse, Error> {
        self.app.redeem(http, authorized, verifier, observer).await
    }

    /// The profile's first step, and then all fields, since the draft leaves open whether a server
    /// stores those of the first request.
    fn steps(&self) -> Result<Vec<Fields>, Error> {
        let names = self
            .app
            .profile
            .login
            .as_ref()
            .ok_or_else(|| self.app.not_in_profile("login"))?;
        let all = [LoginField::Username, LoginField::Password];
        let mut steps = vec![self.fields(names, &names.first_step)];
        steps[0].add_fixed(&names.fixed);
        if !all.iter().all(|field| names.first_step.contains(field)) {
            steps.push(self.fields(names, &all));
        }
        Ok(steps)
    }

    fn fields(&self, names: &LoginParameters, wanted: &[LoginField]) -> Fields {
        let (name, password) = (&self.credentials.username, &self.credentials.password);
        let known = [
            (LoginField::Username, &names.username, name.as_str()),
            (
                LoginField::Password,
                &names.password,
                password.expose_secret(),
            ),
        ];
        known
            .into_iter()
            .filter(|(field, ..)| wanted.contains(field))
            .fold(Fields::new(), |fields, (_, name, value)| {
                fields.with(name, value)
            })
    }
}
