//! The proof of possession: that who sends an attestation has the attested key.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::abca::PROOF_TYPE;
use crate::abca::attestation::Attested;
use crate::abca::verify::{
    AbcaError, check_fresh, check_replay, check_signature, decode, same, text,
};
use crate::jwt::audience::Audience;
use crate::jwt::claims::Claims;
use crate::jwt::date::NumericDate;
use crate::jwt::random::IdSource;
use crate::jwt::signed::{SignedJwt, UnsignedJwt};
use crate::mint::error::MintError;
use crate::sign::Signer;
use crate::sign::provider::Provider;
use crate::verify::replay::ReplayStore;

/// What an instance proves (section 5.1 of the draft): a new token for each request.
#[derive(Debug, Clone)]
pub struct PossessionProof {
    audience: Audience,
    challenge: Option<String>,
    issuer: Option<String>,
}

#[derive(Serialize)]
struct Header {
    typ: &'static str,
    alg: &'static str,
}

#[derive(Serialize)]
struct ProofClaims<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    aud: &'a str,
    jti: String,
    iat: NumericDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<&'a str>,
}

impl PossessionProof {
    /// A proof for the authorization server with that issuer identifier, or for a resource server.
    pub fn new(audience: Audience) -> PossessionProof {
        PossessionProof {
            audience,
            challenge: None,
            issuer: None,
        }
    }

    /// Answers the newest challenge that the server gave.
    #[must_use]
    pub fn challenge(mut self, challenge: impl Into<String>) -> PossessionProof {
        self.challenge = Some(challenge.into());
        self
    }

    /// Adds `iss`, the client's id, for servers that implement a version of the draft before -08.
    #[must_use]
    pub fn issuer(mut self, client: impl Into<String>) -> PossessionProof {
        self.issuer = Some(client.into());
        self
    }

    /// Signs it with the instance's key.
    ///
    /// # Errors
    /// If the clock is impossible, `ids` has no random numbers, or the signer fails.
    pub fn sign(
        &self,
        instance: &dyn Signer,
        now: SystemTime,
        ids: &dyn IdSource,
    ) -> Result<SignedJwt, MintError> {
        let header = Header {
            typ: PROOF_TYPE,
            alg: instance.algorithm().name(),
        };
        let claims = ProofClaims {
            iss: self.issuer.as_deref(),
            aud: self.audience.as_str(),
            jti: BASE64_URL_SAFE_NO_PAD.encode(ids.fresh_id()?),
            iat: NumericDate::try_from(now)?,
            challenge: self.challenge.as_deref(),
        };
        UnsignedJwt::new(instance.algorithm(), &header, &claims)?.sign(instance)
    }
}

/// What a server demands of a proof (section 7.2 of the draft).
#[derive(Debug, Clone)]
pub struct ProofChecks {
    audience: Audience,
    challenge: Option<String>,
    window: Duration,
    skew: Duration,
}

impl ProofChecks {
    /// How old a proof may be, if nothing else is said.
    pub const DEFAULT_WINDOW: Duration = Duration::from_mins(5);

    /// It must be for the server with that identifier, and for it alone.
    pub fn new(audience: Audience) -> ProofChecks {
        ProofChecks {
            audience,
            challenge: None,
            window: ProofChecks::DEFAULT_WINDOW,
            skew: Duration::from_mins(1),
        }
    }

    /// It must answer this challenge.
    #[must_use]
    pub fn challenge(mut self, challenge: impl Into<String>) -> ProofChecks {
        self.challenge = Some(challenge.into());
        self
    }

    /// How old it may be.
    #[must_use]
    pub fn window(mut self, window: Duration) -> ProofChecks {
        self.window = window;
        self
    }

    /// How far clocks may differ, a minute if nothing is said.
    #[must_use]
    pub fn skew(mut self, skew: Duration) -> ProofChecks {
        self.skew = skew;
        self
    }

    /// Verifies a proof against the attested key, and records its `jti` last of all.
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
        let decoded = decode(token, PROOF_TYPE)?;
        check_signature(&decoded, provider, attested.instance_key())?;
        let claims = Claims::new(decoded.claims);
        // A string: an array would let one proof serve two servers.
        same("aud", self.audience.as_str(), text(&claims, "aud")?)?;
        if claims.has("iss") {
            same("iss", attested.client(), text(&claims, "iss")?)?;
        }
        if let Some(challenge) = &self.challenge {
            same("challenge", challenge, text(&claims, "challenge")?)?;
        }
        let id = text(&claims, "jti")?;
        let until = check_fresh(&claims, now, self.window, self.skew)?;
        check_replay(attested.client(), id, until, now, seen)
    }
}
