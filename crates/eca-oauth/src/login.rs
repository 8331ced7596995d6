//! Headless login with user name and password, on top of the authorization challenge (Salesforce
//! Help, "OAuth 2.0 for First-Party Applications: Headless Username-Password Flow for Private
//! Clients").

use std::{fmt, sync::Arc};

use bytes::Bytes;
use eca_http::{HttpClient, Idempotency};

use crate::{
    AttestationSource, AuthorizationCodeGrant, Authorized, Challenge, ChallengeEndpoint,
    ChallengeOutcome, ChallengeProfile, ClientAuthentication, ClientId, ClientSecret,
    CodeChallenge, EndpointSource, Error, Fields, LoginField, Observer, Password, PkceVerifier,
    Scopes, ServerMetadata, SiteUrl, Step, StepOutcome, TokenResponse, UnreadableAnswer,
    observe::Watched,
};

/// A login of an external user at an Experience Cloud site, without a browser.
///
/// The flow is a sequence of exchanges, each a pure request and a pure reader elsewhere in this
/// crate; the methods here only carry them over:
///
/// 1. if the [profile](ChallengeProfile) says `discover`: the site's metadata;
/// 2. a challenge with scope, PKCE challenge, attestation, and what the profile's `first_step`
///    names;
/// 3. if the server wants more: a challenge with its session, user name and password; both, since
///    the draft leaves open whether a server keeps what the first request held;
/// 4. the code for a token, with the PKCE verifier and the client secret.
///
/// A lost session (`invalid_session`) is started over once. No request but the first is sent twice
/// unless it provably never left: attestations and codes are good for one use.
#[derive(Debug)]
pub struct UsernamePasswordLogin {
    site: SiteUrl,
    profile: ChallengeProfile,
    client_id: ClientId,
    client_secret: Arc<ClientSecret>,
    token_authentication: ClientAuthentication,
    scope: Option<Scopes>,
    credentials: Credentials,
}

/// What the user typed in.
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
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("username", &self.username)
            .field("password", &self.password)
            .finish()
    }
}

/// How often a server may lose the session before the login ends.
const RESTARTS: u32 = 1;

impl UsernamePasswordLogin {
    /// A login at `site` by the app with this id and secret.
    pub fn new(
        site: SiteUrl,
        profile: ChallengeProfile,
        client_id: ClientId,
        client_secret: ClientSecret,
        credentials: Credentials,
    ) -> Self {
        Self {
            site,
            profile,
            client_id,
            client_secret: Arc::new(client_secret),
            token_authentication: ClientAuthentication::default(),
            scope: None,
            credentials,
        }
    }

    /// The same, asking for these scopes.
    #[must_use]
    pub fn with_scope(mut self, scope: Scopes) -> Self {
        self.scope = Some(scope);
        self
    }

    /// The same, with the secret sent another way when the code is redeemed.
    #[must_use]
    pub fn with_token_authentication(mut self, how: ClientAuthentication) -> Self {
        self.token_authentication = how;
        self
    }

