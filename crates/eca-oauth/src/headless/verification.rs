//! The second half of the flows with a one-time password.

use std::collections::BTreeMap;
use std::fmt;

use eca_http::HttpClient;

use crate::challenge::{Challenge, ChallengeOutcome, Fields, ParameterName};
use crate::client::pkce::PkceVerifier;
use crate::error::Error;
use crate::grants::response::TokenResponse;
use crate::headless::{App, Company, Walked, turn, walk};
use crate::oauth_error::OAuthError;
use crate::observe::Observer;
use crate::secret::OneTimePassword;
use crate::sources::attestation::AttestationSource;

/// What the first half of a flow led to.
#[derive(Debug)]
#[non_exhaustive]
pub enum Started {
    /// The site sent a one-time password and waits for it.
    Pending(Box<PendingVerification>),
    /// The site is content without one.
    Token(Box<TokenResponse>),
}

/// What a one-time password led to.
#[derive(Debug)]
#[non_exhaustive]
pub enum Verification {
    /// The user is in.
    Token(Box<TokenResponse>),
    /// The site did not take it and leaves another try. How often to try is the caller's decision.
    Again {
        /// Takes the next one.
        pending: Box<PendingVerification>,
        /// The server's words.
        error: OAuthError,
    },
}

/// A flow that waits for the user's one-time password. It holds session and PKCE verifier, and is
/// used up by each try.
pub struct PendingVerification {
    app: App,
    challenge: Challenge,
    verifier: PkceVerifier,
    last: Last,
}

/// The last step: what it holds beside the one-time password, and what that is called.
struct Last {
    fields: Fields,
    one_time_password: ParameterName,
}

/// What a flow is going to send.
pub(crate) struct Plan {
    /// The fields of each request, the last without the one-time password.
    pub(crate) turns: Vec<Fields>,
    /// What the first request holds beside its fields.
    pub(crate) fixed: BTreeMap<ParameterName, String>,
    /// What the one-time password is called in the last request.
    pub(crate) one_time_password: ParameterName,
}

/// Goes through all steps but the last.
pub(crate) async fn begin(
    app: App,
    company: Company<'_>,
    verifier: PkceVerifier,
    mut plan: Plan,
) -> Result<Started, Error> {
    if let Some(first) = plan.turns.first_mut() {
        first.add_fixed(&plan.fixed);
    }
    let last = Last {
        fields: plan.turns.pop().unwrap_or_default(),
        one_time_password: plan.one_time_password,
    };
    let challenge = app.begin(company, &verifier.challenge()).await?;
    match walk(company, challenge, &plan.turns, true).await? {
        Walked::Code(authorized) => {
            let (http, observer) = (company.http, company.observer);
            let token = app.redeem(http, authorized, verifier, observer).await?;
            Ok(Started::Token(Box::new(token)))
        }
        Walked::Open(challenge) => Ok(Started::Pending(Box::new(PendingVerification {
            app,
            challenge: *challenge,
            verifier,
            last,
        }))),
    }
}

impl PendingVerification {
    /// Hands in the one-time password that the user typed in.
    ///
    /// # Errors
    ///
    /// [`Error`] of the step that failed. A one-time password that the server does not take is no
    /// error but [`Verification::Again`].
    pub async fn verify(
        self,
        http: &HttpClient,
        attestation: &dyn AttestationSource,
        one_time_password: &OneTimePassword,
        observer: &dyn Observer,
    ) -> Result<Verification, Error> {
        let Self {
            app,
            challenge,
            verifier,
            last,
        } = self;
        let company = Company {
            http,
            attestation,
            observer,
        };
        let step = challenge.step();
        let fields = last
            .fields
            .again()
            .with(&last.one_time_password, one_time_password.expose_secret());
        let outcome = turn(company, challenge, &fields).await?;
        let (challenge, error) = match outcome {
            ChallengeOutcome::Code(authorized) => {
                let token = app.redeem(http, authorized, verifier, observer).await?;
                return Ok(Verification::Token(Box::new(token)));
            }
            ChallengeOutcome::NeedMore { challenge, error } => (challenge, error),
            // Without a session there is nothing that a second try could go on with.
            ChallengeOutcome::Refused { challenge, error }
                if challenge.session().is_some() && !error.is_client() =>
            {
                (challenge, error)
            }
            ChallengeOutcome::Refused { error, .. } => {
                let source = Box::new(error);
                return Err(Error::Refused { step, source });
            }
            ChallengeOutcome::Restart { error, .. } => {
                let source = Box::new(error);
                return Err(Error::VerificationLost { step, source });
            }
            ChallengeOutcome::RedirectToWeb { error, .. } => {
                let source = Box::new(error);
                return Err(Error::WebNeeded { step, source });
            }
            ChallengeOutcome::Unreadable { error, .. } => return Err(error),
        };
        let pending = Box::new(Self {
            app,
            challenge,
            verifier,
            last,
        });
        Ok(Verification::Again { pending, error })
    }
}

impl fmt::Debug for PendingVerification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingVerification")
            .field("challenge", &self.challenge)
            .finish_non_exhaustive()
    }
}
