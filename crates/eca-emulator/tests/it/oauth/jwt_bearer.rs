//! The JWT bearer flow.

use eca_emulator::Org;
use expect_test::{Expect, expect};
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

#[tokio::test(flavor = "multi_thread")]
async fn assertions_and_what_becomes_of_them() {
    let org = start().await;
    let client = Client(&org);
    let header = json!({"alg": "RS256"});
    let with = |name: &str, value: Value| {
        let mut claims = claims(&org);
        claims[name] = value;
        jwt(APP_KEY, &header, &claims)
    };
    let check = |assertion: &str, expected: Expect| {
        let answer = client.form(
            "/services/oauth2/token",
            &[],
            &[("grant_type", GRANT), ("assertion", assertion)],
        );
        let text = if answer.status == 200 {
            format!("200 {}", answer.json()["scope"].as_str().unwrap())
        } else {
            answer.error()
        };
        expected.assert_eq(&text);
    };
    let good = expect!["200 api openid"];
    check(&jwt(APP_KEY, &header, &claims(&org)), good);
    // This is a production org.
    check(
        &with("aud", json!("https://test.salesforce.com")),
        expect!["400 invalid_grant: audience is invalid"],
    );
    check(
        &with("aud", json!([org.site_url()])),
        expect!["200 api openid"],
    );
    // `sf` sends the URL of the org, with a slash, and milliseconds in exp.
    check(
        &with("aud", json!(format!("{}/", org.instance_url()))),
        expect!["200 api openid"],
    );
    check(
        &with("exp", json!((NOW + 1) * 1000)),
        expect!["200 api openid"],
    );
    // There is no upper limit, and three minutes of tolerance.
    check(&with("exp", json!(NOW + 86400)), expect!["200 api openid"]);
    check(&with("exp", json!(NOW - 179)), expect!["200 api openid"]);
    check(
        &with("exp", json!(NOW - 180)),
        expect!["400 invalid_grant: expired authorization code"],
    );
    check(
        &with("exp", json!(null)),
        expect!["400 invalid_grant: invalid assertion"],
    );
    check(
        &with("aud", json!("https://example.my.salesforce.com")),
        expect!["400 invalid_grant: audience is invalid"],
    );
    check(
        &with("iss", json!("3MVG9nobody")),
        expect!["400 invalid_client_id: client identifier invalid"],
    );
    check(
        &with("sub", json!("nobody@example.com")),
        expect!["400 invalid_grant: user hasn't approved this consumer"],
    );
    check(
        &jwt(OTHER_KEY, &header, &claims(&org)),
        expect!["400 invalid_grant: invalid assertion"],
    );
    check(
        &jwt(APP_KEY, &json!({"alg": "none"}), &claims(&org)),
        expect!["400 invalid_grant: invalid assertion"],
    );
    check("nonsense", expect!["400 invalid_grant: invalid assertion"]);
    // A `jti` serves once.
    let once = with("jti", json!("1"));
    check(&once, expect!["200 api openid"]);
    check(&once, expect!["400 invalid_grant: invalid assertion"]);
    org.create_external_user("eve@example.com", "secret")
        .unwrap();
    check(
        &with("sub", json!("eve@example.com")),
        expect!["400 invalid_app_access: user is not admin approved to access this app"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn users_approve_for_themselves_when_they_give_a_refresh_token() {
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
async fn the_answer_has_neither_refresh_token_nor_choice_of_scope() {
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
