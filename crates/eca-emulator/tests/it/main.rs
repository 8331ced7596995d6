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
#![expect(clippy::too_many_lines, reason = "tables of cases are long")]

mod challenge;
mod client_credentials;
mod conditions;
mod credentials;
mod crud;
mod data;
mod deploy;
mod destructive;
mod exchange;
mod expectations;
mod faults;
mod fixture;
mod flows;
mod headless;
mod hostile;
mod http;
mod id_token;
mod jobs;
mod jwt_bearer;
mod kinds;
mod login;
mod metadata;
mod one_time;
mod pairs;
mod policies;
mod recorded;
mod retrieve;
mod semantics;
mod server;
mod state;
mod strict;
