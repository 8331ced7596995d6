//! The embedded org over raw HTTP: no client of this workspace is involved.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests fail by panicking; clippy.toml allows it only in test functions"
)]
#![expect(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes raw strings with hashes"
)]

mod credentials;
mod data;
mod fixture;
mod kinds;
mod metadata;
mod oauth;
mod server;
mod setup;
mod state;
