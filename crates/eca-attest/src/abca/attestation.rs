//! The attestation: an attester's word that a key belongs to an instance of a client.

use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::{Value, json};

use crate::abca::ATTESTATION_TYPE;
use crate::abca::verify::{AbcaError, check_signature, decode, later, same, text};
use crate::jwt::Object;
use crate::jwt::claims::{ClaimError, Claims};
use crate::jwt::date::{DateError, NumericDate};
use crate::jwt::signed::{SignedJwt, UnsignedJwt};
use crate::key::public_key::PublicKey;
use crate::mint::error::MintError;
use crate::sign::Signer;
use crate::sign::provider::Provider;

/// What an attester attests (section 4 of the draft). It can be used until it expires, with a
/// fresh proof each time.
#[derive(Debug, Clone)]
pub struct InstanceAttestation {
    client: String,
    instance: PublicKey,
    lifetime: InstanceLifetime,
    kind: String,
    key_id: Option<String>,
}

/// How long an attestation is valid: a minute to a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstanceLifetime(Duration);

#[derive(Serialize)]
struct Header<'a> {
    typ: &'a str,
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

#[derive(Serialize)]
struct AttestationClaims<'a> {
    sub: &'a str,
    iat: NumericDate,
    exp: NumericDate,
    cnf: Value,
}

impl InstanceLifetime {
    /// One hour.
    pub const DEFAULT: InstanceLifetime = InstanceLifetime(Duration::from_hours(1));

    /// The nearest lifetime between a minute and a day. The draft names no limit; the shorter it
    /// is, the sooner an instance can be locked out.
    pub fn nearest(lifetime: Duration) -> InstanceLifetime {
        InstanceLifetime(lifetime.clamp(Duration::from_mins(1), Duration::from_hours(24)))
    }
}

impl InstanceAttestation {
    /// Attests that `instance` is the key of an instance of the client with that id.
    pub fn new(client: impl Into<String>, instance: &PublicKey) -> InstanceAttestation {
        InstanceAttestation {
            client: client.into(),
            instance: instance.clone(),
            lifetime: InstanceLifetime::DEFAULT,
            kind: ATTESTATION_TYPE.to_owned(),
            key_id: None,
        }
    }

    /// Sets how long it is valid.
    #[must_use]
    pub fn lifetime(mut self, lifetime: InstanceLifetime) -> InstanceAttestation {
        self.lifetime = lifetime;
        self
    }

    /// Sets another `typ`, for profiles of the draft (section 13).
    #[must_use]
    pub fn kind(mut self, typ: impl Into<String>) -> InstanceAttestation {
        self.kind = typ.into();
        self
    }

    /// Adds `kid`, by which servers find the attester's key.
    #[must_use]
    pub fn key_id(mut self, kid: impl Into<String>) -> InstanceAttestation {
        self.key_id = Some(kid.into());
        self
    }

    /// Signs it with the attester's key.
    ///
    /// # Errors
    /// [`MintError::BoundKey`] if the instance's key is neither RSA nor P-256; see there for more.
    pub fn sign(&self, attester: &dyn Signer, now: SystemTime) -> Result<SignedJwt, MintError> {
        if self.client.is_empty() {
            return Err(MintError::EmptyClaim { claim: "sub" });
        }
        let issued_at = NumericDate::try_from(now)?;
        let end = issued_at.to_system_time().checked_add(self.lifetime.0);
        let jwk = self.instance.to_jwk().ok_or(MintError::BoundKey)?;
        let header = Header {
            typ: &self.kind,
            alg: attester.algorithm().name(),
            kid: self.key_id.as_deref(),
        };
        let claims = AttestationClaims {
            sub: &self.client,
            iat: issued_at,
            exp: NumericDate::try_from(end.ok_or(DateError::TooLate)?)?,
            cnf: json!({ "jwk": jwk }),
        };
        UnsignedJwt::new(attester.algorithm(), &header, &claims)?.sign(attester)
    }
}

/// What a server demands of an attestation (section 7.1 of the draft).
#[derive(Debug, Clone)]
pub struct AttestationChecks {
    client: Option<String>,
    kind: String,
    skew: Duration,
    max_age: Option<Duration>,
}

