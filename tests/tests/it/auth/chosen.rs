//! The org that a command takes, and the line that says which and why.

use eca_tests::run_with;

use crate::embedded::EmbeddedOrg;

const TOKEN: &str = "SF_ACCESS_TOKEN";
const URL: &str = "SF_ORG_INSTANCE_URL";

/// A folder whose `eca.toml` has the orgs `one`, its default, and `two`, and an org for both.
fn folder() -> (EmbeddedOrg, tempfile::TempDir) {
    let org = EmbeddedOrg::start();
    let folder = tempfile::tempdir().unwrap();
    let url = org.instance_url();
    let auth = "auth = { method = 'access-token', access-token = 'env:T' }";
    let orgs =
        ["one", "two"].map(|name| format!("[orgs.{name}]\ninstance-url = '{url}'\n{auth}\n"));
    let text = format!("default-org = 'one'\n{}", orgs.concat());
    std::fs::write(folder.path().join("eca.toml"), text).unwrap();
    std::fs::write(folder.path().join("sfdx-project.json"), "{}").unwrap();
    (org, folder)
}

#[test]
fn the_first_line_names_the_org_and_the_choice() {
    let (org, folder) = folder();
    let url = org.instance_url();
    let both = [(TOKEN, org.token()), (URL, url)];
    let older = [("SFDX_ACCESS_TOKEN", org.token()), (URL, url)];
    for (options, variables, name, choice) in [
        (&[][..], &[][..], " one", "default-org of "),
        (&["--org", "two"], &[], " two", "--org\n"),
        (&["--org", "two"], &[("ECA_ORG", "one")], " two", "--org\n"),
        (&[], &[("ECA_ORG", "two")], " two", "ECA_ORG\n"),
        (&[], &both, "", "SF_ACCESS_TOKEN and SF_ORG_INSTANCE_URL\n"),
        (
            &[],
            &older,
            "",
            "SFDX_ACCESS_TOKEN and SF_ORG_INSTANCE_URL\n",
        ),
        (&["--org", "two"], &both, " two", "--org\n"),
        // Half of the variables does not matter where the org is named.
        (
            &["--org", "two"],
            &[(URL, "https://other.example")],
            " two",
            "--org\n",
        ),
    ] {
        for command in ["list", "token", "describe"] {
            let line = [&[command], options].concat();
            let trusted = [("T", org.token()), ("ECA_TRUST_CONFIG", "1")];
            let environment = || variables.iter().copied().chain(trusted);
            let run = run_with(folder.path(), &line, environment());
            assert_eq!(run.code, 0, "{run:?}");
            let expected = format!("org{name}: {url}, local org, chosen by {choice}");
            assert!(run.stderr.starts_with(&expected), "{expected}: {run:?}");
            for quiet in ["--quiet", "--json"] {
                let line = [&line[..], &[quiet]].concat();
                let run = run_with(folder.path(), &line, environment());
                assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{quiet}");
            }
        }
    }
}

#[test]
fn one_variable_without_the_other() {
    let (_org, folder) = folder();
    for (set, missing) in [
        (TOKEN, URL),
        ("SFDX_ACCESS_TOKEN", URL),
        (URL, TOKEN),
        ("SFDX_INSTANCE_URL", TOKEN),
    ] {
        let variables = [(set, "https://other.example"), ("SF_TARGET_ORG", "sf")];
        let run = run_with(folder.path(), &["list"], variables);
        assert_eq!(run.code, 3, "{run:?}");
        for words in [
            format!("error: {set} is set, but {missing} is not"),
            format!("set {missing}, too, or unset {set}; --org NAME"),
        ] {
            assert!(run.stderr.contains(&words), "{words}: {run:?}");
        }
    }
}
