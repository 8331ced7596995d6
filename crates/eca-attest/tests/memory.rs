//! The memory that the readers use for hostile files, counted by the allocator. A separate program
//! with one test, so that no other test allocates.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "it/file/der.rs"]
mod der;
#[path = "it/file/hostile.rs"]
mod hostile;

use eca_attest::{Bundle, Certificate, Format, KeyError, MAX_INPUT_LEN, Password, PrivateKey};
use peak_alloc::PeakAlloc;

#[global_allocator]
static COUNTER: PeakAlloc = PeakAlloc;

/// Allowed bytes of memory for each byte of the largest input. Most readers need about two; a set
/// of keys in JSON, the shortest of 25 bytes, needs about forty.
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

    // Key derivation gets at most 65 MiB. If it requires more, it is refused and gets none. The
    // last two columns are the least and the most memory in MiB.
    for (name, file, least, most) in [
        ("PBKDF2", der::pbkdf2(100_000), 0, 1),
        (
            "scrypt with the defaults of openssl",
            der::scrypt(16_384, 8, 1),
            16,
            18,
        ),
        ("scrypt, at the limit", der::scrypt(65_536, 8, 1), 64, 66),
        ("scrypt, wide", der::scrypt(2, 8, 60_000), 58, 66),
        ("scrypt, twice the limit", der::scrypt(131_072, 8, 1), 0, 1),
        ("scrypt, wide and deep", der::scrypt(8, 65_535, 3), 0, 1),
        ("scrypt, 128 GiB", der::scrypt(1 << 27, 8, 1), 0, 1),
        ("scrypt, cost 2^63", der::scrypt(1 << 63, 8, 1), 0, 1),
    ] {
        let before = COUNTER.current_usage();
        COUNTER.reset_peak_usage();
        let refused = PrivateKey::read_with(&file, &mut |_| Some(Password::new("secret")));
        let used = COUNTER.peak_usage().saturating_sub(before);
        println!("{name}: {used} bytes");
        let refused = refused.unwrap_err();
        let costly = matches!(refused, KeyError::TooCostly { .. });
        assert!(
            costly || matches!(refused, KeyError::WrongPassword { .. }),
            "{name}: {refused:?}"
        );
        assert_eq!(costly, name != "PBKDF2" && least == 0, "{name}");
        assert!(
            used >= least << 20 && used < most << 20,
            "{name}: {used} bytes"
        );
    }
}
