//! `eca emulate -- COMMAND`: the users that it makes, and the environment of the command.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use eca_tests::{Run, find, program, replace, run, run_with, skip, tutorial_project};

/// Runs a shell script with an org.
fn emulate(folder: &Path, options: &[&str], script: &str) -> Run {
    let line = [&["emulate"], options, &["--", "sh", "-c", script]].concat();
    run_with(folder, &line, [("ECA", program())])
}

#[test]
fn the_line_of_the_ci_tutorial_deploys_the_first_tutorials_app() {
    let project = tutorial_project("first-app.md");
    let root = project.path();
    let deployed = emulate(root, &[], "\"$ECA\" deploy");
    assert_eq!(deployed.code, 0, "{deployed:?}");
    let line = "deploy Succeeded: 4 components: 4 created\n";
    assert_eq!(deployed.stdout, line, "{deployed:?}");
    // A new org knows no user but its administrator.
    let refused = emulate(root, &["--make-users=false"], "\"$ECA\" deploy");
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.stdout.contains("Enter a valid execution user"),
        "{refused:?}"
    );

    // A permission set that the project names and does not have.
    let policies = find(root, ".ecaOauthPlcy-meta.xml");
    replace(&policies, "AllSelfAuthorized", "AdminApprovedPreAuthorized");
    let name = "    <commaSeparatedPermissionSet>Api_Users</commaSeparatedPermissionSet>\n";
    let before = "    <externalClientApplication>";
    replace(&policies, before, &format!("{name}{before}"));
    let deployed = emulate(root, &[], "\"$ECA\" deploy && \"$ECA\" list PermissionSet");
    assert_eq!(deployed.code, 0, "{deployed:?}");
    assert!(
        deployed.stdout.contains("PermissionSet:Api_Users"),
        "{deployed:?}"
    );
    let refused = emulate(root, &["--make-users=false"], "\"$ECA\" deploy");
    assert_eq!(refused.code, 1, "{refused:?}");

    // Where there is no project, or a broken one, the command decides what is wrong.
    for folder in ["/", root.to_str().unwrap()] {
        fs::write(root.join("sfdx-project.json"), "{").unwrap();
        let done = emulate(Path::new(folder), &[], "exit 0");
        assert_eq!(done.code, 0, "{done:?}");
    }
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    let here = std::env::temp_dir();
    for (script, code) in [
        ("exit 0", 0),
        ("exit 7", 7),
        ("exit 255", 255),
        ("kill -9 $$", 137),
    ] {
        let done = emulate(&here, &[], script);
        assert_eq!(done.code, code, "{script}: {done:?}");
    }
    let usage = emulate(&here, &[], "\"$ECA\" lint --nope");
    assert_eq!(usage.code, 3, "{usage:?}");
}

/// `eca`, curl, Node and Python reach the org without an option, and still trust the authorities of
/// the system.
#[test]
fn clients_of_the_command_trust_the_org() {
    let here = std::env::temp_dir();
    let python = "python3 -c 'import os,urllib.request as r; r.urlopen(os.environ[\"ECA_ORG_URL\"]+\"/services/data\")'";
    let node = "node -e 'require(\"https\").get(process.env.ECA_ORG_URL+\"/services/data\",r=>process.exit(r.statusCode==200?0:1))'";
    for (client, script) in [
        ("sh", "\"$ECA\" list"),
        (
            "curl",
            "curl -sf -o /dev/null \"$ECA_ORG_URL/services/data\"",
        ),
        ("python3", python),
        ("node", node),
    ] {
        if Command::new(client).arg("--version").output().is_err() {
            skip(client);
            continue;
        }
        let done = emulate(&here, &["--tls"], script);
        assert_eq!(done.code, 0, "{client}: {done:?}");
    }
    let script = "test \"$CURL_CA_BUNDLE\" = \"$REQUESTS_CA_BUNDLE\" && grep -c BEGIN \"$SSL_CERT_FILE\"; \
                  test \"$ECA_ORG_URL $ECA_ACCESS_TOKEN\" = \"$SF_ORG_INSTANCE_URL $SF_ACCESS_TOKEN\" && echo same; \
                  echo \"$SSL_CERT_FILE\"";
    let done = emulate(&here, &["--tls"], script);
    let lines: Vec<_> = done.stdout.lines().collect();
    let [count, "same", bundle] = lines[..] else {
        panic!("{done:?}");
    };
    assert!(count.parse::<usize>().unwrap() >= 1, "{done:?}");
    assert!(!Path::new(bundle).exists(), "{bundle} is left behind");
}

/// A program in the place of `sf` records how it is called.
const SF: &str = "#!/bin/sh
echo \"$@\" > \"$HOME/login\"
test -n \"$SF_ACCESS_TOKEN\" && echo \"url:$SF_ORG_INSTANCE_URL\" >> \"$HOME/login\"
test ! -e \"$0.fails\" || { echo '{\"message\":\"no luck\"}'; exit 1; }
";

#[test]
fn a_login_of_the_salesforce_cli_in_a_home_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let sf = folder.path().join("sf");
    fs::write(&sf, SF).unwrap();
    fs::set_permissions(&sf, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let emulate = |path: &str| {
        let script = "cat \"$HOME/login\"; echo \"$SF_ORG_INSTANCE_URL|$SF_ACCESS_TOKEN|$SF_TARGET_ORG\"; \
                      echo \"$ECA_ORG_URL\"; echo \"$HOME\"; exit 5";
        let line = ["emulate", "--sf", "--", "/bin/sh", "-c", script];
        let environment = [("PATH", path), ("SF_TARGET_ORG", "production")];
        run_with(folder.path(), &line, environment)
    };
    let done = emulate(&format!("{}:{path}", folder.path().display()));
    assert_eq!(done.code, 5, "{done:?}");
    let lines: Vec<_> = done.stdout.lines().collect();
    let [login, "url:", "||", url, home] = lines[..] else {
        panic!("{done:?}");
    };
    let expected = format!(
        "org login access-token --instance-url {url} --no-prompt --alias eca --set-default --json"
    );
    assert_eq!(login, expected);
    assert!(!Path::new(home).exists(), "{home} is left behind");

    fs::write(folder.path().join("sf.fails"), "").unwrap();
    let refused = emulate(&format!("{}:{path}", folder.path().display()));
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused
            .stderr
            .contains("could not log in to the org: no luck"),
        "{refused:?}"
    );
    let absent = emulate("/nowhere");
    assert_eq!(absent.code, 3, "{absent:?}");
    assert!(absent.stderr.contains("`sf` cannot be run"), "{absent:?}");
    assert!(absent.stderr.contains("npm install"), "{absent:?}");

    let alone = run(folder.path(), &["emulate", "--sf"]);
    assert_eq!(alone.code, 3, "--sf is for a command: {alone:?}");
}
