//! What all three tokens have in common when they are checked.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::jwt;
use crate::jwt::claims::{ClaimError, Claims};
use crate::jwt::date::NumericDate;
use crate::jwt::{Decoded, JwtError};
use crate::key::jwk::JwkError;
use crate::key::public_key::PublicKey;
use crate::sign::provider::{Provider, SignatureError};
use crate::sign::{Algorithm, SignError};
use crate::verify::replay::{ReplayError, ReplayStore, Seen};

/// Which check an attestation or a proof failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AbcaError {
    /// It is not a compact signed token at all.
    #[error("the token is malformed")]
    Malformed(#[source] JwtError),
    /// Its `typ` is another one.
    #[error("the token's typ is {found:?}, not {expected:?}")]
    Type {
        /// What it should be.
        expected: String,
        /// What it is.
        found: Option<String>,
    },
    /// Its `alg` is not the one that belongs to the key, or is no signature at all.
    #[error("the token's algorithm is {found:?}, the key is for {expected}")]
    Algorithm {
        /// The one that belongs to the key.
        expected: Algorithm,
        /// What the header says.
        found: Option<String>,
    },
    /// Its header asks for processing that is not known here.
    #[error("the token's header member {member} is not supported")]
    Header {
        /// The member.
        member: &'static str,
    },
    /// The key cannot be used.
    #[error("the token's key cannot be used")]
    Key(#[source] SignError),
    /// Its signature was not made with the key, or it was changed since.
    #[error("the token's signature does not verify")]
    Signature,
    /// A claim is missing.
    #[error("the token has no claim {claim}")]
    MissingClaim {
        /// The claim.
        claim: &'static str,
    },
    /// A claim has the wrong type.
    #[error("the token has an unusable claim")]
    InvalidClaim(#[source] ClaimError),
    /// A claim has another value than it should have.
    #[error("the token's {claim} is {found:?}, not {expected:?}")]
    Mismatch {
        /// The claim.
        claim: &'static str,
        /// What it should be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// It is too old, or from the future.
    #[error("the token's {claim} {at} is outside of the time in which it is taken")]
    Time {
        /// The claim.
        claim: &'static str,
        /// Its value.
        at: NumericDate,
    },
    /// The attestation is older than the server takes, though it has not expired.
    #[error("the attestation was made at {at}, which is too long ago")]
    Stale {
        /// When it was made.
        at: NumericDate,
    },
    /// The key that it names is unusable, or private.
    #[error("the key inside of the token is refused")]
    Jwk(#[source] JwkError),
    /// The key that it names is not the attested one.
    #[error("the proof was made with another key than the attested one")]
    OtherKey,
    /// Its `jti` was used before.
    #[error("the proof with the jti {id:?} was used before")]
    Replayed {
        /// The `jti`.
        id: String,
    },
    /// The replay store could not tell.
    #[error("the proof could not be checked for replay")]
    Replay(#[source] ReplayError),
}

impl AbcaError {
    /// The OAuth error code for the answer (section 7.4 of the draft; `invalid_dpop_proof` of
    /// RFC 9449 is left to the caller).
    pub fn code(&self) -> &'static str {
        match self {
            AbcaError::Mismatch {
                claim: "challenge", ..
            }
            | AbcaError::MissingClaim { claim: "challenge" } => crate::abca::USE_CHALLENGE,
            // Only DPoP proofs have one, and in combined mode there are no challenges.
            AbcaError::Mismatch { claim: "nonce", .. }
            | AbcaError::MissingClaim { claim: "nonce" } => crate::abca::USE_DPOP_NONCE,
            AbcaError::Time { claim: "exp", .. } | AbcaError::Stale { .. } => {
                crate::abca::USE_FRESH_ATTESTATION
            }
            _ => crate::abca::INVALID_ATTESTATION,
        }
    }
}

impl From<ClaimError> for AbcaError {
    fn from(error: ClaimError) -> Self {
        AbcaError::InvalidClaim(error)
    }
}

/// Decodes a token and checks its `typ`; RFC 8725, section 3.11, has it compared without case.
pub(super) fn decode<'a>(token: &'a str, kind: &str) -> Result<Decoded<'a>, AbcaError> {
    let decoded = jwt::decode(token).map_err(AbcaError::Malformed)?;
    let found = decoded.header.members.get("typ").and_then(Value::as_str);
    let long = |found: &str| found.to_ascii_lowercase().replace("application/", "") == kind;
    if !found.is_some_and(long) {
        return Err(AbcaError::Type {
            expected: kind.to_owned(),
            found: found.map(str::to_owned),
        });
    }
    if decoded.header.members.contains_key("crit") {
        return Err(AbcaError::Header { member: "crit" });
    }
    Ok(decoded)
}

/// Checks the signature with the one algorithm that belongs to the key, which is asymmetric.
pub(super) fn check_signature(
    decoded: &Decoded<'_>,
    provider: Provider,
    key: &PublicKey,
) -> Result<(), AbcaError> {
    let expected = Algorithm::for_key(key.algorithm());
    let expected = expected.ok_or_else(|| {
        let algorithm = key.algorithm().clone();
        AbcaError::Key(SignError::Key { algorithm })
    })?;
    let found = decoded.header.members.get("alg").and_then(Value::as_str);
    if found != Some(expected.name()) {
        let found = found.map(str::to_owned);
        return Err(AbcaError::Algorithm { expected, found });
    }
    let input = decoded.signing_input.as_bytes();
    match provider.verify(key, input, &decoded.signature) {
        Ok(()) => Ok(()),
        Err(SignatureError::Bad(_)) => Err(AbcaError::Signature),
        Err(SignatureError::Key(error)) => Err(AbcaError::Key(error)),
    }
}

/// `iat` is required, and neither older than `window` nor from the future.
pub(super) fn check_fresh(
    claims: &Claims,
    now: SystemTime,
    window: Duration,
    skew: Duration,
) -> Result<SystemTime, AbcaError> {
    let missing = AbcaError::MissingClaim { claim: "iat" };
    let at = claims.issued_at()?.ok_or(missing)?;
    let time = at.to_system_time();
    let end = later(later(time, window), skew);
    if time > later(now, skew) || now > end {
        return Err(AbcaError::Time { claim: "iat", at });
    }
    Ok(end)
}

/// The text of a claim that has to be there and must be a string.
pub(super) fn text<'a>(claims: &'a Claims, claim: &'static str) -> Result<&'a str, AbcaError> {
    match claims.value(claim) {
        None => Err(AbcaError::MissingClaim { claim }),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(AbcaError::InvalidClaim(ClaimError {
            claim,
            expected: "a string",
        })),
    }
}

pub(super) fn same(claim: &'static str, expected: &str, found: &str) -> Result<(), AbcaError> {
    if expected == found {
        return Ok(());
    }
    Err(AbcaError::Mismatch {
        claim,
        expected: expected.to_owned(),
        found: found.to_owned(),
    })
}

/// Records the `jti`, after everything else has passed (section 12.1 of the draft).
pub(super) fn check_replay(
    scope: &str,
    id: &str,
    keep_until: SystemTime,
    now: SystemTime,
    seen: &dyn ReplayStore,
) -> Result<(), AbcaError> {
    match seen.record(scope, id, keep_until, now) {
        Ok(Seen::First) => Ok(()),
        Ok(Seen::Again) => Err(AbcaError::Replayed { id: id.to_owned() }),
        Err(error) => Err(AbcaError::Replay(error)),
    }
}

pub(super) fn later(at: SystemTime, by: Duration) -> SystemTime {
    at.checked_add(by).unwrap_or(at)
}
