//! Enumerations of OAuth policies.

use crate::values::text::UnknownValue;
use eca_model_derive::Enumeration;

/// What sets the lifetime of JWT-format tokens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum JWTSessionTimeoutType {
    /// `UserSession`.
    UserSession,
    /// `Custom`.
    Custom,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Who may use an app.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum PermittedUsersPolicyType {
    /// Every user may authorize the app.
    AllSelfAuthorized,
    /// Only users whom an administrator pre-approved.
    AdminApprovedPreAuthorized,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// What happens to a session below the required level.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum PolicyAction {
    /// The session is refused.
    Block,
    /// The user is asked to raise the level.
    RaiseSessionLevel,
    /// `StepUpMFA`.
    #[value(name = "StepUpMFA", since = 67)]
    StepUpMfa,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// How long refresh tokens live.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum RefreshTokenPolicyType {
    /// Until revoked.
    Infinite,
    /// No refresh token.
    Zero,
    /// A fixed time after issue.
    SpecificLifetime,
    /// A fixed time after the last use.
    SpecificInactivity,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Session security levels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum SessionSecurityLevel {
    /// `LOW`.
    #[value(name = "LOW")]
    Low,
    /// `STANDARD`.
    #[value(name = "STANDARD")]
    Standard,
    /// `HIGH_ASSURANCE`.
    #[value(name = "HIGH_ASSURANCE")]
    HighAssurance,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}
