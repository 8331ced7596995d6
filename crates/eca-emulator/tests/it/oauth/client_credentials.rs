//! The client credentials flow.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use eca_emulator::Org;

use crate::fixture::{
    APP, Client, GLOBAL, OAUTH_POLICIES, POLICIES, Package, SETTINGS, builder, failures, storefront,
};
use crate::server::http::send;

const TOKEN: &str = "/services/oauth2/token";

#[tokio::test(flavor = "multi_thread")]
async fn a_token_acts_as_the_run_as_user() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let key = org.consumer_key(APP).unwrap();
    let secret = org.consumer_secret(APP).unwrap();
    let basic = format!(
        "Basic {}",
        STANDARD.encode(format!("{key}:{}", secret.expose_secret()))
    );
    let in_body = client.form(
        TOKEN,
        &[("Authorization", "Basic bm9ib2R5Om5vdGhpbmc=")],
        &[
            ("grant_type", "client_credentials"),
            ("client_id", &key),
            ("client_secret", secret.expose_secret()),
        ],
    );
    let in_header = client.form(
        TOKEN,
        &[("Authorization", &basic)],
        &[("grant_type", "client_credentials")],
    );
    let chunked = send(
        client.address(),
        "POST",
        TOKEN,
        &[
            ("Authorization", &basic),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Transfer-Encoding", "chunked"),
        ],
        b"grant_type=client_credentials",
    );
    for answer in [in_body, in_header, chunked] {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.headers.contains("cache-control: no-store"));
        let json = answer.json();
        // RefreshToken has no effect in this flow and is left out.
        assert_eq!(json["scope"], "api openid");
        assert_eq!(json["token_type"], "Bearer");
        assert_eq!(json["instance_url"], org.instance_url());
        assert!(json["issued_at"].as_str().unwrap().parse::<u64>().unwrap() > 1_600_000_000_000);
        assert!(json["expires_in"].is_null() && json["refresh_token"].is_null());
        let token = json["access_token"].as_str().unwrap();
        assert!(token.starts_with(&format!("{}!", org.org_id().short())));
        acts_as_the_administrator(&org, token);
    }
}

/// Checks that the token acts as the run-as user, who is the administrator.
fn acts_as_the_administrator(org: &Org, token: &str) {
    let bearer = format!("Bearer {token}");
    let get = |path: &str| {
        let headers = [("Authorization", bearer.as_str())];
        send(org.address(), "GET", path, &headers, b"")
    };
    let claims = get("/services/oauth2/userinfo").json();
    assert_eq!(claims["preferred_username"], org.admin_username());
    assert_eq!(claims["organization_id"], org.org_id().as_str());
    let identity = claims["sub"].as_str().unwrap();
    let identity = get(identity.strip_prefix(org.instance_url()).unwrap()).json();
    assert_eq!(identity["username"], org.admin_username());
    assert_eq!(get("/services/data/v66.0").status, 200);
}

const GRANT: (&str, &str) = ("grant_type", "client_credentials");
const ID: (&str, &str) = ("client_id", "KEY");
const RIGHT: (&str, &str) = ("client_secret", "SECRET");
const WRONG: (&str, &str) = ("client_secret", "wrong");

