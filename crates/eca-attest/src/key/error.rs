//! Why some bytes cannot be read as a private key, and what to do about it.

use std::error::Error;

use crate::file::detect::{Encoding, Format, MAX_INPUT_LEN};
use crate::file::pem::PemError;
use crate::key::public_key::KeyAlgorithm;
use crate::x509::error::CertificateError;

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
    /// More than one private key: which one is meant would be a guess.
    #[error("the private key input holds {count} private keys{}", named(known))]
    Several {
        /// How many.
        count: usize,
        /// The names of those that have one.
        known: Vec<String>,
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
    /// An RSA JSON Web Key without `p`, `q`, `dp`, `dq` and `qi`, from whose other numbers they
    /// cannot be computed: these do not fit together, are not of 2048 to 4096 bits, or no crypto
    /// provider can do it (feature `rustcrypto`; its public exponent has to be above 65536).
    #[error("the RSA JSON Web Key has no primes, and they cannot be computed from its n, e and d")]
    NoPrimes,
    /// It is encrypted, and no password was given.
    #[error("the {format} needs a password")]
    PasswordNeeded {
        /// What is encrypted.
        format: Format,
    },
    /// The password given does not open it, or it is damaged: encryption cannot tell.
    #[error("the password does not open the {format}")]
    WrongPassword {
        /// What is encrypted.
        format: Format,
    },
    /// Opening it would take more time or memory than any honest file does.
    #[error("the {format} asks for more key derivation than is allowed")]
    TooCostly {
        /// What is encrypted.
        format: Format,
    },
    /// It is encrypted in a way that is not supported.
    #[error("the {format} is encrypted or sealed with {algorithm}, which is not supported")]
    Encryption {
        /// What is encrypted.
        format: Format,
        /// The scheme's name, or its OID.
        algorithm: String,
    },
    /// The salt of its key derivation is longer than 32 bytes.
    #[error("the salt of the {format} has {len} bytes, at most 32 are supported")]
    SaltTooLong {
        /// The format of the file.
        format: Format,
        /// The length in bytes.
        len: usize,
    },
    /// A key store without any private key.
    #[error("the {format} holds no private key")]
    NoKey {
        /// What it is.
        format: Format,
    },
    /// A key store without an entry of that name.
    #[error("the private key input has no key named {alias:?}, it has: {}", known.join(", "))]
    NoSuchKey {
        /// The name asked for.
        alias: String,
        /// The names that it has.
        known: Vec<String>,
    },
    /// One of the certificates beside the key is damaged.
    #[error("a certificate beside the private key cannot be read")]
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
                Some("choose the key by one of the names that the file has")
            }
            KeyError::PasswordNeeded { format }
            | KeyError::TooCostly { format }
            | KeyError::SaltTooLong { format, .. }
            | KeyError::Encryption { format, .. } => match format {
                Format::EncryptedPkcs8 => Some(
                    "open it yourself: openssl pkey -in FILE -out key.pem \
                     (add -provider legacy -provider default for ciphers from before 2000)",
                ),
                other => other.private_key_hint(Encoding::Binary),
            },
            KeyError::WrongPassword { format } => Some(match format {
                Format::Pkcs12 => {
                    "this has to accept it: openssl pkcs12 -in FILE -noout \
                     (add -legacy if OpenSSL 3 refuses an old file)"
                }
                Format::Jks => "this has to accept it: keytool -list -keystore FILE",
                _ => "this has to accept it: openssl pkey -in FILE -noout",
            }),
            KeyError::NoKey {
                format: Format::JwkSet,
            } => {
                Some("this is the public key set; give the private JSON Web Key that belongs to it")
            }
            KeyError::NoKey { .. } => Some(
                "export the key together with its certificate; one made in Setup by Certificate and Key Management > Export to Keystore",
            ),
            KeyError::Algorithm { .. } => Some(
                "client attestation takes RSA keys: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem",
            ),
            KeyError::Unrecognised | KeyError::Malformed { .. } | KeyError::Pem(_) => Some(
                "export the key again, as PEM, PKCS#12, Java key store or JSON Web Key; \
                 openssl pkey -in FILE -noout reads PEM and DER that are whole",
            ),
            KeyError::TooLong { .. } => Some("give the file with the key alone"),
            KeyError::NoPrimes => Some(
                "export it again with the members p, q, dp, dq and qi, or as PKCS#8 PEM, with the tool that made it",
            ),
            KeyError::NoPublicKey => Some("add it: openssl pkey -in FILE -out key.pem"),
            _ => None,
        }
    }
}

/// The end of a message that lists names, if there are any.
fn named(known: &[String]) -> String {
    match known {
        [] => String::new(),
        known => format!(": {}", known.join(", ")),
    }
}
