//! `eca deploy`, `deploys` and `package`, `list` and `describe`.

use std::path::Path;

use eca_tests::{EndlessOrg, find, replace, run, run_with, storefront_copy};

use crate::embedded::EmbeddedOrg;

#[test]
fn a_check_only_deploy_and_a_deploy() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();

    let checked = run_with(
        root,
        &["deploy", "--check-only", "--json"],
        org.environment(),
    );
    assert_eq!(checked.code, 0, "{checked:?}");
    let document = checked.json();
    assert_eq!(document["schema"], "eca/deploy/1");
    assert_eq!(document["status"], "Succeeded");
    assert_eq!(document["check_only"], true);

    let deployed = run_with(root, &["deploy"], org.environment());
    assert_eq!(deployed.code, 0, "{deployed:?}");
    assert_eq!(
        deployed.stdout,
        "deploy Succeeded: 9 components: 9 created\n"
    );
    assert!(
        deployed.stderr.contains("deploy 0Af"),
        "{}",
        deployed.stderr
    );

    let id = document["id"].as_str().unwrap();
    let resumed = run_with(root, &["deploy", "--resume", id], org.environment());
    assert_eq!(resumed.code, 0, "{resumed:?}");
    assert!(
        resumed.stdout.starts_with("check-only deploy Succeeded"),
        "{}",
        resumed.stdout
    );
}

#[test]
fn a_component_error_names_the_local_line() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let settings = find(root, ".ecaOauth-meta.xml");
    replace(&settings, "Basic, Api,", "Basic, Everything,");
    let failed = run_with(root, &["deploy"], org.environment());
    assert_eq!(failed.code, 1, "{failed:?}");
    let mut lines = failed.stdout.lines();
    let line = lines
        .find(|line| line.contains("scope(s): Everything"))
        .unwrap();
    assert!(
        line.contains("Storefront_oauth.ecaOauth-meta.xml:5:5: "),
        "{line}"
    );
    // The hint stands below Salesforce's message.
    let hint = lines.next().unwrap();
    assert!(
        hint.starts_with("  hint: ") && hint.contains("(eca explain ECA"),
        "{hint}"
    );

    let failed = run_with(root, &["deploy", "--json"], org.environment());
    let document = failed.json();
    let problems = document["problems"].as_array().unwrap();
    let problem = problems
        .iter()
        .find(|problem| problem["message"].as_str().unwrap().contains("Everything"))
        .unwrap();
    assert_eq!(
        (&problem["line"], &problem["column"]),
        (&5.into(), &5.into())
    );
    assert!(
        problem["file"]
            .as_str()
            .unwrap()
            .ends_with("Storefront_oauth.ecaOauth-meta.xml")
    );
    let rule = problem["explain"][0].as_str().unwrap();
    assert_eq!(run(root, &["explain", rule]).code, 0);
    assert!(problem["hint"].as_str().unwrap().contains("scope"));
}

#[test]
fn a_folder_is_deployed_alone() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let part = run_with(
        root,
        &[
            "deploy",
            "--json",
            "force-app/main/default/externalAuthIdentityProviders",
        ],
        org.environment(),
    );
    assert_eq!(part.code, 0, "{part:?}");
    assert_eq!(part.json()["components_total"], 1);
}

/// Writes an `eca.toml` with the org `local`, whose token is in `TOKEN`.
fn configure(root: &Path, org: &EmbeddedOrg, members: &str) {
    let url = org.instance_url();
    let text = format!(
        "[orgs.local]\ninstance-url = \"{url}\"\nauth = {{ method = \"access-token\", access-token = \"env:TOKEN\" }}\n{members}\n"
    );
    std::fs::write(root.join("eca.toml"), text).unwrap();
}

