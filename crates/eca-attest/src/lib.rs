#![doc = include_str!("../README.md")]
//! # The features
#![doc = document_features::document_features!()]
//!
//! # The map
//!
//! - [`PrivateKey`], [`PublicKey`], [`Certificate`]: any common file form, told by content;
//!   [`Format`] names what cannot be read, and how to convert it. A [`Bundle`] is a file with keys
//!   and certificates (PKCS#12, Java key store, PEM); a [`Password`] opens what is encrypted.
//! - [`SelfSigned`] makes certificates, [`preflight`](preflight()) says what is wrong with one.
//! - [`Signer`] is the seam to the cryptography; a [`Provider`] picks the implementation.
//! - [`ClientAttestation`] makes [`SignedAttestation`]s; [`Verifier`] checks them; [`inspect`] only
//!   looks at them. A [`Minter`] signs no more often than needed, an [`AsyncMinter`] asks no more
//!   often for a signature.
//! - [`abca`] is the IETF draft of a similar name, which is another thing.
//! - [`Assertion`] makes JWT bearer grants and `client_assertion`s (RFC 7523).

pub mod abca;
mod asn1;
mod assertion;
mod async_minter;
mod attestation;
mod audience;
mod ber;
mod bundle;
mod certificate;
mod certificate_error;
mod checks;
mod claims;
mod complete;
mod consumer_key;
mod date;
mod decrypt;
mod export;
mod format;
mod found;
mod jks;
mod jwk;
pub mod jwt;
mod kept;
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
mod read;
mod replay;
mod self_signed;
mod signer;
mod token;
mod verify;
mod verify_error;

pub use assertion::{Assertion, CLIENT_ASSERTION_TYPE, JWT_BEARER_GRANT};
pub use async_minter::AsyncMinter;
pub use attestation::{
    ClientAttestation, HEADER, IssuedAt, Jti, Lifetime, LifetimeError, SignedAttestation,
    UnsignedAttestation,
};
pub use audience::{Audience, AudienceError};
pub use bundle::{Bundle, Identity};
pub use certificate::{AltName, Certificate, SignatureAlgorithm, Thumbprint};
pub use certificate_error::CertificateError;
pub use checks::Checks;
pub use claims::{ClaimError, Claims, UnverifiedJwt, inspect};
pub use consumer_key::{ConsumerKey, ConsumerKeyError};
pub use date::{DateError, NumericDate};
pub use export::EncryptError;
pub use format::{Encoding, Format, MAX_INPUT_LEN};
pub use jwk::JwkError;
pub use jwt::JwtError;
pub use key::PrivateKey;
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
pub use verify::{Verified, Verifier};
pub use verify_error::VerifyError;
