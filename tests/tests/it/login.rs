//! Tokens and the doctor, with the org of the environment and with `eca.toml`.

use std::fs;

use eca_tests::{Emulated, run, run_with};

#[test]
fn the_environment_s_org() {
    let org = Emulated::start();
    let folder = tempfile::tempdir().expect("a folder");
    let token = run_with(folder.path(), &["token"], org.environment());
    assert_eq!(token.code, 0, "{token:?}");
    assert_eq!(token.stdout.trim_end(), org.text("access_token"));

    let login = run_with(
        folder.path(),
        &["login", "--json", "-vvv"],
        org.environment(),
    );
    assert_eq!(login.code, 0, "{login:?}");
    let document = login.json();
    assert_eq!(document["schema"], "eca/login/1");
    assert_eq!(document["username"], org.text("username"));
    assert!(document.get("saved").is_none());

    let doctor = run_with(folder.path(), &["doctor", "org", "-vvv"], org.environment());
    assert_eq!(doctor.code, 0, "{doctor:?}");
    for check in ["host", "reachable", "clock", "token accepted"] {
        let line = format!("ok      {check}: ");
        assert!(doctor.stdout.contains(&line), "{check}: {doctor:?}");
    }
    for run in [&login, &doctor] {
        assert!(!run.stdout.contains(org.text("access_token")), "{run:?}");
        assert!(!run.stderr.contains(org.text("access_token")), "{run:?}");
    }
}

#[test]
fn a_dead_token_is_found() {
    let org = Emulated::start();
    let folder = tempfile::tempdir().expect("a folder");
    let environment = [
        ("SF_ACCESS_TOKEN", "00D000000000001!dead-LEAK".to_owned()),
        ("SF_ORG_INSTANCE_URL", org.text("instance_url").to_owned()),
    ];
    let doctor = run_with(folder.path(), &["doctor", "org", "--json"], environment);
    assert_eq!(doctor.code, 1, "{doctor:?}");
    assert_eq!(doctor.json()["first_failed"], "token accepted");
    assert!(!doctor.stdout.contains("LEAK") && !doctor.stderr.contains("LEAK"));
}

#[test]
fn wrong_input_is_a_usage_error() {
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [
        &["token"][..],
        &["login"],
        &["login", "--flow", "nonsense"],
        &["login", "--flow", "jwt", "--save"],
        &["login", "--flow", "headless"],
        &["login", "--password", "hunter2"],
        &["login", "--flow", "register", "--user-data", "x"],
        &["logout"],
        &["doctor"],
        &["doctor", "headless"],
        &["doctor", "login"],
    ] {
        let run = run(folder.path(), arguments);
        assert_eq!(run.code, 3, "{arguments:?}: {run:?}");
    }
    fs::write(
        folder.path().join("eca.toml"),
        "[orgs.a]\ninstance-url = 'https://acme.my.salesforce.com'\nauth = { method = 'jwt', client-id = 'x', username = 'y', key = 'none.pem' }\n",
    )
    .expect("a file");
    let no_audience = run(folder.path(), &["token", "--org", "a"]);
    assert_eq!(no_audience.code, 3, "{no_audience:?}");
    assert!(
        no_audience.stderr.contains("has no `audience`"),
        "{no_audience:?}"
    );
}
