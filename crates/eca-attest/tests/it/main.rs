//! Tests of `eca-attest` through its public API, with published vectors and foreign programs.

#![cfg(any(feature = "rustcrypto", feature = "aws-lc-rs"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes strings in this form"
)]

mod dpop;
mod file;
mod jwt;
mod mint;
mod oracle;
mod secrets;
mod sign;
mod support;
mod x509;
