//! Errors of making tokens.

use crate::jwt::date::DateError;
use crate::jwt::random::IdError;
use crate::sign::{Algorithm, SignError};

/// A token cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MintError {
    /// The signer does not use RS256, the only algorithm that Salesforce accepts for client
    /// attestation.
    #[error("client attestation requires RS256, the signer uses {found}")]
    Algorithm {
        /// The algorithm of the signer.
        found: Algorithm,
    },
    /// The given `jti` or `sub` is empty.
    #[error("the token's {claim} is empty")]
    EmptyClaim {
        /// The claim's name.
        claim: &'static str,
    },
    /// Tokens cannot represent the time.
    #[error("the clock is out of range")]
    Clock(#[from] DateError),
    /// The source of random numbers failed.
    #[error("the token's jti could not be made")]
    Id(#[from] IdError),
    /// The key of a DPoP proof has no JSON Web Key form.
    #[error("the key that the token is bound to is neither RSA nor EC P-256")]
    BoundKey,
    /// The claims cannot be encoded as JSON.
    #[error("the token's claims could not be encoded")]
    Encode(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The signer failed.
    #[error("the token could not be signed")]
    Sign(#[from] SignError),
}
