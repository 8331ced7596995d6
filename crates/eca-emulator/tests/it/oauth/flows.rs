//! Web server, refresh, device and token exchange flows; revoking and introspecting.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use eca_emulator::{ManualClock, Org};
use expect_test::expect;
use serde_json::{Value, json};

use crate::fixture::{
    APP, APP_CERTIFICATE, APP_KEY, Client, GLOBAL, OAUTH_POLICIES, Package, body, failures,
};
use crate::oauth::login::{CODE_CHALLENGE, CODE_VERIFIER, NOW, at_noon, clock, jwt};
use crate::server::http::{Answer, send};

pub(crate) const TOKEN: &str = "/services/oauth2/token";
pub(crate) const CALLBACK: &str = "https://www.example.com/callback";

/// An app with every flow, for administrators; refresh tokens rotate and live for a day.
pub(crate) fn package() -> Package {
    let own = |element: &str, text: &str| format!("    <{element}>{text}</{element}>\n");
    let app = own("externalClientApplication", APP);
    let xml = |kind: &str, members: String| {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{members}</{kind}>\n"
        )
    };
    let mut package = Package::storefront();
    for (path, text) in &mut package.files {
        if path == GLOBAL {
            let mut members = own("callbackUrl", CALLBACK);
            members += &own("certificate", &body(APP_CERTIFICATE));
            members += &app;
            for flag in [
                "isClientCredentialsFlowEnabled",
                "isDeviceFlowEnabled",
                "isRefreshTokenRotationEnabled",
                "isTokenExchangeEnabled",
            ] {
                members += &own(flag, "true");
            }
            members += &own("label", "Storefront");
            *text = xml("ExtlClntAppGlobalOauthSettings", members);
        } else if path == OAUTH_POLICIES {
            let mut members = own("commaSeparatedProfile", "Admin");
            members += &app;
            members += &own("isTokenExchangeFlowEnabled", "true");
            members += &own("label", "Storefront");
            members += &own("permittedUsersPolicyType", "AdminApprovedPreAuthorized");
            members += &own("refreshTokenPolicyType", "SpecificInactivity");
            members += &own("refreshTokenValidityPeriod", "1");
            members += &own("refreshTokenValidityUnit", "Days");
            *text = xml("ExtlClntAppOauthConfigurablePolicies", members);
        }
    }
    package
}

pub(crate) async fn start(package: &Package) -> (Org, Arc<ManualClock>) {
    let clock = clock();
    let org = at_noon(&clock).start().await.unwrap();
    let result = Client(&org).deploy(package);
    assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    (org, clock)
}

pub(crate) fn call(org: &Org, path: &str, with_secret: bool, fields: &[(&str, &str)]) -> Answer {
    let (key, secret) = (
        org.consumer_key(APP).unwrap(),
        org.consumer_secret(APP).unwrap(),
    );
    let mut all = vec![("client_id", key.as_str())];
    if with_secret {
        all.push(("client_secret", secret.expose_secret()));
    }
    all.extend(fields);
    Client(org).form(path, &[], &all)
}

/// Posts the login page; returns the `Location` of the redirect.
pub(crate) fn allow(org: &Org, more: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("state", "a b"),
        ("code_challenge", CODE_CHALLENGE),
        ("username", org.admin_username()),
        ("password", org.admin_password().expose_secret()),
        ("decision", "allow"),
    ];
    for (name, value) in more {
        fields.retain(|(own, _)| own != name);
        fields.push((name, value));
    }
    let answer = call(org, "/services/oauth2/authorize", false, &fields);
    answer
        .headers
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .map_or_else(
            || format!("{} {}", answer.status, answer.body),
            str::to_owned,
        )
}

/// The code in the URL of the redirect after a login.
pub(crate) fn code_of(location: &str) -> Option<String> {
    let url = url::Url::parse(location).ok()?;
    let found = url.query_pairs().find(|(name, _)| name == "code")?;
    Some(found.1.into_owned())
}

pub(crate) fn redeem(org: &Org, code: &str) -> Answer {
    call(
        org,
        TOKEN,
        true,
        &[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", CODE_VERIFIER),
        ],
    )
}

