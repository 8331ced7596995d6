//! Headless flows of first-party apps, on top of the authorization challenge.

mod challenge_endpoint;
mod password;
mod passwordless;
pub(crate) mod pending;
pub(crate) mod registration;
mod steps;
pub(crate) mod verification;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use eca_attest::ClientId;
use eca_http::HttpClient;

use crate::challenge::profile::{ChallengeProfile, EndpointSource};
use crate::challenge::state_machine::{Authorized, Challenge};
use crate::client::authentication::ClientAuthentication;
use crate::client::pkce::{CodeChallenge, NoRandomness, PkceVerifier};
use crate::client::scopes::Scopes;
use crate::endpoints::discovery::ServerMetadata;
use crate::error::Error;
use crate::grants::authorization_code::AuthorizationCodeGrant;
use crate::grants::response::TokenResponse;
use crate::headless::challenge_endpoint::EndpointCache;
use crate::observe::{ObservedClient, Observer, StepOutcome, StepReport};
use crate::secret::{ClientAttestationJwt, ClientSecret};
use crate::sources::attestation::{AttestationError, AttestationSource};
use crate::step::{Step, StepKind};
use crate::urls::{ChallengeEndpoint, SiteUrl};
use crate::wire::unreadable_response::UnreadableResponse;

/// A first-party app at an Experience Cloud site, which logs the site's users in without a browser.
///
/// One client serves a whole program: it is cheap to clone, and clones share connections and the
/// discovered endpoint. A setter on a clone changes that clone only, for example to observe one
/// login.
///
/// - [`password`](Self::password): user name and password;
/// - [`passwordless`](Self::passwordless) and [`register`](Self::register): the site sends a
///   one-time password, and [`verify`](Self::verify) logs in with it.
///
/// Each request has its own attestation, and each flow its own PKCE verifier. A lost session
/// (`invalid_session`) is started over once. Except for the metadata request, a request is retried
/// only if it was certainly not sent: attestations and codes are valid once.
///
/// ```no_run
/// use eca_http::HttpClient;
/// use eca_oauth::{AttestationSource, ChallengeProfile, ClientSecret, Error, HeadlessClient, Password};
///
/// # async fn login(
/// #     http: HttpClient,
/// #     profile: ChallengeProfile,
/// #     secret: ClientSecret,
/// #     minter: impl AttestationSource + 'static,
/// #     password: &Password,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let site = "https://acme.my.site.com/portal".parse()?;
/// let client_id = "3MVG9example".parse()?;
/// let login = HeadlessClient::new(http, site, profile, client_id, secret).attestation(minter);
/// let token = login.password("jo@example.com", password).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct HeadlessClient {
    http: HttpClient,
    timeout: Duration,
    app: Arc<App>,
    endpoint: Arc<EndpointCache>,
}

#[derive(Clone)]
struct App {
    site: SiteUrl,
    profile: ChallengeProfile,
    client_id: ClientId,
    client_secret: Arc<ClientSecret>,
    token_authentication: ClientAuthentication,
    scope: Option<Scopes>,
    attestation: Option<Arc<dyn AttestationSource>>,
    observer: Arc<dyn Observer>,
    verifiers: Arc<dyn Fn() -> Result<PkceVerifier, NoRandomness> + Send + Sync>,
}

impl HeadlessClient {
    /// The default of [`timeout`](Self::timeout): a user waits in front of the screen, and the
    /// limits of an [`HttpClient`] are those of deploys, which may be silent for minutes.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

    /// A client for the app with this id and secret. It needs an
    /// [`attestation`](Self::attestation) source: a setter, not an argument, so that five
    /// positional arguments do not become six.
    pub fn new(
        http: HttpClient,
        site: SiteUrl,
        profile: ChallengeProfile,
        client_id: ClientId,
        client_secret: ClientSecret,
    ) -> Self {
        let app = App {
            site,
            profile,
            client_id,
            client_secret: Arc::new(client_secret),
            token_authentication: ClientAuthentication::default(),
            scope: None,
            attestation: None,
            observer: Arc::new(|_: &StepReport| {}),
            verifiers: Arc::new(PkceVerifier::generate),
        };
        Self {
            http,
            timeout: Self::DEFAULT_TIMEOUT,
            app: Arc::new(app),
            endpoint: Arc::default(),
        }
    }

    fn with(mut self, set: impl FnOnce(&mut App)) -> Self {
        set(Arc::make_mut(&mut self.app));
        self
    }

    /// Sets the source of client attestations, such as a [`Minter`](eca_attest::Minter). Without
    /// one, every flow fails before anything is sent.
    #[must_use]
    pub fn attestation(self, source: impl AttestationSource + 'static) -> Self {
        self.with(|app| app.attestation = Some(Arc::new(source)))
    }

    /// Requests these scopes.
    #[must_use]
    pub fn scope(self, scope: Scopes) -> Self {
        self.with(|app| app.scope = Some(scope))
    }

    /// Reports each exchange to this observer.
    #[must_use]
    pub fn observer(self, observer: impl Observer + 'static) -> Self {
        self.with(|app| app.observer = Arc::new(observer))
    }

