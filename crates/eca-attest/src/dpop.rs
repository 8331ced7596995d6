//! DPoP proofs (RFC 9449): a JWT that binds one HTTP request, and the tokens it gets, to a key.
//!
//! The client signs the request's method (`htm`) and URL (`htu`) with a key whose public key is in
//! the header (`jwk`). `jti` makes the proof unique, `iat` is its time, `nonce` is the value of the
//! server's `DPoP-Nonce`, and `ath` is the hash of the access token in the request. The server
//! checks all claims and compares the key with the one that the access token is bound to.
//!
//! ```
//! # #[cfg(feature = "rustcrypto")] {
//! use std::time::SystemTime;
//! use eca_attest::dpop::{DpopPolicy, DpopProof};
//! use eca_attest::{KeyKind, MemoryReplayStore, OsIds, Provider};
//!
//! let provider = Provider::default();
//! let signer = provider.signer(&provider.generate(KeyKind::P256)?)?;
//! let now = SystemTime::now();
//! let request = DpopProof::new("POST", "https://as.example.com/token").nonce("eyJ7S_zG");
//! let proof = request.sign(&*signer, now, &OsIds)?;
//!
//! let policy = DpopPolicy::new(request);
//! let key = policy.verify(provider, proof.expose_jwt(), now, &MemoryReplayStore::default())?;
//! assert_eq!(key, *signer.public_key());
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::jwt;
use crate::jwt::claims::Claims;
use crate::jwt::date::{NumericDate, later};
use crate::jwt::random::IdSource;
use crate::jwt::signed::{SignedJwt, UnsignedJwt};
use crate::key::jwk::JwkError;
use crate::key::public_key::PublicKey;
use crate::mint::error::MintError;
use crate::sign::provider::Provider;
use crate::sign::{Signer, check_size};
use crate::verify::check_header;
use crate::verify::error::VerifyError;
use crate::verify::replay::{ReplayStore, Seen};

/// The request header with the proof (section 4.1).
pub const HEADER: &str = "DPoP";
/// The response header with the nonce for the next proof (section 8).
pub const NONCE_HEADER: &str = "DPoP-Nonce";
/// The `typ` of a proof (section 4.2).
const TYPE: &str = "dpop+jwt";

/// A proof for one request (section 4.2).
#[derive(Debug, Clone)]
pub struct DpopProof {
    method: String,
    uri: String,
    nonce: Option<String>,
    token_hash: Option<String>,
}

#[derive(Serialize)]
struct Header {
    typ: &'static str,
    alg: &'static str,
    jwk: Value,
}

#[derive(Serialize)]
struct DpopClaims<'a> {
    jti: &'a str,
    htm: &'a str,
    htu: &'a str,
    iat: NumericDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

impl DpopProof {
    /// A proof for a request with that method to that URL, without its query and fragment.
    pub fn new(method: impl Into<String>, url: &str) -> DpopProof {
        DpopProof {
            method: method.into(),
            uri: without_query(url).to_owned(),
            nonce: None,
            token_hash: None,
        }
    }

    /// Adds `nonce`, the value of the server's latest [`NONCE_HEADER`].
    #[must_use]
    pub fn nonce(mut self, nonce: impl Into<String>) -> DpopProof {
        self.nonce = Some(nonce.into());
        self
    }

    /// Adds `ath`, the hash of the access token in the request.
    #[must_use]
    pub fn access_token(mut self, token: &str) -> DpopProof {
        self.token_hash = Some(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token)));
        self
    }

    /// Signs the proof, with a fresh `jti`.
    ///
    /// # Errors
    /// [`MintError::BoundKey`] if the key is neither RSA nor P-256; see [`MintError`] for the rest.
    pub fn sign(
        &self,
        key: &dyn Signer,
        now: SystemTime,
        ids: &dyn IdSource,
    ) -> Result<SignedJwt, MintError> {
        let header = Header {
            typ: TYPE,
            alg: key.algorithm().name(),
            jwk: key.public_key().to_jwk().ok_or(MintError::BoundKey)?,
        };
        let jti = BASE64_URL_SAFE_NO_PAD.encode(ids.fresh_id()?);
        let claims = DpopClaims {
            jti: &jti,
            htm: &self.method,
            htu: &self.uri,
            iat: NumericDate::try_from(now)?,
            ath: self.token_hash.as_deref(),
            nonce: self.nonce.as_deref(),
        };
        UnsignedJwt::new(key.algorithm(), &header, &claims, Some(&jti), None)?.sign(key)
    }
}

