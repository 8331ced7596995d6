//! The errors of every flow.

use bytes::Bytes;
use eca_http::{Delivery, SendError};

use crate::oauth_error::OAuthError;
use crate::sources::attestation::AttestationError;
use crate::sources::refresh_store::RefreshStoreError;
use crate::sources::subject_token::SubjectTokenError;
use crate::step::Step;
use crate::wire::unreadable_answer::UnreadableAnswer;

/// What can go wrong in a flow. Names the step and the host, never a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No usable answer came.
    #[error("{step} failed")]
    Transport {
        /// The step.
        step: Step,
        /// What happened, how often it was tried, and whether anything may have been sent.
        source: SendError,
    },
    /// The server said no, in OAuth's words.
    #[error("{step} was refused")]
    Refused {
        /// The step.
        step: Step,
        /// The server's words.
        source: Box<OAuthError>,
    },
    /// An answer came that makes no sense here.
    #[error("{step} got an answer that cannot be read (http {status})")]
    Unreadable {
        /// The step.
        step: Step,
        /// The HTTP status.
        status: u16,
        /// What is wrong with it.
        source: UnreadableAnswer,
    },
    /// The client attestation could not be made.
    #[error("{step} has no client attestation to send")]
    Attestation {
        /// The step.
        step: Step,
        /// What its source said.
        source: AttestationError,
    },
    /// The assertion could not be made.
    #[error("{step} has no assertion to send")]
    Assertion {
        /// The step.
        step: Step,
        /// What its source said.
        source: AttestationError,
    },
    /// The token to be exchanged could not be got.
    #[error("{step} has no subject token to send")]
    SubjectToken {
        /// The step.
        step: Step,
        /// What its source said.
        source: SubjectTokenError,
    },
    /// The refresh token could not be read or kept. If a rotated one could not be kept, the new
    /// access token was not used.
    #[error("{step} could not use its store of refresh tokens")]
    Store {
        /// The step.
        step: Step,
        /// What the store said.
        source: RefreshStoreError,
        /// Whether a rotated token was lost: then the user has to approve the app again.
        lost: bool,
    },
    /// Nobody approved the device in time.
    #[error("{step} was not approved in time")]
    DeviceTimeout {
        /// The step.
        step: Step,
    },
    /// The server asks for something that this flow does not have, such as a second factor.
    #[error("{step} needs more than this flow can give")]
    InsufficientAuthorization {
        /// The step.
        step: Step,
        /// The server's words; its extras may say what is needed.
        source: Box<OAuthError>,
    },
    /// The server wants the user in a browser (`redirect_to_web`).
    #[error("{step} must go on in a browser")]
    RedirectToWeb {
        /// The step.
        step: Step,
        /// The server's words.
        source: Box<OAuthError>,
    },
    /// The server forgot the session (`invalid_session`), and again after a fresh start.
    #[error("{step} lost its session twice")]
    SessionLost {
        /// The step.
        step: Step,
        /// The server's words.
        source: Box<OAuthError>,
    },
    /// The session behind a one-time password is gone; the user needs a new one.
    #[error("{step} lost the session of the one-time password; start again to get a new one")]
    VerificationLost {
        /// The step.
        step: Step,
        /// The server's words.
        source: Box<OAuthError>,
    },
    /// The challenge profile does not say how this flow is spoken.
    #[error("{step} cannot begin: the challenge profile has no `{flow}` section")]
    NotInProfile {
        /// The step.
        step: Step,
        /// The section of the profile.
        flow: &'static str,
    },
    /// The challenge profile has no parameter for something that the user gave.
    #[error("{step} cannot begin: the challenge profile has no parameter for `{field}`")]
    NoParameter {
        /// The step.
        step: Step,
        /// What was given.
        field: String,
    },
    /// Client credentials are not served on the hosts that every org shares.
    #[error("{step} is not served on a shared login host; use the org's own url")]
    LoginHost {
        /// The step.
        step: Step,
    },
    /// A given access token was refused, and there is no way to get another.
    #[error("the given access token was refused, and nothing is known to get another with")]
    TokenRefused,
}

impl Error {
    pub(crate) fn refused(step: &Step, error: OAuthError) -> Self {
        Self::Refused {
            step: step.clone(),
            source: Box::new(error),
        }
    }

    pub(crate) fn unreadable(
        step: &Step,
        response: &http::Response<Bytes>,
        source: UnreadableAnswer,
    ) -> Self {
        Self::Unreadable {
            step: step.clone(),
            status: response.status().as_u16(),
            source,
        }
    }

    /// The step that failed, if it was one.
    pub fn step(&self) -> Option<&Step> {
        match self {
            Self::Transport { step, .. }
            | Self::Refused { step, .. }
            | Self::Unreadable { step, .. }
            | Self::Attestation { step, .. }
            | Self::InsufficientAuthorization { step, .. }
            | Self::RedirectToWeb { step, .. }
            | Self::SessionLost { step, .. }
            | Self::VerificationLost { step, .. }
            | Self::NotInProfile { step, .. }
            | Self::NoParameter { step, .. }
            | Self::Assertion { step, .. }
            | Self::SubjectToken { step, .. }
            | Self::Store { step, .. }
            | Self::DeviceTimeout { step }
            | Self::LoginHost { step } => Some(step),
            Self::TokenRefused => None,
        }
    }

    /// The server's own words, if it answered with an OAuth error.
    pub fn oauth(&self) -> Option<&OAuthError> {
        match self {
            Self::Refused { source, .. }
            | Self::InsufficientAuthorization { source, .. }
            | Self::RedirectToWeb { source, .. }
            | Self::VerificationLost { source, .. }
            | Self::SessionLost { source, .. } => Some(source),
            _ => None,
        }
    }

    /// Whether it is about who one is and what one may do, not about weather or wiring.
    pub fn is_auth(&self) -> bool {
        match self {
            Self::Refused { source, .. } => !source.is_retryable(),
            Self::Attestation { .. }
            | Self::Assertion { .. }
            | Self::SubjectToken { .. }
            | Self::Store { .. }
            | Self::DeviceTimeout { .. }
            | Self::InsufficientAuthorization { .. }
            | Self::RedirectToWeb { .. }
            | Self::SessionLost { .. }
            | Self::VerificationLost { .. }
            | Self::TokenRefused => true,
            _ => false,
        }
    }

    /// Whether the same flow may well succeed a little later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Transport { source, .. } => source.last.kind().is_transient(),
            Self::Refused { source, .. } => source.is_retryable(),
            Self::Unreadable { status, .. } => *status >= 500,
            _ => false,
        }
    }

    /// Whether the failing request may have reached the server.
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Transport { source, .. } => source.delivery,
            Self::Store { lost: false, .. }
            | Self::Attestation { .. }
            | Self::Assertion { .. }
            | Self::SubjectToken { .. }
            | Self::NotInProfile { .. }
            | Self::NoParameter { .. }
            | Self::LoginHost { .. } => Delivery::NotSent,
            _ => Delivery::Unknown,
        }
    }
}
