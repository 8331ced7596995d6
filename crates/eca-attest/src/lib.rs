#![doc = include_str!("../README.md")]
//! # The features
#![doc = document_features::document_features!()]
//!
//! # Overview
//!
//! - [`PrivateKey`], [`PublicKey`], [`Certificate`]: any common file format, detected by content;
//!   [`Format`] has hints to convert the others. A [`Bundle`] is a file with keys and certificates
//!   (PKCS#12, Java key store, PEM); a [`Password`] decrypts it.
//! - [`SelfSigned`] makes certificates, [`Certificate::check`] finds their problems.
//! - [`Signer`] is the interface to the cryptography; a [`Provider`] is an implementation of it.
//! - [`ClientAttestation`] makes attestations, each a [`SignedJwt`]; [`Verifier`] checks them;
//!   [`inspect`] decodes them. A [`Minter`] and an [`AsyncMinter`] cache attestations.
//! - [`Assertion`] makes JWT bearer grants and `client_assertion`s (RFC 7523), [`dpop`] the proofs
//!   of RFC 9449.

pub mod dpop;
mod file;
pub mod jwt;
mod key;
mod mint;
mod sign;
mod verify;
mod x509;

pub use file::bundle::{Bundle, Identity};
pub use file::detect::{Encoding, Format, MAX_INPUT_LEN};
pub use file::embedded::EmbeddedKey;
pub use file::password::{Password, PasswordError, PasswordFor};
pub use file::pem::PemError;
pub use jwt::audience::{Audience, AudienceError};
pub use jwt::claims::{ClaimError, Claims, UnverifiedJwt, inspect};
pub use jwt::client_id::{ClientId, ClientIdError};
pub use jwt::date::{DateError, NumericDate};
pub use jwt::random::{IdError, IdSource, OsIds};
pub use jwt::signed::{SignedJwt, UnsignedJwt};
pub use key::PrivateKey;
pub use key::error::KeyError;
pub use key::export::EncryptError;
pub use key::jwk::JwkError;
pub use key::public_key::{KeyAlgorithm, OtherAlgorithm, PublicKey, PublicKeyError};
pub use key::weak::Weakness;
pub use mint::assertion::{Assertion, CLIENT_ASSERTION_TYPE, JWT_BEARER_GRANT};
pub use mint::assertion_minter::AssertionMinter;
pub use mint::async_minter::AsyncMinter;
pub use mint::attestation::ClientAttestation;
pub use mint::error::MintError;
pub use mint::minter::Minter;
pub use mint::validity::{IssuedAt, Jti, Lifetime, LifetimeError};
#[cfg(feature = "pkcs11")]
pub use sign::pkcs11::{Pkcs11Error, Pkcs11Key, Pkcs11KeyError, Pkcs11Signer};
pub use sign::provider::{BadSignature, GenerateError, KeyKind, Provider, SignatureError};
pub use sign::{Algorithm, AsyncSigner, SignError, Signer, Signing};
pub use verify::error::VerifyError;
pub use verify::policy::ValidationPolicy;
pub use verify::replay::{MemoryReplayStore, ReplayError, ReplayStore, Seen};
pub use verify::{Verified, Verifier};
pub use x509::certificate::{AltName, Certificate, SignatureAlgorithm, Thumbprint};
pub use x509::error::CertificateError;
pub use x509::self_signed::{SelfSignError, SelfSigned, SerialNumber};
pub use x509::validate::{CertificateIssue, MAX_CERTIFICATE_LEN, MIN_RSA_BITS, Severity};
