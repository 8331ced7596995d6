//! Signatures.

#[cfg(feature = "pkcs11")]
pub(crate) mod pkcs11;
pub(crate) mod signing;
pub(crate) mod vectors;
pub(crate) mod wycheproof;
