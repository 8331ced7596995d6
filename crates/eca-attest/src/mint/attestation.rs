//! Salesforce's client attestation: a JWT that authenticates a first-party app.
//!
//! Facts from Salesforce Help, "OAuth 2.0 for First-Party Applications: Generate a Client
//! Attestation JWT": the header is exactly `{"alg":"RS256"}`, `iss` is the consumer key, `aud`
//! names the authorization server, `jti` is optional and, if present, single-use.
//!
//! This is neither the attestation of the IETF draft "OAuth 2.0 Attestation-Based Client
//! Authentication" (which has `typ`, `cnf` and a second token that proves possession of a key) nor
//! the Mobile App Attestation of Salesforce's Mobile SDK (which is not a JWT).

use std::time::SystemTime;

use serde_json::json;

use crate::jwt::audience::Audience;
use crate::jwt::client_id::ClientId;
use crate::jwt::random::IdSource;
use crate::jwt::signed::{SignedJwt, UnsignedJwt};
use crate::mint::claims::ClaimsBuilder;
use crate::mint::error::MintError;
use crate::mint::validity::{IssuedAt, Jti, Lifetime};
use crate::sign::{Algorithm, AsyncSigner, Signer};

/// The claims of client attestations. [`sign`](ClientAttestation::sign) makes a token from them.
///
/// ```
/// # #[cfg(feature = "rustcrypto")] {
/// use std::time::SystemTime;
/// use eca_attest::{ClientAttestation, Jti, OsIds, PrivateKey, Provider};
///
/// # let pem = include_bytes!("../../tests/data/test-only-rsa-2048.pem");
/// let signer = Provider::default().signer(&PrivateKey::read(pem)?)?;
/// let attestation = ClientAttestation::new(
///     "3MVG9example".parse()?,
///     "https://storefront.my.site.com".parse()?,
/// )
/// .id(Jti::Fresh);
/// let signed = attestation.sign(&*signer, SystemTime::now(), &OsIds)?;
/// assert!(signed.expose_jwt().starts_with("eyJhbGciOiJSUzI1NiJ9."));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ClientAttestation {
    claims: ClaimsBuilder,
}

impl ClientAttestation {
    /// The header of every Salesforce client attestation, byte for byte.
    pub const HEADER: &str = r#"{"alg":"RS256"}"#;

    /// An attestation by the app with that consumer key for that authorization server, valid for
    /// [`Lifetime::DEFAULT`], with `iat` and without `sub` and `jti`.
    pub fn new(issuer: ClientId, audience: Audience) -> ClientAttestation {
        ClientAttestation {
            claims: ClaimsBuilder::new(issuer, audience),
        }
    }

    /// Sets how long each token is valid.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Lifetime) -> ClientAttestation {
        self.claims.lifetime = lifetime;
        self
    }

    /// Adds `sub`. Salesforce's public pages do not show one.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> ClientAttestation {
        self.claims.subject = Some(subject.into());
        self
    }

    /// Sets whether tokens carry `iat`.
    #[must_use]
    pub fn issued_at(mut self, issued_at: IssuedAt) -> ClientAttestation {
        self.claims.issued_at = issued_at;
        self
    }

    /// Sets which `jti` tokens carry.
    #[must_use]
    pub fn id(mut self, id: Jti) -> ClientAttestation {
        self.claims.id = id;
        self
    }

    /// Makes and signs one token that is valid from `now`.
    ///
    /// # Errors
    /// [`MintError::Algorithm`] if the signer's key is not RSA; see [`MintError`] for the rest.
    pub fn sign(
        &self,
        signer: &dyn Signer,
        now: SystemTime,
        ids: &dyn IdSource,
    ) -> Result<SignedJwt, MintError> {
        check_algorithm(signer.algorithm())?;
        self.prepare(now, ids)?.sign(signer)
    }

    /// [`sign`](ClientAttestation::sign) with an asynchronous signer, such as a KMS.
    ///
    /// # Errors
    /// Those of [`sign`](ClientAttestation::sign).
    pub async fn sign_async(
        &self,
        signer: &dyn AsyncSigner,
        now: SystemTime,
        ids: &dyn IdSource,
    ) -> Result<SignedJwt, MintError> {
        check_algorithm(signer.algorithm())?;
        self.prepare(now, ids)?.sign_async(signer).await
    }

    /// Whether each token can be used only once, because it carries a `jti`.
    pub fn is_single_use(&self) -> bool {
        self.claims.id != Jti::None
    }

    /// Makes one token without its signature, for a key outside this process.
    ///
    /// # Errors
    /// If a claim is empty, `now` is out of range, or `ids` fails.
    pub fn prepare(&self, now: SystemTime, ids: &dyn IdSource) -> Result<UnsignedJwt, MintError> {
        let algorithm = Algorithm::Rs256;
        let header = json!({ "alg": algorithm.name() });
        self.claims.prepare(algorithm, &header, now, ids)
    }
}

fn check_algorithm(found: Algorithm) -> Result<(), MintError> {
    match found {
        Algorithm::Rs256 => Ok(()),
        found => Err(MintError::Algorithm { found }),
    }
}