impl AttestationChecks {
    /// It must be for the client with that id, the `client_id` of the request.
    pub fn new(client: impl Into<String>) -> AttestationChecks {
        AttestationChecks {
            client: Some(client.into()),
            ..AttestationChecks::any_client()
        }
    }

    /// It may be for any client, for requests without a `client_id`.
    pub fn any_client() -> AttestationChecks {
        AttestationChecks {
            client: None,
            kind: ATTESTATION_TYPE.to_owned(),
            skew: Duration::from_mins(1),
            max_age: None,
        }
    }

    /// Sets another `typ`, for profiles of the draft (section 13).
    #[must_use]
    pub fn kind(mut self, typ: impl Into<String>) -> AttestationChecks {
        self.kind = typ.into().to_ascii_lowercase();
        self
    }

    /// How far clocks may differ, a minute if nothing is said.
    #[must_use]
    pub fn skew(mut self, skew: Duration) -> AttestationChecks {
        self.skew = skew;
        self
    }

    /// Its `iat` must be no older than this; a server that wants another attestation says
    /// `use_fresh_attestation`.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> AttestationChecks {
        self.max_age = Some(age);
        self
    }

    /// Verifies an attestation with the attester's key. It must have an `iat`, which the draft
    /// requires since -12.
    ///
    /// # Errors
    /// The first check that failed.
    pub fn verify(
        &self,
        provider: Provider,
        attester: &PublicKey,
        token: &str,
        now: SystemTime,
    ) -> Result<Attested, AbcaError> {
        let decoded = decode(token, &self.kind)?;
        check_signature(&decoded, provider, attester)?;
        let found = Attested::of(decoded.claims)?;
        let claims = &found.claims;
        if let Some(client) = &self.client {
            same("sub", client, &found.client)?;
        }
        let at = claims.expires_at()?;
        let at = at.ok_or(AbcaError::MissingClaim { claim: "exp" })?;
        if now >= later(at.to_system_time(), self.skew) {
            return Err(AbcaError::Time { claim: "exp", at });
        }
        let made = claims.issued_at()?;
        let made = made.ok_or(AbcaError::MissingClaim { claim: "iat" })?;
        for (claim, at) in [("nbf", claims.not_before()?), ("iat", Some(made))] {
            match at {
                Some(at) if at.to_system_time() > later(now, self.skew) => {
                    return Err(AbcaError::Time { claim, at });
                }
                _ => {}
            }
        }
        let oldest = |age| later(later(made.to_system_time(), age), self.skew);
        if self.max_age.is_some_and(|age| now > oldest(age)) {
            return Err(AbcaError::Stale { at: made });
        }
        Ok(found)
    }
}

/// What an attestation says.
#[derive(Debug, Clone)]
pub struct Attested {
    client: String,
    instance: PublicKey,
    claims: Claims,
}

impl Attested {
    /// The client's id, from `sub`.
    pub fn client(&self) -> &str {
        &self.client
    }

    /// The key of the instance, from `cnf`.
    pub fn instance_key(&self) -> &PublicKey {
        &self.instance
    }

    /// All claims.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    fn of(claims: Object) -> Result<Attested, AbcaError> {
        let claims = Claims::new(claims);
        let client = text(&claims, "sub")?.to_owned();
        let cnf = claims.value("cnf");
        let cnf = cnf.ok_or(AbcaError::MissingClaim { claim: "cnf" })?;
        let jwk = cnf.get("jwk").ok_or(AbcaError::InvalidClaim(ClaimError {
            claim: "cnf",
            expected: "an object with a jwk",
        }))?;
        let instance = PublicKey::from_jwk(jwk).map_err(AbcaError::Jwk)?;
        Ok(Attested {
            client,
            instance,
            claims,
        })
    }
}

/// Reads an attestation **without verifying anything**: anybody can have made it. For showing it to
/// people, and for finding the attester's key.
///
/// # Errors
/// If it is malformed.
pub fn inspect_attestation(token: &str) -> Result<Attested, AbcaError> {
    Attested::of(decode(token, ATTESTATION_TYPE)?.claims)
}
