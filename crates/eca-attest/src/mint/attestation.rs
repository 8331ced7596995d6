//! Salesforce's client attestation: a JWT by which a first-party app proves what it is.
//!
//! Facts from Salesforce Help, "OAuth 2.0 for First-Party Applications: Generate a Client
//! Attestation JWT": the header is exactly `{"alg":"RS256"}`, `iss` is the consumer key, `aud`
//! names the authorization server, `jti` is optional and, if present, single-use.
//!
//! This is neither the attestation of the IETF draft "OAuth 2.0 Attestation-Based Client
//! Authentication" (which has `typ`, `cnf` and a second token that proves possession of a key) nor
//! the Mobile App Attestation of Salesforce's Mobile SDK (which is not a JWT).

use std::fmt;
use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use crate::jwt;
use crate::jwt::audience::Audience;
use crate::jwt::consumer_key::ConsumerKey;
use crate::jwt::date::NumericDate;
use crate::jwt::random::IdSource;
use crate::mint::error::MintError;
use crate::sign::{Algorithm, AsyncSigner, Signer};

/// The header of every Salesforce client attestation, byte for byte.
pub const HEADER: &str = r#"{"alg":"RS256"}"#;

/// What to attest. Make it once and [`sign`](ClientAttestation::sign) a token from it whenever
/// one is needed.
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
    issuer: ConsumerKey,
    audience: Audience,
    lifetime: Lifetime,
    subject: Option<String>,
    issued_at: IssuedAt,
    id: Jti,
}

/// How long a token is valid: from one second to [`Lifetime::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lifetime(Duration);

/// A lifetime that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LifetimeError {
    /// Less than a second.
    #[error("a token lifetime must be at least one second")]
    TooShort,
    /// More than [`Lifetime::MAX`].
    #[error("a token lifetime of {0:?} is more than the allowed {max:?}", max = Lifetime::MAX.0)]
    TooLong(Duration),
}

/// Whether and which `jti` a token carries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Jti {
    /// None: the token can be sent any number of times while it is valid.
    #[default]
    None,
    /// A new random one of 128 bits for each token: Salesforce takes each token once.
    Fresh,
    /// This one.
    Given(String),
}

/// Whether a token carries `iat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum IssuedAt {
    /// With `iat`, the time of signing. Harmless to servers that do not ask for it.
    #[default]
    Present,
    /// Without.
    Absent,
}

impl Lifetime {
    /// Three minutes: time enough for clocks that differ, and within [`Lifetime::MAX`].
    pub const DEFAULT: Lifetime = Lifetime(Duration::from_mins(3));

    /// Five minutes: the limit that Salesforce states for the `client_assertion` of its web server
    /// flow. For client attestation its public pages show none.
    pub const MAX: Lifetime = Lifetime(Duration::from_mins(5));

    /// The lifetime in whole seconds.
    pub fn as_duration(self) -> Duration {
        self.0
    }
}

impl TryFrom<Duration> for Lifetime {
    type Error = LifetimeError;

    fn try_from(duration: Duration) -> Result<Self, LifetimeError> {
        if duration > Lifetime::MAX.0 {
            return Err(LifetimeError::TooLong(duration));
        }
        if duration.as_secs() == 0 {
            return Err(LifetimeError::TooShort);
        }
        Ok(Lifetime(Duration::from_secs(duration.as_secs())))
    }
}

impl Default for Lifetime {
    fn default() -> Self {
        Lifetime::DEFAULT
    }
}

/// The claims in the order in which Salesforce's pages list them.
#[derive(serde::Serialize)]
struct AttestationClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    exp: NumericDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<NumericDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<&'a str>,
}

impl ClientAttestation {
    /// An attestation by the app with that consumer key for that authorization server, valid for
    /// [`Lifetime::DEFAULT`], with `iat` and without `sub` and `jti`.
    pub fn new(issuer: ConsumerKey, audience: Audience) -> ClientAttestation {
        ClientAttestation {
            issuer,
            audience,
            lifetime: Lifetime::DEFAULT,
            subject: None,
            issued_at: IssuedAt::Present,
            id: Jti::None,
        }
    }

