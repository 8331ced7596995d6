//! Verifies tokens.

pub(crate) mod error;
pub(crate) mod policy;
pub(crate) mod replay;

use std::fmt;
use std::time::SystemTime;

use serde_json::Value;

use crate::jwt;
use crate::jwt::Object;
use crate::jwt::claims::Claims;
use crate::jwt::date::NumericDate;
use crate::key::public_key::PublicKey;
use crate::sign::provider::{CheckSignature, Provider};
use crate::sign::{Algorithm, SignError};
use crate::verify::error::VerifyError;
use crate::verify::policy::ValidationPolicy;
use crate::verify::replay::{ReplayStore, Seen};

/// Verifies tokens that were signed with one key.
///
/// The key determines the algorithm, never the token (RFC 8725, section 3.1). The checks run in
/// this order, and the first that fails is the error: structure, algorithm, signature, claims,
/// replay store. The store is last, so it records only tokens that passed the other checks.
///
/// ```
/// # #[cfg(feature = "rustcrypto")] {
/// # use std::time::SystemTime;
/// # use eca_attest::{ClientAttestation, Jti, OsIds, PrivateKey};
/// use eca_attest::{Certificate, ValidationPolicy, MemoryReplayStore, Provider, Verifier, VerifyError};
///
/// # let key = PrivateKey::read(include_bytes!("../../tests/data/test-only-rsa-2048.pem"))?;
/// # let body = Certificate::read(include_bytes!("../../tests/data/test-only-rsa-2048.cert.pem"))?.to_body();
/// # let signer = Provider::default().signer(&key)?;
/// # let now = SystemTime::now();
/// # let jwt = ClientAttestation::new("3MVG9example".parse()?, "https://storefront.my.site.com".parse()?)
/// #     .id(Jti::Fresh).sign(&*signer, now, &OsIds)?;
/// let certificate = Certificate::read(body.as_bytes())?;
/// let policy = ValidationPolicy::new("3MVG9example".parse()?, "https://storefront.my.site.com".parse()?);
/// let verifier = Verifier::new(Provider::default(), certificate.public_key(), policy)?;
/// let seen = MemoryReplayStore::default();
///
/// verifier.verify(jwt.expose_jwt(), now, &seen)?;
/// let again = verifier.verify(jwt.expose_jwt(), now, &seen);
/// assert!(matches!(again, Err(VerifyError::Replayed { .. })));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Verifier {
    algorithm: Algorithm,
    checker: Box<dyn CheckSignature>,
    policy: ValidationPolicy,
}

/// A token that passed every check.
#[derive(Debug, Clone)]
pub struct Verified {
    claims: Claims,
    expires_at: NumericDate,
}

impl Verifier {
    /// A verifier for tokens signed with `key`.
    ///
    /// # Errors
    /// If the key is neither RSA with 2048 to 4096 bits nor P-256.
    pub fn new(
        provider: Provider,
        key: &PublicKey,
        policy: ValidationPolicy,
    ) -> Result<Verifier, SignError> {
        let algorithm = crate::sign::check_size(key.algorithm())?;
        let checker = provider.checker(key)?;
        Ok(Verifier {
            algorithm,
            checker,
            policy,
        })
    }

    /// Verifies one token at the time `now` and records its `jti`, if it has one, in `seen`.
    ///
    /// # Errors
    /// The first check that failed.
    pub fn verify(
        &self,
        token: &str,
        now: SystemTime,
        seen: &dyn ReplayStore,
    ) -> Result<Verified, VerifyError> {
        let verified = self.verify_ignoring_replay(token, now)?;
        let claims = &verified.claims;
        if let Some(id) = claims.id()? {
            let issuer = claims.issuer()?.unwrap_or_default();
            let keep_until = self.policy.last_moment(verified.expires_at);
            match seen.record(issuer, id, keep_until, now) {
                Ok(Seen::First) => {}
                Ok(Seen::Again) => return Err(VerifyError::Replayed { id: id.to_owned() }),
                Err(error) => return Err(VerifyError::Replay(error)),
            }
        }
        Ok(verified)
    }

    /// [`verify`](Verifier::verify) without the replay store: for diagnosis, and for servers that
    /// accept a token more than once.
    ///
    /// # Errors
    /// The first check that failed.
    pub fn verify_ignoring_replay(
        &self,
        token: &str,
        now: SystemTime,
    ) -> Result<Verified, VerifyError> {
        let decoded = jwt::decode(token).map_err(VerifyError::Malformed)?;
        check_header(&decoded.header, self.algorithm)?;
        self.checker
            .check(decoded.signing_input.as_bytes(), &decoded.signature)
            .map_err(|_| VerifyError::Signature)?;
        let claims = Claims::new(decoded.claims);
        let expires_at = self.policy.check(&claims, now)?;
        // A `jti` of a wrong type must not pass as a missing one.
        claims.id()?;
        Ok(Verified { claims, expires_at })
    }
}

/// Checks that the algorithm is the key's, and that no extension is critical.
pub(crate) fn check_header(header: &Object, algorithm: Algorithm) -> Result<(), VerifyError> {
    let found = header.members.get("alg").and_then(Value::as_str);
    if found != Some(algorithm.name()) {
        return Err(VerifyError::Algorithm {
            expected: algorithm,
            found: found.map(str::to_owned),
        });
    }
    if header.members.contains_key("crit") {
        return Err(VerifyError::Header { member: "crit" });
    }
    Ok(())
}

impl Verified {
    /// The verified claims.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The `exp` of the token.
    pub fn expires_at(&self) -> NumericDate {
        self.expires_at
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("algorithm", &self.algorithm)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
