//! Sources of tokens for scripts: variables, the Salesforce CLI, assertions, exchanges.

use std::fs;
use std::path::Path;

use eca_tests::{FakeOrg, LEAK, configure, run, run_with, store_token};

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
fn a_token_of_the_environment_is_used() {
    let (org, folder) = (FakeOrg::start_generous(), tempfile::tempdir().unwrap());
    for (token, url) in [
        ("SF_ACCESS_TOKEN", "SF_ORG_INSTANCE_URL"),
        ("SFDX_ACCESS_TOKEN", "SFDX_INSTANCE_URL"),
    ] {
        let variables = [(token, "00D!LEAK"), (url, &org.url)];
        let run = run_with(folder.path(), &["token"], variables);
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(run.stdout, "00D!LEAK\n");
    }
}

#[test]
fn variables_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let url = ("SF_ORG_INSTANCE_URL", "https://acme.example");
    for (variables, words) in [
        (
            &[("SF_ACCESS_TOKEN", "00D!x")][..],
            "SF_ACCESS_TOKEN is set, but SF_ORG_INSTANCE_URL is not",
        ),
        (
            &[url],
            "SF_ORG_INSTANCE_URL is set, but SF_ACCESS_TOKEN is not",
        ),
        (
            &[("SF_ACCESS_TOKEN", "a b"), url],
            "SF_ACCESS_TOKEN cannot be used",
        ),
        (
            &[
                ("SF_ACCESS_TOKEN", "x"),
                ("SF_ORG_INSTANCE_URL", "http://acme.example"),
            ],
            "instance url acme.example cannot be used",
        ),
        (&[("SF_ACCESS_TOKEN", "")], "no org given"),
        (
            &[
                ("SF_ACCESS_TOKEN", "x"),
                url,
                ("SF_ORG_API_VERSION", "latest"),
            ],
            "SF_ORG_API_VERSION cannot be used",
        ),
    ] {
        let run = run_with(folder.path(), &["token"], variables.iter().copied());
        assert_eq!(run.code, 3, "{run:?}");
        assert!(run.stderr.contains(words), "{words}: {run:?}");
        let explains = ["hint:", "caused by"];
        assert!(
            explains.iter().any(|word| run.stderr.contains(word)),
            "{run:?}"
        );
    }
}