#[test]
fn an_org_of_eca_toml_over_rest_and_soap() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let deploy = ["deploy", "--org", "local", "-vv"];
    let token = [("TOKEN", org.token())];
    for (members, path) in [
        ("", "/metadata/deployRequest"),
        ("deploy-api = \"soap\"", "/services/Soap/m/"),
    ] {
        configure(root, &org, members);
        let deployed = run_with(root, &deploy, token);
        assert_eq!(deployed.code, 0, "{deployed:?}");
        assert!(deployed.stderr.contains(path), "{deployed:?}");
    }
    // The SOAP API does not accept access tokens in JWT format.
    let jwt = [("TOKEN", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln")];
    let refused = run_with(root, &["list", "--org", "local"], jwt);
    assert_eq!(refused.code, 4, "{refused:?}");
    let hint = "hint: deploys use REST, which accepts these tokens";
    assert!(refused.stderr.contains(hint), "{refused:?}");
}

#[test]
fn tokens_that_the_org_refuses() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    configure(root, &org, "");
    let deploy = ["deploy", "--org", "local"];
    let refused = run_with(root, &deploy, [("TOKEN", "00D000000000001!wrong")]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.stderr.contains("INVALID_SESSION_ID"), "{refused:?}");
    refused.assert_hides(&["!wrong"]);
    let unset = run(root, &deploy);
    assert_eq!(unset.code, 4, "{unset:?}");
    let words = "environment variable TOKEN is not set";
    assert!(unset.stderr.contains(words), "{unset:?}");
}

#[test]
fn a_deploy_without_a_result_has_a_next_step() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let left = run_with(root, &["deploy", "--wait", "1ms"], org.environment());
    assert_eq!(left.code, 6, "{left:?}");
    let resume = left
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("hint: to follow it: eca "));
    let arguments: Vec<_> = resume.unwrap().split(' ').collect();
    let followed = run_with(root, &arguments, org.environment());
    assert_eq!(followed.code, 0, "{followed:?}");
    assert!(
        followed.stdout.starts_with("deploy Succeeded"),
        "{}",
        followed.stdout
    );

    let unknown = run_with(
        root,
        &["deploy", "--resume", "0Af000000000001AAA"],
        org.environment(),
    );
    assert_eq!(unknown.code, 5, "{unknown:?}");
    assert!(
        unknown
            .stderr
            .contains("the org has no deploy 0Af000000000001AAA"),
        "{}",
        unknown.stderr
    );

    let environment = org.environment();
    org.stop();
    let gone = run_with(root, &["deploy"], environment);
    assert_eq!(gone.code, 7, "{gone:?}");
    // The org and the package stand before.
    let lines: Vec<_> = gone.stderr.lines().skip(2).collect();
    let [error, hint] = lines[..] else {
        panic!("not two lines: {gone:?}");
    };
    assert!(error.contains("could not connect"), "{error}");
    assert!(hint.starts_with("hint: check that"), "{hint}");
}

#[test]
fn a_component_is_deleted() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let eca = |arguments: &[&str]| run_with(root, arguments, org.environment());
    assert_eq!(eca(&["deploy"]).code, 0);
    let list = ["list", "ExternalClientApplication"];
    let app = "ExternalClientApplication:Storefront";
    assert_eq!(eca(&list).stdout, format!("{app}\n"));

    // Without a terminal, a deletion that ends a consumer needs --yes; to validate it does not.
    let refused = eca(&["deploy", "--delete", app]);
    assert_eq!(refused.code, 3, "{refused:?}");
    for words in ["its consumer key and secret", "refresh token", "--yes"] {
        assert!(refused.stderr.contains(words), "{refused:?}");
    }
    assert_eq!(eca(&list).stdout, format!("{app}\n"));
    assert_eq!(eca(&["deploy", "--check-only", "--delete", app]).code, 0);
    let policy = "ExtlClntAppOauthConfigurablePolicies:Nobody";
    assert_eq!(
        eca(&["deploy", "--delete", policy]).code,
        1,
        "it has no consumer"
    );
    let deleted = eca(&["deploy", "--delete", app, "--yes", "--junit", "report.xml"]);
    assert_eq!(deleted.code, 0, "{deleted:?}");
    let line = "deploy Succeeded: 1 component: 1 deleted\n";
    assert_eq!(deleted.stdout, line);
    let report = std::fs::read_to_string(root.join("report.xml")).unwrap();
    assert!(report.contains("failures=\"0\""), "{report}");
    assert!(report.contains("name=\"Storefront\" classname=\"ExternalClientApplication\"/>"));
    let suites = report.lines().nth(1).unwrap();
    assert!(suites.contains(" time=\""), "{report}");
    assert_eq!(eca(&list).stdout, "");

    let again = eca(&["deploy", "--delete", app, "--yes"]);
    assert_eq!(again.code, 1, "{again:?}");
    let words = "No ExternalClientApplication named: Storefront found";
    assert!(again.stdout.contains(words), "{again:?}");
}

