//! What the headless flows share: the app, and single exchanges of a challenge.

pub(crate) mod password;
pub(crate) mod passwordless;
pub(crate) mod registration;
pub(crate) mod verification;

use std::sync::Arc;

use eca_http::{HttpClient, Idempotency};

use crate::challenge::{
    Authorized, Challenge, ChallengeOutcome, ChallengeProfile, EndpointSource, Fields,
};
use crate::client::pkce::{CodeChallenge, PkceVerifier};
use crate::client::{ClientAuthentication, ClientId, Scopes};
use crate::endpoints::discovery::ServerMetadata;
use crate::error::Error;
use crate::grants::grant::AuthorizationCodeGrant;
use crate::grants::response::TokenResponse;
use crate::observe::{Observer, StepOutcome, Watched};
use crate::secret::ClientSecret;
use crate::sources::attestation::AttestationSource;
use crate::step::{Step, StepKind};
use crate::urls::{ChallengeEndpoint, SiteUrl};
use crate::wire::unreadable_answer::UnreadableAnswer;

/// How often a server may lose the session before a flow ends.
pub(crate) const RESTARTS: u32 = 1;

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

/// Who a flow talks to and who watches.
#[derive(Clone, Copy)]
pub(crate) struct Company<'a> {
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

    /// The profile does not say how this flow is spoken.
    pub(crate) fn not_in_profile(&self, flow: &'static str) -> Error {
        let step = Step::new(StepKind::Challenge, self.site.host());
        Error::NotInProfile { step, flow }
    }

    /// A challenge that has not begun, at the endpoint of the profile or of the site's metadata.
    pub(crate) async fn begin(
        &self,
        company: Company<'_>,
        code_challenge: &CodeChallenge,
    ) -> Result<Challenge, Error> {
        let endpoint = self.endpoint(company.http, company.observer).await?;
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

    /// Redeems a code. A session that came with the code is kept in the answer, unless the server
    /// gives a newer one.
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
        let step = grant.step();
        let http = http.clone().without_response_retry();
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
}

/// One exchange of a challenge, with an attestation of its own.
pub(crate) async fn turn(
    company: Company<'_>,
    challenge: Challenge,
    fields: &Fields,
) -> Result<ChallengeOutcome, Error> {
    let step = challenge.step();
    let jwt = company
        .attestation
        .attestation()
        .await
        .map_err(|source| Error::Attestation {
            step: step.clone(),
            source,
        })?;
    let http = company.http.clone().without_response_retry();
    let watched = Watched {
        http: &http,
        observer: company.observer,
    };
    let request = challenge.request(fields, jwt);
    let (response, report) = watched
        .send(&step, Idempotency::NotIdempotent, request)
        .await?;
    let outcome = challenge.answer(&response);
    watched.tell(report, outcome.reported());
    Ok(outcome)
}

/// What a sequence of turns led to.
pub(crate) enum Walked {
    /// The server is content before the last turn, or with it.
    Code(Authorized),
    /// All turns are done, and the server wants more, as it should.
    Open(Box<Challenge>),
}

/// Goes through `turns`, each sent once the server asked for more than the one before gave. A lost
/// session is started over once, from the first turn. `open` says whether the server may want more
/// after the last one.
pub(crate) async fn walk(
    company: Company<'_>,
    mut challenge: Challenge,
    turns: &[Fields],
    open: bool,
) -> Result<Walked, Error> {
    let step = challenge.step();
    let mut next = 0;
    let mut restarts = 0;
    while let Some(fields) = turns.get(next) {
        match turn(company, challenge, fields).await? {
            ChallengeOutcome::Code(authorized) => return Ok(Walked::Code(authorized)),
            ChallengeOutcome::NeedMore {
                challenge: same,
                error,
            } => {
                next += 1;
                if next == turns.len() && !open {
                    let source = Box::new(error);
                    return Err(Error::MoreNeeded { step, source });
                }
                challenge = same;
            }
            ChallengeOutcome::Restart {
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
                return Err(Error::WebNeeded { step, source });
            }
            ChallengeOutcome::Refused { error, .. } => {
                let source = Box::new(error);
                return Err(Error::Refused { step, source });
            }
            ChallengeOutcome::Unreadable { error, .. } => return Err(error),
        }
    }
    Ok(Walked::Open(Box::new(challenge)))
}

fn discovered(
    step: &Step,
    site: &SiteUrl,
    response: &http::Response<bytes::Bytes>,
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
    pub(crate) fn reported(&self) -> StepOutcome {
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
