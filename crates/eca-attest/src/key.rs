//! Private keys: reading any common form of them, and the secret type that holds one.

use std::error::Error;
use std::fmt;

use pkcs8::der::asn1::AnyRef;
use pkcs8::der::{Decode, Encode};
use pkcs8::spki::AlgorithmIdentifierRef;
use pkcs8::{ObjectIdentifier, PrivateKeyInfo};
use zeroize::Zeroizing;

use crate::format::{Encoding, Format};
use crate::pem::{self, PemError};
use crate::public_key::{KeyAlgorithm, OID_EC, OID_P256, OID_RSA, OtherAlgorithm, PublicKey};

/// Longest input that is looked at, in bytes. The largest supported key is below 4 KiB; the rest
/// is room for a certificate chain in the same PEM file.
pub const MAX_INPUT_LEN: usize = 1 << 20;

/// A private key: RSA, or elliptic curve P-256.
///
/// Holds the key as PKCS#8 in memory that is wiped on drop. It is neither `Clone`, comparable nor
/// serializable, and its `Debug` is a constant. It does nothing by itself: a
/// [`Provider`](crate::Provider) makes a [`Signer`](crate::Signer) of it.
///
/// ```
/// # let pem = include_bytes!("../tests/data/test-only-p256.pem");
/// let key = eca_attest::PrivateKey::read(pem)?;
/// assert_eq!(key.public_key().algorithm().to_string(), "EC P-256");
/// assert_eq!(format!("{key:?}"), "PrivateKey([secret])");
/// # Ok::<(), eca_attest::KeyError>(())
/// ```
pub struct PrivateKey {
    pkcs8: Zeroizing<Vec<u8>>,
    public: PublicKey,
}

/// Why some bytes cannot be read as a private key. [`KeyError::hint`] has the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Nothing but white space, or nothing at all.
    #[error("the private key input is empty")]
    Empty,
    /// More than [`MAX_INPUT_LEN`] bytes.
    #[error("the private key input of {len} bytes is longer than {MAX_INPUT_LEN}")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// A known format that is no open private key.
    #[error("the private key input is not an open private key but another format: {format}")]
    Unsupported {
        /// What it is.
        format: Format,
        /// How it is written down.
        encoding: Encoding,
    },
    /// No known format at all.
    #[error(
        "the private key input is not recognised: neither PEM, nor complete DER, nor a key store"
    )]
    Unrecognised,
    /// PEM with more than one private key: which one is meant would be a guess.
    #[error("the private key input holds {count} private keys")]
    Several {
        /// How many.
        count: usize,
    },
    /// The PEM around the key is broken.
    #[error("the private key input is damaged PEM")]
    Pem(#[source] PemError),
    /// The structure inside is broken.
    #[error("the {format} is damaged")]
    Malformed {
        /// What it was read as.
        format: Format,
        /// What the decoder said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// An algorithm or curve other than RSA and P-256.
    #[error("private keys of type {algorithm} are not supported, only RSA and EC P-256 are")]
    Algorithm {
        /// The algorithm found.
        algorithm: KeyAlgorithm,
    },
    /// An EC key file without its public half, which only a crypto provider can compute.
    #[error("the EC private key does not hold its public key")]
    NoPublicKey,
}

impl KeyError {
    /// The next step, with the exact command where one helps. `FILE` stands for the input.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            KeyError::Unsupported { format, encoding } => format.private_key_hint(*encoding),
            KeyError::Empty => Some(
                "make a key: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem",
            ),
            KeyError::Several { .. } => Some("split the file so that it holds one private key"),
            KeyError::Algorithm { .. } => Some(
                "client attestation takes RSA keys: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem",
            ),
            KeyError::NoPublicKey => Some("add it: openssl pkey -in FILE -out key.pem"),
            _ => None,
        }
    }
}