pub(crate) fn log_in(org: &Org) -> Value {
    let answer = redeem(org, &code_of(&allow(org, &[])).unwrap());
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

pub(crate) fn refresh(org: &Org, token: &Value) -> Answer {
    call(
        org,
        TOKEN,
        true,
        &[
            ("grant_type", "refresh_token"),
            ("refresh_token", token.as_str().unwrap()),
        ],
    )
}

pub(crate) fn works(org: &Org, token: &Value) -> bool {
    let token = token.as_str().unwrap();
    Client(org)
        .soap_with("68.0", token, "<describeMetadata/>")
        .status
        == 200
}

#[tokio::test(flavor = "multi_thread")]
async fn the_login_page_redirects_with_a_code() {
    let (org, _) = start(&package()).await;
    let client = Client(&org);
    let key = org.consumer_key(APP).unwrap();
    let page = send(
        client.address(),
        "GET",
        &format!(
            "/services/oauth2/authorize?response_type=code&client_id={key}&redirect_uri=https%3A%2F%2Fwww.example.com%2Fcallback&code_challenge={CODE_CHALLENGE}&state=%22%3E"
        ),
        &[],
        b"",
    );
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("name=\"state\" value=\"&quot;&gt;\""),
        "{}",
        page.body
    );
    let location = allow(&org, &[]);
    assert!(
        location.starts_with(&format!("{CALLBACK}?code=")),
        "{location}"
    );
    assert!(location.ends_with("&state=a+b"));
    for (name, value, expected) in [
        ("redirect_uri", "https://evil.example.com", "400 "),
        ("response_type", "token", "error=unsupported_response_type"),
        ("code_challenge", "", "error=invalid_request"),
        ("scope", "api visualforce", "error=invalid_scope"),
        ("decision", "deny", "error=access_denied"),
        ("password", "wrong", "401 "),
    ] {
        let location = allow(&org, &[(name, value)]);
        assert!(location.contains(expected), "{name}: {location}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_bound_to_its_redirect_uri() {
    let (org, _) = start(&package()).await;
    let location = allow(&org, &[]);
    let url = url::Url::parse(&location).unwrap();
    let code = url
        .query_pairs()
        .find(|(name, _)| name == "code")
        .unwrap()
        .1;
    let answer = call(
        &org,
        TOKEN,
        true,
        &[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("code_verifier", CODE_VERIFIER),
        ],
    );
    expect!["400 redirect_uri_mismatch: redirect_uri must match configuration"]
        .assert_eq(&answer.error());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_works_once_and_its_reuse_revokes_the_family() {
    let (org, _) = start(&package()).await;
    let first = log_in(&org);
    let second = refresh(&org, &first["refresh_token"]).json();
    assert!(works(&org, &second["access_token"]));
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    let reused = refresh(&org, &first["refresh_token"]);
    expect!["400 invalid_grant: expired access/refresh token"].assert_eq(&reused.error());
    assert!(!works(&org, &second["access_token"]));
    assert_eq!(refresh(&org, &second["refresh_token"]).status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unused_refresh_token_expires() {
    let (org, clock) = start(&package()).await;
    let mut token = log_in(&org)["refresh_token"].clone();
    for _ in 0..3 {
        clock.advance(Duration::from_hours(23));
        let answer = refresh(&org, &token);
        assert_eq!(answer.status, 200, "{}", answer.body);
        token = answer.json()["refresh_token"].clone();
    }
    clock.advance(Duration::from_hours(24));
    assert_eq!(refresh(&org, &token).status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lifetime_counts_from_the_login() {
    let (org, clock) =
        start(&package().replace(OAUTH_POLICIES, "SpecificInactivity", "SpecificLifetime")).await;
    let first = log_in(&org)["refresh_token"].clone();
    clock.advance(Duration::from_hours(23));
    let second = refresh(&org, &first).json()["refresh_token"].clone();
    clock.advance(Duration::from_hours(1));
    assert_eq!(refresh(&org, &second).status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_rotation_the_refresh_token_stays() {
    let package = package().replace(
        GLOBAL,
        "<isRefreshTokenRotationEnabled>true",
        "<isRefreshTokenRotationEnabled>false",
    );
    let (org, _) = start(&package).await;
    let first = log_in(&org);
    for _ in 0..2 {
        let answer = refresh(&org, &first["refresh_token"]).json();
        assert!(works(&org, &answer["access_token"]));
        assert!(answer["refresh_token"].is_null());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_a_refresh_token_ends_its_access_tokens() {
    let (org, _) = start(&package()).await;
    let token = log_in(&org);
    let refresh_token = token["refresh_token"].as_str().unwrap();
    let revoke = |text: &str| Client(&org).form("/services/oauth2/revoke", &[], &[("token", text)]);
    assert_eq!(revoke(refresh_token).status, 200);
    assert!(!works(&org, &token["access_token"]));
    expect!["400 invalid_token: invalid token"].assert_eq(&revoke(refresh_token).error());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_introspects_its_own_tokens() {
    let (org, clock) = start(&package()).await;
    let token = log_in(&org);
    let inspect = |text: &str| {
        call(
            &org,
            "/services/oauth2/introspect",
            true,
            &[("token", text)],
        )
        .json()
    };
    let text = token["access_token"].as_str().unwrap();
    let answer = inspect(text);
    assert_eq!(answer["active"], true);
    assert_eq!(answer["username"], org.admin_username());
    assert_eq!(answer["exp"], NOW + 7200);
    assert_eq!(inspect("nonsense"), json!({"active": false}));
    // An app cannot introspect the administrator's session.
    assert_eq!(
        inspect(org.admin_access_token().expose_secret()),
        json!({"active": false})
    );
    clock.advance(Duration::from_hours(2));
    assert_eq!(inspect(text), json!({"active": false}));
    let stranger = Client(&org).form(
        "/services/oauth2/introspect",
        &[],
        &[
            ("client_id", &org.consumer_key(APP).unwrap()),
            ("token", text),
        ],
    );
    assert_eq!(
        stranger.error(),
        "400 invalid_client: invalid client credentials"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_waits_for_its_user() {
    let (org, clock) = start(&package()).await;
    let begun = call(&org, TOKEN, false, &[("response_type", "device_code")]).json();
    let code = begun["device_code"].as_str().unwrap().to_owned();
    let poll = || {
        call(
            &org,
            TOKEN,
            false,
            &[("grant_type", "device"), ("code", &code)],
        )
    };
    expect!["400 authorization_pending: user has not authorized yet"].assert_eq(&poll().error());
    let connect = |user_code: &str| {
        Client(&org).form(
            "/setup/connect",
            &[],
            &[
                ("user_code", user_code),
                ("username", org.admin_username()),
                ("password", org.admin_password().expose_secret()),
            ],
        )
    };
    assert_eq!(connect("WRONG").status, 400);
    assert_eq!(connect(begun["user_code"].as_str().unwrap()).status, 200);
    let token = poll().json();
    assert!(works(&org, &token["access_token"]));
    expect!["400 invalid_grant: invalid device code"].assert_eq(&poll().error());
    let late = call(&org, TOKEN, false, &[("response_type", "device_code")]).json();
    clock.advance(Duration::from_mins(10));
    assert_eq!(connect(late["user_code"].as_str().unwrap()).status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_org_is_exchanged() {
    let (org, _) = start(&package()).await;
    let token = log_in(&org);
    let exchange = |kind: &str, text: &str| {
        call(
            &org,
            TOKEN,
            true,
            &[
                (
                    "grant_type",
                    "urn:ietf:params:oauth:grant-type:token-exchange",
                ),
                ("subject_token", text),
                ("subject_token_type", kind),
            ],
        )
    };
    let text = token["access_token"].as_str().unwrap();
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    let answer = exchange(kind, text).json();
    assert!(works(&org, &answer["access_token"]));
    assert!(answer["issued_token_type"].is_null());
    // A handler would map a foreign token to its user; here the test does.
    let foreign = "urn:ietf:params:oauth:token-type:JWT";
    let partner = r#"{"subject_token":"of-a-partner","username":"USER"}"#;
    expect!["400 invalid_grant: token validation failed"]
        .assert_eq(&exchange(foreign, "of-a-partner").error());
    for (user, status) in [("nobody@example.com", 400), (org.admin_username(), 200)] {
        let told = partner.replace("USER", user);
        let told = Client(&org).rest("POST", "/_org/exchange", &told);
        assert_eq!(told.status, status, "{}", told.body);
    }
    let answer = exchange(foreign, "of-a-partner");
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(works(&org, &answer.json()["access_token"]));
    for (kind, text, expected) in [
        (
            kind,
            "nonsense",
            expect!["400 invalid_grant: token validation failed"],
        ),
        (
            "nonsense",
            text,
            expect!["400 invalid_request: subject_token_type not supported"],
        ),
        (
            kind,
            &"a".repeat(10_001),
            expect!["400 invalid_request: subject_token is too long"],
        ),
    ] {
        expected.assert_eq(&exchange(kind, text).error());
    }
}

const CLIENT_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_replaces_the_secret() {
    let (org, _) = start(&package()).await;
    let token = log_in(&org);
    let key = org.consumer_key(APP).unwrap();
    let assertion = |audience: &str, lifetime: u64, jti: &str| {
        jwt(
            APP_KEY,
            &json!({"alg": "RS256"}),
            &json!({"iss": key, "sub": key, "aud": audience, "exp": NOW + lifetime, "jti": jti, "iat": NOW}),
        )
    };
    let refresh = |assertion: &str, token: &Value| {
        call(
            &org,
            TOKEN,
            false,
            &[
                ("grant_type", "refresh_token"),
                ("refresh_token", token.as_str().unwrap()),
                ("client_assertion_type", CLIENT_ASSERTION),
                ("client_assertion", assertion),
            ],
        )
    };
    let endpoint = format!("{}{TOKEN}", org.instance_url());
    for (audience, lifetime) in [
        ("https://login.salesforce.com", 60),
        (endpoint.as_str(), 3600),
    ] {
        expect!["400 invalid_client: invalid client assertion"].assert_eq(
            &refresh(&assertion(audience, lifetime, "x"), &token["refresh_token"]).error(),
        );
    }
    let answer = refresh(&assertion(&endpoint, 240, "1"), &token["refresh_token"]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let replayed = refresh(
        &assertion(&endpoint, 240, "1"),
        &answer.json()["refresh_token"],
    );
    assert_eq!(replayed.status, 400);
    // It identifies the client without a `client_id` beside it (RFC 7521 section 4.2).
    let own = assertion(&endpoint, 240, "2");
    let token = log_in(&org);
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token["refresh_token"].as_str().unwrap()),
        ("client_assertion_type", CLIENT_ASSERTION),
        ("client_assertion", own.as_str()),
    ];
    let alone = Client(&org).form(TOKEN, &[], &fields);
    assert_eq!(alone.status, 200, "{}", alone.body);
    expect!["400 invalid_request: missing required parameter: client_id"]
        .assert_eq(&Client(&org).form(TOKEN, &[], &fields[..2]).error());
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_in_jwt_format_need_a_new_soap_version() {
    let package = package().replace(
        GLOBAL,
        "    <isRefreshTokenRotationEnabled>",
        "    <isNamedUserJwtEnabled>true</isNamedUserJwtEnabled>\n    <isRefreshTokenRotationEnabled>",
    );
    let (org, _) = start(&package).await;
    let client = Client(&org);
    let answer = log_in(&org);
    assert_eq!(answer["token_format"], "jwt");
    let token = answer["access_token"].as_str().unwrap();
    let parts: Vec<_> = token.split('.').collect();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    assert_eq!(claims["client_id"], org.consumer_key(APP).unwrap());
    assert_eq!(claims["exp"], NOW + 7200);
    let soap = |version| {
        client
            .soap_with(version, token, "<describeMetadata/>")
            .status
    };
    assert_eq!((soap("67.0"), soap("68.0")), (500, 200));
    let bearer = format!("Bearer {token}");
    let rest = send(
        client.address(),
        "GET",
        "/services/data/v66.0",
        &[("Authorization", &bearer)],
        b"",
    );
    assert_eq!(rest.status, 200);
    let keys = client.rest("GET", "/id/keys", "").json();
    assert_eq!(keys["keys"][0]["e"], "AQAB");
    assert_eq!(
        URL_SAFE_NO_PAD
            .decode(keys["keys"][0]["n"].as_str().unwrap())
            .unwrap()
            .len(),
        256
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_login_history_has_the_true_reason() {
    let (org, _) = start(&package()).await;
    log_in(&org);
    let assertion = jwt(
        APP_KEY,
        &json!({"alg": "RS256"}),
        &json!({
            "iss": org.consumer_key(APP).unwrap(),
            "sub": org.admin_username(),
            "aud": "https://example.my.salesforce.com",
            "exp": NOW + 60,
        }),
    );
    let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    Client(&org).form(
        TOKEN,
        &[],
        &[("grant_type", grant), ("assertion", &assertion)],
    );
    let rows = Client(&org)
        .rest(
            "GET",
            "/services/data/v66.0/query?q=SELECT+Application,+Status+FROM+LoginHistory",
            "",
        )
        .json();
    let statuses: Vec<_> = rows["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["Status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["Success", "audience is invalid"]);
}
