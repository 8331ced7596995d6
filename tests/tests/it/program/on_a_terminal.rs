//! What a terminal shows: colours, line breaks, progress, questions.

use std::path::Path;
use std::process::Command;

use eca_tests::{eca, find, replace, run_with, storefront_copy};

use crate::embedded::EmbeddedOrg;
use crate::terminal;

fn command(folder: &Path, org: &EmbeddedOrg, line: &str) -> Command {
    let mut command = eca(folder, &line.split(' ').collect::<Vec<_>>());
    command.envs(org.environment()).env("TERM", "xterm");
    command
}

/// The text without escape sequences, in lines.
fn plain(shown: &str) -> Vec<String> {
    let mut text = String::new();
    let mut rest = shown.chars();
    while let Some(character) = rest.next() {
        match character {
            '\u{1b}' => {
                // CSI: parameters, then a letter.
                rest.find(char::is_ascii_alphabetic);
            }
            other => text.push(other),
        }
    }
    text.split(['\n', '\r'])
        .map(|line| line.trim_end().to_owned())
        .collect()
}

#[test]
fn colours_where_they_are_wanted() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    replace(
        &find(root, ".ecaOauth-meta.xml"),
        "Basic, Api,",
        "Basic, Everything,",
    );
    for (line, words) in [
        (
            "deploy --app Nobody",
            &["\u{1b}[31merror:\u{1b}[0m ", "\u{1b}[36mhint:\u{1b}[0m "][..],
        ),
        (
            "deploy --no-progress",
            &["\u{1b}[31mdeploy Failed\u{1b}[0m: "],
        ),
        ("doctor org", &["\u{1b}[32mok\u{1b}[0m      host: "]),
        (
            "diff",
            &["\u{1b}[32m+ ExternalClientApplication:Storefront"],
        ),
    ] {
        let (_, shown) = terminal::show(command(root, &org, line), 200);
        for word in words {
            assert!(shown.contains(word), "{line}: no {word:?} in {shown:?}");
        }
        for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
            let mut command = command(root, &org, line);
            // A pipeline's terminal has no other rule.
            command.env(name, value).env("CI", "true");
            let (_, shown) = terminal::show(command, 200);
            assert!(!shown.contains("\u{1b}[3"), "{line}, {name}: {shown:?}");
        }
        let words: Vec<_> = line.split(' ').collect();
        let piped = run_with(root, &words, org.environment());
        assert!(!format!("{}{}", piped.stdout, piped.stderr).contains('\u{1b}'));
    }
}

/// No line is longer than the terminal, which would break it inside of a word. The progress line
/// is one of them; nothing of it is left at the end.
#[test]
fn nothing_is_wider_than_the_terminal() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    replace(
        &find(root, ".ecaOauth-meta.xml"),
        "Basic, Api,",
        "Basic, Everything,",
    );
    for columns in [60, 80] {
        for line in [
            "deploy",
            "deploy --app Nobody",
            "deploy --delete ExternalClientApplication:Storefront --check-only",
            "explain INVALID_SESSION_ID",
            "doctor org",
            "lint",
            "explain zzzzqq",
            "--help",
            "lint --help",
        ] {
            let (_, shown) = terminal::show(command(root, &org, line), columns);
            let lines = plain(&shown);
            for shown_line in &lines {
                let is_one_word = !shown_line.trim().contains(' ');
                let is_command = shown_line.trim_start().starts_with("eca ");
                // Source lines are shown as they are.
                let is_source = shown_line.contains(" | ");
                assert!(
                    shown_line.chars().count() <= columns.into()
                        || is_one_word
                        || is_command
                        || is_source,
                    "{line}, {columns} columns: {shown_line:?}"
                );
            }
            // The live line is erased before anything else is written in its place.
            let last = lines.iter().rfind(|line| !line.is_empty()).unwrap();
            assert!(!last.contains('░') && !last.contains('█'), "{line}: {last}");
        }
    }
}

#[test]
fn a_deletion_is_asked_for() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    org.seed(root);
    let app = "ExternalClientApplication:Storefront";
    let line = format!("deploy --delete {app}");
    for (answer, code) in [("n\n", 1), ("\n", 1), ("yes\n", 0)] {
        let (ended, shown) = terminal::answer(command(root, &org, &line), answer);
        assert_eq!(ended, code, "{answer:?}: {shown}");
        for words in ["its consumer key and secret", "delete it? [y/N]"] {
            assert!(shown.contains(words), "{shown}");
        }
        let list = ["list", "ExternalClientApplication"];
        let listed = run_with(root, &list, org.environment());
        assert_eq!(
            listed.stdout.contains(app),
            code == 1,
            "{answer:?}: {listed:?}"
        );
    }
}