impl PrivateKey {
    /// Reads a private key by content: PKCS#8, PKCS#1 or SEC1, each as PEM or DER. In PEM, other
    /// blocks (certificates, EC parameters) and text may stand around the one private key.
    ///
    /// # Errors
    /// [`KeyError::Unsupported`] names the formats that are known but not read;
    /// see the variants of [`KeyError`] for the rest.
    pub fn read(bytes: &[u8]) -> Result<PrivateKey, KeyError> {
        if bytes.len() > MAX_INPUT_LEN {
            return Err(KeyError::TooLong { len: bytes.len() });
        }
        if bytes.trim_ascii().is_empty() {
            return Err(KeyError::Empty);
        }
        if pem::looks_like_pem(bytes) {
            return PrivateKey::read_pem(bytes);
        }
        let (format, encoding) = Format::detect(bytes).ok_or(KeyError::Unrecognised)?;
        PrivateKey::read_der(format, encoding, bytes)
    }

    /// The public half.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The key as unencrypted PKCS#8 PEM, as `openssl pkey` would write it. The text is the
    /// secret itself: wiped on drop, and to be written only where the user asked for it.
    pub fn expose_pkcs8_pem(&self) -> Zeroizing<String> {
        pem::encode("PRIVATE KEY", &self.pkcs8)
    }

    /// The key as unencrypted PKCS#8 DER: the secret itself.
    pub fn expose_pkcs8_der(&self) -> &[u8] {
        &self.pkcs8
    }

    fn read_pem(bytes: &[u8]) -> Result<PrivateKey, KeyError> {
        let blocks = pem::blocks(bytes).map_err(KeyError::Pem)?;
        let mut private = blocks.iter().filter_map(|block| {
            let format = Format::of_block(block)?;
            format.is_private_key().then_some((format, block))
        });
        let Some((format, block)) = private.next() else {
            let (format, encoding) = Format::detect(bytes).ok_or(KeyError::Unrecognised)?;
            return Err(KeyError::Unsupported { format, encoding });
        };
        let more = private.count();
        if more > 0 {
            return Err(KeyError::Several { count: more + 1 });
        }
        if !matches!(format, Format::Pkcs8 | Format::Pkcs1 | Format::Sec1) {
            let encoding = Encoding::Pem;
            return Err(KeyError::Unsupported { format, encoding });
        }
        let der = block.decode().map_err(KeyError::Pem)?;
        // Tools write the wrong label often enough: the structure decides if it is one of the three.
        let format = match Format::of_der(&der) {
            Some(real @ (Format::Pkcs8 | Format::Pkcs1 | Format::Sec1)) => real,
            _ => format,
        };
        PrivateKey::read_der(format, Encoding::Pem, &der)
    }

    fn read_der(format: Format, encoding: Encoding, der: &[u8]) -> Result<PrivateKey, KeyError> {
        match format {
            Format::Pkcs8 => PrivateKey::from_pkcs8(der),
            Format::Pkcs1 => PrivateKey::from_pkcs1(der),
            Format::Sec1 => PrivateKey::from_sec1(der, None),
            _ => Err(KeyError::Unsupported { format, encoding }),
        }
    }

    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<PrivateKey, KeyError> {
        let info = PrivateKeyInfo::from_der(der).map_err(malformed(Format::Pkcs8))?;
        let curve = info.algorithm.parameters_oid().ok();
        match info.algorithm.oid {
            OID_RSA => PrivateKey::from_pkcs1(info.private_key),
            OID_EC if curve == Some(OID_P256) => PrivateKey::from_sec1(info.private_key, curve),
            oid => Err(unsupported_algorithm(oid, curve)),
        }
    }

    fn from_pkcs1(der: &[u8]) -> Result<PrivateKey, KeyError> {
        let malformed = malformed(Format::Pkcs1);
        let key = pkcs1::RsaPrivateKey::from_der(der).map_err(&malformed)?;
        let public = PublicKey::from_pkcs1(&key.public_key()).map_err(&malformed)?;
        let pkcs8 = wrap(OID_RSA, AnyRef::NULL, der).map_err(&malformed)?;
        Ok(PrivateKey { pkcs8, public })
    }

    /// `outer_curve` is what a PKCS#8 wrapper said; there, the inner parameters are optional.
    fn from_sec1(
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
            computed = crate::provider::p256_point(key.private_key).ok_or(KeyError::NoPublicKey)?;
            &computed
        };
        let public = PublicKey::from_p256_point(point).map_err(&malformed)?;
        // The form OpenSSL writes: curve in the wrapper only, public key inside.
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
    let info = PrivateKeyInfo::new(algorithm, private_key);
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
