//! Packages, the wire, and the drivers over a scripted transport.

#![expect(
    clippy::format_push_string,
    clippy::needless_pass_by_value,
    clippy::needless_raw_string_hashes,
    clippy::unwrap_used,
    reason = "tests fail by panicking, take `expect![]` by value and want to be short; expect-test writes hashes"
)]

mod archive;
mod deploy;
mod embedded;
mod operations;
mod outcome;
mod package;
mod package_parts;
mod properties;
mod requests;
mod responses;
mod retrieve;
mod search;
mod streaming;
mod support;
