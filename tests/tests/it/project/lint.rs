//! `eca lint` and `eca explain`.

use std::fs;
use std::path::Path;
use std::process::Command;

use eca_tests::{Run, clean_storefront_copy, find, replace, run, skip, storefront};
use serde_json::Value;

/// Checks the exit code, and that each of these words is on stdout or stderr.
fn check(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{run:?}");
    let printed = format!("{}{}", run.stdout, run.stderr);
    for word in words {
        assert!(printed.contains(word), "no {word:?} in {printed}");
    }
    assert!(!printed.contains("panicked"), "{printed}");
}

/// A project with two fixable findings, and one that is not.
fn broken() -> tempfile::TempDir {
    let project = clean_storefront_copy();
    let global = find(project.path(), ".ecaGlblOauth-meta.xml");
    replace(
        &global,
        "<shouldRotateConsumerKey>false",
        "<shouldRotateConsumerKey>true",
    );
    replace(
        &global,
        "<shouldRotateConsumerSecret>false",
        "<shouldRotateConsumerSecret>true",
    );
    let settings = find(project.path(), ".ecaOauth-meta.xml");
    replace(&settings, "OpenID", "OpenId");
    project
}

fn configure(root: &Path, text: &str) -> std::io::Result<()> {
    fs::write(root.join("eca.toml"), text)
}

#[test]
fn a_finding_shows_its_line() {
    let project = broken();
    let shown = run(project.path(), &["lint"]);
    check(
        &shown,
        1,
        &[
            "error[ECA1201 scopes-known]: \"OpenId\" is not an OAuth scope of the metadata",
            "5 |     <commaSeparatedOauthScopes>Basic, Api, RefreshToken, OpenId</commaSeparatedOauthScopes>\n",
            "  |     ^^^^^^^^",
            "help: did you mean OpenID?",
            "3 errors, 0 warnings",
            "2 fixable with --fix",
            "eca explain ECA",
        ],
    );
    assert!(
        !shown.stdout.contains('\u{1b}'),
        "no colour without a terminal"
    );
}

#[test]
fn fix_changes_only_what_a_rule_fixes() {
    let project = broken();
    let root = project.path();
    let settings = find(root, ".ecaOauth-meta.xml");
    let before = fs::read(&settings).unwrap();
    check(
        &run(root, &["lint", "--fix"]),
        1,
        &["2 findings fixed", "1 error,", "ECA1201"],
    );
    assert_eq!(fs::read(&settings).unwrap(), before, "no fix, no change");
    let end = ".ecaGlblOauth-meta.xml";
    assert_eq!(
        fs::read(find(root, end)).unwrap(),
        fs::read(find(&storefront(), end)).unwrap()
    );
}

#[test]
fn fix_changes_only_the_selected_paths() {
    let project = broken();
    let root = project.path();
    let global = find(root, ".ecaGlblOauth-meta.xml");
    let before = fs::read(&global).unwrap();
    let settings = find(root, ".ecaOauth-meta.xml");
    check(
        &run(root, &["lint", "--fix", settings.to_str().unwrap()]),
        1,
        &["1 error,"],
    );
    assert_eq!(fs::read(&global).unwrap(), before);
}

#[test]
fn which_findings_fail_the_run() {
    let project = clean_storefront_copy();
    let root = project.path();
    let global = find(root, ".ecaGlblOauth-meta.xml");
    replace(&global, "https://www", "http://www");
    check(
        &run(root, &["lint"]),
        0,
        &["warning[ECA1203 callback-scheme]", "0 errors, 1 warning"],
    );
    check(&run(root, &["lint", "--deny", "warning"]), 1, &["ECA1203"]);
    configure(root, "[lint]\ndeny = \"warning\"\n").unwrap();
    check(&run(root, &["lint"]), 1, &["ECA1203"]);
    check(&run(root, &["lint", "--deny", "error"]), 0, &["ECA1203"]);
    configure(root, "[lint.rules]\ncallback-scheme = \"error\"\n").unwrap();
    check(
        &run(root, &["lint"]),
        1,
        &["error[ECA1203 callback-scheme]"],
    );
    configure(root, "[lint.rules]\nECA1203 = \"off\"\n").unwrap();
    check(&run(root, &["lint"]), 0, &["clean"]);
    let exclude =
        "[[lint.exclude]]\npath = \"force-app/main\"\nrules = [\"ECA1203\"]\nreason = \"a test\"\n";
    configure(root, exclude).unwrap();
    check(&run(root, &["lint"]), 0, &["clean"]);
    configure(root, "[lint]\nprofiles = [\"isv-2026\"]\n").unwrap();
    check(&run(root, &["lint"]), 0, &["ECA1717", "ip-allowlist"]);
    fs::remove_file(root.join("eca.toml")).unwrap();
    let comment = "<!-- eca-ignore ECA1203: an old device -->\n    <callbackUrl>";
    replace(&global, "<callbackUrl>", comment);
    check(&run(root, &["lint"]), 0, &["clean"]);
}

