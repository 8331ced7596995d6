//! The claims of a decoded token (RFC 7519, section 4.1), read but not judged.

use std::fmt;

use serde_json::Value;

use crate::jwt;
use crate::jwt::date::NumericDate;
use crate::jwt::{JwtError, Object};

/// The claims of a token. Where they came from says whether they can be trusted: only those of a
/// [`Verified`](crate::verify::Verified) token can.
#[derive(Clone)]
pub struct Claims(Object);

/// A registered claim has a type or value that it must not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the claim {claim} is not {expected}")]
pub struct ClaimError {
    /// Its name.
    pub(crate) claim: &'static str,
    /// What it should be.
    pub(crate) expected: &'static str,
}

impl ClaimError {
    /// The claim's name.
    pub fn claim(&self) -> &'static str {
        self.claim
    }
}

impl Claims {
    pub(crate) fn new(object: Object) -> Claims {
        Claims(object)
    }

    /// Whether a claim is there, whatever its value.
    pub fn has(&self, claim: &str) -> bool {
        self.0.members.contains_key(claim)
    }

    /// The JSON text exactly as it was in the token.
    pub fn as_json(&self) -> &str {
        &self.0.text
    }

    /// `iss`: who made the token; for client attestation the consumer key of the app.
    ///
    /// # Errors
    /// If it is there but not a string.
    pub fn issuer(&self) -> Result<Option<&str>, ClaimError> {
        self.text("iss")
    }

    /// `sub`: whom the token is about.
    ///
    /// # Errors
    /// If it is there but not a string.
    pub fn subject(&self) -> Result<Option<&str>, ClaimError> {
        self.text("sub")
    }

    /// `jti`: the identifier that makes a token single-use.
    ///
    /// # Errors
    /// If it is there but not a string.
    pub fn id(&self) -> Result<Option<&str>, ClaimError> {
        self.text("jti")
    }

    /// `aud`: whom the token is for. One string or an array of strings; empty if it is missing.
    ///
    /// # Errors
    /// If it is neither.
    pub fn audiences(&self) -> Result<Vec<&str>, ClaimError> {
        const WRONG: ClaimError = ClaimError {
            claim: "aud",
            expected: "a string or an array of strings",
        };
        match self.0.members.get("aud") {
            None => Ok(Vec::new()),
            Some(Value::String(one)) => Ok(vec![one]),
            Some(Value::Array(many)) => {
                many.iter().map(|item| item.as_str().ok_or(WRONG)).collect()
            }
            Some(_) => Err(WRONG),
        }
    }

    /// `exp`: from when on the token must be refused.
    ///
    /// # Errors
    /// If it is there but not a number of seconds.
    pub fn expires_at(&self) -> Result<Option<NumericDate>, ClaimError> {
        self.date("exp")
    }

    /// `nbf`: before when the token must be refused.
    ///
    /// # Errors
    /// If it is there but not a number of seconds.
    pub fn not_before(&self) -> Result<Option<NumericDate>, ClaimError> {
        self.date("nbf")
    }

    /// `iat`: when the token was made.
    ///
    /// # Errors
    /// If it is there but not a number of seconds.
    pub fn issued_at(&self) -> Result<Option<NumericDate>, ClaimError> {
        self.date("iat")
    }

    pub(crate) fn text(&self, claim: &'static str) -> Result<Option<&str>, ClaimError> {
        let expected = "a string";
        match self.0.members.get(claim) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ClaimError { claim, expected }),
        }
    }

    fn date(&self, claim: &'static str) -> Result<Option<NumericDate>, ClaimError> {
        let expected = "a number of seconds since 1970 (milliseconds are a common mistake)";
        match self.0.members.get(claim) {
            None => Ok(None),
            Some(value) if value.is_number() => NumericDate::from_json(value)
                .map(Some)
                .map_err(|_| ClaimError { claim, expected }),
            Some(_) => Err(ClaimError { claim, expected }),
        }
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claims({})", self.0.text)
    }
}

/// A token that was only decoded: anybody can have made it. For showing it to people, and for
/// finding the key with which to verify it.
#[derive(Debug, Clone)]
pub struct UnverifiedJwt {
    header: Claims,
    claims: Claims,
}

/// Decodes a token without verifying anything about it.
///
/// # Errors
/// If it is not a compact signed token.
///
/// ```
/// let token = eca_attest::inspect("eyJhbGciOiJub25lIn0.eyJpc3MiOiJhbnlib2R5In0.")?;
/// assert_eq!(token.algorithm(), Some("none"));
/// assert_eq!(token.unverified_claims().issuer()?, Some("anybody"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn inspect(token: &str) -> Result<UnverifiedJwt, JwtError> {
    let decoded = jwt::decode(token)?;
    Ok(UnverifiedJwt {
        header: Claims(decoded.header),
        claims: Claims(decoded.claims),
    })
}

impl UnverifiedJwt {
    /// The header's JSON text exactly as it was in the token.
    pub fn header_json(&self) -> &str {
        self.header.as_json()
    }

    /// The `alg` that the token claims to be signed with.
    pub fn algorithm(&self) -> Option<&str> {
        self.header.text("alg").ok().flatten()
    }

    /// The claims, none of them verified.
    pub fn unverified_claims(&self) -> &Claims {
        &self.claims
    }
}
