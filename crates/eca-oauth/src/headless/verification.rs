//! Flows with a one-time password.

use std::collections::BTreeMap;

use crate::challenge::parameter_name::ParameterName;
use crate::challenge::state_machine::{Authorized, ChallengeOutcome, Fields};
use crate::error::Error;
use crate::grants::response::TokenResponse;
use crate::headless::HeadlessClient;
use crate::headless::pending::PendingVerification;
use crate::headless::steps::Outcome;
use crate::oauth_error::{OAuthError, OAuthErrorKind};
use crate::secret::{AuthSession, OneTimePassword};
use crate::wire::extras::Extras;

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
        /// The server's error.
        error: OAuthError,
    },
}

/// The requests of a flow with a one-time password.
pub(super) struct VerificationFlow<'a> {
    /// The fields of each request, the last without the one-time password.
    pub(super) steps: Vec<Fields>,
    /// Parameters of the first request with a constant value.
    pub(super) fixed: &'a BTreeMap<ParameterName, String>,
    /// The parameter for the one-time password in the last request.
    pub(super) one_time_password: &'a ParameterName,
}

impl HeadlessClient {
    /// Runs all steps but the last one.
    pub(super) async fn start(&self, flow: VerificationFlow<'_>) -> Result<Started, Error> {
        let mut steps = flow.steps;
        if let Some(first) = steps.first_mut() {
            first.add_fixed(flow.fixed);
        }
        let fields = steps.pop().unwrap_or_default();
        let verifier = self.verifier()?;
        let challenge = self.challenge(verifier.challenge()).await?;
        Ok(match self.run_steps(challenge, &steps, true).await? {
            Outcome::Code(authorized) => {
                let token = self.redeem(authorized, verifier).await?;
                Started::Token(Box::new(token))
            }
            Outcome::Open(challenge) => Started::Pending(Box::new(PendingVerification {
                first: challenge.is_first(),
                session: challenge.into_session(),
                verifier,
                fields,
                one_time_password: flow.one_time_password.clone(),
                code: None,
                over: false,
            })),
        })
    }

    /// Logs in with the one-time password that the user entered. `pending` stays as it is if the
    /// future is dropped.
    ///
    /// When only the last request fails, the one for the token, `pending` has the code: the next
    /// call sends that again, and no one-time password.
    ///
    /// # Errors
    ///
    /// [`Error`] of the step that failed: unless `pending` [is over](PendingVerification::is_over)
    /// then, the same one-time password may be sent again. One that the server does not accept
    /// (`invalid_grant`, `insufficient_authorization`) is not an error but
    /// [`Verification::Retry`].
    pub async fn verify(
        &self,
        pending: &mut PendingVerification,
        one_time_password: &OneTimePassword,
    ) -> Result<Verification, Error> {
        if pending.over {
            let step = self.step();
            return Err(Error::VerificationOver { step });
        }
        if pending.code.is_none()
            && let Some(error) = self.send_password(pending, one_time_password).await?
        {
            return Ok(Verification::Retry { error });
        }
        let token = self.redeem_pending(pending).await?;
        Ok(Verification::Token(Box::new(token)))
    }

    /// The last step of the challenge; the server's error if it allows another try, and otherwise
    /// `pending` has a code.
    async fn send_password(
        &self,
        pending: &mut PendingVerification,
        one_time_password: &OneTimePassword,
    ) -> Result<Option<OAuthError>, Error> {
        let challenge = self.challenge(pending.verifier.challenge()).await?;
        let session = pending.session.as_ref().map(AuthSession::copy);
        let challenge = challenge.resume(session, pending.first);
        let step = challenge.step();
        let fields = pending.fields.copy().with(
            &pending.one_time_password,
            one_time_password.expose_secret(),
        );
        match self.exchange(challenge, &fields).await? {
            ChallengeOutcome::Code(authorized) => {
                pending.session = authorized.auth_session;
                pending.code = Some(authorized.code);
                Ok(None)
            }
            ChallengeOutcome::InsufficientAuthorization { challenge, error } => {
                pending.continue_from(challenge);
                Ok(Some(error))
            }
            ChallengeOutcome::Refused { challenge, error } => {
                pending.continue_from(challenge);
                let busy = error.is_retryable();
                // A second try continues the session.
                pending.over = pending.session.is_none() && !busy;
                // Every other refusal is about something else than the code: the user is not
                // approved, the client is not the right one.
                let is_wrong_code = error.kind() == OAuthErrorKind::InvalidGrant;
                if pending.over || busy || !is_wrong_code {
                    return Err(Error::refused(&step, error));
                }
                Ok(Some(error))
            }
            ChallengeOutcome::InvalidSession { challenge, error } => {
                pending.continue_from(challenge);
                pending.over = true;
                let source = Box::new(error);
                Err(Error::VerificationLost { step, source })
            }
            ChallengeOutcome::RedirectToWeb {
                challenge, error, ..
            } => {
                pending.continue_from(challenge);
                pending.over = true;
                let source = Box::new(error);
                Err(Error::RedirectToWeb { step, source })
            }
            ChallengeOutcome::Unreadable { challenge, error } => {
                pending.continue_from(challenge);
                Err(error)
            }
        }
    }

    /// Redeems the code. A response that never came leaves it there: if it was used up, the server
    /// says so next time.
    async fn redeem_pending(
        &self,
        pending: &mut PendingVerification,
    ) -> Result<TokenResponse, Error> {
        let Some(code) = &pending.code else {
            let step = self.step();
            return Err(Error::VerificationOver { step });
        };
        let authorized = Authorized {
            code: code.copy(),
            auth_session: pending.session.as_ref().map(AuthSession::copy),
            extras: Extras::default(),
        };
        let redeemed = self.redeem(authorized, pending.verifier.copy()).await;
        pending.over = match &redeemed {
            Ok(_) => true,
            Err(error) => error.oauth().is_some_and(|error| !error.is_retryable()),
        };
        redeemed
    }
}
