//! Black-box tests of the built program.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking; clippy.toml exempts only the test functions themselves"
)]

mod agreement;
mod auth;
mod embedded;
mod emulate;
mod keys;
mod org;
mod plan;
mod program;
mod project;
#[cfg(unix)]
mod terminal;
