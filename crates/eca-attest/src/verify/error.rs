//! Errors of verifying tokens.

use std::time::{Duration, SystemTime};

use crate::jwt::JwtError;
use crate::jwt::claims::ClaimError;
use crate::jwt::date::{NumericDate, rfc3339};
use crate::sign::Algorithm;
use crate::verify::replay::ReplayError;

/// The check that a token failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// It is not a compact signed token.
    #[error("the token is malformed")]
    Malformed(#[source] JwtError),
    /// Its header requires an unknown extension (`crit`, RFC 7515, section 4.1.11).
    #[error("the token's header member {member} is not supported")]
    Header {
        /// The member.
        member: &'static str,
    },
    /// Its `alg` is not the algorithm of the key.
    #[error("the token's algorithm is {}, not {expected}", quoted(found.as_deref()))]
    Algorithm {
        /// The algorithm of the key.
        expected: Algorithm,
        /// The `alg` of the header.
        found: Option<String>,
    },
    /// Its `typ` is wrong or missing.
    #[error("the token's typ is {}, not {expected:?}", quoted(found.as_deref()))]
    Type {
        /// The expected value.
        expected: &'static str,
        /// The value in the token.
        found: Option<String>,
    },
    /// The key in its header (`jwk`) is missing or cannot be used.
    #[error("the key in the token's header cannot be used")]
    Key(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Its signature was not made with the key, or the token was changed.
    #[error("the token's signature does not verify")]
    Signature,
    /// A claim is missing.
    #[error("the token has no claim {claim}")]
    MissingClaim {
        /// The claim's name.
        claim: &'static str,
    },
    /// A claim has the wrong type.
    #[error("the token has an invalid claim")]
    InvalidClaim(#[source] ClaimError),
    /// `exp` is in the past.
    #[error("the token expired at {at}, it is {} now", rfc3339(*now))]
    Expired {
        /// Its `exp`.
        at: NumericDate,
        /// The time of the check.
        now: SystemTime,
    },
    /// `iat` is too long ago.
    #[error("the token is too old: its iat is {at}, it is {} now", rfc3339(*now))]
    TooOld {
        /// Its `iat`.
        at: NumericDate,
        /// The time of the check.
        now: SystemTime,
    },
    /// `nbf` or `iat` is in the future.
    #[error("the token is not valid before its {claim} {at}, it is {} now", rfc3339(*now))]
    NotYetValid {
        /// `nbf` or `iat`.
        claim: &'static str,
        /// Its value.
        at: NumericDate,
        /// The time of the check.
        now: SystemTime,
    },
    /// `exp` is too far in the future.
    #[error("the token is valid until {at}, which is more than {} s ahead", max.as_secs())]
    LifetimeTooLong {
        /// Its `exp`.
        at: NumericDate,
        /// The longest accepted lifetime.
        max: Duration,
    },
    /// `iss` is wrong.
    #[error("the token's issuer is {found:?}, not {expected:?}")]
    Issuer {
        /// The expected issuer.
        expected: String,
        /// The issuer in the token.
        found: String,
    },
    /// `aud` does not name an expected audience.
    #[error("the token's audience is {found:?}, not {expected:?}")]
    Audience {
        /// The accepted audiences.
        expected: Vec<String>,
        /// The audiences in the token.
        found: Vec<String>,
    },
    /// Another claim has a wrong value.
    #[error("the token's {claim} is {found:?}, not {expected:?}")]
    Mismatch {
        /// The claim's name.
        claim: &'static str,
        /// The expected value.
        expected: String,
        /// The value in the token.
        found: String,
    },
    /// Its `jti` was used before.
    #[error("the token with the jti {id:?} was used before")]
    Replayed {
        /// The `jti`.
        id: String,
    },
    /// The replay store failed.
    #[error("the token could not be checked for replay")]
    Replay(#[source] ReplayError),
}

impl VerifyError {
    /// The name of the check that failed, for machine-readable output: `structure`, `header`,
    /// `alg`, `typ`, `jwk`, `signature`, the claim's name, or `replay`.
    pub fn check(&self) -> &'static str {
        match self {
            VerifyError::Malformed(_) => "structure",
            VerifyError::Header { .. } => "header",
            VerifyError::Algorithm { .. } => "alg",
            VerifyError::Type { .. } => "typ",
            VerifyError::Key(_) => "jwk",
            VerifyError::Signature => "signature",
            VerifyError::MissingClaim { claim }
            | VerifyError::Mismatch { claim, .. }
            | VerifyError::NotYetValid { claim, .. } => claim,
            VerifyError::TooOld { .. } => "iat",
            VerifyError::InvalidClaim(error) => error.claim(),
            VerifyError::Expired { .. } | VerifyError::LifetimeTooLong { .. } => "exp",
            VerifyError::Issuer { .. } => "iss",
            VerifyError::Audience { .. } => "aud",
            VerifyError::Replayed { .. } | VerifyError::Replay(_) => "replay",
        }
    }

    /// Whether a new token from the same client may pass: this one is expired, too old, too early
    /// or used.
    pub fn is_stale(&self) -> bool {
        matches!(
            self,
            VerifyError::Expired { .. }
                | VerifyError::TooOld { .. }
                | VerifyError::NotYetValid { .. }
                | VerifyError::Replayed { .. }
        )
    }
}

impl From<ClaimError> for VerifyError {
    fn from(error: ClaimError) -> Self {
        VerifyError::InvalidClaim(error)
    }
}

/// A value of the token in quotes.
fn quoted(text: Option<&str>) -> String {
    text.map_or_else(|| "missing".to_owned(), |text| format!("{text:?}"))
}
