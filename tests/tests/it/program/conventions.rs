//! Conventions of all commands: help, streams, JSON, exit codes, colour.

use eca_tests::{clean_storefront_copy, run, run_with, storefront, storefront_copy};

use crate::embedded::EmbeddedOrg;

#[test]
fn help_is_on_stdout() {
    let help = run(&storefront(), &["--help"]);
    assert_eq!(help.code, 0);
    for word in [
        "demo",
        "lint",
        "show",
        "fmt",
        "graph",
        "deploy",
        "emulate",
        "attest",
        "cert",
        "--org",
        "--project",
        "--json",
        "--quiet",
    ] {
        assert!(help.stdout.contains(word), "{word}: {}", help.stdout);
    }
    assert_eq!(run(&storefront(), &["--version"]).code, 0);
}

#[test]
fn results_go_to_stdout_and_messages_to_stderr() {
    let project = storefront_copy();
    let clean = run(clean_storefront_copy().path(), &["lint"]);
    assert_eq!((clean.code, clean.stdout.as_str()), (0, ""), "{clean:?}");
    let (count, rest) = clean.stderr.split_once('\n').unwrap();
    assert_eq!(count, "9 components, 0 errors, 0 warnings: clean");
    assert!(rest.starts_with("not checked whether git tracks"), "{rest}");
    let quiet = run(
        project.path(),
        &["lint", "--quiet", "--profile", "first-party"],
    );
    assert_eq!(quiet.code, 1);
    for words in ["error[ECA1304 fp-certificate]", ".ecaOauth-meta.xml:3:1\n"] {
        assert!(quiet.stdout.contains(words), "{}", quiet.stdout);
    }
    assert_eq!(quiet.stderr, "");
}

#[test]
fn json_is_one_document() {
    let project = storefront_copy();
    let found = run(
        project.path(),
        &["lint", "--json", "--profile", "first-party"],
    );
    assert_eq!(found.code, 1);
    let document = found.json();
    assert_eq!(document["schema"], "eca/lint/1");
    assert_eq!(document["outcome"], "failed");
    assert_eq!(document["errors"], 1);
    let finding = &document["findings"][0];
    assert_eq!(
        (finding["line"].as_u64(), finding["column"].as_u64()),
        (Some(3), Some(1))
    );

    let failed = run(project.path(), &["deploy", "--json"]);
    assert_eq!(failed.code, 3);
    let document = failed.json();
    assert_eq!(document["schema"], "eca/deploy/1");
    assert_eq!(document["outcome"], "usage");
    assert_eq!(document["error"]["message"], "no org given");
}

#[test]
fn usage_errors_have_their_own_exit_code() {
    for arguments in [
        &["frobnicate"][..],
        &["lint", "--profile", "nonsense"],
        &["emulate", "--port", "x"],
        &[],
    ] {
        let wrong = run(&storefront(), arguments);
        assert_eq!(wrong.code, 3, "{arguments:?}: {wrong:?}");
        assert_eq!(wrong.stdout, "", "{arguments:?}");
    }
}

#[test]
fn no_colour_without_a_terminal() {
    let project = storefront_copy();
    let org = EmbeddedOrg::start();
    for arguments in [&["lint"][..], &["deploy"], &["demo"]] {
        let plain = run_with(project.path(), arguments, org.environment());
        let printed = format!("{}{}", plain.stdout, plain.stderr);
        assert!(!printed.contains('\u{1b}'), "{arguments:?}: {printed:?}");
    }
}