/// Checks the errors of requests with these fields. `KEY` and `SECRET` are replaced by those of the
/// app.
async fn check(path: &str, cases: &[(&[(&str, &str)], &str)]) {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let key = org.consumer_key(APP).unwrap();
    let secret = org.consumer_secret(APP).unwrap();
    for (fields, expected) in cases {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| match *value {
                "KEY" => (*name, key.as_str()),
                "SECRET" => (*name, secret.expose_secret()),
                value => (*name, value),
            })
            .collect();
        let answer = client.form(path, &[], &fields);
        assert_eq!(answer.error(), *expected, "{fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_with_invalid_parameters() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[],
            "400 invalid_request: missing required parameter: grant_type",
        ),
        (
            &[("grant_type", "password")],
            "400 unsupported_grant_type: grant type not supported",
        ),
        (
            &[GRANT],
            "400 invalid_request: missing required parameter: client_id",
        ),
        (
            &[GRANT, ("client_id", "3MVG9nobody"), RIGHT],
            "400 invalid_client_id: client identifier invalid",
        ),
        (
            &[GRANT, ID, WRONG],
            "400 invalid_client: invalid client credentials",
        ),
        (
            &[GRANT, ID],
            "400 invalid_client: invalid client credentials",
        ),
        (
            &[GRANT, ID, ID],
            "400 invalid_request: duplicate parameter: client_id",
        ),
    ];
    check(TOKEN, cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_does_not_have_the_flow() {
    let refused = "400 invalid_grant: request not supported on this domain";
    let path = format!("/storefront{TOKEN}");
    check(&path, &[(&[GRANT, ID, RIGHT], refused)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_request_is_a_form() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    assert_eq!(client.rest("GET", TOKEN, "").status, 405);
    assert_eq!(
        client.rest("POST", TOKEN, "{}").error(),
        "400 invalid_request: the body must be application/x-www-form-urlencoded"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_run_as_user_has_to_be_approved_too() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    client.deploy(&Package::storefront());
    let (key, secret) = (
        org.consumer_key(APP).unwrap(),
        org.consumer_secret(APP).unwrap(),
    );
    let log_in = || {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", &key),
            ("client_secret", secret.expose_secret()),
        ];
        client.form(TOKEN, &[], &fields)
    };
    assert_eq!(
        log_in().error(),
        "400 invalid_app_access: user is not admin approved to access this app"
    );
    assert_eq!(
        org.logins().last().unwrap().status,
        "user is not admin approved to access this app"
    );
    org.assign_permission_set(org.admin_username(), "Shoppers")
        .unwrap();
    assert_eq!(log_in().status, 200);
    let open = Package::storefront().replace(
        OAUTH_POLICIES,
        "AdminApprovedPreAuthorized",
        "AllSelfAuthorized",
    );
    let open = open.replace(
        OAUTH_POLICIES,
        "    <commaSeparatedPermissionSet>Shoppers</commaSeparatedPermissionSet>\n",
        "",
    );
    let result = client.deploy(&open);
    assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    assert_eq!(log_in().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_switch_counts() {
    for (path, from, to, expected) in [
        (
            GLOBAL,
            "<isClientCredentialsFlowEnabled>true",
            "<isClientCredentialsFlowEnabled>false",
            "400 invalid_grant: no client credentials user enabled",
        ),
        (
            OAUTH_POLICIES,
            "<isClientCredentialsFlowEnabled>true",
            "<isClientCredentialsFlowEnabled>false",
            "400 invalid_grant: no client credentials user enabled",
        ),
        (
            POLICIES,
            "<isEnabled>true",
            "<isEnabled>false",
            "400 invalid_client: this external client app is disabled",
        ),
        (
            POLICIES,
            "<isOauthPluginEnabled>true",
            "<isOauthPluginEnabled>false",
            "400 invalid_client: this external client app is disabled",
        ),
    ] {
        let org = builder().start().await.unwrap();
        let client = Client(&org);
        let result = client.deploy(&Package::storefront().replace(path, from, to));
        assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
        let key = org.consumer_key(APP).unwrap();
        let answer = client.form(
            TOKEN,
            &[],
            &[
                ("grant_type", "client_credentials"),
                ("client_id", &key),
                (
                    "client_secret",
                    org.consumer_secret(APP).unwrap().expose_secret(),
                ),
            ],
        );
        assert_eq!(answer.error(), expected, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_integration_user_can_run_the_flow_and_a_token_without_api_cannot_deploy() {
    let org = builder().start().await.unwrap();
    org.create_integration_user("bot@example.com").unwrap();
    let client = Client(&org);
    let package = Package::storefront()
        .replace(OAUTH_POLICIES, "admin@embedded.example", "bot@example.com")
        .replace(SETTINGS, "RefreshToken,Api, OpenID", "OpenID");
    let result = client.deploy(&package);
    assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    org.assign_permission_set("bot@example.com", "Shoppers")
        .unwrap();
    let key = org.consumer_key(APP).unwrap();
    let json = client
        .form(
            TOKEN,
            &[],
            &[
                ("grant_type", "client_credentials"),
                ("client_id", &key),
                (
                    "client_secret",
                    org.consumer_secret(APP).unwrap().expose_secret(),
                ),
            ],
        )
        .json();
    let token = json["access_token"].as_str().unwrap();
    let bearer = format!("Bearer {token}");
    let answer = send(
        client.address(),
        "GET",
        "/services/data/v66.0",
        &[("Authorization", &bearer)],
        b"",
    );
    assert_eq!(
        answer.error(),
        "403 INSUFFICIENT_ACCESS: insufficient access rights"
    );
    assert_eq!(
        client
            .soap_with("66.0", token, "<describeMetadata/>")
            .element("faultcode"),
        Some("sf:INSUFFICIENT_ACCESS")
    );
}
