//! The `rsa` and `p256` crates.

use std::error::Error;

use getrandom::SysRng;
use p256::elliptic_curve::Generate as _;
use pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use rsa::pkcs1::DecodeRsaPublicKey as _;
use rsa::pkcs1v15;
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};
use sha2::Sha256;

use crate::key::PrivateKey;
use crate::key::public_key::PublicKey;
use crate::sign::provider::{Backend, BadSignature, CheckSignature, KeyKind};
use crate::sign::{Algorithm, SignError, Signer};

pub(super) struct RustCrypto;

impl Backend for RustCrypto {
    fn name(&self) -> &'static str {
        "rustcrypto"
    }

    fn signer(&self, algorithm: Algorithm, key: &PrivateKey) -> Result<Box<dyn Signer>, SignError> {
        let public = key.public_key().clone();
        let der = key.expose_pkcs8_der();
        Ok(match algorithm {
            Algorithm::Es256 => Box::new(EcSigner {
                key: p256::ecdsa::SigningKey::from_pkcs8_der(der).map_err(rejected)?,
                public,
            }),
            Algorithm::Rs256 => {
                // Also checks that the numbers are consistent.
                let key = rsa::PrivateKey::from_pkcs8_der(der).map_err(rejected)?;
                Box::new(RsaSigner {
                    key: pkcs1v15::SigningKey::new(key),
                    public,
                })
            }
        })
    }

    fn checker(
        &self,
        algorithm: Algorithm,
        key: &PublicKey,
    ) -> Result<Box<dyn CheckSignature>, SignError> {
        let bytes = key.key_bytes();
        Ok(match algorithm {
            Algorithm::Es256 => {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).map_err(rejected)?;
                Box::new(EcChecker(key))
            }
            Algorithm::Rs256 => {
                let key = rsa::PublicKey::from_pkcs1_der(bytes).map_err(rejected)?;
                Box::new(RsaChecker(pkcs1v15::VerifyingKey::new(key)))
            }
        })
    }

    fn generate(&self, kind: KeyKind) -> Result<PrivateKey, Box<dyn Error + Send + Sync>> {
        let bits = match kind {
            KeyKind::Rsa2048 => 2048,
            KeyKind::Rsa3072 => 3072,
            KeyKind::Rsa4096 => 4096,
            KeyKind::P256 => {
                let key = p256::SecretKey::try_generate_from_rng(&mut SysRng)?;
                return Ok(PrivateKey::from_pkcs8(key.to_pkcs8_der()?.as_bytes())?);
            }
        };
        let key = rsa::PrivateKey::new(&mut SysRng, bits)?;
        Ok(PrivateKey::from_pkcs8(key.to_pkcs8_der()?.as_bytes())?)
    }
}

struct RsaSigner {
    key: pkcs1v15::SigningKey<Sha256>,
    public: PublicKey,
}

struct EcSigner {
    key: p256::ecdsa::SigningKey,
    public: PublicKey,
}

impl Signer for RsaSigner {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Rs256
    }

    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        // The signature is deterministic. `rsa` blinds the private-key operation with the operating
        // system's random numbers.
        let signature: pkcs1v15::Signature = self.key.try_sign(message).map_err(failed)?;
        Ok(signature.to_vec())
    }
}

impl Signer for EcSigner {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }

    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let signature: p256::ecdsa::Signature = self.key.try_sign(message).map_err(failed)?;
        Ok(signature.to_vec())
    }
}

struct RsaChecker(pkcs1v15::VerifyingKey<Sha256>);

struct EcChecker(p256::ecdsa::VerifyingKey);

impl CheckSignature for RsaChecker {
    fn check(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let signature = pkcs1v15::Signature::try_from(signature).map_err(|_| BadSignature)?;
        let verified = self.0.verify(message, &signature);
        verified.map_err(|_| BadSignature)
    }
}

impl CheckSignature for EcChecker {
    fn check(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let signature = p256::ecdsa::Signature::from_slice(signature).map_err(|_| BadSignature)?;
        let verified = self.0.verify(message, &signature);
        verified.map_err(|_| BadSignature)
    }
}

fn rejected(error: impl Into<Box<dyn Error + Send + Sync>>) -> SignError {
    SignError::KeyRejected(error.into())
}

fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> SignError {
    SignError::Failed(error.into())
}