#[test]
fn eca_toml_overrides_the_api_version_of_the_environment() {
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
fn the_salesforce_cli_prints_the_token_of_an_org() {
    let (org, folder) = (FakeOrg::start_generous(), tempfile::tempdir().unwrap());
    configure(
        folder.path(),
        &org.url,
        "auth = { method = 'sf', target-org = 'mia' }",
    );
    for (script, code, expected) in [
        (
            r#"[ "$3" = show-access-token ] && echo '{"result":{"accessToken":"00D!LEAK"}}' || echo '{"result":{"instanceUrl":"URL"}}'"#,
            0,
            "00D!LEAK",
        ),
        (
            r#"[ "$2" = display ] && [ "$5" = mia ] && echo '{"result":{"accessToken":"00D!LEAK","instanceUrl":"URL"}}' || exit 1"#,
            0,
            "00D!LEAK",
        ),
        (
            r#"[ "$2" = display ] && echo '{"result":{"accessToken":"[REDACTED]","instanceUrl":"URL"}}' || exit 1"#,
            4,
            "printed [REDACTED]",
        ),
        (
            r#"echo '{"message":"No authorization"}'; exit 1"#,
            4,
            "No authorization",
        ),
        ("echo LEAK; exit 0", 4, "printed no instance URL"),
        (
            r#"[ "$2" = display ] && echo '{"result":{"instanceUrl":"URL"}}' || echo LEAK"#,
            4,
            "printed no access token",
        ),
        ("exit 7", 4, "it failed"),
    ] {
        let path = sf(folder.path(), &script.replace("URL", &org.url));
        let token = run_with(folder.path(), &["token"], [("PATH", &path)]);
        assert_eq!(token.code, code, "{}", token.stderr);
        let printed = format!("{}{}", token.stdout, token.stderr);
        assert!(printed.contains(expected), "{printed}");
        assert!(code == 0 || printed.contains("hint: "), "{printed}");
        assert!(code == 0 || !printed.contains(LEAK), "{printed}");
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
    let unknown = run_with(
        folder.path(),
        &["login"],
        [("PATH", path.as_str()), ("SF_TARGET_ORG", "unknown")],
    );
    assert_eq!(unknown.code, 4);
    assert!(
        unknown.stderr.contains("No authorization"),
        "{}",
        unknown.stderr
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
fn the_audience_of_the_environment_is_used_when_eca_toml_has_none() {
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
        let printed = claims(folder.path(), &form, "assertion").to_string();
        assert!(printed.contains(expected), "{printed}");
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
fn every_flow_sends_a_signed_assertion_instead_of_a_secret() {
    let (org, folder) = (FakeOrg::start_generous(), tempfile::tempdir().unwrap());
    keys(folder.path());
    store_token(folder.path(), &org.url, "LEAK-r0");
    let assertion = "client-assertion = { key = 'k.pem' }";
    for (auth, grant) in [
        (
            format!("{{ method = 'client-credentials', client-id = '3MVG9', {assertion} }}"),
            "client_credentials",
        ),
        (
            format!(
                "{{ method = 'login', client-id = '3MVG9', token-file = 'stored', {assertion} }}"
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
        let printed = claims(folder.path(), form, "client_assertion").to_string();
        let endpoint = format!("{}/services/oauth2/token", org.url);
        assert!(
            printed.contains(&endpoint) && printed.contains("3MVG9"),
            "{printed}"
        );
    }
}

#[test]
fn a_client_that_cannot_authenticate() {
    let org = FakeOrg::start(|_, _| (500, String::new()));
    let folder = tempfile::tempdir().unwrap();
    keys(folder.path());
    let exchange = "method = 'token-exchange', client-id = '3MVG9', subject-token = 'env:NOBODY'";
    for (auth, code, expected) in [
        (
            format!("{{ {exchange}, subject-token-type = 'id-token' }}"),
            4,
            "`subject-token` of org `a`: environment variable NOBODY is not set",
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

/// A command, the member that it reads, and the org's entry, where `SOURCE` stands for the source.
fn secret_members() -> Vec<(&'static str, &'static str, String)> {
    let url = "http://127.0.0.1:9";
    let key = crate::keys::attest::data("test-only.p12");
    let access = "auth = { method = 'access-token', access-token = 'env:SET' }";
    let app = format!("site-url = '{url}'\nclient-id = '3MVG9'\n");
    let identity = |members: &str| {
        format!("{access}\n[orgs.a.identity]\n{app}redirect-uri = 'https://a.example/'\n{members}")
    };
    let headless = |secret: &str, key_password: &str| {
        format!(
            "{access}\n[orgs.a.headless]\n{app}client-secret = '{secret}'\nkey = '{key}'\nkey-password = '{key_password}'\n\
             audience = '{url}'\n[orgs.a.headless.profile]\nendpoint = 'discover'\nattestation = {{ header = 'X' }}\n"
        )
    };
    let auth = |members: &str| format!("[orgs.a.auth]\n{members}\n");
    let client = "client-id = '3MVG9'";
    vec![
        (
            "token",
            "access-token",
            auth("method = 'access-token'\naccess-token = 'SOURCE'"),
        ),
        (
            "token",
            "client-secret",
            auth(&format!(
                "method = 'client-credentials'\n{client}\nclient-secret = 'SOURCE'"
            )),
        ),
        (
            "token",
            "key-password",
            auth(&format!(
                "method = 'client-credentials'\n{client}\nclient-assertion = {{ key = '{key}', key-password = 'SOURCE' }}"
            )),
        ),
        (
            "token",
            "subject-token",
            auth(&format!(
                "method = 'token-exchange'\n{client}\nsubject-token-type = 'jwt'\nsubject-token = 'SOURCE'"
            )),
        ),
        (
            "token",
            "key-password",
            format!(
                "audience = 'https://login.salesforce.com'\n{}",
                auth(&format!(
                    "method = 'jwt'\n{client}\nusername = 'mia'\nkey = '{key}'\nkey-password = 'SOURCE'"
                ))
            ),
        ),
        (
            "login",
            "client-secret",
            auth(&format!(
                "method = 'login'\n{client}\nclient-secret = 'SOURCE'"
            )),
        ),
        (
            "token",
            "sfdx-auth-url",
            auth("method = 'sfdx-auth-url'\nsfdx-auth-url = 'SOURCE'"),
        ),
        (
            "doctor headless",
            "client-secret",
            headless("SOURCE", "env:SET"),
        ),
        (
            "doctor headless",
            "key-password",
            headless("env:SET", "SOURCE"),
        ),
        (
            "login --api identity --flow headless --username mia --password env:SET",
            "client-secret",
            identity("client-secret = 'SOURCE'"),
        ),
        (
            "login --api identity --flow passwordless --username mia",
            "gate.recaptcha",
            identity("gate = { recaptcha = 'SOURCE' }"),
        ),
        (
            "login --api identity --flow passwordless --username mia",
            "gate.access-token",
            identity("gate = { access-token = 'SOURCE' }"),
        ),
        (
            "login --api identity --flow passwordless --username mia",
            "gate.recaptcha-event.token",
            identity(
                "gate = { recaptcha-event = { token = 'SOURCE', site-key = 's', expected-action = 'a', project-id = 'p' } }",
            ),
        ),
    ]
}

#[test]
fn a_secret_that_cannot_be_read_is_named_by_place_member_and_org() {
    for (command, member, text) in secret_members() {
        for (source, problem) in [
            (
                "env:NO_SUCH_VARIABLE",
                "environment variable NO_SUCH_VARIABLE is not set",
            ),
            ("file:no/such/file", "cannot read no/such/file"),
            (
                "cmd:: LEAK; exit 7",
                "its command ended with exit status: 7",
            ),
            ("cmd:: LEAK", "it is empty"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            configure(
                folder.path(),
                "http://127.0.0.1:9",
                &text.replace("SOURCE", source),
            );
            let file = fs::read_to_string(folder.path().join("eca.toml")).unwrap();
            let offset = file.find(&format!("'{source}'")).unwrap();
            let line = file[..offset].matches('\n').count() + 1;
            let column = offset - file[..offset].rfind('\n').unwrap();
            let words: Vec<_> = command.split(' ').collect();
            let run = run_with(folder.path(), &words, [("SET", "test-only")]);
            assert!([3, 4].contains(&run.code), "{run:?}");
            let expected = format!("eca.toml:{line}:{column}: `{member}` of org `a`: {problem}");
            assert!(run.stderr.contains(&expected), "{expected}: {}", run.stderr);
            run.assert_hides(&[LEAK]);
        }
    }
}