#[test]
fn deploys_are_listed_and_shown() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let eca = |arguments: &[&str]| run_with(root, arguments, org.environment());
    assert_eq!(eca(&["deploy"]).code, 0);
    let unknown = "ExternalClientApplication:Nobody";
    assert_eq!(eca(&["deploy", "--delete", unknown, "--yes"]).code, 1);

    let deploys = eca(&["deploys", "list", "--json"]);
    assert_eq!(deploys.code, 0, "{deploys:?}");
    let document = deploys.json();
    assert_eq!(document["schema"], "eca/deploys-list/1");
    let deploys = document["deploys"].as_array().unwrap().iter();
    let statuses: Vec<_> = deploys
        .map(|deploy| deploy["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["Failed", "Succeeded"]);
    let id = document["deploys"][1]["id"].as_str().unwrap();
    let shown = eca(&["deploys", "show", id]);
    assert!(shown.stdout.starts_with("deploy Succeeded"), "{shown:?}");
    let watched = eca(&["deploys", "watch", id]).stdout;
    assert!(shown.stdout.starts_with(&watched), "{watched}");

    for (arguments, code) in [
        (&["watch", "--journal", "nowhere"][..], 3),
        (&["show", "0Af000000000001AAA"], 5),
        (&["show", "x"], 3),
    ] {
        let refused = eca(&[&["deploys"], arguments].concat());
        assert_eq!(refused.code, code, "{refused:?}");
    }
}

#[test]
fn a_result_says_what_happened() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let eca = |arguments: &[&str]| run_with(root, arguments, org.environment());
    assert_eq!(eca(&["deploy"]).code, 0);
    let again = eca(&["deploy", "--json"]);
    let document = again.json();
    let changes = &document["changes"];
    assert_eq!(
        (&changes["created"], &changes["failed"]),
        (&0.into(), &0.into())
    );
    let total = changes["unchanged"].as_u64().unwrap() + changes["changed"].as_u64().unwrap();
    assert_eq!(total, 9, "{document}");
    assert_eq!(document["components"].as_array().unwrap().len(), 9);
    assert_eq!(document["nothing_changed"], false);

    let settings = find(root, ".ecaOauth-meta.xml");
    replace(&settings, "Basic, Api,", "Basic, Everything,");
    let failed = eca(&["deploy"]);
    let line = "deploy Failed: 1 of 9 components with errors; nothing was changed (rolled back)\n";
    assert!(failed.stdout.ends_with(line), "{failed:?}");
    assert_eq!(failed.stdout.matches("hint: ").count(), 1, "{failed:?}");
    let checked = eca(&["deploy", "--check-only", "--json"]);
    assert_eq!(checked.json()["nothing_changed"], true);
}

/// Members of documents are in snake case, whatever the org's spelling is.
#[test]
fn documents_have_one_spelling() {
    fn check(value: &serde_json::Value, command: &str) {
        match value {
            serde_json::Value::Object(members) => {
                for (name, value) in members {
                    assert!(
                        !name.contains(|c: char| c.is_ascii_uppercase()),
                        "{command}: {name}"
                    );
                    check(value, command);
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| check(item, command)),
            _ => {}
        }
    }
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let eca = |arguments: &[&str]| run_with(project.path(), arguments, org.environment());
    let deployed = eca(&["deploy", "--json"]);
    assert_eq!(deployed.json()["components_total"], 9);
    let id = deployed.json()["id"].as_str().unwrap().to_owned();
    let settings = find(project.path(), ".ecaOauth-meta.xml");
    replace(&settings, "Basic, Api,", "Basic, Everything,");
    for arguments in [
        &["deploy", "--json"][..],
        &["deploy", "--resume", &id, "--json"],
        &["deploys", "show", &id, "--json"],
        &["deploys", "watch", &id, "--json"],
        &["deploys", "list", "--json"],
        &["list", "--json"],
        &["retrieve", "--json"],
        &["retrieve", "--app", "Nobody", "--json"],
    ] {
        check(&eca(arguments).json(), &arguments.join(" "));
    }
    for arguments in [
        ["deploys", "show", &id, "--json"],
        ["deploy", "--resume", &id, "--json"],
    ] {
        let document = eca(&arguments).json();
        assert_eq!(document["components_total"], 9, "{document}");
        assert_eq!(document["created_by_name"], "Admin User", "{document}");
    }
    assert_eq!(
        eca(&["deploys", "list", "--json"]).json()["deploys"][1]["components_total"],
        9
    );
}

#[test]
fn wrong_options_are_refused_before_a_request() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let id = "0Af000000000001AAA";
    for (arguments, words) in [
        (&["--quick", id, "--consumer", "share"][..], "--consumer"),
        (
            &["--resume", id, "--allow-rotation", "A:B"],
            "--allow-rotation",
        ),
        (&["--cancel", id, "--check-only"], "--check-only"),
        (
            &["--junit", "nowhere/report.xml"],
            "cannot write nowhere/report.xml",
        ),
        (&["--junit", "force-app"], "it is a folder"),
        (&["--tests", ""], "--tests"),
        (
            &["--tests", "A_Test,local"],
            "--tests local cannot be combined",
        ),
    ] {
        let arguments = [&["deploy"], arguments].concat();
        let refused = run_with(root, &arguments, org.environment());
        assert_eq!(refused.code, 3, "{refused:?}");
        assert!(refused.stderr.contains(words), "{refused:?}");
    }
    let listed = run_with(root, &["deploys", "list"], org.environment());
    assert_eq!(listed.stdout, "");
    let unknown = run_with(root, &["deploy", "--quick", id], org.environment());
    assert_eq!(unknown.code, 5, "{unknown:?}");
    let hint = "hint: give the id of a --check-only deploy";
    assert!(unknown.stderr.contains(hint), "{unknown:?}");
}