    /// Sets how long each token is valid.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Lifetime) -> ClientAttestation {
        self.lifetime = lifetime;
        self
    }

    /// Adds `sub`. Salesforce's public pages do not show one.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> ClientAttestation {
        self.subject = Some(subject.into());
        self
    }

    /// Sets whether tokens carry `iat`.
    #[must_use]
    pub fn issued_at(mut self, issued_at: IssuedAt) -> ClientAttestation {
        self.issued_at = issued_at;
        self
    }

    /// Sets which `jti` tokens carry.
    #[must_use]
    pub fn id(mut self, id: Jti) -> ClientAttestation {
        self.id = id;
        self
    }

    /// Makes and signs one token that is valid from `now`.
    ///
    /// # Errors
    /// [`MintError::Algorithm`] if the signer's key is not RSA; see there for the rest.
    pub fn sign(
        &self,
        signer: &dyn Signer,
        now: SystemTime,
        ids: &dyn IdSource,
    ) -> Result<SignedAttestation, MintError> {
        check_algorithm(signer.algorithm())?;
        let unsigned = self.prepare(now, ids)?;
        let signature = signer.sign(unsigned.signing_input.as_bytes())?;
        Ok(unsigned.with_signature(&signature))
    }

    /// [`sign`](ClientAttestation::sign) with a key that takes its time, such as one in a KMS.
    ///
    /// # Errors
    /// Those of [`sign`](ClientAttestation::sign).
    pub async fn sign_async(
        &self,
        signer: &dyn AsyncSigner,
        now: SystemTime,
        ids: &dyn IdSource,
    ) -> Result<SignedAttestation, MintError> {
        check_algorithm(signer.algorithm())?;
        let unsigned = self.prepare(now, ids)?;
        let signature = signer.sign_async(unsigned.signing_input.as_bytes()).await?;
        Ok(unsigned.with_signature(&signature))
    }

    /// Whether each token can be used once, because it carries a `jti`.
    pub fn is_single_use(&self) -> bool {
        self.id != Jti::None
    }

    /// Makes one token up to its signature, for keys that sign elsewhere.
    ///
    /// # Errors
    /// If a claim is empty, the clock is impossible, or `ids` has no random numbers.
    pub fn prepare(
        &self,
        now: SystemTime,
        ids: &dyn IdSource,
    ) -> Result<UnsignedAttestation, MintError> {
        let id = self.id.make(ids)?;
        if self.subject.as_deref() == Some("") {
            return Err(MintError::EmptyClaim { claim: "sub" });
        }
        let (issued_at, expires_at) = self.lifetime.starting_at(now)?;
        let claims = AttestationClaims {
            iss: self.issuer.as_str(),
            aud: self.audience.as_str(),
            sub: self.subject.as_deref(),
            exp: expires_at,
            iat: (self.issued_at == IssuedAt::Present).then_some(issued_at),
            jti: id.as_deref(),
        };
        let claims =
            serde_json::to_string(&claims).map_err(|error| MintError::Encode(error.into()))?;
        Ok(UnsignedAttestation {
            signing_input: jwt::signing_input(HEADER, &claims),
            claims,
            id,
            expires_at,
        })
    }
}

/// A token that lacks only its signature.
#[derive(Debug, Clone)]
pub struct UnsignedAttestation {
    claims: String,
    signing_input: String,
    id: Option<String>,
    expires_at: NumericDate,
}

impl UnsignedAttestation {
    /// The header, always [`HEADER`].
    pub fn header(&self) -> &str {
        HEADER
    }

    /// The claims as JSON.
    pub fn claims(&self) -> &str {
        &self.claims
    }

    /// What is to be signed with RS256.
    pub fn signing_input(&self) -> &str {
        &self.signing_input
    }

    /// Completes the token with an RS256 signature over
    /// [`signing_input`](UnsignedAttestation::signing_input). The signature is not checked.
    pub fn with_signature(self, signature: &[u8]) -> SignedAttestation {
        let jwt = Zeroizing::new(jwt::compact(&self.signing_input, signature));
        SignedAttestation {
            unsigned: self,
            jwt,
        }
    }
}

/// A signed client attestation. Its holder can act as the app until it expires, so it is
/// treated as a secret: not `Clone`, not serializable, wiped on drop, and masked in `Debug`.
pub struct SignedAttestation {
    unsigned: UnsignedAttestation,
    jwt: Zeroizing<String>,
}

impl SignedAttestation {
    /// The token itself.
    pub fn expose_jwt(&self) -> &str {
        &self.jwt
    }

    /// The header, always [`HEADER`].
    pub fn header(&self) -> &str {
        HEADER
    }

    /// The claims as JSON. They are no secret without the signature.
    pub fn claims(&self) -> &str {
        &self.unsigned.claims
    }

    /// What was signed.
    pub fn signing_input(&self) -> &str {
        &self.unsigned.signing_input
    }

    /// The `jti`. A token that has one can be used once.
    pub fn id(&self) -> Option<&str> {
        self.unsigned.id.as_deref()
    }

    /// From when on the token is refused.
    pub fn expires_at(&self) -> NumericDate {
        self.unsigned.expires_at
    }
}

impl fmt::Debug for SignedAttestation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedAttestation([secret])")
    }
}

fn check_algorithm(found: Algorithm) -> Result<(), MintError> {
    match found {
        Algorithm::Rs256 => Ok(()),
        found => Err(MintError::Algorithm { found }),
    }
}
