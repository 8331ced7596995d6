//! The embedded org over raw HTTP: no client of this workspace is involved.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test both are how it fails; clippy.toml frees only the test functions themselves"
)]
#![expect(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes them so"
)]

mod credentials;
mod data;
mod fixture;
mod kinds;
mod metadata;
mod oauth;
mod server;
mod state;
