//! Flows with a one-time password.

use std::collections::BTreeMap;
use std::fmt;

use eca_http::HttpClient;

use crate::challenge::parameter_name::ParameterName;
use crate::challenge::state_machine::{Challenge, ChallengeOutcome, Fields};
use crate::client::pkce::PkceVerifier;
use crate::error::Error;
use crate::grants::response::TokenResponse;
use crate::headless::{App, Exchange, Outcome};
use crate::oauth_error::OAuthError;
use crate::observe::Observer;
use crate::secret::OneTimePassword;
use crate::sources::attestation::AttestationSource;

/// The outcome of the first half of a flow.
#[derive(Debug)]
#[non_exhaustive]
pub enum Started {
    /// The site sent a one-time password and waits for it.
    Pending(Box<PendingVerification>),
    /// The site asks for none.
    Token(Box<TokenResponse>),
}

/// The outcome of a one-time password.
#[derive(Debug)]
#[non_exhaustive]
pub enum Verification {
    /// The user is logged in.
    Token(Box<TokenResponse>),
    /// The site did not accept it and allows another try. The caller decides how often to try.
    Retry {
        /// Accepts the next one.
        pending: Box<PendingVerification>,
        /// The server's error.
        error: OAuthError,
    },
}

/// A flow that waits for the user's one-time password. It has the session and the PKCE
/// verifier, and each try consumes it.
pub struct PendingVerification {
    app: App,
    challenge: Challenge,
    verifier: PkceVerifier,
    final_step: FinalStep,
}

/// The step with the one-time password.
struct FinalStep {
    fields: Fields,
    one_time_password: ParameterName,
}

/// The requests of a flow with a one-time password.
pub(crate) struct VerificationFlow {
    /// The fields of each request, the last without the one-time password.
    pub(crate) steps: Vec<Fields>,
    /// Parameters of the first request with a constant value.
    pub(crate) fixed: BTreeMap<ParameterName, String>,
    /// The parameter for the one-time password in the last request.
    pub(crate) one_time_password: ParameterName,
}

impl VerificationFlow {
    /// Runs all steps but the final one.
    pub(crate) async fn start(
        mut self,
        app: App,
        exchange: Exchange<'_>,
        verifier: PkceVerifier,
    ) -> Result<Started, Error> {
        if let Some(first) = self.steps.first_mut() {
            first.add_fixed(&self.fixed);
        }
        let final_step = FinalStep {
            fields: self.steps.pop().unwrap_or_default(),
            one_time_password: self.one_time_password,
        };
        let challenge = app.begin(exchange, &verifier.challenge()).await?;
        match exchange.run_steps(challenge, &self.steps, true).await? {
            Outcome::Code(authorized) => {
                let (http, observer) = (exchange.http, exchange.observer);
                let token = app.redeem(http, authorized, verifier, observer).await?;
                Ok(Started::Token(Box::new(token)))
            }
            Outcome::Open(challenge) => Ok(Started::Pending(Box::new(PendingVerification {
                app,
                challenge: *challenge,
                verifier,
                final_step,
            }))),
        }
    }
}

impl PendingVerification {
    /// Sends the one-time password that the user entered.
    ///
    /// # Errors
    ///
    /// [`Error`] of the step that failed. A one-time password that the server does not accept is
    /// not an error but [`Verification::Retry`].
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
            final_step,
        } = self;
        let exchange = Exchange {
            http,
            attestation,
            observer,
        };
        let step = challenge.step();
        let fields = final_step.fields.copy().with(
            &final_step.one_time_password,
            one_time_password.expose_secret(),
        );
        let outcome = exchange.step(challenge, &fields).await?;
        let (challenge, error) = match outcome {
            ChallengeOutcome::Code(authorized) => {
                let token = app.redeem(http, authorized, verifier, observer).await?;
                return Ok(Verification::Token(Box::new(token)));
            }
            ChallengeOutcome::InsufficientAuthorization { challenge, error } => (challenge, error),
            // A second try continues the session.
            ChallengeOutcome::Refused { challenge, error }
                if challenge.session().is_some() && !error.is_client() =>
            {
                (challenge, error)
            }
            ChallengeOutcome::Refused { error, .. } => return Err(Error::refused(&step, error)),
            ChallengeOutcome::InvalidSession { error, .. } => {
                let source = Box::new(error);
                return Err(Error::VerificationLost { step, source });
            }
            ChallengeOutcome::RedirectToWeb { error, .. } => {
                let source = Box::new(error);
                return Err(Error::RedirectToWeb { step, source });
            }
            ChallengeOutcome::Unreadable { error, .. } => return Err(error),
        };
        let pending = Box::new(Self {
            app,
            challenge,
            verifier,
            final_step,
        });
        Ok(Verification::Retry { pending, error })
    }
}

impl fmt::Debug for PendingVerification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingVerification")
            .field("challenge", &self.challenge)
            .finish_non_exhaustive()
    }
}
