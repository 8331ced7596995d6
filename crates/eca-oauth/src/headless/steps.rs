//! The steps of a challenge, each one exchange.

use crate::challenge::state_machine::{Authorized, Challenge, ChallengeOutcome, Fields};
use crate::error::Error;
use crate::headless::HeadlessClient;
use crate::observe::StepOutcome;
use crate::sent_secrets::SentSecrets;

/// How often a flow starts over after the server lost the session.
const RESTARTS: u32 = 1;

/// The outcome of a sequence of steps.
pub(super) enum Outcome {
    /// The server gave a code before the last step, or with it.
    Code(Authorized),
    /// All steps are done, and the server asks for more, as expected.
    Open(Box<Challenge>),
}

impl HeadlessClient {
    /// One request of a challenge, with its own attestation.
    pub(super) async fn exchange(
        &self,
        challenge: Challenge,
        fields: &Fields,
    ) -> Result<ChallengeOutcome, Error> {
        let step = challenge.step();
        let request = challenge.request(fields, self.attest(&step).await?);
        let client = self.once();
        let secrets = SentSecrets::from(&request);
        let (response, report) = client.send(&step, request).await?;
        let mut outcome = challenge.handle_response(&response);
        outcome.mask(&secrets);
        client.report(report, outcome.step_outcome());
        Ok(outcome)
    }

    /// Runs `steps`: each follows when the server asks for more. After a lost session it starts
    /// over once, from the first step. `open` allows the server to ask for more after the last
    /// one.
    pub(super) async fn run_steps(
        &self,
        mut challenge: Challenge,
        steps: &[Fields],
        open: bool,
    ) -> Result<Outcome, Error> {
        let step = challenge.step();
        let mut next = 0;
        let mut restarts = 0;
        while let Some(fields) = steps.get(next) {
            match self.exchange(challenge, fields).await? {
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
    fn mask(&mut self, secrets: &SentSecrets) {
        if let Self::InsufficientAuthorization { error, .. }
        | Self::RedirectToWeb { error, .. }
        | Self::InvalidSession { error, .. }
        | Self::Refused { error, .. } = self
        {
            error.mask(secrets);
        }
    }

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