#[test]
fn wrong_configuration_names_its_place() {
    let project = clean_storefront_copy();
    let root = project.path();
    for (text, words) in [
        (
            "[lint]\nprofile = []\n",
            &["eca.toml:2:1: lint", "did you mean `profiles`?"][..],
        ),
        (
            "[lint.rules]\nECA9 = \"off\"\n",
            &["eca.toml:2:", "no rule is called `ECA9`"],
        ),
        ("[[lint.exclude]]\npath = \"a\"\n", &["eca.toml:", "reason"]),
    ] {
        configure(root, text).unwrap();
        check(&run(root, &["lint"]), 3, words);
    }
}

#[test]
fn a_baseline_hides_known_findings() {
    let project = broken();
    let root = project.path();
    let known = ["lint", "--baseline", "known.json"];
    check(
        &run(root, &known),
        3,
        &[
            "cannot read known.json",
            "hint: to create it, add --update-baseline",
        ],
    );
    let update = [&known[..], &["--update-baseline"]].concat();
    check(&run(root, &update), 0, &["3 known findings"]);
    check(&run(root, &known), 0, &["3 known findings"]);
    let global = find(root, ".ecaGlblOauth-meta.xml");
    replace(&global, "<isPkceRequired>true", "<isPkceRequired>perhaps");
    check(&run(root, &known), 1, &["ECA1006", "3 known findings"]);
    fs::write(root.join("known.json"), "{}").unwrap();
    check(
        &run(root, &known),
        3,
        &["cannot use known.json", "caused by"],
    );
}