/// The requirements of a server (section 4.3).
#[derive(Debug, Clone)]
pub struct DpopPolicy {
    expected: DpopProof,
    max_age: Duration,
    skew: Duration,
}

impl DpopPolicy {
    /// The proof must match the method, URL, nonce and access token of `expected`, be at most five
    /// minutes old, and the clocks may differ by a minute.
    pub fn new(expected: DpopProof) -> DpopPolicy {
        DpopPolicy {
            expected,
            max_age: Duration::from_mins(5),
            skew: Duration::from_mins(1),
        }
    }

    /// Sets how old the proof may be.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> DpopPolicy {
        self.max_age = age;
        self
    }

    /// Sets how far clocks may differ.
    #[must_use]
    pub fn skew(mut self, skew: Duration) -> DpopPolicy {
        self.skew = skew;
        self
    }

    /// Verifies a proof and returns its key, which the server compares with the key that the
    /// access token is bound to ([`PublicKey::jwk_thumbprint`] is the `jkt` of section 6). The
    /// `jti` is recorded last.
    ///
    /// # Errors
    /// The first check that failed.
    pub fn verify(
        &self,
        provider: Provider,
        token: &str,
        now: SystemTime,
        seen: &dyn ReplayStore,
    ) -> Result<PublicKey, VerifyError> {
        let decoded = jwt::decode(token).map_err(VerifyError::Malformed)?;
        let header = &decoded.header.members;
        let typ = header.get("typ").and_then(Value::as_str);
        // A media type: case-insensitive, and `application/` may be omitted (RFC 7515, section
        // 4.1.9).
        let media_type = typ.map(str::to_ascii_lowercase).unwrap_or_default();
        if media_type
            .strip_prefix("application/")
            .unwrap_or(&media_type)
            != TYPE
        {
            return Err(VerifyError::Type {
                expected: TYPE,
                found: typ.map(str::to_owned),
            });
        }
        let jwk = header.get("jwk").ok_or(JwkError::Member { member: "jwk" });
        let key = jwk.and_then(PublicKey::from_jwk);
        let key = key.map_err(|error| VerifyError::Key(error.into()))?;
        let unusable = |error| VerifyError::Key(Box::new(error));
        let algorithm = check_size(key.algorithm()).map_err(unusable)?;
        check_header(&decoded.header, algorithm)?;
        let checker = provider.checker(&key).map_err(unusable)?;
        checker
            .check(decoded.signing_input.as_bytes(), &decoded.signature)
            .map_err(|_| VerifyError::Signature)?;
        let claims = Claims::new(decoded.claims);
        let expected = &self.expected;
        same("htm", &expected.method, required(&claims, "htm")?)?;
        same(
            "htu",
            &expected.uri,
            without_query(required(&claims, "htu")?),
        )?;
        for (claim, value) in [("nonce", &expected.nonce), ("ath", &expected.token_hash)] {
            if let Some(value) = value {
                same(claim, value, required(&claims, claim)?)?;
            }
        }
        let id = required(&claims, "jti")?;
        let last_moment = self.check_age(&claims, now)?;
        match seen.record(&expected.uri, id, last_moment, now) {
            Ok(Seen::First) => Ok(key),
            Ok(Seen::Again) => Err(VerifyError::Replayed { id: id.to_owned() }),
            Err(error) => Err(VerifyError::Replay(error)),
        }
    }

    /// Checks `iat` and returns the last time at which the proof is accepted.
    fn check_age(&self, claims: &Claims, now: SystemTime) -> Result<SystemTime, VerifyError> {
        let missing = VerifyError::MissingClaim { claim: "iat" };
        let at = claims.issued_at()?.ok_or(missing)?;
        let last_moment = later(later(at.to_system_time(), self.max_age), self.skew);
        if now > last_moment {
            return Err(VerifyError::TooOld { at, now });
        }
        if at.to_system_time() > later(now, self.skew) {
            return Err(VerifyError::NotYetValid {
                claim: "iat",
                at,
                now,
            });
        }
        Ok(last_moment)
    }
}

fn required<'a>(claims: &'a Claims, claim: &'static str) -> Result<&'a str, VerifyError> {
    let missing = VerifyError::MissingClaim { claim };
    claims.text(claim)?.ok_or(missing)
}

fn same(claim: &'static str, expected: &str, found: &str) -> Result<(), VerifyError> {
    if expected == found {
        return Ok(());
    }
    Err(VerifyError::Mismatch {
        claim,
        expected: expected.to_owned(),
        found: found.to_owned(),
    })
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}
