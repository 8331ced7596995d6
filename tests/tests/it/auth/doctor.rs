//! `eca doctor` finds each cause of a refusal.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use eca_emulator::{ChallengeProfile, Org, SiteSettings};
use eca_oauth::explain;

use eca_tests::{FakeOrg, LEAK, Run, configure, find, replace, run, store_token};

use crate::auth::site::World;
use crate::embedded::EmbeddedOrg;

/// The cause that the doctor found, and the first check that failed.
fn found(run: &Run) -> (String, String) {
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let text = |name: &str| document[name].as_str().unwrap_or("nothing").to_owned();
    (text("cause"), text("first_failed"))
}

const HEADLESS: [&str; 4] = ["doctor", "headless", "--json", "-vvv"];

/// Changes one text of `eca.toml`.
fn change(folder: &Path, from: &str, to: &str) {
    let path = folder.join("eca.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}: {text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn eca_toml_does_not_fit_the_site() {
    let world = World::new(ChallengeProfile::default());
    let site = world.org.site_url();
    let make = "cert new --name y --key-out k2.pem --cert-out c2.pem";
    world.good(&make.split(' ').collect::<Vec<_>>());
    let id = world.org.consumer_key("Storefront").unwrap();
    let audience = format!("audience = '{site}'");
    let endpoint = format!("endpoint = '{site}/elsewhere'");
    for (changes, cause, failed) in [
        (
            &[("'k.pem'", "'k2.pem'")][..],
            "key",
            "key matches certificate",
        ),
        (
            &[("'k.pem'", "'k2.pem'"), ("'c.pem'", "'c2.pem'")],
            "certificate",
            "certificate registered",
        ),
        (
            &[("[orgs.a.headless]", "[orgs.a.headless]\nscope = 'web'")],
            "scope",
            "scopes",
        ),
        (
            &[(
                audience.as_str(),
                "audience = 'https://test.salesforce.com'",
            )],
            "audience",
            "challenge",
        ),
        (&[(id.as_str(), "3MVG9nobody")], "app", "challenge"),
        (
            &[("OAuth-Client-Attestation", "X-Other")],
            "profile",
            "challenge",
        ),
        (
            &[("endpoint = 'discover'", endpoint.as_str())],
            "profile",
            "challenge endpoint",
        ),
    ] {
        world.configure("", "username", "k.pem");
        for (from, to) in changes {
            change(world.path(), from, to);
        }
        assert_eq!(
            found(&world.run(&HEADLESS)),
            (cause.to_owned(), failed.to_owned()),
            "{changes:?}"
        );
    }
}

#[test]
fn the_clock_is_wrong() {
    let world = World::new(ChallengeProfile::default());
    assert_eq!(world.run(&HEADLESS).code, 0);
    world.org.advance_clock(Duration::from_hours(1));
    assert_eq!(found(&world.run(&HEADLESS)).0, "expiry");
}

#[test]
fn the_app_is_not_first_party() {
    let world = World::new(ChallengeProfile::default());
    let settings = find(world.path(), ".ecaOauth-meta.xml");
    let switch = "<isFirstPartyAppEnabled>";
    replace(
        &settings,
        &format!("{switch}true"),
        &format!("{switch}false"),
    );
    assert_eq!(found(&world.run(&HEADLESS)).0, "first-party");
}

#[test]
fn the_site_refuses_first_party_apps() {
    let mut settings = SiteSettings::default();
    settings.first_party_apps = false;
    let org = EmbeddedOrg::start_with(Org::builder().site(settings));
    let world = World::with_org(org);
    let (cause, failed) = found(&world.run(&HEADLESS));
    assert_eq!((cause.as_str(), failed.as_str()), ("site", "challenge"));
}

const LOGIN: [&str; 4] = ["doctor", "login", "--json", "-vvv"];

/// The two files of a project whose members the cases vary.
const GLOBAL: &str = "force-app/main/default/extlClntAppGlobalOauthSets/A.ecaGlblOauth-meta.xml";
const SETTINGS: &str = "force-app/main/default/extlClntAppOauthSettings/A.ecaOauth-meta.xml";

fn project(folder: &Path, global: &str, settings: &str) {
    for (path, kind, members) in [
        (GLOBAL, "ExtlClntAppGlobalOauthSettings", global),
        (SETTINGS, "ExtlClntAppOauthSettings", settings),
    ] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{members}\n<externalClientApplication>A</externalClientApplication>\n<label>A</label>\n</{kind}>\n"
        );
        fs::write(path, text).unwrap();
    }
    let sfdx =
        r#"{"packageDirectories":[{"path":"force-app","default":true}],"sourceApiVersion":"66.0"}"#;
    fs::write(folder.join("sfdx-project.json"), sfdx).unwrap();
}

