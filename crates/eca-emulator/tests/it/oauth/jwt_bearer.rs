//! The JWT bearer flow.

use eca_emulator::Org;
use expect_test::expect;
use serde_json::{Value, json};

use crate::fixture::{
    APP, APP_CERTIFICATE, APP_KEY, Client, GLOBAL, OAUTH_POLICIES, OTHER_KEY, Package, body,
    failures,
};
use crate::oauth::flows;
use crate::oauth::login::{NOW, at_noon, clock, jwt};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// An org whose app has a certificate, for administrators.
async fn start() -> Org {
    let org = at_noon(&clock()).start().await.unwrap();
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
        );
    let result = Client(&org).deploy(&package);
    assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    org
}

fn claims(org: &Org) -> Value {
    json!({
        "iss": org.consumer_key(APP).unwrap(),
        "sub": org.admin_username(),
        "aud": "https://login.salesforce.com",
        "exp": NOW + 180,
    })
}

/// The answer to an assertion: status and scope, or the error.
fn answer(org: &Org, assertion: &str) -> String {
    let fields = [("grant_type", GRANT), ("assertion", assertion)];
    let answer = Client(org).form("/services/oauth2/token", &[], &fields);
    match answer.status {
        200 => format!("200 {}", answer.json()["scope"].as_str().unwrap()),
        _ => answer.error(),
    }
}

/// A valid assertion with one changed claim.
fn with(org: &Org, name: &str, value: Value) -> String {
    let mut claims = claims(org);
    claims[name] = value;
    jwt(APP_KEY, &json!({"alg": "RS256"}), &claims)
}

const INVALID: &str = "400 invalid_grant: invalid assertion";
const GOOD: &str = "200 api openid";

#[tokio::test(flavor = "multi_thread")]
async fn the_claims_of_an_assertion_are_checked() {
    let org = start().await;
    org.create_external_user("eve@example.com", "secret")
        .unwrap();
    let audience = "400 invalid_grant: audience is invalid";
    for (name, value, expected) in [
        ("aud", json!("https://login.salesforce.com"), GOOD),
        ("aud", json!([org.site_url()]), GOOD),
        // This is a production org.
        ("aud", json!("https://test.salesforce.com"), audience),
        ("aud", json!("https://example.my.salesforce.com"), audience),
        // `sf` sends the URL of the org, with a slash, and milliseconds in exp.
        ("aud", json!(format!("{}/", org.instance_url())), GOOD),
        ("exp", json!((NOW + 1) * 1000), GOOD),
        // There is no upper limit, and a tolerance of three minutes.
        ("exp", json!(NOW + 86400), GOOD),
        ("exp", json!(NOW - 179), GOOD),
        (
            "exp",
            json!(NOW - 180),
            "400 invalid_grant: expired authorization code",
        ),
        ("exp", json!(null), INVALID),
        (
            "iss",
            json!("3MVG9nobody"),
            "400 invalid_client_id: client identifier invalid",
        ),
        (
            "sub",
            json!("nobody@example.com"),
            "400 invalid_grant: user hasn't approved this consumer",
        ),
        (
            "sub",
            json!("eve@example.com"),
            "400 invalid_app_access: user is not admin approved to access this app",
        ),
    ] {
        let assertion = with(&org, name, value.clone());
        assert_eq!(answer(&org, &assertion), expected, "{name} {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_signature_of_an_assertion_is_checked() {
    let org = start().await;
    let signed = |key, algorithm| jwt(key, &json!({ "alg": algorithm }), &claims(&org));
    for (assertion, expected) in [
        (signed(APP_KEY, "RS256"), GOOD),
        (signed(OTHER_KEY, "RS256"), INVALID),
        (signed(APP_KEY, "none"), INVALID),
        ("nonsense".to_owned(), INVALID),
    ] {
        assert_eq!(answer(&org, &assertion), expected, "{assertion}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jti_works_once() {
    let org = start().await;
    let once = with(&org, "jti", json!("1"));
    assert_eq!(answer(&org, &once), GOOD);
    assert_eq!(answer(&org, &once), INVALID);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_approves_an_app_by_giving_it_a_refresh_token() {
    let package = flows::package().replace(
        OAUTH_POLICIES,
        "AdminApprovedPreAuthorized",
        "AllSelfAuthorized",
    );
    let (org, _) = flows::start(&package).await;
    let log_in = || {
        let assertion = jwt(APP_KEY, &json!({"alg": "RS256"}), &claims(&org));
        let fields = [("grant_type", GRANT), ("assertion", assertion.as_str())];
        Client(&org).form("/services/oauth2/token", &[], &fields)
    };
    let unapproved = expect!["400 invalid_grant: user hasn't approved this consumer"];
    unapproved.assert_eq(&log_in().error());
    flows::allow(&org, &[("scope", "api")]);
    unapproved.assert_eq(&log_in().error());
    flows::allow(&org, &[("scope", "api refresh_token")]);
    assert_eq!(log_in().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_has_no_refresh_token_and_all_scopes() {
    let org = start().await;
    let client = Client(&org);
    let assertion = jwt(APP_KEY, &json!({"alg": "RS256"}), &claims(&org));
    let fields = [("grant_type", GRANT), ("assertion", &assertion)];
    let answer = client.form("/services/oauth2/token", &[], &fields).json();
    assert!(answer["refresh_token"].is_null());
    assert!(answer["signature"].is_null());
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(
        client
            .soap_with("66.0", token, "<describeMetadata/>")
            .status,
        200
    );
    let refused = client.form(
        "/services/oauth2/token",
        &[],
        &[fields[0], fields[1], ("scope", "api")],
    );
    assert_eq!(
        refused.error(),
        "400 invalid_request: scope parameter not supported"
    );
}
