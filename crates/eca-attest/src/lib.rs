//! Client attestation for Salesforce External Client Apps: any key in, the right JWT out.
//!
//! Salesforce's headless identity flows ask a first-party app to prove what it is with a JWT that
//! is signed by a key whose certificate stands in the app's OAuth settings. This crate reads and
//! makes such keys and certificates, signs such tokens, and verifies them.
//!
//! - [`PrivateKey`], [`PublicKey`], [`Certificate`]: any common file form, told by content;
//!   [`Format`] names what cannot be read, and how to convert it. A [`Bundle`] is a file with keys
//!   and certificates (PKCS#12, Java key store, PEM); a [`Password`] opens what is encrypted.
//! - [`SelfSigned`] makes certificates, [`preflight`](preflight()) says what is wrong with one.
//! - [`Signer`] is the seam to the cryptography; a [`Provider`] picks the implementation.
//! - [`ClientAttestation`] makes [`SignedAttestation`]s; [`Verifier`] checks them; [`inspect`]
//!   only looks at them. A [`Minter`] signs no more often than
//!   needed, an [`AsyncMinter`] asks no more often for a signature.
//! - [`abca`] is the IETF draft of a similar name, which is another thing.
//! - [`Assertion`] makes JWT bearer grants and `client_assertion`s (RFC 7523).
//!
//! # What it is not
//!
//! It sends nothing and knows neither HTTP nor metadata nor orgs. It has no clock: the time is a
//! parameter everywhere. It is no general JOSE library: two algorithms, signed tokens in compact
//! form, one algorithm per key.
//!
//! # Example
//!
//! ```
//! # #[cfg(feature = "rustcrypto")] {
//! use std::time::SystemTime;
//! use eca_attest::{
//!     Certificate, Checks, ClientAttestation, Jti, MemoryReplayStore, OsIds, PrivateKey,
//!     Provider, Verifier,
//! };
//!
//! # let key_file = include_bytes!("../tests/data/test-only-rsa-2048.pem");
//! # let certificate_file = include_bytes!("../tests/data/test-only-rsa-2048.cert.pem");
//! let key = PrivateKey::read(key_file)?;
//! let certificate = Certificate::read(certificate_file)?;
//! assert!(certificate.matches(key.public_key()));
//!
//! let attestation = ClientAttestation::new(
//!     "3MVG9example".parse()?,
//!     "https://storefront.my.site.com".parse()?,
//! )
//! .id(Jti::Fresh);
//! let signer = Provider::default().signer(&key)?;
//! let now = SystemTime::now();
//! let signed = attestation.sign(&*signer, now, &OsIds)?;
//!
//! let checks = Checks::new("3MVG9example".parse()?, "https://storefront.my.site.com".parse()?);
//! let verifier = Verifier::new(Provider::default(), certificate.public_key(), checks)?;
//! let verified = verifier.verify(signed.expose_jwt(), now, &MemoryReplayStore::default())?;
//! assert_eq!(verified.claims().issuer()?, Some("3MVG9example"));
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! - `rustcrypto` (default): `Provider::RustCrypto`, pure Rust; RSA is always blinded.
//! - `aws-lc-rs`: `Provider::AwsLcRs`, faster; needs a C compiler.
//! - `pkcs11`: `Pkcs11Signer`, for keys that stay in a token; loads the token's module at run time.
//!
//! They only add API and may all be on; which one works is chosen by a value at run time. With
//! no provider, keys and certificates are read and tokens decoded, but nothing is signed or verified.
//!
//! The minimum supported Rust version is 1.95.

pub mod abca;
mod asn1;
mod assertion;
mod async_minter;
mod attestation;
mod audience;
mod ber;
mod bundle;
mod certificate;
mod checks;
mod claims;
mod consumer_key;
mod date;
mod decrypt;
mod export;
mod format;
mod jks;
mod jwk;
pub mod jwt;
mod key;
mod key_error;
mod mint_error;
mod minter;
mod password;
mod pbmac1;
mod pem;
#[cfg(feature = "pkcs11")]
mod pkcs11;
mod pkcs12;
mod preflight;
mod provider;
mod public_key;
mod random;
mod replay;
mod self_signed;
mod signer;
mod token;
mod verify;

pub use assertion::{Assertion, CLIENT_ASSERTION_TYPE, JWT_BEARER_GRANT};
pub use async_minter::AsyncMinter;
pub use attestation::{
    ClientAttestation, HEADER, IssuedAt, Jti, Lifetime, LifetimeError, SignedAttestation,
    UnsignedAttestation,
};
pub use audience::{Audience, AudienceError};
pub use bundle::{Bundle, Identity};
pub use certificate::{AltName, Certificate, CertificateError, SignatureAlgorithm, Thumbprint};
pub use checks::Checks;
pub use claims::{ClaimError, Claims, UnverifiedJwt, inspect};
pub use consumer_key::{ConsumerKey, ConsumerKeyError};
pub use date::{DateError, NumericDate};
pub use export::EncryptError;
pub use format::{Encoding, Format};
pub use jwk::JwkError;
pub use jwt::JwtError;
pub use key::{MAX_INPUT_LEN, PrivateKey};
pub use key_error::KeyError;
pub use mint_error::MintError;
pub use minter::Minter;
pub use password::{Password, PasswordError, PasswordFor};
pub use pem::PemError;
#[cfg(feature = "pkcs11")]
pub use pkcs11::{Pkcs11Error, Pkcs11Key, Pkcs11KeyError, Pkcs11Signer};
pub use preflight::{
    Concern, MAX_CERTIFICATE_LEN, MIN_RSA_BITS, Severity, preflight, preflight_until,
};
pub use provider::{BadSignature, GenerateError, KeyKind, Provider, SignatureError};
pub use public_key::{KeyAlgorithm, OtherAlgorithm, PublicKey, PublicKeyError};
pub use random::{IdError, IdSource, OsIds};
pub use replay::{MemoryReplayStore, ReplayError, ReplayStore, Seen};
pub use self_signed::{MakeError, SelfSigned, SerialNumber};
pub use signer::{Algorithm, AsyncSigner, SignError, Signer, Signing};
pub use token::{SignedJwt, UnsignedJwt};
pub use verify::{Verified, Verifier, VerifyError};