#[test]
fn skipped_members_are_listed_in_every_format() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let settings = find(root, ".ecaOauth-meta.xml");
    let end = "</ExtlClntAppOauthSettings>";
    let link = format!("    <oauthLink>00D5g000004Abcd:8885g0000000001</oauthLink>\n{end}");
    replace(&settings, end, &link);
    let words = "oauthLink removed: org-specific";
    let deployed = run_with(root, &["deploy", "--check-only"], org.environment());
    assert!(deployed.stderr.contains(words), "{deployed:?}");
    for command in [&["deploy", "--json"][..], &["package", "--json"]] {
        let run = run_with(root, command, org.environment());
        let document = run.json();
        let removed = document["removed"].as_array().unwrap();
        assert_eq!(removed.len(), 1, "{run:?}");
        assert!(removed[0].as_str().unwrap().ends_with(words), "{run:?}");
        assert_eq!(document["skipped"], serde_json::json!([]), "{run:?}");
        assert_eq!(document["retained"], serde_json::json!([]), "{run:?}");
    }
    let shown = run_with(root, &["deploys", "show"], org.environment());
    assert!(shown.stderr.contains("\ndeploy 0Af"), "{shown:?}");
    assert!(shown.stdout.contains(" by Admin User"), "{shown:?}");
}

#[test]
fn one_app_of_several_is_packaged_with_its_files() {
    let project = storefront_copy();
    let root = project.path();
    let header = find(root, "Storefront.eca-meta.xml");
    let other = header.with_file_name("Billing.eca-meta.xml");
    std::fs::copy(&header, &other).unwrap();
    let eca = |arguments: &[&str]| run(root, arguments);

    let package = eca(&["package", "--app", "Storefront", "--json"]);
    let files = package.json()["files"].to_string();
    assert_eq!(package.code, 0, "{package:?}");
    // The app and its settings and policies; no credentials, permission sets, or other apps.
    assert_eq!(files.matches("Storefront").count(), 5, "{files}");
    assert_eq!(files.matches(',').count(), 4, "{files}");
    let both = eca(&["package", "--app", "Storefront", "--app", "Billing"]);
    assert_eq!(both.stdout.lines().count(), 6, "{both:?}");

    let unknown = eca(&["deploy", "--app", "Shopfront"]);
    assert_eq!(unknown.code, 3, "{unknown:?}");
    for words in [
        "the project has no app Shopfront",
        "it has Billing, Storefront",
    ] {
        assert!(unknown.stderr.contains(words), "{unknown:?}");
    }
    let mixed = eca(&["deploy", "--app", "Billing", "force-app"]);
    assert_eq!(mixed.code, 3, "{mixed:?}");

    // The app of an unreadable file is unknown; it may be this one.
    let settings = find(root, ".ecaOauth-meta.xml");
    std::fs::write(&settings, "<ExtlClntAppOauthSettings").unwrap();
    let refused = eca(&["package", "--app", "Billing"]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.stderr.contains(".ecaOauth-meta.xml"), "{refused:?}");
}

