//! Headless flows of first-party apps, on top of the authorization challenge.

pub(crate) mod password;
pub(crate) mod passwordless;
pub(crate) mod registration;
pub(crate) mod verification;

use std::sync::Arc;

use eca_attest::ClientId;
use eca_http::HttpClient;

use crate::challenge::profile::{ChallengeProfile, EndpointSource};
use crate::challenge::state_machine::{Authorized, Challenge, ChallengeOutcome, Fields};
use crate::client::authentication::ClientAuthentication;
use crate::client::pkce::{CodeChallenge, PkceVerifier};
use crate::client::scopes::Scopes;
use crate::endpoints::discovery::ServerMetadata;
use crate::error::Error;
use crate::grants::authorization_code::AuthorizationCodeGrant;
use crate::grants::response::TokenResponse;
use crate::observe::{ObservedClient, Observer, StepOutcome};
use crate::secret::ClientSecret;
use crate::sources::attestation::AttestationSource;
use crate::step::{Step, StepKind};
use crate::urls::{ChallengeEndpoint, SiteUrl};
use crate::wire::unreadable_response::UnreadableResponse;

/// How often a flow starts over after the server lost the session.
const RESTARTS: u32 = 1;

/// A first-party app at a site.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) site: SiteUrl,
    pub(crate) profile: ChallengeProfile,
    pub(crate) client_id: ClientId,
    pub(crate) client_secret: Arc<ClientSecret>,
    pub(crate) token_authentication: ClientAuthentication,
    pub(crate) scope: Option<Scopes>,
}

/// What each exchange of a flow needs.
#[derive(Clone, Copy)]
pub(crate) struct Exchange<'a> {
    pub(crate) http: &'a HttpClient,
    pub(crate) attestation: &'a dyn AttestationSource,
    pub(crate) observer: &'a dyn Observer,
}

impl App {
    pub(crate) fn new(
        site: SiteUrl,
        profile: ChallengeProfile,
        client_id: ClientId,
        client_secret: ClientSecret,
    ) -> Self {
        Self {
            site,
            profile,
            client_id,
            client_secret: Arc::new(client_secret),
            token_authentication: ClientAuthentication::default(),
            scope: None,
        }
    }

    /// The profile has no parameters for this flow.
    pub(crate) fn not_in_profile(&self, flow: &'static str) -> Error {
        let step = Step::new(StepKind::Challenge, self.site.host());
        Error::NotInProfile { step, flow }
    }

    /// A challenge that has not begun, at the endpoint of the profile or of the site's metadata.
    pub(crate) async fn begin(
        &self,
        exchange: Exchange<'_>,
        code_challenge: &CodeChallenge,
    ) -> Result<Challenge, Error> {
        let endpoint = self.endpoint(exchange.http, exchange.observer).await?;
        let challenge = Challenge::new(
            endpoint,
            self.profile.clone(),
            self.client_id.clone(),
            code_challenge.clone(),
        )
        .with_secret(Arc::clone(&self.client_secret));
        Ok(match &self.scope {
            Some(scope) => challenge.with_scope(scope.clone()),
            None => challenge,
        })
    }

    /// Redeems a code. A session that came with the code is in the response, unless the server
    /// sends a newer one.
    pub(crate) async fn redeem(
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
        let (step, request) = (grant.step(), grant.into_request());
        let mut token = ObservedClient::once(http, observer)
            .exchange(&step, request, TokenResponse::parse, StepOutcome::Token)
            .await?;
        token.auth_session = token.auth_session.or(authorized.auth_session);
        Ok(token)
    }

    /// The challenge endpoint of the profile or of the site's metadata.
    async fn endpoint(
        &self,
        http: &HttpClient,
        observer: &dyn Observer,
    ) -> Result<ChallengeEndpoint, Error> {
        if let EndpointSource::At(endpoint) = &self.profile.endpoint {
            return Ok(endpoint.clone());
        }
        let step = ServerMetadata::step(&self.site);
        let request = ServerMetadata::request(&self.site);
        let parse = |step: &_, response: &_| {
            ServerMetadata::parse(step, &self.site, response)?
                .authorization_challenge_endpoint
                .ok_or_else(|| {
                    let missing = UnreadableResponse::Missing("authorization_challenge_endpoint");
                    Error::unreadable(step, response, missing)
                })
        };
        ObservedClient::idempotent(http, observer)
            .exchange(&step, request, parse, StepOutcome::Metadata)
            .await
    }
}

/// The outcome of a sequence of steps.
pub(crate) enum Outcome {
    /// The server gave a code before the last step, or with it.
    Code(Authorized),
    /// All steps are done, and the server asks for more, as expected.
    Open(Box<Challenge>),
}

impl Exchange<'_> {
    /// One request of a challenge, with its own attestation.
    pub(crate) async fn step(
        self,
        challenge: Challenge,
        fields: &Fields,
    ) -> Result<ChallengeOutcome, Error> {
        let step = challenge.step();
        let jwt = self
            .attestation
            .attestation()
            .await
            .map_err(|source| Error::Attestation {
                step: step.clone(),
                source,
            })?;
        let client = ObservedClient::once(self.http, self.observer);
        let (response, report) = client.send(&step, challenge.request(fields, jwt)).await?;
        let outcome = challenge.handle_response(&response);
        client.report(report, outcome.step_outcome());
        Ok(outcome)
    }

    /// Runs `steps`: each follows when the server asks for more. After a lost session it starts
    /// over once, from the first step. `open` allows the server to ask for more after the last
    /// one.
    pub(crate) async fn run_steps(
        self,
        mut challenge: Challenge,
        steps: &[Fields],
        open: bool,
    ) -> Result<Outcome, Error> {
        let step = challenge.step();
        let mut next = 0;
        let mut restarts = 0;
        while let Some(fields) = steps.get(next) {
            match self.step(challenge, fields).await? {
                ChallengeOutcome::Code(authorized) => return Ok(Outcome::Code(authorized)),
                ChallengeOutcome::InsufficientAuthorization {
                    challenge: same,
                    error,
                } => {
                    next += 1;
                    if next == steps.len() && !open {
                        let source = Box::new(error);
                        return Err(Error::InsufficientAuthorization { step, source });
                    }
                    challenge = same;
                }
                ChallengeOutcome::InvalidSession {
                    challenge: fresh,
                    error,
                } => {
                    if restarts == RESTARTS {
                        let source = Box::new(error);
                        return Err(Error::SessionLost { step, source });
                    }
                    challenge = fresh;
                    next = 0;
                    restarts += 1;
                }
                ChallengeOutcome::RedirectToWeb { error, .. } => {
                    let source = Box::new(error);
                    return Err(Error::RedirectToWeb { step, source });
                }
                ChallengeOutcome::Refused { error, .. } => {
                    return Err(Error::refused(&step, error));
                }
                ChallengeOutcome::Unreadable { error, .. } => return Err(error),
            }
        }
        Ok(Outcome::Open(Box::new(challenge)))
    }
}

impl ChallengeOutcome {
    fn step_outcome(&self) -> StepOutcome {
        match self {
            Self::Code(_) => StepOutcome::Code,
            Self::InsufficientAuthorization { .. } => StepOutcome::InsufficientAuthorization,
            Self::RedirectToWeb { .. } => StepOutcome::RedirectToWeb,
            Self::InvalidSession { .. } => StepOutcome::InvalidSession,
            Self::Refused { error, .. } => StepOutcome::Refused(error.code().to_owned()),
            Self::Unreadable { .. } => StepOutcome::Unreadable,
        }
    }
}
