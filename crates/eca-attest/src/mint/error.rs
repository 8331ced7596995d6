//! Why no token could be made.

use crate::jwt::date::DateError;
use crate::jwt::random::IdError;
use crate::sign::{Algorithm, SignError};

/// Why no token could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MintError {
    /// The signer does not sign with RS256, the only algorithm Salesforce takes for client
    /// attestation.
    #[error("client attestation is signed with RS256, the signer makes {found}")]
    Algorithm {
        /// What the signer makes.
        found: Algorithm,
    },
    /// The `jti` or `sub` given is empty.
    #[error("the {claim} given for the token is empty")]
    EmptyClaim {
        /// The claim's name.
        claim: &'static str,
    },
    /// The clock is off by centuries.
    #[error("the clock shows a time that no token can hold")]
    Clock(#[from] DateError),
    /// No random `jti` could be had.
    #[error("no fresh jti could be made")]
    Id(#[from] IdError),
    /// The key that a token is to be bound to cannot be written as a JSON Web Key.
    #[error("the key that the token is bound to is neither RSA nor EC P-256")]
    BoundKey,
    /// The claims could not be written as JSON.
    #[error("the claims could not be encoded")]
    Encode(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The signer failed.
    #[error("the token could not be signed")]
    Sign(#[from] SignError),
}
