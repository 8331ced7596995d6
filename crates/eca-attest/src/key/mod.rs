//! Private keys.

pub(crate) mod error;
pub(crate) mod export;
pub(crate) mod jwk;
pub(crate) mod public_key;
pub(crate) mod recover;
pub(crate) mod weak;

use std::error::Error;
use std::fmt;

use pkcs8::der::asn1::{AnyRef, OctetStringRef};
use pkcs8::der::{Decode, Encode};
use pkcs8::spki::AlgorithmIdentifierRef;
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use crate::file::detect::Format;
use crate::key::error::KeyError;
use crate::key::public_key::{KeyAlgorithm, OID_EC, OID_P256, OID_RSA, OtherAlgorithm, PublicKey};

/// A private key: RSA, or elliptic curve P-256.
///
/// Holds the key as PKCS#8 in memory that is wiped on drop. It is neither `Clone`, comparable nor
/// serializable, and its `Debug` is a constant. To sign with it, make a
/// [`Signer`](crate::sign::Signer) with a [`Provider`](crate::sign::provider::Provider).
///
/// ```
/// # let pem = include_bytes!("../../tests/data/test-only-p256.pem");
/// let key = eca_attest::PrivateKey::read(pem)?;
/// assert_eq!(key.public_key().algorithm().to_string(), "EC P-256");
/// assert_eq!(format!("{key:?}"), "PrivateKey([secret])");
/// # Ok::<(), eca_attest::KeyError>(())
/// ```
pub struct PrivateKey {
    pkcs8: Zeroizing<Vec<u8>>,
    public: PublicKey,
}

impl PrivateKey {
    /// The public key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The key as unencrypted PKCS#8 DER: the secret itself.
    pub fn expose_pkcs8_der(&self) -> &[u8] {
        &self.pkcs8
    }

    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<PrivateKey, KeyError> {
        let info = PrivateKeyInfoRef::from_der(der).map_err(malformed(Format::Pkcs8))?;
        let curve = info.algorithm.parameters_oid().ok();
        match info.algorithm.oid {
            OID_RSA => PrivateKey::from_pkcs1(info.private_key.as_bytes()),
            OID_EC if curve == Some(OID_P256) => {
                PrivateKey::from_sec1(info.private_key.as_bytes(), curve)
            }
            oid => Err(unsupported_algorithm(oid, curve)),
        }
    }

    pub(crate) fn from_pkcs1(der: &[u8]) -> Result<PrivateKey, KeyError> {
        let malformed = malformed(Format::Pkcs1);
        let key = pkcs1::RsaPrivateKeyRef::from_der(der).map_err(&malformed)?;
        let numbers = [key.modulus, key.public_exponent, key.prime1, key.prime2];
        let [n, e, p, q] = numbers.map(|number| number.as_bytes());
        if let Some(weakness) = weak::weakness(n, e, p, q) {
            return Err(KeyError::Weak(weakness));
        }
        let public = PublicKey::from_pkcs1(&key.public_key()).map_err(&malformed)?;
        let pkcs8 = wrap(OID_RSA, AnyRef::NULL, der).map_err(&malformed)?;
        Ok(PrivateKey { pkcs8, public })
    }

    /// `outer_curve` is the curve in the PKCS#8 wrapper. With it, the inner parameters are
    /// optional.
    pub(crate) fn from_sec1(
        der: &[u8],
        outer_curve: Option<ObjectIdentifier>,
    ) -> Result<PrivateKey, KeyError> {
        let malformed = malformed(Format::Sec1);
        let key = sec1::EcPrivateKey::from_der(der).map_err(&malformed)?;
        let curve = key.parameters.and_then(sec1::EcParameters::named_curve);
        if curve.or(outer_curve) != Some(OID_P256) || key.private_key.len() != 32 {
            return Err(unsupported_algorithm(OID_EC, curve));
        }
        let computed;
        let point = if let Some(point) = key.public_key {
            point
        } else {
            computed = recover::p256_point(key.private_key).ok_or(KeyError::NoPublicKey)?;
            &computed
        };
        let public = PublicKey::from_p256_point(point).map_err(&malformed)?;
        // As OpenSSL writes it: the curve in the wrapper only, the public key inside.
        let inner = sec1::EcPrivateKey {
            private_key: key.private_key,
            parameters: None,
            public_key: Some(point),
        };
        let inner = Zeroizing::new(inner.to_der().map_err(&malformed)?);
        let pkcs8 = wrap(OID_EC, AnyRef::from(&OID_P256), &inner).map_err(&malformed)?;
        Ok(PrivateKey { pkcs8, public })
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey([secret])")
    }
}

fn wrap(
    oid: ObjectIdentifier,
    parameters: AnyRef<'_>,
    private_key: &[u8],
) -> pkcs8::der::Result<Zeroizing<Vec<u8>>> {
    let algorithm = AlgorithmIdentifierRef {
        oid,
        parameters: Some(parameters),
    };
    let info = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(private_key)?);
    info.to_der().map(Zeroizing::new)
}

fn malformed<E>(format: Format) -> impl Fn(E) -> KeyError
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    move |source| KeyError::Malformed {
        format,
        source: source.into(),
    }
}

fn unsupported_algorithm(oid: ObjectIdentifier, curve: Option<ObjectIdentifier>) -> KeyError {
    let algorithm = KeyAlgorithm::Other(OtherAlgorithm::new(oid, curve));
    KeyError::Algorithm { algorithm }
}