#[test]
fn reports_for_machines() {
    let project = broken();
    let root = project.path();
    let report = |format: &str| {
        let run = run(root, &["lint", "--quiet", "--format", format]);
        assert_eq!(run.code, 1, "{run:?}");
        assert_eq!(run.stderr, "");
        run.stdout
    };
    assert!(report("short").contains(".ecaOauth-meta.xml:5:5: error ECA1201 scopes-known: "));
    let sarif: Value = serde_json::from_str(&report("sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 3);
    let gitlab: Value = serde_json::from_str(&report("gitlab")).unwrap();
    assert_eq!(gitlab.as_array().unwrap().len(), 3);
    let json: Value = serde_json::from_str(&report("json")).unwrap();
    assert_eq!(json[0]["rule"], "ECA1204");
    assert!(report("github").starts_with("::error file=force-app/main/default/"));
    assert!(report("junit").starts_with("<?xml version=\"1.0\""));
    check(
        &run(root, &["lint", "--format", "pdf"]),
        3,
        &["no format is called \"pdf\""],
    );
    let both = run(root, &["lint", "--json", "--format", "sarif"]);
    check(&both, 3, &["--json and --format sarif exclude each other"]);
    assert_eq!(both.json()["outcome"], "usage");
    let document = run(root, &["lint", "--json"]).json();
    assert_eq!(document["schema"], "eca/lint/1");
    assert_eq!(document["errors"], 3);
    assert_eq!(document["findings"][0]["fix"]["replacement"], "fals");
}

#[test]
fn a_shown_line_hides_secrets() {
    let project = clean_storefront_copy();
    let root = project.path();
    let global = find(root, ".ecaGlblOauth-meta.xml");
    replace(
        &global,
        "    <externalClient",
        "    <consumerSecret>hunter2</consumerSecret><oops/><externalClient",
    );
    for format in ["text", "json", "sarif", "junit", "github", "gitlab"] {
        let shown = run(root, &["lint", "--format", format]);
        check(&shown, 1, &["ECA1002", "ECA1401"]);
        assert!(
            !shown.stdout.contains("hunter2"),
            "{format}: {}",
            shown.stdout
        );
    }
}

#[test]
fn bump_lists_what_a_higher_version_changes() {
    let project = clean_storefront_copy();
    let root = project.path();
    let bump = run(root, &["lint", "--bump", "68.0"]);
    check(&bump, 0, &["info[ECA1014 version-bump]", "isDPopEnabled"]);
    check(
        &run(root, &["lint", "--bump", "new"]),
        3,
        &["is not an API version"],
    );
}

/// Runs git in a folder; whether it succeeded.
fn git(folder: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    command.output().is_ok_and(|output| output.status.success())
}

/// A project in a git repository, with a consumer key in its global OAuth settings.
fn repository_with_global_settings() -> Option<tempfile::TempDir> {
    let project = clean_storefront_copy();
    let root = project.path();
    let global = find(root, ".ecaGlblOauth-meta.xml");
    let key = "<!-- eca-ignore ECA1503: of this test --><consumerKey>3MVG9</consumerKey>";
    let next = "<externalClientApplication>";
    replace(&global, next, &format!("{key}{next}"));
    let unknown = "not checked whether git tracks";
    let words = ["clean", unknown, "is not in a git repository"];
    check(&run(root, &["lint"]), 0, &words);
    if !git(root, &["init", "--quiet"]) {
        skip("git");
        return None;
    }
    Some(project)
}

const TRACKED: &str = "warning[ECA1404 global-tracked]";

#[test]
fn global_settings_that_git_tracks() {
    let Some(project) = repository_with_global_settings() else {
        return;
    };
    let root = project.path();
    let untracked = run(root, &["lint"]);
    check(&untracked, 0, &["clean"]);
    assert!(!untracked.stderr.contains("not checked"), "{untracked:?}");
    assert!(git(root, &["add", "."]));
    let words = [
        TRACKED,
        "remove consumerKey and consumerSecret",
        "1 warning",
    ];
    check(&run(root, &["lint"]), 0, &words);
    let inside = find(root, ".ecaGlblOauth-meta.xml");
    let inside = inside.parent().unwrap();
    check(&run(inside, &["lint", "."]), 0, &[TRACKED]);
}

#[test]
fn a_repository_that_git_cannot_read() {
    let Some(project) = repository_with_global_settings() else {
        return;
    };
    let root = project.path();
    fs::write(root.join(".git/config"), "[core\n").unwrap();
    check(&run(root, &["lint"]), 0, &["clean", "git: "]);
    let document = run(root, &["lint", "--json"]).json();
    let reason = document["git_unknown"].as_str().unwrap();
    assert!(reason.starts_with("git: "), "{reason}");
}

#[test]
fn one_file_is_linted_alone() {
    let project = clean_storefront_copy();
    let root = project.path();
    let settings = find(root, ".ecaOauth-meta.xml");
    let run = run(root, &["lint", settings.to_str().unwrap()]);
    check(&run, 0, &["1 component, 0 errors"]);
}

#[test]
fn a_manifest_is_linted() {
    let project = clean_storefront_copy();
    let root = project.path();
    let manifest = root.join("package.xml");
    fs::write(&manifest, MANIFEST).unwrap();
    check(
        &run(root, &["lint", "package.xml"]),
        1,
        &[
            "error[ECA1017 pkg-version]",
            "4 |         <name>",
            "exists from API version 67.0, and the package has 62.0",
        ],
    );
    replace(
        &manifest,
        "<name>",
        "<!-- eca-ignore ECA1017: a test --><name>",
    );
    check(&run(root, &["lint", "package.xml"]), 0, &["clean"]);
}

/// A manifest of an API version that does not have the type.
const MANIFEST: &str = r#"<Package xmlns="http://soap.sforce.com/2006/04/metadata">
    <types>
        <members>*</members>
        <name>ExtlClntAppOauthSecuritySettings</name>
    </types>
    <version>62.0</version>
</Package>
"#;

#[test]
fn files_that_are_not_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let no_xml = b"\x00\xff\xfe<>&\x1b[31m";
    for (name, content, code, words) in [
        // First, so that the folder is a project for the others.
        (
            "Shop.eca-meta.xml",
            &no_xml[..],
            1,
            &["ECA1001", "1 error"][..],
        ),
        (
            "Shop.ecaOauthPolicy-meta.xml",
            b"",
            1,
            &[
                "ECA1015",
                "help: did you mean .ecaOauthPlcy?",
                "0 components, 1 error",
            ],
        ),
        (
            "README.md",
            b"# Shop",
            3,
            &["no External Client App metadata in README.md", "hint: "],
        ),
    ] {
        fs::write(here.join(name), content).unwrap();
        check(&run(here, &["lint", name]), code, words);
    }
}

#[test]
fn paths_without_files() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for (arguments, words) in [
        (&["lint"][..], "no External Client App metadata in "),
        (&["lint", "nowhere"], "no file or folder nowhere"),
    ] {
        check(&run(here, arguments), 3, &[words, "hint: "]);
    }
}

