//! Why a token is not accepted.

use std::time::{Duration, SystemTime};

use crate::jwt::JwtError;
use crate::jwt::claims::ClaimError;
use crate::jwt::date::{NumericDate, rfc3339};
use crate::sign::Algorithm;
use crate::verify::replay::ReplayError;

/// Which check a token failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// It is not a compact signed token at all.
    #[error("the token is malformed")]
    Malformed(#[source] JwtError),
    /// Its header asks for processing that is not known here (`crit`, RFC 7515, section 4.1.11).
    #[error("the token's header member {member} is not supported")]
    Header {
        /// The member.
        member: &'static str,
    },
    /// Its `alg` is not the one that belongs to the key.
    #[error("the token's algorithm is {}, the key is for {expected}", quoted(found.as_deref()))]
    Algorithm {
        /// The one that belongs to the key.
        expected: Algorithm,
        /// What the header says; `None` if it says nothing.
        found: Option<String>,
    },
    /// Its `typ` is another one, or missing.
    #[error("the token's typ is {}, not {expected:?}", quoted(found.as_deref()))]
    Type {
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: Option<String>,
    },
    /// The key in its header (`jwk`) is missing or cannot be used.
    #[error("the key in the token's header cannot be used")]
    Key(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Its signature was not made with the key, or the token was changed since.
    #[error("the token's signature does not verify")]
    Signature,
    /// A claim is missing.
    #[error("the token has no claim {claim}")]
    MissingClaim {
        /// The claim's name.
        claim: &'static str,
    },
    /// A claim has the wrong type.
    #[error("the token has an unusable claim")]
    InvalidClaim(#[source] ClaimError),
    /// `exp` is in the past.
    #[error("the token expired at {at}, it is {} now", rfc3339(*now))]
    Expired {
        /// Its `exp`.
        at: NumericDate,
        /// The time of checking.
        now: SystemTime,
    },
    /// `iat` is too long ago.
    #[error("the token was made at {at}, which is too long ago, it is {} now", rfc3339(*now))]
    TooOld {
        /// Its `iat`.
        at: NumericDate,
        /// The time of checking.
        now: SystemTime,
    },
    /// `nbf` or `iat` is in the future.
    #[error("the token is not valid before its {claim} {at}, it is {} now", rfc3339(*now))]
    NotYetValid {
        /// `nbf` or `iat`.
        claim: &'static str,
        /// Its value.
        at: NumericDate,
        /// The time of checking.
        now: SystemTime,
    },
    /// `exp` is further away than tokens may live.
    #[error("the token is valid until {at}, which is more than {} s ahead", max.as_secs())]
    LifetimeTooLong {
        /// Its `exp`.
        at: NumericDate,
        /// How long tokens may live.
        max: Duration,
    },
    /// `iss` is another one.
    #[error("the token's issuer is {found:?}, not {expected:?}")]
    Issuer {
        /// Who it should be.
        expected: String,
        /// Who it is.
        found: String,
    },
    /// `aud` does not name an expected audience.
    #[error("the token's audience is {found:?}, not {expected:?}")]
    Audience {
        /// Whom it may be for.
        expected: Vec<String>,
        /// Whom it is for.
        found: Vec<String>,
    },
    /// Another claim has another value than it should have.
    #[error("the token's {claim} is {found:?}, not {expected:?}")]
    Mismatch {
        /// The claim's name.
        claim: &'static str,
        /// What it should be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// Its `jti` was used before.
    #[error("the token with the jti {id:?} was used before")]
    Replayed {
        /// The `jti`.
        id: String,
    },
    /// The replay store could not tell.
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

    /// Whether a new token from the same client might pass: this one was only too old, too early
    /// or used up.
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

/// What a token says is quoted, so that it cannot pass for our own words.
fn quoted(text: Option<&str>) -> String {
    text.map_or_else(|| "missing".to_owned(), |text| format!("{text:?}"))
}
