//! Keys, time and identifiers that the tests share.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use eca_attest::{
    Bundle, Certificate, IdError, IdSource, KeyError, Password, PrivateKey, Provider, Signer,
};

pub(crate) const RSA_PEM: &str = include_str!("../data/test-only-rsa-2048.pem");
pub(crate) const RSA_CERT: &str = include_str!("../data/test-only-rsa-2048.cert.pem");
pub(crate) const EC_PEM: &str = include_str!("../data/test-only-p256.pem");
pub(crate) const EC_CERT: &str = include_str!("../data/test-only-p256.cert.pem");
/// The RSA key of RFC 7515, appendix A.2: another key than [`RSA_PEM`].
pub(crate) const A2_PEM: &str = include_str!("../data/test-only-rfc7515-a2.pem");
/// The P-256 key of RFC 7515, appendix A.3.
pub(crate) const A3_PEM: &str = include_str!("../data/test-only-rfc7515-a3.pem");

/// [`RSA_PEM`], encrypted with [`PASSWORD`]; in key stores with [`RSA_CERT`].
pub(crate) const ENCRYPTED_PEM: &str = include_str!("../data/test-only-encrypted.pem");
pub(crate) const P12: &[u8] = include_bytes!("../data/test-only.p12");
pub(crate) const LEGACY_P12: &[u8] = include_bytes!("../data/test-only-legacy.p12");
pub(crate) const JKS: &[u8] = include_bytes!("../data/test-only.jks");
pub(crate) const PASSWORD: &str = "test-only";

pub(crate) const CONSUMER_KEY: &str = "3MVG9test.only.consumer.key_of_nobody";
pub(crate) const SITE: &str = "https://storefront.my.site.com";

/// 2026-11-21T12:00:00Z.
pub(crate) fn now() -> SystemTime {
    at(1_795_262_400)
}

pub(crate) fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

pub(crate) fn key(pem: &str) -> PrivateKey {
    PrivateKey::read(pem.as_bytes()).unwrap()
}

pub(crate) fn certificate(pem: &str) -> Certificate {
    Certificate::read(pem.as_bytes()).unwrap()
}

/// Reads a file that this password opens.
pub(crate) fn bundle(bytes: &[u8], password: &str) -> Result<Bundle, KeyError> {
    Bundle::read(bytes, &mut |_| Some(Password::new(password)))
}

/// A signer with each provider of this build.
pub(crate) fn signers(pem: &str) -> Vec<(Provider, Box<dyn Signer>)> {
    let key = key(pem);
    let signer = |&provider: &Provider| (provider, provider.signer(&key).unwrap());
    Provider::available().iter().map(signer).collect()
}

/// Always the same identifier.
pub(crate) struct FixedIds(pub(crate) u8);

impl IdSource for FixedIds {
    fn fresh_id(&self) -> Result<[u8; 16], IdError> {
        Ok([self.0; 16])
    }
}

/// A source without random numbers.
pub(crate) struct NoIds;

impl IdSource for NoIds {
    fn fresh_id(&self) -> Result<[u8; 16], IdError> {
        Err(IdError::new("the entropy pool is empty"))
    }
}

pub(crate) fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// An error and its causes, one per line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut out = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(out, "\n  {error}").unwrap();
        cause = error.source();
    }
    out
}
