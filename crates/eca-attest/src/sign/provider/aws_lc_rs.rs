//! The `aws-lc-rs` crate.

use std::error::Error;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};

use crate::key::PrivateKey;
use crate::key::public_key::PublicKey;
use crate::sign::provider::{Backend, BadSignature, CheckSignature, KeyKind};
use crate::sign::{Algorithm, SignError, Signer};

pub(super) struct AwsLcRs;

impl Backend for AwsLcRs {
    fn name(&self) -> &'static str {
        "aws-lc-rs"
    }

    fn signer(&self, algorithm: Algorithm, key: &PrivateKey) -> Result<Box<dyn Signer>, SignError> {
        let public = key.public_key().clone();
        let der = key.expose_pkcs8_der();
        let random = SystemRandom::new();
        Ok(match algorithm {
            Algorithm::Es256 => {
                let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
                    .map_err(rejected)?;
                Box::new(EcSigner {
                    key,
                    public,
                    random,
                })
            }
            Algorithm::Rs256 => Box::new(RsaSigner {
                key: RsaKeyPair::from_pkcs8(der).map_err(rejected)?,
                public,
                random,
            }),
        })
    }

    fn checker(
        &self,
        algorithm: Algorithm,
        key: &PublicKey,
    ) -> Result<Box<dyn CheckSignature>, SignError> {
        let parsed = match algorithm {
            Algorithm::Es256 => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.key_bytes()),
            Algorithm::Rs256 => ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.key_bytes()),
        };
        Ok(Box::new(Checker(parsed.map_err(rejected)?)))
    }

    fn generate(&self, kind: KeyKind) -> Result<PrivateKey, Box<dyn Error + Send + Sync>> {
        let size = match kind {
            KeyKind::Rsa2048 => rsa::KeySize::Rsa2048,
            KeyKind::Rsa3072 => rsa::KeySize::Rsa3072,
            KeyKind::Rsa4096 => rsa::KeySize::Rsa4096,
            KeyKind::P256 => {
                let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
                return Ok(PrivateKey::from_pkcs8(key.to_pkcs8v1()?.as_ref())?);
            }
        };
        let key = rsa::KeyPair::generate(size)?;
        let der: Pkcs8V1Der<'_> = key.as_der()?;
        Ok(PrivateKey::from_pkcs8(der.as_ref())?)
    }
}

struct RsaSigner {
    key: RsaKeyPair,
    public: PublicKey,
    random: SystemRandom,
}

struct EcSigner {
    key: EcdsaKeyPair,
    public: PublicKey,
    random: SystemRandom,
}

impl Signer for RsaSigner {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Rs256
    }

    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature)
            .map_err(failed)?;
        Ok(signature)
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
        let signature = self.key.sign(&self.random, message).map_err(failed)?;
        Ok(signature.as_ref().to_vec())
    }
}

struct Checker(ParsedPublicKey);

impl CheckSignature for Checker {
    fn check(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let verified = self.0.verify_sig(message, signature);
        verified.map_err(|_| BadSignature)
    }
}

fn rejected(error: impl Into<Box<dyn Error + Send + Sync>>) -> SignError {
    SignError::KeyRejected(error.into())
}

fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> SignError {
    SignError::Failed(error.into())
}
