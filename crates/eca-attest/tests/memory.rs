//! How much memory hostile files can make the readers use, counted by the allocator. A program of
//! its own with one test, so that nobody else allocates.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "it/hostile.rs"]
mod hostile;

use eca_attest::{Bundle, Certificate, Format, MAX_INPUT_LEN, Password, PrivateKey};
use peak_alloc::PeakAlloc;

#[global_allocator]
static COUNTER: PeakAlloc = PeakAlloc;

/// Per byte of the largest input that is looked at. Most readers need about two; a list of keys in
/// JSON, of which the shortest has 25 bytes, needs some forty.
const PER_BYTE: usize = 96;

#[test]
fn hostile_files_in_bounded_memory() {
    let files = hostile::files();
    for (name, input) in &files {
        let before = COUNTER.current_usage();
        COUNTER.reset_peak_usage();
        let _ = Format::detect(input);
        let _ = PrivateKey::read(input);
        let _ = Bundle::read(input, &mut |_| Some(Password::new("secret")));
        let _ = Certificate::read(input);
        let used = COUNTER.peak_usage().saturating_sub(before);
        println!("{name}: {used} bytes for {}", input.len());
        assert!(used <= PER_BYTE * MAX_INPUT_LEN, "{name}: {used} bytes");
    }
    assert!(COUNTER.peak_usage() > 0, "the allocator counts");
}