#[test]
fn explains_rules_and_errors() {
    let here = tempfile::tempdir().unwrap();
    let explain = |text: &str| run(here.path(), &["explain", text]);
    check(
        &explain("ECA1203"),
        0,
        &[
            "ECA1203 callback-scheme",
            "warning",
            "Incorrect: ",
            "http://shop.example",
            "Correct: ",
            "https://",
            "source: ",
        ],
    );
    check(&explain("fp-flow"), 0, &["ECA1220"]);
    check(
        &explain(
            "Error: There\u{2019}s a problem with\n your scope(s): Foo. Valid scopes are: Basic",
        ),
        0,
        &["cause: ", "fix: ", "ECA1201"],
    );
    check(
        &explain(
            "{\"error\":\"invalid_grant\",\"error_description\":\"user hasn't approved this consumer\"}",
        ),
        0,
        &["permission set", "ECA1205"],
    );
}

#[test]
fn explains_refusals_of_orgs() {
    let here = tempfile::tempdir().unwrap();
    for (answer, words) in [
        (
            "invalid_grant: audience is invalid",
            "`aud` is not what the org expects",
        ),
        (
            "Audience validation failed (invalid_grant)",
            "`aud` is not what the org expects",
        ),
        ("invalid_grant invalid assertion", "not signed with the key"),
        ("invalid_grant: expired authorization code", "already used"),
        ("expired access/refresh token", "replaced by rotation"),
        (
            "External client app is not installed in this org",
            "does not have the app",
        ),
        (
            "invalid_app_access: User isn't approved by an admin",
            "ECA1205",
        ),
        ("your app must require a refresh_token scope", "ECA1201"),
        ("no client credentials user enabled", "ECA1207"),
        ("invalid_client_id", "another consumer key"),
        (
            "{\"error\": \"invalid_client\"}",
            "consumer secret is wrong",
        ),
        ("inactive_user", "not active"),
        ("inactive_org", "not active"),
        ("rate_limit_exceeded", "too many logins"),
        ("unsupported_grant_type", "ECA1107"),
        ("redirect_uri_mismatch", "ECA1203"),
    ] {
        check(&run(here.path(), &["explain", answer]), 0, &[words]);
    }
}

#[test]
fn explains_nothing_unknown() {
    let here = tempfile::tempdir().unwrap();
    let explain = |text: &str| run(here.path(), &["explain", text]);
    check(
        &explain("callback-schema"),
        3,
        &["hint: did you mean ECA1203 callback-scheme?"],
    );
    check(
        &explain("There was a problem with scopes"),
        3,
        &["hint: the most similar known message is: There's a problem with your scope(s)"],
    );
    check(
        &explain("the weather"),
        3,
        &["error: neither a rule nor", "hint: "],
    );
}

#[test]
fn explains_all_rules_and_prints_json() {
    let here = tempfile::tempdir().unwrap();
    let all = run(here.path(), &["explain"]);
    check(
        &all,
        0,
        &["ECA1001 unreadable-file", "ECA1803 packaged-link"],
    );
    let document = run(here.path(), &["explain", "--json", "ECA1203"]).json();
    assert_eq!(document["schema"], "eca/explain/1");
    assert_eq!(document["rules"][0]["profiles"][0], "default");
    assert!(document["rules"][0]["example"]["before"]["path"].is_string());
    let document = run(here.path(), &["explain", "--json", "redirect_uri_mismatch"]).json();
    let cause = &document["refusals"][0]["causes"][0];
    assert_eq!(
        (&cause["id"], &cause["rules"][0]),
        (&"redirect-uri".into(), &"ECA1203".into())
    );
}
