//! Errors of reading private keys.

use std::error::Error;

use crate::file::detect::{Encoding, Format, MAX_INPUT_LEN};
use crate::file::pem::PemError;
use crate::key::public_key::KeyAlgorithm;
use crate::key::weak::Weakness;
use crate::x509::error::CertificateError;

/// A private key cannot be read. [`KeyError::hint`] has the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Empty, or only white space.
    #[error("the private key input is empty")]
    Empty,
    /// More than [`MAX_INPUT_LEN`] bytes.
    #[error("the private key input of {len} bytes is longer than {MAX_INPUT_LEN}")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// A known format, but not an unencrypted private key.
    #[error("the private key input is not an unencrypted private key but another format: {format}")]
    Unsupported {
        /// The format of the input.
        format: Format,
        /// The encoding of the input.
        encoding: Encoding,
    },
    /// An unknown format.
    #[error(
        "the private key input is not recognised: neither PEM, nor complete DER, nor a key store"
    )]
    Unrecognised,
    /// More than one private key.
    #[error("the private key input holds {count} private keys{}", named(known))]
    Several {
        /// The number of keys.
        count: usize,
        /// The names of the keys that have one.
        known: Vec<String>,
    },
    /// The PEM around the key is broken.
    #[error("the private key input is damaged PEM")]
    Pem(#[source] PemError),
    /// The structure inside is broken.
    #[error("the {format} is damaged")]
    Malformed {
        /// The format of the input.
        format: Format,
        /// The error of the decoder.
        source: Box<dyn Error + Send + Sync>,
    },
    /// An algorithm or curve other than RSA and P-256.
    #[error("private keys of type {algorithm} are not supported, only RSA and EC P-256 are")]
    Algorithm {
        /// The algorithm of the key.
        algorithm: KeyAlgorithm,
    },
    /// A JSON Web Key that is meant for something else than RS256 or ES256 signatures.
    #[error("the JSON Web Key is not for these signatures: its `{member}` is {value:?}")]
    Purpose {
        /// `use`, `key_ops` or `alg`.
        member: &'static str,
        /// Its value.
        value: String,
    },
    /// An RSA key that can be broken.
    #[error("the RSA key is weak: {0}")]
    Weak(Weakness),
    /// An EC key without its public key, which only a crypto provider can compute.
    #[error("the EC private key does not contain its public key")]
    NoPublicKey,
    /// An RSA JSON Web Key without `p`, `q`, `dp`, `dq` and `qi`, which cannot be computed: its
    /// other numbers are inconsistent, its size is not 2048 to 4096 bits, its public exponent
    /// is not above 65536, or the feature `rustcrypto` is off.
    #[error("the RSA JSON Web Key has no primes, and they cannot be computed from its n, e and d")]
    NoPrimes,
    /// The input is encrypted, and there is no password.
    #[error("the {format} needs a password")]
    PasswordNeeded {
        /// The format of the input.
        format: Format,
    },
    /// The password is wrong, or the input is damaged: decryption cannot distinguish the two.
    #[error("the password does not open the {format}")]
    WrongPassword {
        /// The format of the input.
        format: Format,
    },
    /// Decryption would take too much time or memory.
    #[error("the {format} requires more key derivation than is allowed")]
    TooCostly {
        /// The format of the input.
        format: Format,
    },
    /// The encryption or MAC is not supported.
    #[error("the {format} is encrypted or authenticated with {algorithm}, which is not supported")]
    Encryption {
        /// The format of the input.
        format: Format,
        /// The scheme's name, or its OID.
        algorithm: String,
    },
    /// The salt of the key derivation is longer than 32 bytes.
    #[error("the salt of the {format} has {len} bytes, at most 32 are supported")]
    SaltTooLong {
        /// The format of the input.
        format: Format,
        /// The length in bytes.
        len: usize,
    },
    /// A key store without any private key.
    #[error("the {format} holds no private key")]
    NoKey {
        /// The format of the input.
        format: Format,
    },
    /// A key store without a key of that name.
    #[error("the private key input has no key named {alias:?}, it has: {}", known.join(", "))]
    NoSuchKey {
        /// The requested name.
        alias: String,
        /// The names in the key store.
        known: Vec<String>,
    },
    /// A certificate in the file is damaged.
    #[error("a certificate in the private key input cannot be read")]
    Certificate(#[source] CertificateError),
}

impl KeyError {
    /// The next step, with the exact command where one helps. `FILE` stands for the input.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            KeyError::Unsupported { format, encoding } => format.private_key_hint(*encoding),
            KeyError::Empty => Some(
                "make a key: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem",
            ),
            KeyError::Several { known, .. } if known.is_empty() => {
                Some("split the file so that it holds one private key")
            }
            KeyError::Several { .. } | KeyError::NoSuchKey { .. } => {
                Some("choose the key by one of these names")
            }
            KeyError::PasswordNeeded { format }
            | KeyError::TooCostly { format }
            | KeyError::SaltTooLong { format, .. }
            | KeyError::Encryption { format, .. } => match format {
                Format::EncryptedPkcs8 => Some(
                    "decrypt it: openssl pkey -in FILE -out key.pem \
                     (add -provider legacy -provider default for ciphers from before 2000)",
                ),
                other => other.private_key_hint(Encoding::Binary),
            },
            KeyError::WrongPassword { format } => Some(match format {
                Format::Pkcs12 => {
                    "check the password: openssl pkcs12 -in FILE -noout \
                     (add -legacy if OpenSSL 3 refuses an old file)"
                }
                Format::Jks => "check the password: keytool -list -keystore FILE",
                _ => "check the password: openssl pkey -in FILE -noout",
            }),
            KeyError::NoKey {
                format: Format::JwkSet,
            } => Some("this is a set of public keys; give the private JSON Web Key"),
            KeyError::NoKey { .. } => Some(
                "export the key together with its certificate; for a certificate made in Setup: \
                 Certificate and Key Management > Export to Keystore",
            ),
            KeyError::Algorithm { .. } => Some(
                "client attestation takes RSA keys: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem",
            ),
            KeyError::Unrecognised | KeyError::Malformed { .. } | KeyError::Pem(_) => Some(
                "export the key again, as PEM, PKCS#12, Java key store or JSON Web Key; \
                 check PEM or DER: openssl pkey -in FILE -noout",
            ),
            KeyError::TooLong { .. } => Some("give a file that contains only the key"),
            KeyError::NoPrimes => Some(
                "export it again with the members p, q, dp, dq and qi, or as PKCS#8 PEM, with the tool that made it",
            ),
            KeyError::Purpose { .. } => Some(
                "use the key that was made for signatures; if it is this one, correct the member",
            ),
            KeyError::Weak(_) => {
                Some("make a new key, and replace this one everywhere: eca cert new")
            }
            KeyError::NoPublicKey => Some("add it: openssl pkey -in FILE -out key.pem"),
            _ => None,
        }
    }
}

/// The end of a message: the names, if there are any.
fn named(known: &[String]) -> String {
    match known {
        [] => String::new(),
        known => format!(": {}", known.join(", ")),
    }
}
