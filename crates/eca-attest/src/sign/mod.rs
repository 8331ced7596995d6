//! Signers: the interface to the cryptography.

#[cfg(feature = "pkcs11")]
pub(crate) mod pkcs11;
pub(crate) mod provider;

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use crate::key::public_key::{KeyAlgorithm, PublicKey};

/// A JWS signature algorithm (RFC 7518, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, the only one that Salesforce accepts for client attestation.
    Rs256,
    /// ECDSA with P-256 and SHA-256.
    Es256,
}

impl Algorithm {
    /// The value of the `alg` header: `RS256` or `ES256`.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Es256 => "ES256",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Signs messages with one private key: in this process, in an HSM or in a KMS.
///
/// Implementations parse their key once, when they are made. Threads can share them.
pub trait Signer: Send + Sync {
    /// The algorithm of every signature of this signer.
    fn algorithm(&self) -> Algorithm;

    /// The public key.
    fn public_key(&self) -> &PublicKey;

    /// Signs `message`, hashing it as the algorithm requires, and returns the signature in its JWS
    /// form: for RS256 as many bytes as the modulus, for ES256 the 64 bytes `r ‖ s` (RFC 7518,
    /// sections 3.3 and 3.4).
    ///
    /// # Errors
    /// [`SignError::Failed`] if the provider or the device fails.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

impl<S: Signer + ?Sized> Signer for Box<S> {
    fn algorithm(&self) -> Algorithm {
        Signer::algorithm(&**self)
    }

    fn public_key(&self) -> &PublicKey {
        Signer::public_key(&**self)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        (**self).sign(message)
    }
}

impl<S: Signer + ?Sized> Signer for Arc<S> {
    fn algorithm(&self) -> Algorithm {
        Signer::algorithm(&**self)
    }

    fn public_key(&self) -> &PublicKey {
        Signer::public_key(&**self)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        (**self).sign(message)
    }
}

/// [`Signer`] for a key in a service or device with asynchronous calls, such as a KMS.
///
/// Every [`Signer`] is also an `AsyncSigner`. Time limits and retries are up to the implementation.
pub trait AsyncSigner: Send + Sync {
    /// The algorithm of every signature of this signer.
    fn algorithm(&self) -> Algorithm;

    /// The public key.
    fn public_key(&self) -> &PublicKey;

    /// Signs `message` as [`Signer::sign`] does.
    fn sign_async<'a>(&'a self, message: &'a [u8]) -> Signing<'a>;
}

/// The future of a signature.
pub type Signing<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, SignError>> + Send + 'a>>;

impl<S: Signer + ?Sized> AsyncSigner for S {
    fn algorithm(&self) -> Algorithm {
        Signer::algorithm(self)
    }

    fn public_key(&self) -> &PublicKey {
        Signer::public_key(self)
    }

    fn sign_async<'a>(&'a self, message: &'a [u8]) -> Signing<'a> {
        Box::pin(std::future::ready(self.sign(message)))
    }
}

/// A key cannot be used, or a signature cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// RSA keys below 2048 bits are too weak (RFC 7518, section 3.3), and not every provider
    /// supports keys above 4096 bits.
    #[error("an RSA key of {bits} bits cannot be used, it must have 2048 to 4096")]
    RsaSize {
        /// Size of the modulus in bits.
        bits: u32,
    },
    /// Neither RSA nor P-256.
    #[error("a key of type {algorithm} cannot be used, only RSA and EC P-256 can")]
    Key {
        /// The algorithm of the key.
        algorithm: KeyAlgorithm,
    },
    /// The numbers of the key are inconsistent.
    #[error("the crypto provider rejected the key")]
    KeyRejected(#[source] Box<dyn Error + Send + Sync>),
    /// The signing operation failed.
    #[error("the signature could not be made")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// The one algorithm of a key (RFC 8725, section 3.1), if its type and size are supported.
pub(crate) fn check_size(key: &KeyAlgorithm) -> Result<Algorithm, SignError> {
    match key {
        KeyAlgorithm::Rsa {
            bits: 2048..=4096, ..
        } => Ok(Algorithm::Rs256),
        KeyAlgorithm::Rsa { bits } => Err(SignError::RsaSize { bits: *bits }),
        KeyAlgorithm::P256 => Ok(Algorithm::Es256),
        KeyAlgorithm::Other(_) => Err(SignError::Key {
            algorithm: key.clone(),
        }),
    }
}
