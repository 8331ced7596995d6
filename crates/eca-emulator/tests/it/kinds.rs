//! Kinds of org, refreshing a sandbox, and the delay of new consumer keys at login servers.

use std::time::Duration;

use eca_emulator::{Builder, Org, OrgKind, Production};
use expect_test::expect;
use serde_json::{Value, json};

use crate::fixture::{
    APP, APP_CERTIFICATE, APP_KEY, Client, GLOBAL, OAUTH_POLICIES, Package, body, failures,
};
use crate::oauth::login::{NOW, at_noon, clock, jwt};
use crate::server::http::Answer;

const TOKEN: &str = "/services/oauth2/token";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

fn sandbox() -> OrgKind {
    OrgKind::Sandbox("uat".to_owned())
}

/// An app with a certificate, for administrators.
async fn start(builder: Builder) -> Org {
    let org = builder.start().await.unwrap();
    deploy(&org);
    org
}

fn deploy(org: &Org) {
    let package = Package::storefront()
        .replace(
            GLOBAL,
            "    <externalClientApplication>",
            &format!(
                "    <certificate>{}</certificate>\n    <externalClientApplication>",
                body(APP_CERTIFICATE)
            ),
        )
        .replace(
            OAUTH_POLICIES,
            "    <externalClientApplication>",
            "    <commaSeparatedProfile>Admin</commaSeparatedProfile>\n    <externalClientApplication>",
        )
        .replace(
            OAUTH_POLICIES,
            "admin@embedded.example",
            org.admin_username(),
        );
    let result = Client(org).deploy(&package);
    assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
}

fn jwt_bearer(org: &Org, key: &str, audience: &str, host: Option<&str>) -> String {
    let claims = json!({"iss": key, "sub": org.admin_username(), "aud": audience, "exp": NOW + 60});
    let assertion = jwt(APP_KEY, &json!({"alg": "RS256"}), &claims);
    let fields = [
        ("grant_type", JWT_BEARER),
        ("assertion", assertion.as_str()),
    ];
    outcome(&at_host(org, host, &fields))
}

/// A token request with this `Host`.
fn at_host(org: &Org, host: Option<&str>, fields: &[(&str, &str)]) -> Answer {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let own = org.address().to_string();
    let request = format!(
        "POST {TOKEN} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        host.unwrap_or(&own),
        form.len()
    );
    crate::server::http::exchange(org.address(), format!("{request}\r\n{form}").as_bytes())
}

fn outcome(answer: &Answer) -> String {
    match answer.status {
        200 => "200".to_owned(),
        _ => answer.error(),
    }
}

