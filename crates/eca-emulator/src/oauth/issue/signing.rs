//! The org's own key: access tokens in JWT format, ID tokens, and `/id/keys`.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use eca_attest::{KeyKind, PrivateKey, Provider, Signer, jwt};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::ids::RecordId;
use crate::oauth::error::OauthError;
use crate::secret::Secret;
use crate::testing::clock::unix_seconds;

/// A key, generated when it is first needed, because that takes longer than the start of an org.
pub(crate) struct SigningKey {
    signer: Box<dyn Signer>,
    id: String,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    /// As PKCS #8, for the store.
    pkcs8: Zeroizing<Vec<u8>>,
}

impl SigningKey {
    /// Generates a key; `None` when the operating system has no randomness.
    pub(crate) fn generate() -> Option<Self> {
        // This provider generates keys many times faster than the program's default.
        Self::new(&Provider::AwsLcRs.generate(KeyKind::Rsa2048).ok()?)
    }

    /// The stored key of an earlier start.
    pub(crate) fn restore(pkcs8: &[u8]) -> Option<Self> {
        Self::new(&PrivateKey::read(pkcs8).ok()?)
    }

    /// The key as PKCS #8.
    pub(crate) fn expose_pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    fn new(key: &PrivateKey) -> Option<Self> {
        let spki = key.public_key().spki_der();
        let (modulus, exponent) = rsa_parts(spki)?;
        let id = URL_SAFE_NO_PAD.encode(&Sha256::digest(spki)[..8]);
        let signer = Provider::AwsLcRs.signer(key).ok()?;
        Some(Self {
            signer,
            id,
            modulus,
            exponent,
            pkcs8: Zeroizing::new(key.expose_pkcs8_der().to_vec()),
        })
    }

    /// Its `kid` in `/id/keys`.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// A signed JWT.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> Result<Secret, OauthError> {
        let input = jwt::signing_input(&header.to_string(), &claims.to_string());
        let signature = self
            .signer
            .sign(input.as_bytes())
            .map_err(|_| OauthError::new("server_error", "the token cannot be signed"))?;
        Ok(Secret::new(jwt::compact(&input, &signature)))
    }

    pub(crate) fn jwk(&self) -> Value {
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.id,
            "n": URL_SAFE_NO_PAD.encode(&self.modulus),
            "e": URL_SAFE_NO_PAD.encode(&self.exponent),
        })
    }
}

/// An access token with the claims that Salesforce Help lists under "JWT-Based Access Tokens".
pub(crate) struct JwtAccessToken<'a> {
    pub(crate) instance_url: &'a str,
    pub(crate) org_id: &'a RecordId,
    /// The consumer key.
    pub(crate) client: &'a str,
    pub(crate) user: &'a RecordId,
    pub(crate) scopes: &'a [String],
    pub(crate) now: SystemTime,
    pub(crate) expires: SystemTime,
    pub(crate) id: &'a str,
}

impl JwtAccessToken<'_> {
    pub(crate) fn sign(&self, key: &SigningKey) -> Result<Secret, OauthError> {
        let header = json!({
            "alg": "RS256",
            "kid": key.id,
            "tnk": "core/embedded",
            "typ": "JWT",
            "ver": "1.0",
        });
        let claims = json!({
            "aud": [self.instance_url],
            "client_id": self.client,
            "exp": unix_seconds(self.expires),
            "iat": unix_seconds(self.now),
            "iss": self.instance_url,
            "jti": self.id,
            "mty": "oauth",
            "nbf": unix_seconds(self.now),
            "scp": self.scopes.join(" "),
            "sfi": self.org_id.short(),
            "sub": format!("uid:{}", self.user),
        });
        key.sign(&header, &claims)
    }
}

/// Modulus and exponent of an RSA SubjectPublicKeyInfo (RFC 5280 section 4.1, RFC 8017 appendix
/// A.1.1).
fn rsa_parts(spki: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (outer, _) = value(spki, 0x30)?;
    let (_, rest) = value(outer, 0x30)?;
    let (bits, _) = value(rest, 0x03)?;
    // The first byte counts unused bits.
    let (key, _) = value(bits.get(1..)?, 0x30)?;
    let (modulus, rest) = value(key, 0x02)?;
    let (exponent, _) = value(rest, 0x02)?;
    let unsigned = |bytes: &[u8]| {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        bytes[zeros..].to_vec()
    };
    Some((unsigned(modulus), unsigned(exponent)))
}

/// The content of a DER value with this tag, and what follows it.
fn value(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&actual, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let length = length
            .iter()
            .fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        (length, rest)
    };
    (actual == tag).then(|| rest.split_at_checked(length))?
}
