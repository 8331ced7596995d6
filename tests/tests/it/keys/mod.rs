//! Keys, certificates and what is signed with them: `cert`, `attest`.

pub(crate) mod attest;
mod cert;
#[cfg(feature = "pkcs11")]
mod pkcs11;