fn query(org: &Org, text: &str) -> Value {
    let text = text.replace(' ', "+");
    let path = format!("/services/data/v66.0/query?q={text}");
    Client(org).rest("GET", &path, "").json()["records"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_has_its_login_host() {
    let (login, test) = (
        "https://login.salesforce.com",
        "https://test.salesforce.com",
    );
    let refused = "400 invalid_grant: audience is invalid";
    for (kind, right, wrong) in [
        (OrgKind::Production, login, test),
        (sandbox(), test, login),
        (OrgKind::Scratch, test, login),
    ] {
        let org = start(at_noon(&clock()).kind(kind.clone())).await;
        let key = org.consumer_key(APP).unwrap();
        assert_eq!(org.kind(), &kind);
        assert_eq!(jwt_bearer(&org, &key, right, None), "200", "{kind}");
        assert_eq!(jwt_bearer(&org, &key, wrong, None), refused, "{kind}");
        assert_eq!(jwt_bearer(&org, &key, org.instance_url(), None), "200");

        // The same through a login host.
        let host = |url: &str| url.strip_prefix("https://").unwrap().to_owned();
        assert_eq!(jwt_bearer(&org, &key, right, Some(&host(right))), "200");
        expect!["400 OAUTH_EC_APP_NOT_FOUND: External client app is not installed in this org"]
            .assert_eq(&jwt_bearer(&org, &key, wrong, Some(&host(wrong))));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn client_credentials_and_token_exchange_need_my_domain() {
    let org = start(at_noon(&clock())).await;
    let (key, secret) = (
        org.consumer_key(APP).unwrap(),
        org.consumer_secret(APP).unwrap(),
    );
    for grant in [
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ] {
        let fields = [
            ("grant_type", grant),
            ("client_id", key.as_str()),
            ("client_secret", secret.expose_secret()),
        ];
        let answer = at_host(&org, Some("login.salesforce.com"), &fields);
        expect!["400 invalid_grant: request not supported on this domain"]
            .assert_eq(&answer.error());
        let answer = outcome(&at_host(&org, None, &fields));
        assert!(!answer.contains("domain"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_describes_itself() {
    let text = "SELECT IsSandbox, TrialExpirationDate FROM Organization";
    for (kind, expected, username) in [
        (
            OrgKind::Production,
            json!({"IsSandbox": false, "TrialExpirationDate": null}),
            "admin@embedded.example",
        ),
        (
            sandbox(),
            json!({"IsSandbox": true, "TrialExpirationDate": null}),
            "admin@embedded.example.uat",
        ),
        (
            OrgKind::Scratch,
            json!({"IsSandbox": true, "TrialExpirationDate": "2026-12-18T11:06:40.000Z"}),
            "admin@embedded.example",
        ),
    ] {
        let org = at_noon(&clock()).kind(kind).start().await.unwrap();
        let mut row = query(&org, text)[0].clone();
        row.as_object_mut().unwrap().remove("attributes");
        assert_eq!(row, expected);
        assert_eq!(org.admin_username(), username);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refreshed_sandbox_has_lost_its_apps() {
    let mut org = start(at_noon(&clock()).kind(sandbox())).await;
    org.create_external_user("ada@example.com", "passw0rd 1")
        .unwrap();
    org.assign_permission_set("ada@example.com", "Shoppers")
        .unwrap();
    let key = org.consumer_key(APP).unwrap();
    let (old_id, old_token) = (
        org.org_id(),
        org.admin_access_token().expose_secret().to_owned(),
    );
    assert_eq!(jwt_bearer(&org, &key, org.instance_url(), None), "200");
    org.refresh(Production::WithoutApps).unwrap();

    assert_ne!(org.org_id(), old_id);
    assert!(org.components().is_empty() && org.apps().is_empty());
    let token = org.admin_access_token().expose_secret();
    assert!(token.starts_with(&format!("{}!", org.org_id().short())));
    let soap = |token: &str| {
        let answer = Client(&org).soap_with("66.0", token, "<describeMetadata/>");
        answer.status
    };
    assert_eq!((soap(token), soap(&old_token)), (200, 500));
    // The key belongs to an app that is not in this org.
    expect!["400 OAUTH_EC_APP_NOT_FOUND: External client app is not installed in this org"]
        .assert_eq(&jwt_bearer(&org, &key, org.instance_url(), None));
    assert_eq!(query(&org, "SELECT Id FROM LoginHistory"), json!([]));
    let users = Client(&org).rest("GET", "/_org/users", "").json();
    assert_eq!(users["users"][0]["username"], "ada@example.com.uat");
    assert_eq!(users["users"][0]["permission_sets"], json!([]));
    // Only the administrator gets mail from a sandbox.
    let emails = query(&org, "SELECT Username, Email FROM User");
    let emails: Vec<_> = emails
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["Email"].clone())
        .collect();
    assert!(
        emails.contains(&json!("ada@example.com.invalid")),
        "{emails:?}"
    );
    assert!(emails.contains(&json!(org.admin_username())), "{emails:?}");

    // After another deploy it is another app.
    deploy(&org);
    let new = org.consumer_key(APP).unwrap();
    assert_ne!(new, key);
    assert_eq!(jwt_bearer(&org, &new, org.instance_url(), None), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_can_copy_the_apps_of_production() {
    let org = start(at_noon(&clock()).kind(sandbox())).await;
    let client = Client(&org);
    let (key, secret) = (
        org.consumer_key(APP).unwrap(),
        org.consumer_secret(APP).unwrap(),
    );
    let answer = client.rest("POST", "/_org/refresh", r#"{"production":"same-apps"}"#);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = answer.json();
    assert_eq!(answer["org_id"], org.org_id().as_str());
    let token = answer["access_token"].as_str().unwrap();
    // The refresh ends the session of the request; the answer has the next one.
    assert_eq!(client.rest("GET", "/_org/clock", "").status, 401);
    assert_eq!(
        client
            .soap_with("66.0", token, "<describeMetadata/>")
            .status,
        200
    );

    assert_ne!(org.consumer_key(APP).unwrap(), key);
    assert_ne!(
        org.consumer_secret(APP).unwrap().expose_secret(),
        secret.expose_secret()
    );
    let id = org.org_id();
    let files: Vec<_> = org
        .components()
        .into_iter()
        .map(|component| component.file)
        .collect();
    let all = files.concat();
    assert!(all.contains(&format!(
        "<orgScopedExternalApp>{}:{APP}</orgScopedExternalApp>",
        id.short()
    )));
    assert!(all.contains(&format!("<oauthLink>{}:888", id.short())));
    assert!(!all.contains(&key));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refreshed_sandbox_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let begin = |kind| at_noon(&clock()).kind(kind).state_dir(folder.path());
    let mut org = start(begin(sandbox())).await;
    org.refresh(Production::WithSameApps).unwrap();
    let (id, token) = (
        org.org_id(),
        org.admin_access_token().expose_secret().to_owned(),
    );
    org.stop().await;
    // The kind of the stored org has precedence over the setting.
    let again = begin(OrgKind::Production).start().await.unwrap();
    assert_eq!((again.org_id(), again.kind()), (id, &sandbox()));
    assert_eq!(again.admin_access_token().expose_secret(), token);
    assert_eq!(Client(&again).rest("GET", "/_org/clock", "").status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_sandboxes_are_refreshed() {
    let mut org = at_noon(&clock()).start().await.unwrap();
    let error = org.refresh(Production::WithoutApps).unwrap_err();
    expect!["only a sandbox can be refreshed; this org is production"]
        .assert_eq(&error.to_string());
    let client = Client(&org);
    expect!["400 INVALID_OPERATION: only a sandbox can be refreshed; this org is production"]
        .assert_eq(&client.rest("POST", "/_org/refresh", "").error());
    let wrong = client.rest("POST", "/_org/refresh", r#"{"production":"maybe"}"#);
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("without-apps"));
}

#[tokio::test(flavor = "multi_thread")]
async fn login_servers_learn_of_new_keys_with_a_delay() {
    let clock = clock();
    let minutes = Duration::from_mins(10);
    let org = start(at_noon(&clock).propagation_delay(minutes)).await;
    let unknown = "400 invalid_client_id: client identifier invalid";
    let key = org.consumer_key(APP).unwrap();
    let login = |key: &str| {
        let secret = org.consumer_secret(APP).unwrap();
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", key),
            ("client_secret", secret.expose_secret()),
        ];
        outcome(&at_host(&org, None, &fields))
    };
    assert_eq!(login(&key), unknown);
    clock.advance(Duration::from_secs(599));
    assert_eq!(login(&key), unknown);
    clock.advance(Duration::from_secs(1));
    assert_eq!(login(&key), "200");
    // A deploy that keeps the key changes nothing; one that rotates it restarts the delay.
    deploy(&org);
    assert_eq!(login(&key), "200");
    let client = Client(&org);
    let rotating = Package::storefront()
        .only(&[GLOBAL])
        .replace(GLOBAL, "    <label>", "    <label>R</label>\n    <shouldRotateConsumerKey>true</shouldRotateConsumerKey>\n    <x>")
        .replace(GLOBAL, "    <x>Storefront global</label>\n", "");
    let result = client.deploy_with(
        &rotating.zip(),
        r#"{"singlePackage":true,"rollbackOnError":true,"ignoreWarnings":true}"#,
    );
    assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    let new = org.consumer_key(APP).unwrap();
    assert_eq!(
        (login(&key).as_str(), login(&new).as_str()),
        (unknown, unknown)
    );
    let set = client.rest("POST", "/_org/propagation", r#"{"seconds":0}"#);
    assert_eq!((set.status, login(&new).as_str()), (200, "200"));
    assert_eq!(client.rest("POST", "/_org/propagation", "{}").status, 400);
}
