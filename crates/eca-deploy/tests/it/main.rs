//! Packages, and calls over a scripted transport and to the embedded org.

#![expect(
    clippy::format_push_string,
    clippy::needless_pass_by_value,
    clippy::needless_raw_string_hashes,
    clippy::unwrap_used,
    reason = "tests fail by panicking and take `expect![]` by value; expect-test writes hashes"
)]

mod archive;
mod embedded;
mod follow;
mod operations;
mod outcome;
mod package;
mod package_parts;
mod private_keys;
mod properties;
mod queries;
mod recover;
mod requests;
mod responses;
mod retrieve;
mod start;
mod support;
mod weather;
