//! Tests of the rules on whole projects.

#![expect(
    clippy::expect_used,
    clippy::needless_raw_string_hashes,
    clippy::unwrap_used,
    reason = "tests fail by panicking; expect-test writes raw strings with hashes"
)]

mod broken_input;
mod first_party;
mod fixture;
mod pairs;
mod storefront;
mod variants;
