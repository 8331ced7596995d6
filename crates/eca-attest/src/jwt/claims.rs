//! The claims of a decoded token (RFC 7519, section 4.1).

use std::fmt;

use serde_json::Value;

use crate::jwt;
use crate::jwt::date::NumericDate;
use crate::jwt::{JwtError, Object};

/// The claims of a token. Trust only those of a [`Verified`](crate::verify::Verified) token.
#[derive(Clone)]
pub struct Claims(Object);

/// A registered claim has a wrong type or value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the claim {claim} is not {expected}")]
pub struct ClaimError {
    pub(crate) claim: &'static str,
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

    /// Whether the token has a claim, with any value.
    pub fn has(&self, claim: &str) -> bool {
        self.0.members.contains_key(claim)
    }

    /// The JSON text exactly as it was in the token.
    pub fn as_json(&self) -> &str {
        &self.0.text
    }

    /// `iss`: the issuer, for client attestation the consumer key of the app.
    ///
    /// # Errors
    /// If it is not a string.
    pub fn issuer(&self) -> Result<Option<&str>, ClaimError> {
        self.text("iss")
    }

    /// `sub`: the subject.
    ///
    /// # Errors
    /// If it is not a string.
    pub fn subject(&self) -> Result<Option<&str>, ClaimError> {
        self.text("sub")
    }

    /// `jti`: the identifier that makes a token single-use.
    ///
    /// # Errors
    /// If it is not a string.
    pub fn id(&self) -> Result<Option<&str>, ClaimError> {
        self.text("jti")
    }

    /// `aud`: the audiences, one string or an array of strings. Empty if it is missing.
    ///
    /// # Errors
    /// If it is neither a string nor an array of strings.
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

    /// `exp`: the time at which the token expires.
    ///
    /// # Errors
    /// If it is not a number of seconds.
    pub fn expires_at(&self) -> Result<Option<NumericDate>, ClaimError> {
        self.date("exp")
    }

    /// `nbf`: the time before which the token is not valid.
    ///
    /// # Errors
    /// If it is not a number of seconds.
    pub fn not_before(&self) -> Result<Option<NumericDate>, ClaimError> {
        self.date("nbf")
    }

    /// `iat`: the time at which the token was made.
    ///
    /// # Errors
    /// If it is not a number of seconds.
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

/// A token that is decoded but not verified, for display or to find its key.
#[derive(Debug, Clone)]
pub struct UnverifiedJwt {
    header: Claims,
    claims: Claims,
}

/// Decodes a token and verifies nothing.
///
/// # Errors
/// If it is not a compact signed token.
///
/// ```
/// let token = eca_attest::inspect("eyJhbGciOiJub25lIn0.eyJpc3MiOiJpc3N1ZXIifQ.")?;
/// assert_eq!(token.algorithm(), Some("none"));
/// assert_eq!(token.unverified_claims().issuer()?, Some("issuer"));
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

    /// The `alg` of the header.
    pub fn algorithm(&self) -> Option<&str> {
        self.header.text("alg").ok().flatten()
    }

    /// The claims, none of them verified.
    pub fn unverified_claims(&self) -> &Claims {
        &self.claims
    }
}
