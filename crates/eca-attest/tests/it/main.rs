//! Tests of `eca-attest` through its public API, against published vectors and foreign programs.

#![cfg(any(feature = "rustcrypto", feature = "aws-lc-rs"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes its strings so"
)]

mod abca;
mod assertion;
mod async_minter;
mod attestation;
mod broken;
mod bundles;
mod certificates;
mod dates;
mod der;
mod encrypted;
mod foreign;
mod hostile;
mod identity;
mod jwk;
mod jwt;
mod keys;
mod minter;
mod oracle;
#[cfg(feature = "pkcs11")]
mod pkcs11;
mod pkcs12;
mod preflight;
mod replay;
mod secrets;
mod self_signed;
mod signing;
mod support;
mod vectors;
mod verify;
mod wycheproof;
