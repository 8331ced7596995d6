//! The errors of every flow.

use bytes::Bytes;
use eca_http::{Delivery, SendError};

use crate::client::pkce::NoRandomness;
use crate::instances::OtherInstance;
use crate::oauth_error::OAuthError;
use crate::sent_secrets::SentSecrets;
use crate::sources::attestation::AttestationError;
use crate::sources::refresh_store::RefreshStoreError;
use crate::sources::subject_token::SubjectTokenError;
use crate::step::Step;
use crate::wire::unreadable_response::UnreadableResponse;

/// An error of a flow. It names step and host, never a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There was no usable response.
    #[error("{step} failed")]
    Transport {
        /// The step.
        step: Step,
        /// The last error, the attempts, and the delivery.
        source: SendError,
    },
    /// The server refused with an OAuth error.
    #[error("{step} was refused")]
    Refused {
        /// The step.
        step: Step,
        /// The server's error.
        source: Box<OAuthError>,
    },
    /// The response cannot be read.
    #[error("{step} got a response that cannot be read (http {status})")]
    Unreadable {
        /// The step.
        step: Step,
        /// The HTTP status.
        status: u16,
        /// The reason.
        source: UnreadableResponse,
    },
    /// The client attestation could not be made.
    #[error("{step} has no client attestation to send")]
    Attestation {
        /// The step.
        step: Step,
        /// The error of its source.
        source: AttestationError,
    },
    /// The assertion could not be made.
    #[error("{step} has no assertion to send")]
    Assertion {
        /// The step.
        step: Step,
        /// The error of its source.
        source: AttestationError,
    },
    /// The subject token could not be obtained.
    #[error("{step} has no subject token to send")]
    SubjectToken {
        /// The step.
        step: Step,
        /// The error of its source.
        source: SubjectTokenError,
    },
    /// The refresh token could not be read or stored. If a rotated one could not be stored, the new
    /// access token was not used.
    #[error("{step} could not use the refresh token store")]
    Store {
        /// The step.
        step: Step,
        /// The error of the store.
        source: RefreshStoreError,
        /// Whether a rotated token was lost: then the user has to approve the app again.
        lost: bool,
    },
    /// The token belongs to another org than the one it was requested for. It was not used.
    #[error("{step} returned a token of another org")]
    OtherInstance {
        /// The step.
        step: Step,
        /// Both instances.
        source: OtherInstance,
    },
    /// The device was not approved in time.
    #[error("{step} was not approved in time")]
    DeviceTimeout {
        /// The step.
        step: Step,
    },
    /// The server asks for something that this flow does not have, such as a second factor
    /// (`insufficient_authorization`).
    #[error("{step} asks for more than this flow has")]
    InsufficientAuthorization {
        /// The step.
        step: Step,
        /// The server's error; its extras may name what is needed.
        source: Box<OAuthError>,
    },
    /// The server asks for a browser (`redirect_to_web`).
    #[error("{step} must continue in a browser")]
    RedirectToWeb {
        /// The step.
        step: Step,
        /// The server's error.
        source: Box<OAuthError>,
    },
    /// The server lost the session (`invalid_session`), and again after the flow started over.
    #[error("{step} lost its session twice")]
    SessionLost {
        /// The step.
        step: Step,
        /// The server's error.
        source: Box<OAuthError>,
    },
    /// The session behind a one-time password is gone; the user needs a new one.
    #[error("{step} lost the session of the one-time password; start again to get a new one")]
    VerificationLost {
        /// The step.
        step: Step,
        /// The server's error.
        source: Box<OAuthError>,
    },
    /// No one-time password can continue this flow: it has its token, or its session is gone.
    #[error("{step} is over; start again to get a new one-time password")]
    VerificationOver {
        /// The step.
        step: Step,
    },
    /// There is no randomness for the PKCE verifier.
    #[error("{step} has no pkce verifier")]
    Pkce {
        /// The step.
        step: Step,
        /// The error of its source.
        source: NoRandomness,
    },
    /// The challenge profile has no section for this flow.
    #[error("{step} cannot begin: the challenge profile has no `{flow}` section")]
    NotInProfile {
        /// The step.
        step: Step,
        /// The section of the profile.
        flow: &'static str,
    },
    /// The challenge profile has no parameter for a value from the user.
    #[error("{step} cannot begin: the challenge profile has no parameter for `{field}`")]
    NoParameter {
        /// The step.
        step: Step,
        /// The name of the value.
        field: String,
    },
    /// Client credentials are not served on the hosts that every org shares.
    #[error("{step} is not served on a shared login host; use the org's own url")]
    LoginHost {
        /// The step.
        step: Step,
    },
    /// A static access token was refused.
    #[error("the access token was refused, and there is no source of another one")]
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
        source: UnreadableResponse,
    ) -> Self {
        Self::Unreadable {
            step: step.clone(),
            status: response.status().as_u16(),
            source,
        }
    }

    /// The step that failed, if one did.
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
            | Self::Pkce { step, .. }
            | Self::OtherInstance { step, .. }
            | Self::VerificationOver { step }
            | Self::DeviceTimeout { step }
            | Self::LoginHost { step } => Some(step),
            Self::TokenRefused => None,
        }
    }

    /// The same error without the secrets of the request that it is about.
    #[must_use]
    pub(crate) fn masked(mut self, secrets: &SentSecrets) -> Self {
        if let Self::Refused { source, .. }
        | Self::InsufficientAuthorization { source, .. }
        | Self::RedirectToWeb { source, .. }
        | Self::VerificationLost { source, .. }
        | Self::SessionLost { source, .. } = &mut self
        {
            source.mask(secrets);
        }
        self
    }

    /// The server's error, if the response has one.
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

    /// Whether authentication or authorization failed, not the network or the configuration.
    pub fn is_auth(&self) -> bool {
        match self {
            Self::Refused { source, .. } => !source.is_retryable(),
            Self::Attestation { .. }
            | Self::Assertion { .. }
            | Self::SubjectToken { .. }
            | Self::Store { .. }
            | Self::DeviceTimeout { .. }
            | Self::OtherInstance { .. }
            | Self::InsufficientAuthorization { .. }
            | Self::RedirectToWeb { .. }
            | Self::SessionLost { .. }
            | Self::VerificationLost { .. }
            | Self::VerificationOver { .. }
            | Self::TokenRefused => true,
            _ => false,
        }
    }

    /// Whether a later attempt may succeed.
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
            | Self::Pkce { .. }
            | Self::VerificationOver { .. }
            | Self::LoginHost { .. } => Delivery::NotSent,
            _ => Delivery::Unknown,
        }
    }
}
