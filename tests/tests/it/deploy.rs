//! `eca emulate` and `eca deploy` together, as two processes.

use eca_tests::{Emulated, find, replace, run, run_with, storefront_copy};

#[test]
fn deploy_into_an_org() {
    let org = Emulated::start();
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
        "deploy Succeeded: 9 of 9 components, 0 with errors\n"
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

    assert_eq!(org.terminate(), 0, "SIGTERM is the ordinary end");
}

#[test]
fn what_the_org_refuses_points_at_the_local_line() {
    let org = Emulated::start();
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
}

#[test]
fn a_part_of_a_project() {
    let org = Emulated::start();
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

#[test]
fn who_we_are_matters() {
    let org = Emulated::start();
    let project = storefront_copy();
    let root = project.path();
    let url = org.text("instance_url").to_owned();
    let wrong = [
        ("SF_ACCESS_TOKEN", "00D000000000001!wrong".to_owned()),
        ("SF_ORG_INSTANCE_URL", url.clone()),
    ];
    let refused = run_with(root, &["deploy"], wrong);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(
        refused.stderr.contains("INVALID_SESSION_ID"),
        "{}",
        refused.stderr
    );
    assert!(!refused.stderr.contains("!wrong"), "{}", refused.stderr);

    let config = format!(
        "[orgs.local]\ninstance-url = \"{url}\"\nauth = {{ method = \"access-token\", access-token = \"env:TOKEN\" }}\n"
    );
    std::fs::write(root.join("eca.toml"), config).unwrap();
    let named = run_with(
        root,
        &["deploy", "--org", "local"],
        [("TOKEN", org.text("access_token"))],
    );
    assert_eq!(named.code, 0, "{named:?}");
    let unset = run(root, &["deploy", "--org", "local"]);
    assert_eq!(unset.code, 4, "{unset:?}");
    assert!(
        unset
            .stderr
            .contains("environment variable TOKEN is not set"),
        "{}",
        unset.stderr
    );
}

#[test]
fn what_cannot_be_known_says_how_to_find_out() {
    let org = Emulated::start();
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
            .contains("the org knows no deploy 0Af000000000001AAA"),
        "{}",
        unknown.stderr
    );

    let environment = org.environment();
    assert_eq!(org.terminate(), 0);
    let gone = run_with(root, &["deploy"], environment);
    assert_eq!(gone.code, 1, "{gone:?}");
    assert!(
        gone.stderr.contains("could not connect") && gone.stderr.contains("hint: check that"),
        "{}",
        gone.stderr
    );
}
