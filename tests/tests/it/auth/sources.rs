//! Where a script's tokens come from: variables, the Salesforce CLI, assertions, exchanges.

use std::fs;
use std::path::Path;

use eca_tests::{FakeOrg, LEAK, configure, run, run_with};

/// A folder whose `sf` is this script; its `PATH`.
#[cfg(unix)]
fn sf(folder: &Path, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let sf = folder.join("sf");
    fs::write(&sf, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&sf, fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}

#[test]
fn variables_of_the_salesforce_cli() {
    let (org, folder) = (FakeOrg::start_generous(), tempfile::tempdir().unwrap());
    let url = org.url.as_str();
    for (variables, code, expected) in [
        (
            &[
                ("SF_ACCESS_TOKEN", "00D!LEAK"),
                ("SF_ORG_INSTANCE_URL", url),
            ][..],
            0,
            "00D!LEAK",
        ),
        (
            &[
                ("SFDX_ACCESS_TOKEN", "00D!LEAK"),
                ("SFDX_INSTANCE_URL", url),
            ],
            0,
            "00D!LEAK",
        ),
        (
            &[("SF_ACCESS_TOKEN", "00D!x")],
            3,
            "SF_ACCESS_TOKEN is set, but SF_ORG_INSTANCE_URL is not",
        ),
        (
            &[("SF_ORG_INSTANCE_URL", url)],
            3,
            "SF_ORG_INSTANCE_URL is set, but SF_ACCESS_TOKEN is not",
        ),
        (
            &[("SF_ACCESS_TOKEN", "a b"), ("SF_ORG_INSTANCE_URL", url)],
            3,
            "SF_ACCESS_TOKEN cannot be used",
        ),
        (
            &[
                ("SF_ACCESS_TOKEN", "x"),
                ("SF_ORG_INSTANCE_URL", "http://acme.example"),
            ],
            3,
            "instance url acme.example cannot be used",
        ),
        (&[("SF_ACCESS_TOKEN", "")], 3, "no org given"),
        (
            &[
                ("SF_ACCESS_TOKEN", "x"),
                ("SF_ORG_INSTANCE_URL", url),
                ("SF_ORG_API_VERSION", "latest"),
            ],
            3,
            "SF_ORG_API_VERSION cannot be used",
        ),
    ] {
        let token = run_with(folder.path(), &["token"], variables.iter().copied());
        let said = format!("{}{}", token.stdout, token.stderr);
        assert_eq!(token.code, code, "{said}");
        assert!(said.contains(expected), "{expected}: {said}");
        assert!(
            code == 0 || said.contains("hint:") || said.contains("caused by"),
            "{said}"
        );
    }
}

#[test]
fn the_version_of_the_environment_is_spoken_unless_eca_toml_names_one() {
    let (org, folder) = (FakeOrg::start_generous(), tempfile::tempdir().unwrap());
    let variables = [
        ("SF_ACCESS_TOKEN", "00D!x"),
        ("SF_ORG_INSTANCE_URL", org.url.as_str()),
        ("SF_ORG_API_VERSION", "61.0"),
    ];
    assert_ne!(run_with(folder.path(), &["describe"], variables).code, 0);
    assert!(org.last_request().path.contains("61.0"));
    let auth = "api-version = '63.0'\nauth = { method = 'access-token', access-token = 'env:SF_ACCESS_TOKEN' }";
    configure(folder.path(), &org.url, auth);
    assert_ne!(
        run_with(folder.path(), &["describe", "--org", "a"], variables).code,
        0
    );
    assert!(org.last_request().path.contains("63.0"));
}

#[cfg(unix)]
#[test]
fn a_login_of_the_salesforce_cli_is_asked_for() {
    let (org, folder) = (FakeOrg::start_generous(), tempfile::tempdir().unwrap());
    configure(
        folder.path(),
        &org.url,
        "auth = { method = 'sf', target-org = 'mia' }",
    );
    for (script, code, expected) in [
        (
            r#"[ "$3" = show-access-token ] && echo '{"result":{"accessToken":"00D!LEAK"}}'"#,
            0,
            "00D!LEAK",
        ),
        (
            r#"[ "$2" = display ] && [ "$5" = mia ] && echo '{"result":{"accessToken":"00D!LEAK"}}' || exit 1"#,
            0,
            "00D!LEAK",
        ),
        (
            r#"[ "$2" = display ] && echo '{"result":{"accessToken":"[REDACTED]"}}' || exit 1"#,
            4,
            "printed [REDACTED]",
        ),
        (
            r#"echo '{"message":"No authorization"}'; exit 1"#,
            4,
            "No authorization",
        ),
        ("echo LEAK; exit 0", 4, "printed no access token"),
        ("exit 7", 4, "it failed"),
    ] {
        let path = sf(folder.path(), script);
        let token = run_with(folder.path(), &["token"], [("PATH", &path)]);
        assert_eq!(token.code, code, "{}", token.stderr);
        let said = format!("{}{}", token.stdout, token.stderr);
        assert!(said.contains(expected), "{said}");
        assert!(code == 0 || said.contains("hint: "), "{said}");
        assert!(code == 0 || !said.contains(LEAK), "{said}");
    }
    let nowhere = run_with(folder.path(), &["token"], [("PATH", "/nowhere")]);
    assert_eq!(nowhere.code, 4);
    assert!(
        nowhere.stderr.contains("hint: install the Salesforce CLI"),
        "{}",
        nowhere.stderr
    );
}

#[cfg(unix)]
#[test]
fn the_target_org_of_the_salesforce_cli_is_the_last_resort() {
    let (org, folder) = (FakeOrg::start_generous(), tempfile::tempdir().unwrap());
    let script = format!(
        "case \"$*\" in *mia) ;; *) echo '{{\"message\":\"No authorization\"}}'; exit 1;; esac\n\
         [ \"$2\" = display ] && echo '{{\"result\":{{\"accessToken\":\"[REDACTED]\",\"instanceUrl\":\"{}\"}}}}' && exit\n\
         echo '{{\"result\":{{\"accessToken\":\"00D!LEAK\"}}}}'",
        org.url
    );
    let path = sf(folder.path(), &script);
    let login = run_with(
        folder.path(),
        &["login", "-vvv"],
        [("PATH", path.as_str()), ("SF_TARGET_ORG", "mia")],
    );
    assert_eq!(login.code, 0, "{}", login.stderr);
    assert!(login.stdout.contains("logged in as mia@acme.com"));
    login.assert_hides(&[LEAK]);
    let stranger = run_with(
        folder.path(),
        &["login"],
        [("PATH", path.as_str()), ("SF_TARGET_ORG", "somebody")],
    );
    assert_eq!(stranger.code, 4);
    assert!(
        stranger.stderr.contains("No authorization"),
        "{}",
        stranger.stderr
    );
}

fn keys(folder: &Path) {
    let arguments = "cert new --name x --key-out k.pem --cert-out c.pem";
    let made = run(folder, &arguments.split(' ').collect::<Vec<_>>());
    assert_eq!(made.code, 0, "{}", made.stderr);
}

/// The claims of the assertion in a form, which must be there.
fn claims(folder: &Path, form: &str, parameter: &str) -> serde_json::Value {
    let jwt = form.split(&format!("{parameter}=")).nth(1).unwrap();
    let jwt = jwt.split('&').next().unwrap();
    let decoded = run(folder, &["attest", "inspect", jwt, "--json"]);
    assert_eq!(decoded.code, 0, "{}", decoded.stderr);
    serde_json::from_str(&decoded.stdout).unwrap()
}

#[test]
fn the_audience_of_the_environment_fills_a_gap_and_overrides_nothing() {
    let (org, folder) = (FakeOrg::start_generous(), tempfile::tempdir().unwrap());
    keys(folder.path());
    let jwt =
        "auth = { method = 'jwt', client-id = '3MVG9', username = 'mia@acme.com', key = 'k.pem' }";
    let audience = [("SF_AUDIENCE_URL", "https://test.salesforce.com")];
    for (config, expected) in [
        (jwt.to_owned(), "https://test.salesforce.com"),
        (
            format!("audience = 'https://login.salesforce.com'\n{jwt}"),
            "https://login.salesforce.com",
        ),
    ] {
        configure(folder.path(), &org.url, &config);
        let token = run_with(folder.path(), &["token"], audience);
        assert_eq!(token.code, 0, "{}", token.stderr);
        let form = org.last_request().body;
        let said = claims(folder.path(), &form, "assertion").to_string();
        assert!(said.contains(expected), "{said}");
    }
    configure(folder.path(), &org.url, jwt);
    let token = run_with(folder.path(), &["token"], [("SF_AUDIENCE_URL", "nonsense")]);
    assert_eq!(token.code, 3);
    assert!(
        token.stderr.contains("SF_AUDIENCE_URL cannot be used"),
        "{}",
        token.stderr
    );
}

#[test]
fn a_signed_assertion_stands_for_the_secret_in_every_flow() {
    let (org, folder) = (FakeOrg::start_generous(), tempfile::tempdir().unwrap());
    keys(folder.path());
    fs::write(folder.path().join("kept"), "LEAK-r0\n").unwrap();
    let assertion = "client-assertion = { key = 'k.pem' }";
    for (auth, grant) in [
        (
            format!("{{ method = 'client-credentials', client-id = '3MVG9', {assertion} }}"),
            "client_credentials",
        ),
        (
            format!(
                "{{ method = 'login', client-id = '3MVG9', token-file = 'kept', {assertion} }}"
            ),
            "refresh_token",
        ),
        (
            format!(
                "{{ method = 'token-exchange', client-id = '3MVG9', subject-token = 'env:SUBJECT', \
                 subject-token-type = 'id-token', {assertion} }}"
            ),
            "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange",
        ),
    ] {
        configure(folder.path(), &org.url, &format!("auth = {auth}"));
        let login = run_with(
            folder.path(),
            &["login", "-vvv"],
            [("SUBJECT", "LEAK-subject")],
        );
        assert_eq!(login.code, 0, "{}", login.stderr);
        login.assert_hides(&[LEAK, "eyJ"]);
        let requests = org.requests();
        let token = requests.iter().rfind(|sent| sent.path.ends_with("/token"));
        let form = &token.unwrap().body;
        assert!(form.contains(&format!("grant_type={grant}&")), "{form}");
        assert!(!form.contains("client_secret"), "{form}");
        let said = claims(folder.path(), form, "client_assertion").to_string();
        let endpoint = format!("{}/services/oauth2/token", org.url);
        assert!(said.contains(&endpoint) && said.contains("3MVG9"), "{said}");
    }
}

#[test]
fn what_cannot_be_exchanged_or_proved_says_why() {
    let org = FakeOrg::start(|_, _| (500, String::new()));
    let folder = tempfile::tempdir().unwrap();
    keys(folder.path());
    let exchange = "method = 'token-exchange', client-id = '3MVG9', subject-token = 'env:NOBODY'";
    for (auth, code, expected) in [
        (
            format!("{{ {exchange}, subject-token-type = 'id-token' }}"),
            4,
            "`subject-token`: environment variable NOBODY is not set",
        ),
        (
            format!("{{ {exchange}, subject-token-type = 'id_token' }}"),
            3,
            "orgs.a.auth.subject-token-type",
        ),
        (
            "{ method = 'client-credentials', client-id = '3MVG9' }".to_owned(),
            3,
            "neither `client-secret` nor `client-assertion`",
        ),
        (
            "{ method = 'client-credentials', client-id = '3MVG9', client-secret = 'cmd:echo x', client-assertion = { key = 'k.pem' } }".to_owned(),
            3,
            "both `client-secret` and `client-assertion`",
        ),
        (
            "{ method = 'client-credentials', client-id = '3MVG9', client-assertion = { key = 'none.pem' } }".to_owned(),
            3,
            "none.pem",
        ),
    ] {
        configure(folder.path(), &org.url, &format!("auth = {auth}"));
        let token = run(folder.path(), &["token"]);
        assert_eq!(token.code, code, "{}", token.stderr);
        assert!(token.stderr.contains(expected), "{expected}: {}", token.stderr);
    }
    assert!(org.requests().is_empty(), "{org:?}");
}