const CREDENTIALS: &str =
    "{ method = 'client-credentials', client-id = '3MVG9', client-secret = 'cmd:echo LEAK' }";
const STORED: &str = "{ method = 'login', client-id = '3MVG9', token-file = 'stored' }";
const EXCHANGE: &str = "{ method = 'token-exchange', client-id = '3MVG9', subject-token = 'cmd:echo LEAK', subject-token-type = 'jwt' }";

#[test]
fn the_files_of_the_project_are_wrong() {
    let org = FakeOrg::start(|_, _| (200, "{}".to_owned()));
    for (auth, global, settings, cause) in [
        (CREDENTIALS, "", "", "flow"),
        (
            CREDENTIALS,
            "<isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled>",
            "",
            "run-as-user",
        ),
        (CREDENTIALS, "<consumerKey>3MVG8</consumerKey>", "", "app"),
        (
            EXCHANGE,
            "<isTokenExchangeEnabled>false</isTokenExchangeEnabled>",
            "",
            "flow",
        ),
        (
            STORED,
            "<callbackUrl>http://localhost:1718/callback</callbackUrl>",
            "",
            "redirect-uri",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        configure(folder.path(), &org.url, &format!("auth = {auth}"));
        project(folder.path(), global, settings);
        let (found, _) = found(&run(folder.path(), &LOGIN));
        assert_eq!(found, cause, "{auth} {global}");
    }
    assert!(
        org.requests().is_empty(),
        "nothing is sent while the files are wrong"
    );
}

/// How a token is requested, `error` and `error_description` of the answer, and the cause.
const REFUSALS: [(&str, &str, &str, &str); 11] = [
    (
        CREDENTIALS,
        "invalid_client",
        "invalid client credentials",
        "secret",
    ),
    (
        CREDENTIALS,
        "invalid_grant",
        "no client credentials user enabled",
        "run-as-user",
    ),
    (
        CREDENTIALS,
        "unsupported_grant_type",
        "grant type not supported",
        "flow",
    ),
    (
        CREDENTIALS,
        "invalid_app_access",
        "User isn't approved by an admin",
        "pre-authorisation",
    ),
    (
        CREDENTIALS,
        "invalid_request",
        "External client app is not installed in this org",
        "app",
    ),
    (CREDENTIALS, "inactive_user", "user is inactive", "user"),
    (CREDENTIALS, "rate_limit_exceeded", "exceeded", "rate"),
    (
        CREDENTIALS,
        "redirect_uri_mismatch",
        "redirect_uri must match configuration",
        "redirect-uri",
    ),
    (
        CREDENTIALS,
        "invalid_scope",
        "the requested scope is not allowed",
        "scope",
    ),
    (
        STORED,
        "invalid_grant",
        "expired access/refresh token",
        "refresh-token",
    ),
    (CREDENTIALS, "", "", "host"),
];

#[test]
fn the_org_refuses() {
    for (auth, error, description, cause) in REFUSALS {
        let org = FakeOrg::start(move |request, _| match (request.path.as_str(), error) {
            ("/services/oauth2/token", "") => (200, "<html>LEAK</html>".to_owned()),
            ("/services/oauth2/token", _) => (
                400,
                serde_json::json!({"error": error, "error_description": description}).to_string(),
            ),
            _ => (404, "{}".to_owned()),
        });
        let folder = tempfile::tempdir().unwrap();
        store_token(folder.path(), &org.url, "LEAK-r0");
        configure(folder.path(), &org.url, &format!("auth = {auth}"));
        let doctor = run(folder.path(), &LOGIN);
        doctor.assert_hides(&[LEAK]);
        let (found, failed) = found(&doctor);
        assert_eq!((&*found, &*failed), (cause, "token"), "{error}");
        // The command that failed has the same hint.
        let token = run(folder.path(), &["token", "-vvv"]);
        let why = explain::all()
            .iter()
            .find(|entry| entry.id == cause)
            .unwrap()
            .why;
        assert!(
            token.stderr.contains(&format!("hint: {why}")),
            "{}",
            token.stderr
        );
        token.assert_hides(&[LEAK]);
    }
}

#[test]
fn the_site_refuses_the_challenge() {
    let folder = tempfile::tempdir().unwrap();
    let make = "cert new --name y --key-out k.pem --cert-out c.pem";
    assert_eq!(
        run(folder.path(), &make.split(' ').collect::<Vec<_>>()).code,
        0
    );
    for (body, cause) in [
        (
            r#"{"error":"invalid_client","error_description":"the jti was used before"}"#,
            "jti",
        ),
        (r#"{"error":"invalid_grant"}"#, "user-input"),
        (r#"{"error":"access_denied"}"#, "pre-authorisation"),
    ] {
        let org = FakeOrg::start(move |_, _| (400, body.to_owned()));
        let url = &org.url;
        let auth = format!(
            "auth = {{ method = 'access-token', access-token = 'cmd:echo x' }}\n\
             [orgs.a.headless]\nsite-url = '{url}'\nclient-id = '3MVG9'\nclient-secret = 'cmd:echo LEAK'\n\
             key = 'k.pem'\ncertificate = 'c.pem'\naudience = '{url}'\n\
             [orgs.a.headless.profile]\nendpoint = '{url}/challenge'\nattestation = {{ header = 'X-A' }}\n"
        );
        configure(folder.path(), url, &auth);
        let doctor = run(folder.path(), &HEADLESS);
        doctor.assert_hides(&[LEAK, "eyJ"]);
        assert_eq!(found(&doctor).0, cause, "{}", doctor.stdout);
    }
}

const CODE: &str = "<isCodeCredFlowEnabled>true</isCodeCredFlowEnabled>\n<callbackUrl>https://a.example/echo</callbackUrl>";

#[test]
fn the_identity_apis_refuse() {
    let org = FakeOrg::start(|request, _| match request.path.as_str() {
        "/services/oauth2/userinfo" => (403, r#"{"error":"invalid_token"}"#.to_owned()),
        _ => (404, "{}".to_owned()),
    });
    let post_only = format!("{CODE}\n<isCodeCredPostOnly>true</isCodeCredPostOnly>");
    for (global, cause) in [
        ("", "flow"),
        (post_only.as_str(), "post-only"),
        (&CODE.replace("a.example", "b.example"), "redirect-uri"),
        (CODE, "gate"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let url = &org.url;
        let auth = format!(
            "auth = {{ method = 'access-token', access-token = 'cmd:echo x' }}\n\
             [orgs.a.identity]\nsite-url = '{url}'\nclient-id = '3MVG9'\nredirect-uri = 'https://a.example/echo'\n\
             gate = {{ access-token = 'cmd:echo 00D!LEAK' }}\n"
        );
        configure(folder.path(), url, &auth);
        project(folder.path(), global, "");
        let doctor = run(folder.path(), &HEADLESS);
        doctor.assert_hides(&[LEAK]);
        assert_eq!(found(&doctor).0, cause, "{}", doctor.stdout);
    }
}

/// A test above finds every cause, but those that only a login or a call shows. The agreement of
/// doctor, lint and logins has the tests of `app-off` and `session-level`.
#[test]
fn every_cause_has_a_test() {
    let source = include_str!("doctor.rs");
    let (above, _) = source.split_once("fn every_cause_has_a_test").unwrap();
    let left: BTreeSet<_> = explain::all()
        .iter()
        .map(|cause| cause.id)
        .filter(|id| !above.contains(&format!("\"{id}\"")))
        .collect();
    let elsewhere = [
        "app-off",
        "auth-session",
        "code",
        "consent",
        "device-code",
        "dpop",
        "fresh-attestation",
        "idle",
        "ip-restrictions",
        "my-domain",
        "password",
        "pending",
        "pkce",
        "pkce-missing",
        "poll-interval",
        "request",
        "scope-sent",
        "server",
        "session-level",
        "subject-token",
        "token-handler",
        "token-limit",
    ];
    assert_eq!(left, BTreeSet::from(elsewhere));
}
