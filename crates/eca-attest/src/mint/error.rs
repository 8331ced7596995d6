//! Errors of making tokens.

use crate::jwt::date::DateError;
use crate::jwt::random::IdError;
use crate::sign::{Algorithm, SignError};

/// A token cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MintError {
    /// The signer does not sign with RS256, the only algorithm Salesforce accepts for client
    /// attestation.
    #[error("client attestation requires RS256, the signer uses {found}")]
    Algorithm {
        /// The algorithm of the signer.
        found: Algorithm,
    },
    /// The `jti` or `sub` given is empty.
    #[error("the {claim} given for the token is empty")]
    EmptyClaim {
        /// The claim's name.
        claim: &'static str,
    },
    /// The clock is out of range.
    #[error("the clock is out of the range of tokens")]
    Clock(#[from] DateError),
    /// The source of random numbers failed.
    #[error("a fresh jti cannot be made")]
    Id(#[from] IdError),
    /// The key of a DPoP proof has no JSON Web Key form.
    #[error("the key that the token is bound to is neither RSA nor EC P-256")]
    BoundKey,
    /// The claims cannot be encoded as JSON.
    #[error("the claims cannot be encoded")]
    Encode(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The signer failed.
    #[error("the token could not be signed")]
    Sign(#[from] SignError),
}
