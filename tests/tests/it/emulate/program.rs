//! `eca emulate`: its document, its options, and wrong input.

use std::path::Path;
use std::process::Command;

use eca_tests::{Emulated, run, skip, storefront};

#[test]
fn a_seeded_org_prints_its_apps_in_one_document() {
    let project = storefront();
    let project = project.to_str().expect("a path in UTF-8");
    let org = Emulated::start_with(&["--seed", project, "--pace", "polls:1"]);
    assert_eq!(org.document["schema"], "eca/emulate/1");
    let apps = org.document["apps"].as_array().expect("a list");
    assert_eq!(apps.len(), 1);
    assert_eq!(apps[0]["name"], "Storefront");
    assert!(
        apps[0]["client_id"]
            .as_str()
            .is_some_and(|id| id.starts_with("3MVG9"))
    );
    assert_eq!(apps[0]["client_secret"].as_str().map(str::len), Some(64));
    assert!(org.text("access_token").starts_with("00D"));
    assert!(!org.text("password").is_empty());
    assert_eq!(org.terminate(), 0);
}

#[test]
fn usernames_of_a_sandbox_end_in_its_name() {
    let org = Emulated::start_with(&["--kind", "sandbox:uat", "--clock", "2027-01-01"]);
    assert_eq!(org.text("username"), "admin@embedded.example.uat");
    assert_eq!(org.terminate(), 0);
}

#[test]
fn the_run_as_user_of_a_seeded_app_exists_and_is_approved() {
    let folder = eca_tests::storefront_copy();
    let policies = eca_tests::find(folder.path(), "Storefront_oauthPlcy.ecaOauthPlcy-meta.xml");
    eca_tests::replace(
        &policies,
        "<isClientCredentialsFlowEnabled>false",
        "<isClientCredentialsFlowEnabled>true",
    );
    let global = eca_tests::find(folder.path(), "Storefront_glbloauth.ecaGlblOauth-meta.xml");
    eca_tests::replace(
        &global,
        "<isClientCredentialsFlowEnabled>false",
        "<isClientCredentialsFlowEnabled>true",
    );
    eca_tests::replace(
        &policies,
        "    <commaSeparatedPermissionSet>",
        "    <clientCredentialsFlowUser>bot@example.com</clientCredentialsFlowUser>\n    <commaSeparatedPermissionSet>",
    );
    let project = folder.path().to_str().expect("a path in UTF-8");
    let org = Emulated::start_with(&["--seed", project]);
    let users = org.get("/_org/users");
    let users = users["users"].as_array().expect("a list");
    let bot = users
        .iter()
        .find(|user| user["username"] == "bot@example.com");
    let bot = bot.expect("the run-as user");
    assert_eq!(bot["kind"], "integration");
    assert_eq!(bot["permission_sets"][0], "Storefront_Shopper");
    // It gets a token, but may not deploy. The error names the missing permission.
    let app = &org.document["apps"][0];
    let config = format!(
        "[orgs.bot]\ninstance-url = \"{}\"\nauth = {{ method = \"client-credentials\", client-id = {}, client-secret = \"env:SECRET\" }}\n",
        org.text("instance_url"),
        app["client_id"]
    );
    std::fs::write(folder.path().join("eca.toml"), config).expect("a written file");
    let secret = app["client_secret"].as_str().expect("a secret");
    for command in ["deploy", "list"] {
        let line = [command, "--org", "bot"];
        let refused = eca_tests::run_with(folder.path(), &line, [("SECRET", secret)]);
        assert_eq!(refused.code, 5, "{refused:?}");
        let words = "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions";
        assert_eq!(refused.stderr.matches(words).count(), 1, "{refused:?}");
        let hint = "(ModifyMetadata)";
        assert!(refused.stderr.trim_end().ends_with(hint), "{refused:?}");
    }
    assert_eq!(org.terminate(), 0);
}

#[test]
fn wrong_options() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (arguments, expected) in [
        (["--clock", "tomorrow"], "such as 2027-01-01"),
        (["--pace", "polls:often"], "not a number of polls"),
        (["--seed", "/nowhere/at/all"], "/nowhere/at/all"),
        (["--profile", "draft-99"], "--challenge"),
        (["--kind", "sandbox:"], "is not a kind of org"),
        (["--propagation", "soon"], "--propagation"),
        (["--state", "/dev/null"], "a writable folder"),
    ] {
        let run = run(here, &[&["emulate"], arguments.as_slice()].concat());
        assert_eq!(run.code, 3, "{run:?}");
        assert!(run.stderr.contains(expected), "{run:?}");
        assert!(run.stdout.is_empty(), "{run:?}");
    }
}

