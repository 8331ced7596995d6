//! Tests of reading the embedded org, and of state, its backends and its locks.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod apply;
mod bucket;
mod object_storage;
mod read;
mod state;
