//! The Headless Identity APIs, with requests from the Headless Identity Implementation Guide.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use eca_emulator::{Builder, HeadlessApi, Org, SiteSettings};
use expect_test::expect;
use serde_json::{Value, json};

use crate::fixture::{APP, Client, GLOBAL, PASSWORD, Package, SETTINGS, USER, failures};
use crate::oauth::login::{CODE_CHALLENGE, CODE_VERIFIER, at_noon, clock};
use crate::server::http::{Answer, send};

const SITE: &str = "/storefront";
const CALLBACK: &str = "https://shop.example.com/callback";
const AUTHORIZE: &str = "/storefront/services/oauth2/authorize";
const REGISTRATION: &str = "/init/registration";
const PASSWORDLESS: &str = "/init/passwordless/login";
const FORGOT: &str = "/forgot_password";

/// The storefront with the Authorization Code and Credentials flow.
fn package() -> Package {
    Package::storefront().replace(
        GLOBAL,
        "    <isConsumerSecretOptional>",
        "    <isCodeCredFlowEnabled>true</isCodeCredFlowEnabled>\n    <isConsumerSecretOptional>",
    )
}

async fn start(builder: Builder, package: &Package) -> Org {
    let org = builder.start().await.unwrap();
    let result = Client(&org).deploy(package);
    assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    org.create_external_user(USER, PASSWORD).unwrap();
    org.assign_permission_set(USER, "Shoppers").unwrap();
    org
}

/// A POST of JSON without authentication.
fn post(org: &Org, path: &str, body: &Value) -> Answer {
    post_with(org, path, &[], body)
}

fn post_with(org: &Org, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let mut headers = headers.to_vec();
    headers.push(("Content-Type", "application/json"));
    let path = format!("{SITE}/services/auth/headless{path}");
    let body = body.to_string();
    send(org.address(), "POST", &path, &headers, body.as_bytes())
}

fn basic(name: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")))
}

/// An authorization request; `changes` replace fields, empty ones remove them.
fn authorize(org: &Org, headers: &[(&str, &str)], changes: &[(&str, &str)]) -> Answer {
    let key = org.consumer_key(APP).unwrap();
    let mut fields = vec![
        ("response_type", "code_credentials"),
        ("client_id", key.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CODE_CHALLENGE),
    ];
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push((name, value));
    }
    Client(org).form(AUTHORIZE, headers, &fields)
}

/// The status and the parameters of a redirect. The code is left out, since it differs each time.
fn outcome(answer: &Answer) -> String {
    let Some(location) = location(answer) else {
        let kind = if answer.body.contains("<form") {
            "page"
        } else {
            &answer.body
        };
        return format!("{} {kind}", answer.status);
    };
    let url = url::Url::parse(&location).unwrap();
    let pairs: Vec<_> = url
        .query_pairs()
        .filter(|(name, _)| !name.starts_with("sfdc_community"))
        .map(|(name, value)| match &*name {
            "code" => "code".to_owned(),
            _ => format!("{name}={value}"),
        })
        .collect();
    format!("{} {}", answer.status, pairs.join(" "))
}

fn location(answer: &Answer) -> Option<String> {
    let line = answer
        .headers
        .lines()
        .find_map(|line| line.strip_prefix("location: "))?;
    Some(line.to_owned())
}

fn parameter(answer: &Answer, name: &str) -> String {
    let url = url::Url::parse(&location(answer).unwrap()).unwrap();
    let found = url.query_pairs().find(|(field, _)| field == name).unwrap();
    found.1.into_owned()
}

