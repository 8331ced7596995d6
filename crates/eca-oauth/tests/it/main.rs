//! Behaviour of the crate, one module per area. All secrets are made up.

#![expect(clippy::needless_pass_by_value, reason = "an `expect!` is used once")]
#![expect(clippy::needless_raw_string_hashes, reason = "`expect!` writes them")]
#![expect(clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

mod challenge;
mod conversations;
mod explain;
mod grants;
mod hostile;
mod identity;
mod login;
mod pending;
mod refresh;
mod requests;
mod responses;
mod secrets;
mod sfdx_auth_url;
mod steps;
mod support;
mod token_source;
mod urls;
mod verified;
mod web;
