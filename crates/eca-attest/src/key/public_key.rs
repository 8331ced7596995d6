//! Public keys in one canonical encoding, so that equal keys have equal bytes.

use std::error::Error;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use pkcs8::ObjectIdentifier;
use pkcs8::der::asn1::{AnyRef, BitStringRef};
use pkcs8::der::{Decode, Encode};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

/// rsaEncryption (RFC 8017, appendix A.1).
pub(crate) const OID_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// id-ecPublicKey (RFC 5480, section 2.1.1).
pub(crate) const OID_EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// secp256r1, also known as P-256 and prime256v1 (RFC 5480, section 2.1.1.1).
pub(crate) const OID_P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");

/// The algorithm and size of a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// RSA with a modulus of that many bits.
    Rsa {
        /// Size of the modulus in bits.
        bits: u32,
    },
    /// Elliptic curve P-256.
    P256,
    /// Another algorithm, by name.
    Other(OtherAlgorithm),
}

/// The name of an algorithm without a variant here. It cannot be matched, only displayed, so that a
/// new variant does not change the meaning of existing code.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OtherAlgorithm(String);

impl OtherAlgorithm {
    pub(crate) fn new(oid: ObjectIdentifier, parameters: Option<ObjectIdentifier>) -> Self {
        let dotted = parameters.unwrap_or(oid).to_string();
        let name = match dotted.as_str() {
            "1.2.840.10045.2.1" => "EC with explicit parameters",
            "1.2.840.113549.1.1.10" => "RSASSA-PSS",
            "1.2.840.10040.4.1" => "DSA",
            "1.3.101.112" => "Ed25519",
            "1.3.101.113" => "Ed448",
            "1.3.132.0.34" => "EC P-384",
            "1.3.132.0.35" => "EC P-521",
            "1.3.132.0.10" => "EC secp256k1",
            _ => &dotted,
        };
        OtherAlgorithm(name.to_owned())
    }

    /// The name as written in a file, without control characters.
    pub(crate) fn named(name: &str) -> Self {
        let printable = |c: &char| c.is_ascii_graphic();
        OtherAlgorithm(name.chars().filter(printable).take(32).collect())
    }
}

impl fmt::Display for OtherAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyAlgorithm::Rsa { bits } => write!(f, "RSA {bits}"),
            KeyAlgorithm::P256 => f.write_str("EC P-256"),
            KeyAlgorithm::Other(name) => name.fmt(f),
        }
    }
}

/// A public key as a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).
///
/// RSA and P-256 keys are encoded again when they are read, so that keys that differ only in the
/// encoding of their algorithm parameters are equal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    spki: Vec<u8>,
    algorithm: KeyAlgorithm,
}

/// A public key that cannot be decoded.
#[derive(Debug, thiserror::Error)]
#[error("the public key is damaged")]
pub struct PublicKeyError(#[source] Box<dyn Error + Send + Sync>);

impl PublicKey {
    /// Reads a DER SubjectPublicKeyInfo. Algorithms other than RSA and P-256 become
    /// [`KeyAlgorithm::Other`].
    ///
    /// # Errors
    /// If the bytes are not a SubjectPublicKeyInfo, or the RSA or P-256 key in it is malformed.
    pub fn from_spki_der(der: &[u8]) -> Result<PublicKey, PublicKeyError> {
        PublicKey::parse(der).map_err(|error| PublicKeyError(error.into()))
    }

    /// The key as DER SubjectPublicKeyInfo.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// The algorithm and size.
    pub fn algorithm(&self) -> &KeyAlgorithm {
        &self.algorithm
    }

    /// The key in the SubjectPublicKeyInfo: a PKCS#1 RSAPublicKey or an EC point.
    pub(crate) fn key_bytes(&self) -> &[u8] {
        SubjectPublicKeyInfoRef::from_der(&self.spki)
            .ok()
            .and_then(|spki| spki.subject_public_key.as_bytes())
            .unwrap_or_default()
    }

    /// Wraps a PKCS#1 public key.
    pub(crate) fn from_pkcs1(key: &pkcs1::RsaPublicKeyRef<'_>) -> pkcs8::der::Result<PublicKey> {
        let bits = bit_length(key.modulus.as_bytes());
        let pkcs1_der = key.to_der()?;
        let spki = wrap(OID_RSA, AnyRef::NULL, &pkcs1_der)?;
        Ok(PublicKey {
            spki,
            algorithm: KeyAlgorithm::Rsa { bits },
        })
    }

    /// Wraps an uncompressed P-256 point (`04 ‖ x ‖ y`).
    pub(crate) fn from_p256_point(point: &[u8]) -> pkcs8::der::Result<PublicKey> {
        if point.len() != 65 || point.first() != Some(&4) {
            return Err(pkcs8::der::Tag::BitString.value_error().into());
        }
        let spki = wrap(OID_EC, AnyRef::from(&OID_P256), point)?;
        Ok(PublicKey {
            spki,
            algorithm: KeyAlgorithm::P256,
        })
    }

    fn parse(der: &[u8]) -> pkcs8::der::Result<PublicKey> {
        let spki = SubjectPublicKeyInfoRef::from_der(der)?;
        let key = spki
            .subject_public_key
            .as_bytes()
            .ok_or_else(|| pkcs8::der::Tag::BitString.value_error())?;
        let curve = spki.algorithm.parameters_oid().ok();
        match (spki.algorithm.oid, curve) {
            (OID_RSA, _) => PublicKey::from_pkcs1(&pkcs1::RsaPublicKeyRef::from_der(key)?),
            (OID_EC, Some(OID_P256)) => PublicKey::from_p256_point(key),
            (oid, curve) => Ok(PublicKey {
                spki: der.to_vec(),
                algorithm: KeyAlgorithm::Other(OtherAlgorithm::new(oid, curve)),
            }),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spki = BASE64_STANDARD.encode(&self.spki);
        write!(f, "PublicKey({}, {spki})", self.algorithm)
    }
}

fn wrap(oid: ObjectIdentifier, parameters: AnyRef<'_>, key: &[u8]) -> pkcs8::der::Result<Vec<u8>> {
    SubjectPublicKeyInfoRef {
        algorithm: AlgorithmIdentifierRef {
            oid,
            parameters: Some(parameters),
        },
        subject_public_key: BitStringRef::from_bytes(key)?,
    }
    .to_der()
}

/// Bits of a big-endian number without leading zero bytes.
fn bit_length(bytes: &[u8]) -> u32 {
    let Some(first) = bytes.first() else { return 0 };
    let bytes = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    bytes
        .saturating_mul(8)
        .saturating_sub(first.leading_zeros())
}