/// Redeems the code of a redirect, at the site that the redirect names.
fn redeem(org: &Org, answer: &Answer, grant: &str) -> Answer {
    let key = org.consumer_key(APP).unwrap();
    let secret = org.consumer_secret(APP).unwrap();
    let site = parameter(answer, "sfdc_community_url");
    let path = site.strip_prefix(org.instance_url()).unwrap();
    Client(org).form(
        &format!("{path}/services/oauth2/token"),
        &[],
        &[
            ("grant_type", grant),
            ("code", &parameter(answer, "code")),
            ("client_id", &key),
            ("client_secret", secret.expose_secret()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", CODE_VERIFIER),
        ],
    )
}

fn last_otp(org: &Org) -> String {
    let outbox = Client(org).rest("GET", "/_org/outbox", "").json();
    let last = outbox["outbox"].as_array().unwrap().last().unwrap();
    last["otp"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_logs_in_with_name_and_password() {
    let org = start(at_noon(&clock()), &package()).await;
    let named = ("Auth-Request-Type", "Named-User");
    // Base64 as in the guide, and as the Mobile SDK sends it.
    let bare = format!(
        "Basic {}",
        URL_SAFE_NO_PAD.encode(format!("{USER}:{PASSWORD}"))
    );
    for (credentials, grant) in [
        (basic(USER, PASSWORD), "authorization_code"),
        (bare, "hybrid_auth_code"),
    ] {
        let headers = [named, ("Authorization", credentials.as_str())];
        let answer = authorize(&org, &headers, &[("state", "a b")]);
        expect!["302 code state=a b"].assert_eq(&outcome(&answer));
        assert!(location(&answer).unwrap().starts_with(CALLBACK));
        let token = redeem(&org, &answer, grant);
        assert_eq!(token.status, 200, "{}", token.body);
        assert_eq!(token.json()["sfdc_community_url"], org.site_url());
        // A code works once.
        assert_eq!(redeem(&org, &answer, grant).status, 400);
    }
}

/// The headers of a login: the kind of credentials, and credentials.
fn login<'a>(kind: &'a str, credentials: &'a str) -> [(&'a str, &'a str); 2] {
    [("Auth-Request-Type", kind), ("Authorization", credentials)]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_with_wrong_credentials_redirects_with_an_error() {
    let org = start(at_noon(&clock()), &package()).await;
    // The site accepts only customers.
    let internal = basic(org.admin_username(), org.admin_password().expose_secret());
    for credentials in [
        basic(USER, "wrong"),
        basic("nobody@example.com", PASSWORD),
        internal,
    ] {
        let answer = authorize(&org, &login("Named-User", &credentials), &[]);
        expect!["302 error=invalid_grant error_description=authentication failure"]
            .assert_eq(&outcome(&answer));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_usable_credentials_gets_the_login_page() {
    let org = start(at_noon(&clock()), &package()).await;
    let right = basic(USER, PASSWORD);
    for headers in [
        &login("Named-User", &right)[1..],
        &login("Named-User", &right)[..1],
        &login("Named-User", "Bearer x"),
        &login("Named-User", "Basic %%"),
        &login("guest", &right),
    ] {
        let answer = authorize(&org, headers, &[]);
        assert_eq!(outcome(&answer), "200 page", "{headers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn authorization_requests_with_invalid_parameters() {
    let org = start(at_noon(&clock()), &package()).await;
    let right = basic(USER, PASSWORD);
    for (name, value, expected) in [
        ("scope", "api visualforce", "200 page"),
        (
            "code_challenge",
            "",
            "302 error=invalid_request error_description=missing required code challenge",
        ),
        (
            "code_challenge_method",
            "plain",
            "302 error=invalid_request error_description=code_challenge_method must be S256",
        ),
        (
            "redirect_uri",
            "https://evil.example.com",
            r#"400 {"error":"redirect_uri_mismatch","error_description":"redirect_uri must match configuration"}"#,
        ),
        (
            "client_id",
            "3MVG9nobody",
            r#"400 {"error":"invalid_client_id","error_description":"client identifier invalid"}"#,
        ),
    ] {
        let answer = authorize(&org, &login("Named-User", &right), &[(name, value)]);
        assert_eq!(outcome(&answer), expected, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn switches_of_app_site_and_org() {
    let credentials = basic(USER, PASSWORD);
    let headers = [
        ("Auth-Request-Type", "Named-User"),
        ("Authorization", credentials.as_str()),
    ];
    let off = "302 error=unsupported_response_type error_description=response type not supported";
    let org = start(at_noon(&clock()), &Package::storefront()).await;
    assert_eq!(outcome(&authorize(&org, &headers, &[])), off);

    let org = start(at_noon(&clock()), &package()).await;
    let set = |body: &str| {
        let answer = Client(&org).rest("POST", "/_org/site", body);
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    set(r#"{"code_and_credentials": false}"#);
    assert_eq!(outcome(&authorize(&org, &headers, &[])), off);
    set(r#"{"code_and_credentials": true, "password_login_needs_recaptcha": true}"#);
    expect!["302 error=invalid_request error_description=missing required recaptcha"]
        .assert_eq(&outcome(&authorize(&org, &headers, &[])));
    let answer = authorize(&org, &headers, &[("recaptcha", "solved")]);
    expect!["302 code"].assert_eq(&outcome(&answer));

    // With "Require user credentials in the POST body" the header is ignored.
    let package = package().replace(
        GLOBAL,
        "</isCodeCredFlowEnabled>\n",
        "</isCodeCredFlowEnabled>\n    <isCodeCredPostOnly>true</isCodeCredPostOnly>\n",
    );
    let org = start(at_noon(&clock()), &package).await;
    expect!["200 page"].assert_eq(&outcome(&authorize(&org, &headers, &[])));
    let body = [("username", USER), ("password", PASSWORD)];
    expect!["302 code"].assert_eq(&outcome(&authorize(&org, &headers[..1], &body)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_headless_login_cannot_approve_the_app() {
    let self_authorized = package().replace(
        crate::fixture::OAUTH_POLICIES,
        "AdminApprovedPreAuthorized",
        "AllSelfAuthorized",
    );
    let credentials = basic(USER, PASSWORD);
    let headers = [
        ("Auth-Request-Type", "Named-User"),
        ("Authorization", credentials.as_str()),
    ];
    let org = start(at_noon(&clock()), &self_authorized).await;
    expect!["200 page"].assert_eq(&outcome(&authorize(&org, &headers, &[])));

    let org = start(at_noon(&clock()), &package()).await;
    org.create_external_user("eve@example.com", PASSWORD)
        .unwrap();
    let credentials = basic("eve@example.com", PASSWORD);
    let answer = authorize(&org, &[headers[0], ("Authorization", &credentials)], &[]);
    expect!["302 error=OAUTH_APP_ACCESS_DENIED error_description=user is not admin approved to access this app"]
        .assert_eq(&outcome(&answer));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_logs_in_with_a_one_time_password() {
    let clock = clock();
    let org = start(at_noon(&clock), &package()).await;
    let begin = || {
        let body = json!({"username": USER, "verificationmethod": "email", "recaptcha": "solved"});
        let answer = post(&org, PASSWORDLESS, &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["identifier"].as_str().unwrap().to_owned()
    };
    let finish = |identifier: &str, otp: &str, method: &str| {
        let credentials = basic(identifier, otp);
        let headers = [
            ("Auth-Request-Type", "passwordless-login"),
            ("Auth-Verification-Type", method),
            ("Authorization", credentials.as_str()),
        ];
        authorize(&org, &headers, &[])
    };
    let refused = "302 error=invalid_grant error_description=authentication failure";
    let identifier = begin();
    let otp = last_otp(&org);
    // The header is required, with the method of the start.
    assert_eq!(outcome(&finish(&identifier, &otp, "sms")), refused);
    assert_eq!(outcome(&finish(&identifier, &otp, "")), refused);
    assert_eq!(outcome(&finish(&identifier, "000", "email")), refused);
    let answer = finish(&identifier, &otp, "email");
    assert_eq!(redeem(&org, &answer, "authorization_code").status, 200);
    assert_eq!(outcome(&finish(&identifier, &otp, "email")), refused);

    // Ten minutes, five attempts.
    let (identifier, otp) = (begin(), last_otp(&org));
    clock.advance(Duration::from_mins(10));
    assert_eq!(outcome(&finish(&identifier, &otp, "email")), refused);
    let (identifier, otp) = (begin(), last_otp(&org));
    for _ in 0..5 {
        assert_eq!(outcome(&finish(&identifier, "wrong", "email")), refused);
    }
    assert_eq!(outcome(&finish(&identifier, &otp, "email")), refused);
}

/// The body of a registration.
fn registration() -> Value {
    json!({
        "userdata": {"email": "new@example.com", "username": "newcomer@example.com", "firstName": "New", "lastName": "Comer"},
        "password": "a new passw0rd",
        "verificationmethod": "email",
        "recaptchaevent": {"token": "solved", "siteKey": "k", "expectedAction": "register", "projectId": "p"},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_registers() {
    let org = start(at_noon(&clock()), &package()).await;
    let body = registration();
    let begun = post(&org, REGISTRATION, &body);
    assert_eq!(begun.json()["email"], "new@example.com");
    let identifier = begun.json()["identifier"].as_str().unwrap().to_owned();
    let credentials = basic(&identifier, &last_otp(&org));
    let finish = |kind: &str| {
        let headers = [
            ("Auth-Request-Type", kind),
            ("Auth-Verification-Type", "email"),
            ("Authorization", credentials.as_str()),
        ];
        authorize(&org, &headers, &[])
    };
    // A registration does not log in.
    expect!["302 error=invalid_grant error_description=authentication failure"]
        .assert_eq(&outcome(&finish("passwordless-login")));
    let token = redeem(&org, &finish("user-registration"), "authorization_code");
    assert_eq!(token.status, 200, "{}", token.body);
    // The name is taken now, and the answer does not show it.
    let sent = Client(&org).rest("GET", "/_org/outbox", "").body;
    assert_eq!(post(&org, REGISTRATION, &body).status, 200);
    assert_eq!(Client(&org).rest("GET", "/_org/outbox", "").body, sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_with_invalid_parameters() {
    let org = start(at_noon(&clock()), &package()).await;
    let with = |name: &str, value: Value| {
        let mut body = registration();
        body[name] = value;
        post(&org, REGISTRATION, &body).error()
    };
    for (name, value, expected) in [
        (
            "userdata",
            json!({}),
            "400 invalid_request: missing required parameter: userdata.email",
        ),
        (
            "password",
            json!(null),
            "400 invalid_request: missing required parameter: password",
        ),
        (
            "password",
            json!("onlyletters"),
            "400 invalid_request: the password must have at least 8 characters, letters and digits among them",
        ),
        (
            "verificationmethod",
            json!("fax"),
            "400 invalid_request: unknown verificationmethod: fax",
        ),
        (
            "recaptchaevent",
            json!({}),
            "400 invalid_request: missing required recaptcha",
        ),
    ] {
        assert_eq!(with(name, value), expected);
    }
    let path = "/storefront/services/auth/headless/init/registration";
    assert_eq!(send(org.address(), "GET", path, &[], b"").status, 405);
    assert_eq!(post(&org, REGISTRATION, &json!([])).status, 400);
    assert_eq!(post(&org, "/init/nothing", &json!({})).status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced() {
    let org = start(at_noon(&clock()), &package()).await;
    let ask = |name: &str| {
        post(
            &org,
            FORGOT,
            &json!({"username": name, "recaptcha": "solved"}),
        )
    };
    // The answer is the same for unknown users.
    for name in ["nobody@example.com", org.admin_username(), USER] {
        expect![[r#"{"status_code":"otp_sent"}"#]].assert_eq(&ask(name).body);
    }
    let change = |password: &str, otp: &str| {
        let body = json!({"username": USER, "newpassword": password, "otp": otp});
        post(&org, FORGOT, &body)
    };
    let otp = last_otp(&org);
    let fresh = "an0ther battery";
    expect!["400 invalid_request: invalid verification code"]
        .assert_eq(&change(fresh, "x").error());
    assert!(
        change("short1", &otp)
            .error()
            .contains("at least 8 characters")
    );
    expect![[r#"{"status_code":"success"}"#]].assert_eq(&change(fresh, &otp).body);
    assert_eq!(change(fresh, &otp).status, 400);
    let log_in = |password: &str| {
        let credentials = basic(USER, password);
        let headers = [
            ("Auth-Request-Type", "Named-User"),
            ("Authorization", credentials.as_str()),
        ];
        outcome(&authorize(&org, &headers, &[]))
    };
    assert_eq!(log_in(fresh), "302 code");
    assert!(log_in(PASSWORD).contains("invalid_grant"));
    expect!["400 invalid_request: missing required parameter: otp"].assert_eq(
        &post(
            &org,
            FORGOT,
            &json!({"username": USER, "newpassword": fresh}),
        )
        .error(),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_can_require_a_token_instead_of_recaptcha() {
    let mut site = SiteSettings::default();
    site.passwordless_login = HeadlessApi::Authentication;
    site.forgot_password = HeadlessApi::Off;
    site.recaptcha_response = Some("the one".to_owned());
    let clock = clock();
    let package = package().replace(SETTINGS, "RefreshToken,Api, OpenID", "Api,PwdlessLogin");
    let org = start(at_noon(&clock).site(site), &package).await;
    org.assign_permission_set(org.admin_username(), "Shoppers")
        .unwrap();
    let (key, secret) = (
        org.consumer_key(APP).unwrap(),
        org.consumer_secret(APP).unwrap(),
    );
    let token = Client(&org)
        .form(
            "/services/oauth2/token",
            &[],
            &[
                ("grant_type", "client_credentials"),
                ("client_id", &key),
                ("client_secret", secret.expose_secret()),
            ],
        )
        .json();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let own = format!("Bearer {}", org.admin_access_token().expose_secret());
    let begin = |authorization: &str| {
        let body = json!({"username": USER, "verificationmethod": "email"});
        post_with(
            &org,
            PASSWORDLESS,
            &[("Authorization", authorization)],
            &body,
        )
    };
    assert_eq!(begin(&bearer).status, 200);
    expect!["400 invalid_token: the access token is invalid"].assert_eq(&begin("Bearer x").error());
    expect!["400 insufficient_scope: the access token lacks the scope pwdless_login_api"]
        .assert_eq(&begin(&own).error());
    // The answer to an expired token is 400, too.
    clock.advance(Duration::from_hours(3));
    assert_eq!(begin(&bearer).status, 400);
    for body in [
        json!({"username": USER, "recaptcha": "the one"}),
        json!({"username": USER, "newpassword": "some passw0rd", "otp": "1"}),
    ] {
        expect!["400 access_denied: this headless identity API is not enabled on this site"]
            .assert_eq(&post(&org, FORGOT, &body).error());
    }
    let body = json!({"userdata": {"email": "n@example.com"}, "recaptcha": "another"});
    expect!["400 invalid_request: recaptcha validation failed"]
        .assert_eq(&post(&org, REGISTRATION, &body).error());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_echo_endpoint_shows_what_a_redirect_carried() {
    let org = start(at_noon(&clock()), &package()).await;
    let get = |query: &str| {
        let path = format!("{SITE}/services/oauth2/echo?{query}");
        send(org.address(), "GET", &path, &[], b"")
    };
    expect![[r#"{"code":"a b","sfdc_community_url":"u"}"#]]
        .assert_eq(&get("code=a+b&sfdc_community_url=u").body);
    assert_eq!(get("error=invalid_grant").status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_and_switches_are_set_from_outside() {
    let org = start(at_noon(&clock()), &package()).await;
    let client = Client(&org);
    let bob =
        r#"{"username":"bob@example.com","password":"passw0rd 2","permission_sets":["Shoppers"]}"#;
    let made = client.rest("POST", "/_org/users", bob);
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.json()["permission_sets"], json!(["Shoppers"]));
    let credentials = basic("bob@example.com", "passw0rd 2");
    let headers = [
        ("Auth-Request-Type", "Named-User"),
        ("Authorization", credentials.as_str()),
    ];
    expect!["302 code"].assert_eq(&outcome(&authorize(&org, &headers, &[])));
    for (path, body, expected) in [
        ("users", bob, "a user named bob@example.com already exists"),
        ("users", "{}", "expected"),
        (
            "users",
            r#"{"username":"new@example.com","permission_sets":["Missing"]}"#,
            "no permission set is named Missing",
        ),
        (
            "site",
            r#"{"registration":"open"}"#,
            "cannot set registration",
        ),
        (
            "site",
            r#"{"registration":"off","shoes":1}"#,
            "cannot set shoes",
        ),
        ("site", "[]", "cannot set nothing"),
    ] {
        let answer = client.rest("POST", &format!("/_org/{path}"), body);
        assert_eq!(answer.status, 400);
        assert!(answer.error().contains(expected), "{}", answer.error());
    }
    // An existing user keeps the previous permission sets.
    let again = r#"{"username":"bob@example.com","permission_sets":["Shoppers"]}"#;
    let again = client.rest("POST", "/_org/users", again);
    assert_eq!(again.status, 200, "{}", again.body);
    assert_eq!(again.json()["kind"], "external");
    // A refused request changes nothing.
    let users = client.rest("GET", "/_org/users", "").body;
    assert!(!users.contains("new@example.com"), "{users}");
    let site = client.rest("GET", "/_org/site", "").json();
    assert_eq!(site["registration"], "recaptcha");
}
