//! Tests of reading the embedded org, and of state in memory and in a folder.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod read;
mod state;
