//! Tests of the rules on whole projects.

#![expect(
    clippy::expect_used,
    clippy::needless_raw_string_hashes,
    clippy::unwrap_used,
    reason = "tests fail by panicking; expect-test writes raw strings with hashes"
)]

mod broken_input;
mod cases;
mod documentation;
mod first_party;
mod fixes;
mod fixture;
mod formats;
mod pairs;
mod project_certificates;
mod refresh_idle;
mod schemas;
mod storefront;
mod suppression;