#[test]
fn packages_and_descriptions() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let eca = |arguments: &[&str]| run_with(root, arguments, org.environment());
    let package = eca(&["package", "-o", "out.zip", "--json"]);
    assert_eq!(package.code, 0, "{package:?}");
    let document = package.json();
    let size = std::fs::metadata(root.join("out.zip")).unwrap().len();
    assert_eq!(document["zip_bytes"], size);
    assert_eq!(document["files"].as_array().unwrap().len(), 9);
    let again = eca(&["package", "--output", "out.zip"]);
    assert_eq!(again.code, 3, "{again:?}");
    let secret = "ExtlClntAppGlobalOauthSettings:Storefront_glbloauth.consumerSecret=hunter2";
    let refused = eca(&["package", "--secret", secret]);
    assert_eq!(refused.code, 3);
    let wildcard = eca(&["package", "--delete", "ExternalClientApplication:*"]);
    assert!(
        wildcard
            .stderr
            .contains("destructive changes name each component")
    );

    let types = eca(&["describe"]);
    assert!(
        types
            .stdout
            .contains("ExternalClientApplication externalClientApps/*.eca")
    );
    let members = eca(&["describe", "ExternalClientApplication"]);
    assert!(
        members
            .stdout
            .contains("distributionState (ExtlClntAppDistState): "),
        "{members:?}"
    );
    let unknown = eca(&["describe", "Nothing"]);
    assert_eq!(unknown.code, 5, "{unknown:?}");
    let listed = eca(&["list", "ExternalClientApplication", "Nothing"]);
    assert_eq!(listed.code, 1, "{listed:?}");
    assert!(listed.stderr.contains("INVALID_TYPE"));
    assert!(listed.stderr.contains("eca describe"), "{listed:?}");
    assert!(!listed.stderr.contains("did you mean"), "{listed:?}");
    let misspelt = eca(&["list", "externalclientapps", "--quiet"]);
    for text in [
        "error: externalclientapps: ",
        "hint: did you mean ExternalClientApplication?",
    ] {
        assert!(misspelt.stderr.contains(text), "{misspelt:?}");
    }
}

#[test]
fn a_deploy_is_cancelled_by_its_id() {
    let org = EndlessOrg::start();
    let project = storefront_copy();
    let environment = [
        ("SF_ACCESS_TOKEN", "00D000000000001!token"),
        ("SF_ORG_INSTANCE_URL", org.url()),
    ];
    let arguments = ["deploy", "--cancel", EndlessOrg::DEPLOY, "--json"];
    let cancelled = run_with(project.path(), &arguments, environment);
    assert_eq!(cancelled.code, 0, "{cancelled:?}");
    assert_eq!(cancelled.json()["status"], "Canceled");
    let requests = org.requests();
    let methods: Vec<_> = requests.iter().map(|request| &request.method).collect();
    assert_eq!(methods, ["PATCH", "GET"]);
}

#[test]
fn test_levels_reach_the_org() {
    let project = storefront_copy();
    for (words, level, names) in [
        ("none", "NoTestRun", "[]"),
        ("local", "RunLocalTests", "[]"),
        ("all", "RunAllTestsInOrg", "[]"),
        ("relevant", "RunRelevantTests", "[]"),
        (
            "A_Test,B_Test",
            "RunSpecifiedTests",
            r#"["A_Test","B_Test"]"#,
        ),
    ] {
        let org = EndlessOrg::start();
        let environment = [
            ("SF_ACCESS_TOKEN", "00D000000000001!token"),
            ("SF_ORG_INSTANCE_URL", org.url()),
        ];
        let arguments = ["deploy", "--tests", words, "--wait", "1ms"];
        let left = run_with(project.path(), &arguments, environment);
        assert_eq!(left.code, 6, "{left:?}");
        let requests = org.requests();
        let start = requests.iter().find(|request| request.method == "POST");
        let start = &start.unwrap().body;
        assert!(
            start.contains(&format!(r#""testLevel":"{level}""#)),
            "{words}"
        );
        let listed = start.contains(&format!(r#""runTests":{names}"#));
        assert!(
            listed || names == "[]" && !start.contains("runTests\""),
            "{words}"
        );
    }
}
