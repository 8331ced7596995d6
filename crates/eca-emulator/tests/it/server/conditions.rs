//! Conditions of a headless login: parameters, switches, approval.

use crate::fixture::{
    APP, APP_CERTIFICATE, Client, GLOBAL, OAUTH_POLICIES, PASSWORD, POLICIES, Package, SETTINGS,
    USER, body, failures, storefront,
};
use crate::server::http::send;

use crate::oauth::login::{
    CHALLENGE, CODE_CHALLENGE, CODE_VERIFIER, HEADER, at_noon, attestation, clock, login, redeem,
};

const ID: (&str, &str) = ("client_id", "KEY");
const PKCE: (&str, &str) = ("code_challenge", CODE_CHALLENGE);

/// Checks the errors of requests with these fields. `KEY` is replaced by the app's consumer key.
async fn check(cases: &[(&[(&str, &str)], &str)]) {
    let org = storefront(at_noon(&clock())).await;
    let client = Client(&org);
    let key = org.consumer_key(APP).unwrap();
    for (jti, (fields, expected)) in cases.iter().enumerate() {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| match *value {
                "KEY" => (*name, key.as_str()),
                value => (*name, value),
            })
            .collect();
        let attestation = attestation(&org, &jti.to_string());
        let answer = client.form(CHALLENGE, &[(HEADER, &attestation)], &fields);
        assert_eq!(answer.error(), *expected, "{fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_with_invalid_parameters() {
    check(&[
        (
            &[],
            "400 invalid_request: missing required parameter: client_id",
        ),
        (
            &[("client_id", "3MVG9nobody")],
            "400 invalid_client_id: client identifier invalid",
        ),
        (
            &[ID],
            "400 invalid_request: missing required code challenge",
        ),
        (
            &[ID, ("code_challenge", "short")],
            "400 invalid_request: invalid code challenge",
        ),
        (
            &[ID, PKCE, ("code_challenge_method", "plain")],
            "400 invalid_request: code_challenge_method must be S256",
        ),
        (
            &[ID, PKCE, ("scope", "openid web")],
            "400 invalid_scope: the requested scope is not allowed: web",
        ),
        (
            &[ID, PKCE, PKCE],
            "400 invalid_request: duplicate parameter: code_challenge",
        ),
        (
            &[("auth_session", "nonsense")],
            "400 invalid_session: the auth_session is not valid",
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_with_invalid_credentials() {
    const FAILURE: &str = "400 invalid_grant: authentication failure";
    let password = ("password", PASSWORD);
    check(&[
        (
            &[ID, PKCE, ("username", USER)],
            "400 insufficient_authorization: send username and password",
        ),
        (
            &[ID, PKCE, ("username", "nobody@example.com"), password],
            FAILURE,
        ),
        (
            &[ID, PKCE, ("username", "admin@embedded.example"), password],
            FAILURE,
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_is_a_post_to_the_site() {
    let org = storefront(at_noon(&clock())).await;
    let client = Client(&org);
    let key = org.consumer_key(APP).unwrap();
    assert_eq!(send(org.address(), "GET", CHALLENGE, &[], b"").status, 405);
    // The endpoint is the site's, not the instance's.
    assert_eq!(
        client
            .form(
                "/services/oauth2/authorization_challenge",
                &[],
                &login(&key)
            )
            .status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn users_must_be_pre_approved() {
    let org = storefront(at_noon(&clock())).await;
    org.create_external_user("bob@example.com", "pass").unwrap();
    let client = Client(&org);
    let key = org.consumer_key(APP).unwrap();
    let mut fields = login(&key);
    fields.retain(|(name, _)| !matches!(*name, "username" | "password"));
    fields.extend([("username", "bob@example.com"), ("password", "pass")]);
    let answer = client.form(CHALLENGE, &[(HEADER, &attestation(&org, "1"))], &fields);
    assert_eq!(
        answer.error(),
        "400 access_denied: user is not admin approved to access this app"
    );
    assert!(answer.json()["auth_session"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_switch_counts() {
    let certificate = format!(
        "    <clientAssertionCertificate>{}</clientAssertionCertificate>\n",
        body(APP_CERTIFICATE)
    );
    for (path, from, to, expected) in [
        (
            SETTINGS,
            "<isFirstPartyAppEnabled>true",
            "<isFirstPartyAppEnabled>false",
            "400 unauthorized_client: this external client app is not enabled for the authorization challenge endpoint",
        ),
        (
            SETTINGS,
            certificate.as_str(),
            "",
            "401 invalid_client: no client assertion certificate is registered for this app",
        ),
        (
            OAUTH_POLICIES,
            "AdminApprovedPreAuthorized",
            "AllSelfAuthorized",
            "400 access_denied: user hasn't approved this consumer",
        ),
        (
            OAUTH_POLICIES,
            "    <commaSeparatedPermissionSet>Shoppers</commaSeparatedPermissionSet>\n",
            "",
            "400 access_denied: user is not admin approved to access this app",
        ),
        (
            POLICIES,
            "<isOauthPluginEnabled>true",
            "<isOauthPluginEnabled>false",
            "400 invalid_client: this external client app is disabled",
        ),
    ] {
        let org = at_noon(&clock()).start().await.unwrap();
        let client = Client(&org);
        let result = client.deploy(&Package::storefront().replace(path, from, to));
        assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
        org.create_external_user(USER, PASSWORD).unwrap();
        org.assign_permission_set(USER, "Shoppers").unwrap();
        let key = org.consumer_key(APP).unwrap();
        let answer = client.form(
            CHALLENGE,
            &[(HEADER, &attestation(&org, "1"))],
            &login(&key),
        );
        assert_eq!(answer.error(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_site_has_switches_too() {
    let org = storefront(at_noon(&clock())).await;
    let client = Client(&org);
    let key = org.consumer_key(APP).unwrap();
    let set = |body: &str| assert_eq!(client.rest("POST", "/_org/site", body).status, 200);
    let attempt = |jti: &str, more: &[(&'static str, &'static str)]| {
        let mut fields = login(&key);
        fields.extend(more);
        let answer = client.form(CHALLENGE, &[(HEADER, &attestation(&org, jti))], &fields);
        match answer.status {
            200 => "200".to_owned(),
            _ => answer.error(),
        }
    };
    set(r#"{"first_party_apps": false}"#);
    assert_eq!(
        attempt("1", &[]),
        "400 unauthorized_client: this site does not allow apps to access the authorization challenge endpoint"
    );
    set(
        r#"{"first_party_apps": true, "password_login_needs_recaptcha": true, "recaptcha_response": "human"}"#,
    );
    assert_eq!(
        attempt("2", &[]),
        "400 invalid_request: missing required recaptcha"
    );
    assert_eq!(
        attempt("3", &[("recaptcha", "robot")]),
        "400 invalid_request: recaptcha validation failed"
    );
    assert_eq!(attempt("4", &[("recaptcha", "human")]), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_pkce_requirement_a_login_needs_no_verifier() {
    let org = at_noon(&clock()).start().await.unwrap();
    let client = Client(&org);
    client.deploy(&Package::storefront().replace(
        GLOBAL,
        "<isPkceRequired>true",
        "<isPkceRequired>false",
    ));
    org.create_external_user(USER, PASSWORD).unwrap();
    org.assign_permission_set(USER, "Shoppers").unwrap();
    let key = org.consumer_key(APP).unwrap();
    let code = |jti: &str| {
        let fields = [
            ("client_id", key.as_str()),
            ("username", USER),
            ("password", PASSWORD),
        ];
        let answer = client.form(CHALLENGE, &[(HEADER, &attestation(&org, jti))], &fields);
        answer.json()["authorization_code"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(redeem(&org, &code("1"), None).status, 200);
    // A verifier without a challenge is a downgrade (RFC 9700 section 4.8.2).
    assert_eq!(
        redeem(&org, &code("2"), Some(CODE_VERIFIER)).error(),
        "400 invalid_grant: invalid code verifier"
    );
}
