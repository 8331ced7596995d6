//! DPoP proofs (RFC 9449), which take the place of the proof of possession in combined mode
//! (section 5.2 of the draft).

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::abca::DPOP_TYPE;
use crate::abca::attestation::Attested;
use crate::abca::verify::{
    AbcaError, check_fresh, check_replay, check_signature, decode, same, text,
};
use crate::jwt::claims::Claims;
use crate::jwt::date::NumericDate;
use crate::jwt::random::IdSource;
use crate::jwt::signed::{SignedJwt, UnsignedJwt};
use crate::key::jwk::JwkError;
use crate::key::public_key::PublicKey;
use crate::mint::error::MintError;
use crate::sign::Signer;
use crate::sign::provider::Provider;
use crate::verify::replay::ReplayStore;

/// A proof for one request (RFC 9449, section 4.2).
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
    jti: String,
    htm: &'a str,
    htu: &'a str,
    iat: NumericDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

impl DpopProof {
    /// A proof for a request with that method to that URL; its query and fragment do not count.
    pub fn new(method: impl Into<String>, url: &str) -> DpopProof {
        DpopProof {
            method: method.into(),
            uri: without_query(url).to_owned(),
            nonce: None,
            token_hash: None,
        }
    }

    /// Answers the newest `DPoP-Nonce` of the server.
    #[must_use]
    pub fn nonce(mut self, nonce: impl Into<String>) -> DpopProof {
        self.nonce = Some(nonce.into());
        self
    }

    /// Binds it to the access token that the request carries.
    #[must_use]
    pub fn access_token(mut self, token: &str) -> DpopProof {
        self.token_hash = Some(hash(token));
        self
    }

    /// Signs it; in combined mode with the instance's key.
    ///
    /// # Errors
    /// [`MintError::BoundKey`] if the key is neither RSA nor P-256; see there for more.
    pub fn sign(
        &self,
        key: &dyn Signer,
        now: SystemTime,
        ids: &dyn IdSource,
    ) -> Result<SignedJwt, MintError> {
        let header = Header {
            typ: DPOP_TYPE,
            alg: key.algorithm().name(),
            jwk: key.public_key().to_jwk().ok_or(MintError::BoundKey)?,
        };
        let claims = DpopClaims {
            jti: BASE64_URL_SAFE_NO_PAD.encode(ids.fresh_id()?),
            htm: &self.method,
            htu: &self.uri,
            iat: NumericDate::try_from(now)?,
            ath: self.token_hash.as_deref(),
            nonce: self.nonce.as_deref(),
        };
        UnsignedJwt::new(key.algorithm(), &header, &claims)?.sign(key)
    }
}

/// What a server demands of a DPoP proof (RFC 9449, section 4.3).
#[derive(Debug, Clone)]
pub struct DpopChecks {
    expected: DpopProof,
    window: Duration,
    skew: Duration,
}

impl DpopChecks {
    /// It must be for what `expected` says: method, URL, nonce and access token.
    pub fn new(expected: DpopProof) -> DpopChecks {
        DpopChecks {
            expected,
            window: Duration::from_mins(5),
            skew: Duration::from_mins(1),
        }
    }

    /// How old it may be.
    #[must_use]
    pub fn window(mut self, window: Duration) -> DpopChecks {
        self.window = window;
        self
    }

    /// How far clocks may differ, a minute if nothing is said.
    #[must_use]
    pub fn skew(mut self, skew: Duration) -> DpopChecks {
        self.skew = skew;
        self
    }

    /// Verifies a proof in combined mode: its key must be the attested one, compared as keys and
    /// not as JSON. Records its `jti` last of all.
    ///
    /// # Errors
    /// The first check that failed.
    pub fn verify(
        &self,
        provider: Provider,
        attested: &Attested,
        token: &str,
        now: SystemTime,
        seen: &dyn ReplayStore,
    ) -> Result<(), AbcaError> {
        let decoded = decode(token, DPOP_TYPE)?;
        let jwk = decoded.header.members.get("jwk");
        let jwk = jwk.ok_or(AbcaError::Jwk(JwkError::Member { member: "jwk" }))?;
        let key = PublicKey::from_jwk(jwk).map_err(AbcaError::Jwk)?;
        check_signature(&decoded, provider, &key)?;
        if key != *attested.instance_key() {
            return Err(AbcaError::OtherKey);
        }
        let claims = Claims::new(decoded.claims);
        let expected = &self.expected;
        same("htm", &expected.method, text(&claims, "htm")?)?;
        same("htu", &expected.uri, without_query(text(&claims, "htu")?))?;
        for (claim, value) in [("nonce", &expected.nonce), ("ath", &expected.token_hash)] {
            if let Some(value) = value {
                same(claim, value, text(&claims, claim)?)?;
            }
        }
        let id = text(&claims, "jti")?;
        let until = check_fresh(&claims, now, self.window, self.skew)?;
        check_replay(&expected.uri, id, until, now, seen)
    }
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

fn hash(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}
