//! What holds for every run of the program.

use eca_tests::Run;

/// The documented exit codes.
const CODES: std::ops::RangeInclusive<i32> = 0..=7;

/// No panic, no raw control characters, no forged orders to a CI, and no secret.
pub(crate) fn check(arguments: &[&str], run: &Run, secrets: &[&str]) {
    assert!(CODES.contains(&run.code), "{arguments:?}: {run:?}");
    for text in [&run.stdout, &run.stderr] {
        let is_raw = |c: char| {
            c.is_control() && c != '\n' || matches!(c, '\u{202e}' | '\u{200b}' | '\u{feff}')
        };
        assert!(!text.contains(is_raw), "{arguments:?}: {text:?}");
        assert!(!text.contains("panicked at"), "{arguments:?}: {text}");
        let is_order = |line: &&str| {
            let starts = ["::error ", "::warning ", "::notice "];
            let own = starts.iter().any(|start| line.starts_with(start));
            let order = line.trim_start().starts_with("::");
            order && !own || line.contains("##vso[") || line.contains("##[")
        };
        assert_eq!(text.lines().find(is_order), None, "{arguments:?}: {text}");
    }
    run.assert_hides(secrets);
}