    /// Runs the whole flow. `verifier` is used up.
    ///
    /// # Errors
    ///
    /// [`Error`] of the step that failed, with the server's words where it gave any.
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
        let endpoint = self.endpoint(http, observer).await?;
        let mut challenge = self.challenge(endpoint, code_challenge);
        let http = once(http);
        let watched = Watched {
            http: &http,
            observer,
        };
        let mut turn = Turn::First;
        let mut restarts = 0;
        loop {
            let step = challenge.step();
            let jwt = attestation
                .attestation()
                .await
                .map_err(|source| Error::Attestation {
                    step: step.clone(),
                    source,
                })?;
            let request = challenge.request(&self.fields(turn), jwt);
            let (response, report) = watched
                .send(&step, Idempotency::NotIdempotent, request)
                .await?;
            let outcome = challenge.answer(&response);
            watched.tell(report, outcome.reported());
            match outcome {
                ChallengeOutcome::Code(authorized) => return Ok(authorized),
                ChallengeOutcome::NeedMore {
                    challenge: next,
                    error,
                } => {
                    if turn == Turn::Whole || self.first_is_whole() {
                        let source = Box::new(error);
                        return Err(Error::MoreNeeded { step, source });
                    }
                    challenge = next;
                    turn = Turn::Whole;
                }
                ChallengeOutcome::Restart {
                    challenge: next,
                    error,
                } => {
                    if restarts == RESTARTS {
                        let source = Box::new(error);
                        return Err(Error::SessionLost { step, source });
                    }
                    challenge = next;
                    turn = Turn::First;
                    restarts += 1;
                }
                ChallengeOutcome::RedirectToWeb { error, .. } => {
                    let source = Box::new(error);
                    return Err(Error::WebNeeded { step, source });
                }
                ChallengeOutcome::Refused { error, .. } => {
                    let source = Box::new(error);
                    return Err(Error::Refused { step, source });
                }
                ChallengeOutcome::Unreadable { error, .. } => return Err(error),
            }
        }
    }

    /// Redeems a code. A session that came with the code is kept in the answer, unless the server
    /// gives a newer one.
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
        let endpoint = self.site.token_endpoint();
        let grant =
            AuthorizationCodeGrant::new(&endpoint, &self.client_id, authorized.code, verifier)
                .with_secret(&self.client_secret, self.token_authentication);
        let step = grant.step();
        let http = once(http);
        let watched = Watched {
            http: &http,
            observer,
        };
        let (response, report) = watched
            .send(&step, Idempotency::NotIdempotent, grant.into_request())
            .await?;
        let result = TokenResponse::parse(&step, &response);
        watched.tell(report, StepOutcome::of(&result, StepOutcome::Token));
        let mut token = result?;
        token.auth_session = token.auth_session.or(authorized.auth_session);
        Ok(token)
    }

    /// Where challenges go: as the profile says, or as the site says.
    async fn endpoint(
        &self,
        http: &HttpClient,
        observer: &dyn Observer,
    ) -> Result<ChallengeEndpoint, Error> {
        if let EndpointSource::At(endpoint) = &self.profile.endpoint {
            return Ok(endpoint.clone());
        }
        let step = ServerMetadata::step(&self.site);
        let watched = Watched { http, observer };
        let (response, report) = watched
            .send(
                &step,
                Idempotency::Idempotent,
                ServerMetadata::request(&self.site),
            )
            .await?;
        let result = discovered(&step, &self.site, &response);
        watched.tell(report, StepOutcome::of(&result, StepOutcome::Metadata));
        result
    }

    fn challenge(&self, endpoint: ChallengeEndpoint, code_challenge: &CodeChallenge) -> Challenge {
        let challenge = Challenge::new(
            endpoint,
            self.profile.clone(),
            self.client_id.clone(),
            code_challenge.clone(),
        )
        .with_secret(Arc::clone(&self.client_secret));
        match &self.scope {
            Some(scope) => challenge.with_scope(scope.clone()),
            None => challenge,
        }
    }

    /// The fields of a turn: those that the profile puts first, or all.
    fn fields(&self, turn: Turn) -> Fields {
        let names = &self.profile.login;
        let known = [
            (
                LoginField::Username,
                &names.username,
                self.credentials.username.as_str(),
            ),
            (
                LoginField::Password,
                &names.password,
                self.credentials.password.expose_secret(),
            ),
        ];
        known
            .into_iter()
            .filter(|(field, ..)| turn == Turn::Whole || names.first_step.contains(field))
            .fold(Fields::new(), |fields, (_, name, value)| {
                fields.with(name, value)
            })
    }

    /// Whether the first request has all there is to send.
    fn first_is_whole(&self) -> bool {
        [LoginField::Username, LoginField::Password]
            .iter()
            .all(|field| self.profile.login.first_step.contains(field))
    }
}

/// Which request of a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// The one that opens it.
    First,
    /// The one with all that the user typed in.
    Whole,
}

/// A client that sends a request again only if it provably never left.
fn once(http: &HttpClient) -> HttpClient {
    http.clone()
        .with_policy(http.policy().clone().answers_are_final())
}

fn discovered(
    step: &Step,
    site: &SiteUrl,
    response: &http::Response<Bytes>,
) -> Result<ChallengeEndpoint, Error> {
    ServerMetadata::parse(step, site, response)?
        .authorization_challenge_endpoint
        .ok_or_else(|| Error::Unreadable {
            step: step.clone(),
            status: response.status().as_u16(),
            source: UnreadableAnswer::Missing("authorization_challenge_endpoint"),
        })
}

impl ChallengeOutcome {
    fn reported(&self) -> StepOutcome {
        match self {
            Self::Code(_) => StepOutcome::Code,
            Self::NeedMore { .. } => StepOutcome::MoreNeeded,
            Self::RedirectToWeb { .. } => StepOutcome::WebNeeded,
            Self::Restart { .. } => StepOutcome::SessionLost,
            Self::Refused { error, .. } => StepOutcome::Refused(error.code().to_owned()),
            Self::Unreadable { .. } => StepOutcome::Unreadable,
        }
    }
}