#[test]
fn a_seed_that_the_org_refuses_is_listed_by_file() {
    let folder = eca_tests::storefront_copy();
    let settings = eca_tests::find(folder.path(), "Storefront_oauth.ecaOauth-meta.xml");
    eca_tests::replace(&settings, "Basic, Api", "Basic, Telepathy");
    let run = run(folder.path(), &["emulate", "--seed", "."]);
    assert_eq!(run.code, 3, "{run:?}");
    let lines: Vec<_> = run.stderr.lines().collect();
    assert_eq!(lines[0], "error: . cannot be deployed:", "{run:?}");
    let reason = "  extlClntAppOauthSettings/Storefront_oauth.ecaOauth:5:5: There's a problem with your scope(s): Telepathy.";
    assert!(lines.iter().any(|line| line.starts_with(reason)), "{run:?}");
    assert!(
        lines[lines.len() - 1].starts_with("hint: eca lint"),
        "{run:?}"
    );
}

#[test]
fn a_command_runs_against_the_org() {
    let folder = eca_tests::storefront_copy();
    // The embedded org takes precedence over `default-org` and `ECA_ORG`.
    std::fs::write(
        folder.path().join("eca.toml"),
        "default-org = \"production\"\n\n[orgs.production]\ninstance-url = \"https://never.my.salesforce.com\"\n\
         auth = { method = \"access-token\", access-token = \"env:NEVER\" }\n",
    )
    .expect("a written file");
    let program = eca_tests::program();
    let program = program.to_str().expect("a path in UTF-8");
    let line = ["emulate", "--seed", ".", "--pace", "polls:1", "--", program];
    let listed = eca_tests::run_with(
        folder.path(),
        &[&line[..], &["list", "ExternalClientApplication"]].concat(),
        [("ECA_ORG", "production")],
    );
    assert_eq!(listed.code, 0, "{listed:?}");
    assert!(listed.stdout.contains("Storefront"), "{listed:?}");
    assert!(
        listed
            .stderr
            .contains("an embedded org on http://127.0.0.1:"),
        "{listed:?}"
    );

    let script = "test \"$(printf %s \"$ECA_EMULATE\" | head -c 17)\" = '{\"instance_url\":\"'";
    let told = run(folder.path(), &["emulate", "--", "sh", "-c", script]);
    assert_eq!(told.code, 0, "{told:?}");
    assert!(told.stdout.is_empty(), "{told:?}");

    let failed = run(folder.path(), &["emulate", "--", "sh", "-c", "exit 7"]);
    assert_eq!(failed.code, 7, "{failed:?}");
    assert!(
        failed.stderr.contains("sh ended with exit status: 7"),
        "{failed:?}"
    );

    let absent = run(folder.path(), &["emulate", "--", "no-such-program"]);
    assert_eq!(absent.code, 3, "{absent:?}");
    assert!(
        absent.stderr.contains("`no-such-program` cannot be run"),
        "{absent:?}"
    );
}

#[test]
fn a_log_has_paths_and_states_but_no_tokens() {
    let script = "curl -s \"$SF_ORG_INSTANCE_URL/services/data?secret=LEAK\" -H \"Authorization: Bearer $SF_ACCESS_TOKEN\" >/dev/null && printf %s \"$SF_ACCESS_TOKEN\"";
    let here = std::env::temp_dir();
    if Command::new("curl").arg("--version").output().is_err() {
        return skip("curl");
    }
    let logged = run(&here, &["emulate", "--log", "--", "sh", "-c", script]);
    assert_eq!(logged.code, 0, "{logged:?}");
    assert!(logged.stderr.contains("/services/data"), "{logged:?}");
    assert!(logged.stderr.contains("200"), "{logged:?}");
    assert!(logged.stdout.starts_with("00D"), "{logged:?}");
    assert!(!logged.stderr.contains(&logged.stdout));
    assert!(!logged.stderr.contains("LEAK"), "{logged:?}");
    let quiet = run(&here, &["emulate", "--", "sh", "-c", script]);
    assert!(!quiet.stderr.contains("/services/data"), "{quiet:?}");
}
