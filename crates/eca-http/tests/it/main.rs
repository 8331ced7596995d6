//! Tests of `eca-http` through its public API.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod date;
mod loopback;
mod redact;
mod retry;
mod send;
mod url_check;