    /// Sends the secret this way when the code is redeemed.
    #[must_use]
    pub fn token_authentication(self, how: ClientAuthentication) -> Self {
        self.with(|app| app.token_authentication = how)
    }

    /// Sets the longest time for each request. No retry starts later than this after the first
    /// attempt. A flow has several requests.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the source of PKCE verifiers, for reproducible tests. The default is
    /// [`PkceVerifier::generate`].
    #[must_use]
    pub fn verifiers(
        self,
        source: impl Fn() -> Result<PkceVerifier, NoRandomness> + Send + Sync + 'static,
    ) -> Self {
        self.with(|app| app.verifiers = Arc::new(source))
    }

    /// Redeems a code. A session that came with the code is in the response, unless the server
    /// sends a newer one.
    ///
    /// # Errors
    ///
    /// [`Error`] of the exchange.
    pub async fn redeem(
        &self,
        authorized: Authorized,
        verifier: PkceVerifier,
    ) -> Result<TokenResponse, Error> {
        let app = &*self.app;
        let endpoint = app.site.token_endpoint();
        let grant =
            AuthorizationCodeGrant::new(&endpoint, &app.client_id, authorized.code, verifier)
                .with_secret(&app.client_secret, app.token_authentication);
        let (step, request) = (grant.step(), grant.into_request());
        let mut token = self
            .once()
            .exchange(&step, request, TokenResponse::parse, StepOutcome::Token)
            .await?;
        token.auth_session = token.auth_session.or(authorized.auth_session);
        Ok(token)
    }

    /// A client for requests that a server accepts once.
    fn once(&self) -> ObservedClient<'_> {
        ObservedClient::once(&self.http, &*self.app.observer).within(self.timeout)
    }

    /// The step of errors before the first request.
    fn step(&self) -> Step {
        Step::new(StepKind::Challenge, self.app.site.host())
    }

    /// The profile has no parameters for this flow.
    fn not_in_profile(&self, flow: &'static str) -> Error {
        let step = self.step();
        Error::NotInProfile { step, flow }
    }

    /// A verifier for one flow.
    fn verifier(&self) -> Result<PkceVerifier, Error> {
        (self.app.verifiers)().map_err(|source| Error::Pkce {
            step: self.step(),
            source,
        })
    }

    fn attestation_source(&self, step: &Step) -> Result<&dyn AttestationSource, Error> {
        self.app.attestation.as_deref().ok_or_else(|| {
            let source = AttestationError::new("HeadlessClient::attestation was not called");
            let step = step.clone();
            Error::Attestation { step, source }
        })
    }

    /// An attestation for one request.
    async fn attest(&self, step: &Step) -> Result<ClientAttestationJwt, Error> {
        let made = self.attestation_source(step)?.attestation().await;
        made.map_err(|source| Error::Attestation {
            step: step.clone(),
            source,
        })
    }

    /// A challenge that has not begun, at the endpoint of the profile or of the site's metadata.
    async fn challenge(&self, code_challenge: CodeChallenge) -> Result<Challenge, Error> {
        self.attestation_source(&self.step())?;
        let app = &*self.app;
        let endpoint = self.challenge_endpoint().await?;
        let challenge = Challenge::new(
            endpoint,
            app.profile.clone(),
            app.client_id.clone(),
            code_challenge,
        )
        .with_secret(Arc::clone(&app.client_secret));
        Ok(match &app.scope {
            Some(scope) => challenge.with_scope(scope.clone()),
            None => challenge,
        })
    }

    /// The endpoint of the profile or of the site's metadata. A failure is not cached. Logins that
    /// find nothing cached do not wait for each other, so that a slow site does not queue them.
    async fn challenge_endpoint(&self) -> Result<ChallengeEndpoint, Error> {
        let (site, timer) = (&self.app.site, self.http.timer());
        if let EndpointSource::At(endpoint) = &self.app.profile.endpoint {
            return Ok(endpoint.clone());
        }
        if let Some(endpoint) = self.endpoint.get(timer.monotonic()) {
            return Ok(endpoint);
        }
        let (step, request) = (ServerMetadata::step(site), ServerMetadata::request(site));
        let parse = |step: &_, response: &_| {
            ServerMetadata::parse(step, site, response)?
                .authorization_challenge_endpoint
                .ok_or_else(|| {
                    let missing = UnreadableResponse::Missing("authorization_challenge_endpoint");
                    Error::unreadable(step, response, missing)
                })
        };
        let endpoint = ObservedClient::idempotent(&self.http, &*self.app.observer)
            .within(self.timeout)
            .exchange(&step, request, parse, StepOutcome::Metadata)
            .await?;
        self.endpoint.put(endpoint.clone(), timer.monotonic());
        Ok(endpoint)
    }
}

impl fmt::Debug for HeadlessClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeadlessClient")
            .field("site", &self.app.site)
            .field("client_id", &self.app.client_id)
            .field("scope", &self.app.scope)
            .finish_non_exhaustive()
    }
}
