//! `eca explain` knows what people paste, and names the right cause first.

use std::path::Path;

use eca_tests::run;

#[test]
fn explain_names_the_right_cause_first() {
    let mut failures = Vec::new();
    let mut texts = 0;
    for line in include_str!("pasted.txt").lines() {
        let Some((text, expected)) = line.split_once(" => ") else {
            assert!(line.starts_with('#'), "{line}");
            continue;
        };
        texts += 1;
        let text = text.replace('¶', "\n");
        let explained = run(Path::new("."), &["explain", &text]);
        let answer = explained
            .stdout
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        // From the first cause to the second.
        let first = answer.split("cause: ").nth(1).unwrap_or_default();
        if explained.code != 0 || !expected.split('|').any(|words| first.contains(words)) {
            failures.push(format!("{text} => {expected}: {first}{}", explained.stderr));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(texts >= 150, "{texts}");
}

#[test]
fn profiles_and_exit_codes_are_explained() {
    for (text, expected) in [
        ("isv-2026", "ECA1701 pkce"),
        ("first-party", "ECA1220 fp-flow"),
        ("4", "exit code 4, authentication"),
        ("exit code 130", "interrupted"),
        ("exit 2", "changes-pending"),
    ] {
        let explained = run(Path::new("."), &["explain", text]);
        assert_eq!(explained.code, 0, "{text}: {explained:?}");
        assert!(explained.stdout.contains(expected), "{text}: {explained:?}");
    }
    assert_eq!(run(Path::new("."), &["explain", "99"]).code, 3);
}
