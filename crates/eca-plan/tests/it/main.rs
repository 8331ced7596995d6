//! Tests of plans: cases as data, golden files of every rendering, and properties.

#![expect(
    clippy::panic,
    clippy::needless_raw_string_hashes,
    clippy::unwrap_used,
    reason = "tests fail by panicking; expect-test writes raw strings with hashes"
)]

mod cases;
mod effective;
mod formats;
mod hostile;
mod package;
mod properties;
mod risks;
mod sides;
mod steps;
mod table;
