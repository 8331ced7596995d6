//! Values per org in `eca.toml`.

use std::path::Path;

use eca_tests::{Run, clean_storefront_copy, run_with};

use crate::embedded::EmbeddedOrg;

const ORGS: &str = r#"
[environments.emea]
orgs = ["de", "fr"]
[environments.emea.values.Storefront]
contactEmail = "emea@acme.example"
callbackUrl = ["https://emea.acme.example/callback"]

[orgs.de]
instance-url = "https://de.my.salesforce.com"
auth = { method = "access-token", access-token = "env:DE" }
[orgs.de.values.Storefront]
callbackUrl = ["https://de.acme.example/callback"]
description = { absent = true }

[orgs.fr]
instance-url = "https://fr.my.salesforce.com"
auth = { method = "access-token", access-token = "env:FR" }

[orgs.us]
instance-url = "https://us.my.salesforce.com"
auth = { method = "access-token", access-token = "env:US" }
"#;

const NONE: [(&str, &str); 0] = [];

fn project(config: &str) -> tempfile::TempDir {
    let project = clean_storefront_copy();
    std::fs::write(project.path().join("eca.toml"), config).unwrap();
    project
}

fn eca(root: &Path, line: &[&str]) -> Run {
    run_with(root, line, NONE)
}

#[test]
fn the_org_decides_which_values_are_shown() {
    let project = project(ORGS);
    let root = project.path();
    let shown = |line: &[&str]| {
        let run = eca(root, &[&["show", "Storefront"], line].concat());
        assert_eq!(run.code, 0, "{line:?}: {run:?}");
        run.stdout
    };
    let plain = shown(&[]);
    assert!(!plain.contains("eca.toml"), "{plain}");
    assert_eq!(shown(&["--org", "us"]), plain);
    assert_eq!(shown(&["--org", "de", "--no-values"]), plain);
    for (org, line, place) in [
        ("de", "emea@acme.example", "[eca.toml:5]"),
        ("de", "https://de.acme.example/callback", "[eca.toml:12]"),
        ("fr", "https://emea.acme.example/callback", "[eca.toml:6]"),
    ] {
        let shown = shown(&["--org", org]);
        let mut lines = shown.lines();
        let is_it = |shown: &str| shown.contains(line) && shown.contains(place);
        assert!(lines.any(is_it), "{org}: {shown}");
    }
    // One member fewer, and no line more.
    assert_eq!(
        shown(&["--org", "de"]).lines().count(),
        plain.lines().count() - 1
    );
    let json = eca(root, &["show", "Storefront", "--org", "fr", "--json"]).json();
    let text = json.to_string();
    assert!(text.contains(r#""source":"eca.toml:5""#), "{text}");
}

/// Without `eca.toml` no org has a name. A variable may be that of other projects.
#[test]
fn an_org_needs_an_entry() {
    let project = clean_storefront_copy();
    for command in ["show", "lint", "package"] {
        let run = eca(project.path(), &[command, "--org", "de"]);
        assert_eq!(run.code, 3, "{command}: {run:?}");
        assert!(
            run.stderr.contains("unknown org `de`: no eca.toml"),
            "{run:?}"
        );
        let run = run_with(project.path(), &[command], [("ECA_ORG", "de")]);
        assert_ne!(run.code, 3, "{command}: {run:?}");
    }
}

#[test]
fn a_broken_file_matters_only_where_it_is_needed() {
    let project = project("orgs = 1");
    for (line, code) in [
        (&["show"][..], 0),
        (&["show", "--org", "de"], 3),
        (&["package"], 3),
        (&["package", "--no-values"], 0),
    ] {
        let run = eca(project.path(), line);
        assert_eq!(run.code, code, "{line:?}: {run:?}");
    }
}

#[test]
fn a_package_has_the_values_of_its_org() {
    let project = project(ORGS);
    let root = project.path();
    let sent = |line: &[&str], variables: &[(&str, &str)]| {
        let line = [&["package", "--json"], line].concat();
        run_with(root, &line, variables.iter().copied())
    };
    let count = |run: &Run| {
        assert_eq!(run.code, 0, "{run:?}");
        run.json()["values"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(count(&sent(&[], &[])), 0);
    assert_eq!(count(&sent(&["--org", "de"], &[])), 3);
    assert_eq!(count(&sent(&["--org", "fr"], &[])), 2);
    assert_eq!(count(&sent(&[], &[("ECA_ORG", "fr")])), 2);
    // The pair of variables chooses the org with this instance URL.
    let pair = |url| [("SF_ACCESS_TOKEN", "00D!x"), ("SF_ORG_INSTANCE_URL", url)];
    let de = pair("https://de.my.salesforce.com");
    assert_eq!(count(&sent(&[], &de)), 3);
    let other = sent(&[], &pair("https://other.my.salesforce.com"));
    assert_eq!(other.code, 3, "{other:?}");
    for words in [
        "which ones are meant is not clear",
        "--org (de, fr, us)",
        "--no-values",
    ] {
        assert!(format!("{other:?}").contains(words), "{words}: {other:?}");
    }
    let plain = sent(&["--no-values"], &pair("https://other.my.salesforce.com"));
    assert_eq!(count(&plain), 0);
    let sf = sent(&[], &[("SF_TARGET_ORG", "x")]);
    assert_eq!(sf.code, 3, "{sf:?}");
    // Without values, the variables need no entry.
    std::fs::write(
        root.join("eca.toml"),
        ORGS.split("[environments").next().unwrap(),
    )
    .unwrap();
    assert_eq!(count(&sent(&[], &de)), 0);
}

#[test]
fn lint_sees_the_values() {
    let config =
        format!("{ORGS}[orgs.us.values.Storefront]\ncallbackUrl = [\"http://us.example\"]\n");
    let project = project(&config);
    let root = project.path();
    let of = |line: &[&str]| eca(root, &[&["lint", "--format", "short"], line].concat());
    assert_eq!(of(&[]).stdout, "");
    assert_eq!(of(&["--org", "de"]).stdout, "");
    let us = of(&["--org", "us", "--deny", "warning"]);
    assert_eq!(us.code, 1, "{us:?}");
    assert!(us.stdout.contains("[value of eca.toml:23]"), "{us:?}");
    // The files are as they were.
    assert_eq!(of(&["--org", "us", "--no-values"]).stdout, "");
    let fix = eca(root, &["lint", "--fix", "--org", "us"]);
    assert_eq!(fix.code, 3, "{fix:?}");
    assert!(fix.stderr.contains("--no-values"), "{fix:?}");
}

#[test]
fn an_org_gets_its_values() {
    let org = EmbeddedOrg::start();
    let config = format!(
        "[orgs.de]\ninstance-url = '{}'\nauth = {{ method = 'access-token', access-token = 'env:DE' }}\n\
         [orgs.de.values.Storefront]\ncontactEmail = 'de@acme.example'\n",
        org.instance_url()
    );
    let project = project(&config);
    let eca = |line: &[&str]| run_with(project.path(), line, [("DE", org.token())]);
    let deployed = eca(&["deploy", "--org", "de"]);
    assert_eq!(deployed.code, 0, "{deployed:?}");
    // The org differs from the files, and not from the project as this org takes it.
    for line in [
        &["diff", "de"][..],
        &["diff", "--org", "de"],
        &["diff", ".", "de"],
        &["diff", "de", "."],
    ] {
        assert_eq!(eca(line).code, 0, "{line:?}");
    }
    let plain = eca(&["diff", "de", "--no-values"]);
    assert_eq!(plain.code, 1, "{plain:?}");
    assert!(
        plain.stdout.contains("~ contactEmail: de@acme.example -> "),
        "{plain:?}"
    );
    let newer = config.replace("de@acme", "new@acme");
    std::fs::write(project.path().join("eca.toml"), newer).unwrap();
    let differs = eca(&["diff", "de"]);
    let line = "~ contactEmail: de@acme.example -> new@acme.example  [eca.toml:5]";
    assert!(differs.stdout.contains(line), "{differs:?}");
}

#[test]
fn wrong_values_stop_before_anything_is_sent() {
    for (from, to, words) in [
        (
            "contactEmail =",
            "contactEmial =",
            "eca.toml:5:1: no component of Storefront has a member `contactEmial`; did you mean `contactEmail`?",
        ),
        (
            "[environments.emea.values.Storefront]",
            "[environments.emea.values.Storefrnt]",
            "the project has no app `Storefrnt`; did you mean `Storefront`?",
        ),
        (
            "\"emea@acme.example\"",
            "7",
            "eca.toml:5:1: `contactEmail` takes a text",
        ),
        (
            "\"emea@acme.example\"",
            "{ file = \"sfdx-project.json\" }",
            "eca.toml:5:1: sfdx-project.json is not a certificate",
        ),
        (
            "\"emea@acme.example\"",
            "{ file = \"../../../../../etc/hostname\" }",
            "outside of the folder of eca.toml",
        ),
        (
            "\"emea@acme.example\"",
            "{ file = \"gone.pem\" }",
            "eca.toml:5:1: gone.pem does not exist",
        ),
        (
            "contactEmail = \"emea@acme.example\"",
            "consumerSecret = \"hunter2\"",
            "eca.toml:5:1: `consumerSecret` is a secret and must not be in a file",
        ),
        (
            "contactEmail =",
            "label =",
            "is a member of ExternalClientApplication:Storefront",
        ),
        ("[\"de\", \"fr\"]", "[\"dee\"]", "no org is called `dee`"),
        (
            "[orgs.de]",
            "[environments.eu]\norgs = [\"fr\", \"de\"]\n[environments.eu.values.Storefront]\ncontactEmail = \"eu@acme.example\"\n[orgs.de]",
            "eca.toml:11:1: `contactEmail` has another value at eca.toml:5",
        ),
    ] {
        let config = ORGS.replacen(from, to, 1);
        assert_ne!(config, ORGS, "{from}");
        let project = project(&config);
        for command in ["show", "package", "lint", "deploy"] {
            let run = run_with(
                project.path(),
                &[command, "--org", "de"],
                [("DE", "00D!x"), ("ECA_TRUST_CONFIG", "1")],
            );
            assert_eq!(run.code, 3, "{command} {to}: {run:?}");
            assert!(run.stderr.contains(words), "{command} {to}: {run:?}");
            assert!(!run.stderr.contains("hunter2"), "{run:?}");
        }
    }
}
