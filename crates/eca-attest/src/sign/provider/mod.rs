//! Crypto providers, chosen at run time. Each feature adds one.

#[cfg(feature = "aws-lc-rs")]
mod aws_lc_rs;
#[cfg(feature = "rustcrypto")]
mod rustcrypto;

use std::error::Error;
use std::fmt;

use crate::key::PrivateKey;
use crate::key::public_key::PublicKey;
use crate::sign::{Algorithm, SignError, Signer, check_size};

/// An implementation of the cryptography. All have the same results: RS256 signatures are equal
/// byte for byte, and each verifies the ES256 signatures of the others.
///
/// Without a provider feature this type has no values; the crate then still reads keys and
/// certificates and decodes tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provider {
    /// Pure Rust: the `rsa` and `p256` crates. RSA signing takes constant time and is blinded with
    /// the operating system's random numbers; `rsa` leaves copies of an RSA key's primes in freed
    /// memory. Feature `rustcrypto`.
    #[cfg(feature = "rustcrypto")]
    RustCrypto,
    /// `aws-lc-rs`: constant-time, and several times faster with RSA. Feature `aws-lc-rs`.
    #[cfg(feature = "aws-lc-rs")]
    AwsLcRs,
}

/// The kind of a new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum KeyKind {
    /// RSA with 2048 bits, the minimum of RS256 (RFC 7518, section 3.3).
    #[default]
    Rsa2048,
    /// RSA with 3072 bits.
    Rsa3072,
    /// RSA with 4096 bits. Slow to generate.
    Rsa4096,
    /// Elliptic curve P-256. Salesforce does not accept it for client attestation.
    P256,
}

/// A new key could not be made.
#[derive(Debug, thiserror::Error)]
#[error("a new {kind} key could not be made")]
pub struct GenerateError {
    kind: KeyKind,
    source: Box<dyn Error + Send + Sync>,
}

/// A signature is not valid for this message and key. The reason is deliberately not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify")]
pub struct BadSignature;

/// One provider. Its keys have passed [`check_size`].
trait Backend {
    fn name(&self) -> &'static str;

    fn signer(&self, algorithm: Algorithm, key: &PrivateKey) -> Result<Box<dyn Signer>, SignError>;

    fn checker(
        &self,
        algorithm: Algorithm,
        key: &PublicKey,
    ) -> Result<Box<dyn CheckSignature>, SignError>;

    fn generate(&self, kind: KeyKind) -> Result<PrivateKey, Box<dyn Error + Send + Sync>>;
}

/// Verifies signatures with one public key and its one algorithm.
pub(crate) trait CheckSignature: Send + Sync {
    fn check(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature>;
}

impl Provider {
    /// The providers of this build, the default one first.
    pub fn available() -> &'static [Provider] {
        &[
            #[cfg(feature = "rustcrypto")]
            Provider::RustCrypto,
            #[cfg(feature = "aws-lc-rs")]
            Provider::AwsLcRs,
        ]
    }

    /// Makes a signer from a private key, which is parsed and checked once.
    ///
    /// # Errors
    /// [`SignError::RsaSize`] for an RSA key that does not have 2048 to 4096 bits,
    /// [`SignError::KeyRejected`] if the numbers of the key are inconsistent.
    pub fn signer(self, key: &PrivateKey) -> Result<Box<dyn Signer>, SignError> {
        let algorithm = check_size(key.public_key().algorithm())?;
        self.backend().signer(algorithm, key)
    }

    /// Generates a private key, always with the operating system's random numbers.
    ///
    /// # Errors
    /// If the random number generator or the provider fails.
    pub fn generate(self, kind: KeyKind) -> Result<PrivateKey, GenerateError> {
        let made = self.backend().generate(kind);
        made.map_err(|source| GenerateError { kind, source })
    }

    /// Verifies one signature in its JWS form (see [`Signer::sign`]) with the algorithm of the key:
    /// RS256 for RSA, ES256 for P-256.
    ///
    /// # Errors
    /// [`SignatureError::Key`] if the key cannot be used, [`SignatureError::Bad`] if the signature
    /// does not verify.
    pub fn verify(
        self,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        self.checker(key)?.check(message, signature)?;
        Ok(())
    }

    /// Parses a public key, for any number of signatures.
    pub(crate) fn checker(self, key: &PublicKey) -> Result<Box<dyn CheckSignature>, SignError> {
        let algorithm = check_size(key.algorithm())?;
        self.backend().checker(algorithm, key)
    }

    fn backend(self) -> &'static dyn Backend {
        match self {
            #[cfg(feature = "rustcrypto")]
            Provider::RustCrypto => &rustcrypto::RustCrypto,
            #[cfg(feature = "aws-lc-rs")]
            Provider::AwsLcRs => &aws_lc_rs::AwsLcRs,
        }
    }
}

/// A signature is not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The key cannot be used.
    #[error("the public key cannot be used")]
    Key(#[from] SignError),
    /// The signature does not verify.
    #[error(transparent)]
    Bad(#[from] BadSignature),
}

/// The first of [`Provider::available`]: RustCrypto if its feature is on, else AwsLcRs.
#[cfg(any(feature = "rustcrypto", feature = "aws-lc-rs"))]
impl Default for Provider {
    fn default() -> Self {
        Provider::available()[0]
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.backend().name())
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyKind::Rsa2048 => "RSA 2048",
            KeyKind::Rsa3072 => "RSA 3072",
            KeyKind::Rsa4096 => "RSA 4096",
            KeyKind::P256 => "EC P-256",
        })
    }
}
