//! Token requests on the wire, and the flows of several requests.

use std::sync::Arc;
use std::time::Duration;

use eca_http::testing::{ManualTimer, ScriptedTransport};
use eca_http::{Delivery, HttpClient, TransportErrorKind};
use eca_oauth::{
    AccessToken, AssertionJwt, AuthorizationCode, AuthorizationCodeGrant, BearerAudience,
    ClientAuthentication, ClientProof, DeviceCode, DeviceGrant, DeviceSecret, Error, HostKind,
    Introspection, InvalidSecret, JwtBearer, JwtBearerGrant, LoginUrl, OpenIdConfiguration,
    RefreshGrant, RefreshToken, Revocation, SubjectToken, SubjectTokenType, TokenExchangeGrant,
    TokenSource,
};
use expect_test::expect_file;

use crate::support::{LEAK, chain, client_id, client_secret, response, shown, verifier};

macro_rules! check {
    ($name:literal, $request:expr) => {
        expect_file![concat!("golden/", $name, ".txt")].assert_eq(&shown(&$request))
    };
}

fn host() -> LoginUrl {
    "https://acme.my.salesforce.com".parse().unwrap()
}

fn assertion() -> Result<AssertionJwt, InvalidSecret> {
    AssertionJwt::new("eyJhbGciOiJSUzI1NiJ9.eyJMRUFLIjoxfQ.c2ln")
}

#[test]
fn requests() {
    let (endpoint, id, secret) = (host().token_endpoint(), client_id(), client_secret());
    let proof = ClientProof::Secret(&secret, ClientAuthentication::Basic);
    check!(
        "jwt_bearer",
        JwtBearerGrant::new(&endpoint, assertion().unwrap()).into_request()
    );
    let refresh = RefreshToken::new("5Aep.LEAK").unwrap();
    check!(
        "refresh_public",
        RefreshGrant::new(&endpoint, &id, ClientProof::None).request(&refresh)
    );
    check!(
        "refresh_assertion",
        RefreshGrant::new(&endpoint, &id, ClientProof::Assertion(assertion().unwrap()))
            .request(&refresh)
    );
    let code = AuthorizationCode::new("aPrx").unwrap();
    check!(
        "code_assertion",
        AuthorizationCodeGrant::new(&endpoint, &id, code, verifier())
            .with_proof(ClientProof::Assertion(assertion().unwrap()))
            .into_request()
    );
    let scope = "api refresh_token".parse().unwrap();
    check!(
        "device_code",
        DeviceCode::request(&endpoint, &id, Some(&scope))
    );
    let device = DeviceSecret::new("LEAK-device").unwrap();
    check!("device", DeviceGrant::new(&endpoint, &id).request(&device));
    let exchange = TokenExchangeGrant::new(&endpoint, &id, proof, SubjectTokenType::Jwt).unwrap();
    let subject = SubjectToken::new("eyJ.LEAK.x").unwrap();
    check!(
        "token_exchange",
        exchange
            .with_handler("Acme_Handler")
            .with_scope(&scope)
            .request(&subject)
    );
    let proof = ClientProof::Secret(&secret, ClientAuthentication::Form);
    let token = AccessToken::new("00D!LEAK").unwrap();
    check!(
        "introspect",
        Introspection::request(&host().introspection_endpoint(), &id, &proof, &token)
    );
    check!(
        "revoke",
        Revocation::Refresh(&refresh).request(&host().revocation_endpoint())
    );
    check!(
        "openid",
        OpenIdConfiguration::request(&"https://acme.my.site.com/portal".parse().unwrap())
    );
    assert!(!format!("{proof:?}{:?}", Revocation::Refresh(&refresh)).contains(LEAK));
}

#[test]
fn invalid_requests_are_refused_before_they_are_sent() {
    let login: LoginUrl = "https://test.salesforce.com".parse().unwrap();
    let refused = TokenExchangeGrant::new(
        &login.token_endpoint(),
        &client_id(),
        ClientProof::None,
        SubjectTokenType::Saml2,
    )
    .unwrap_err();
    assert_eq!(refused.delivery(), Delivery::NotSent);
    let long = SubjectToken::new("x".repeat(10_001)).err().unwrap();
    assert_eq!(
        long.to_string(),
        "subject token is longer than 10,000 characters"
    );
}

#[test]
fn hosts_have_kinds_and_audiences() {
    use BearerAudience::{LoginHost, Site, Unknown};
    let login = LoginHost("https://login.salesforce.com");
    let test = LoginHost("https://test.salesforce.com");
    for (url, kind, audience) in [
        ("https://login.salesforce.com", HostKind::Login, login),
        ("https://LOGIN.salesforce.com./", HostKind::Login, login),
        ("https://welcome.salesforce.com", HostKind::Login, login),
        ("https://test.salesforce.com/", HostKind::Login, test),
        ("https://acme.my.salesforce.com", HostKind::Org, login),
        ("https://sandbox.my.salesforce.com", HostKind::Org, login),
        (
            "https://acme-dev-ed.develop.my.salesforce.com",
            HostKind::Org,
            login,
        ),
        (
            "https://acme--uat.sandbox.my.salesforce.com",
            HostKind::Org,
            test,
        ),
        (
            "https://acme--uat.sandbox.lightning.force.com",
            HostKind::Org,
            test,
        ),
        (
            "https://app-1.scratch.my.salesforce.com",
            HostKind::Org,
            test,
        ),
        ("https://acme.lightning.force.com", HostKind::Org, login),
        ("https://acme.my.site.com/portal", HostKind::Site, Site),
        (
            "https://acme--uat.sandbox.my.site.com",
            HostKind::Site,
            Site,
        ),
        ("https://customers.acme.com", HostKind::Other, Site),
        ("http://127.0.0.1:8080", HostKind::Loopback, Unknown),
        ("http://localhost:8080", HostKind::Loopback, Unknown),
    ] {
        let host: LoginUrl = url.parse().unwrap();
        assert_eq!(
            (host.kind(), host.bearer_audience()),
            (kind, audience),
            "{url}"
        );
    }
}

#[test]
fn responses_about_tokens() {
    let step = Introspection::step(&host().introspection_endpoint());
    let json = |status, body: &'static str| response(status, "application/json", body);
    let read = |body| Introspection::parse(&step, &json(200, body));
    let introspection = read(r#"{"active":true,"scope":"api id","exp":1795000000,"x":1}"#).unwrap();
    assert!(introspection.active && introspection.scope.unwrap().contains("api"));
    assert!(!read(r#"{"active":false}"#).unwrap().active);
    assert!(chain(&read("{}").unwrap_err()).ends_with("member `active` is missing"));

    let step = Revocation::step(&host().revocation_endpoint());
    assert!(Revocation::parse(&step, &response(200, "text/html", "")).is_ok());
    let refused = Revocation::parse(&step, &json(400, r#"{"error":"unsupported_token_type"}"#));
    assert!(matches!(refused, Err(Error::Refused { .. })));
    assert!(Revocation::parse(&step, &response(302, "text/html", "")).is_err());

    let step = OpenIdConfiguration::step(&host());
    let configuration = OpenIdConfiguration::parse(
        &step,
        &json(
            200,
            r#"{"issuer":"https://acme.my.salesforce.com","token_endpoint":
            "https://acme.my.salesforce.com/services/oauth2/token","scopes_supported":["api",7]}"#,
        ),
    )
    .unwrap();
    assert!(configuration.is_issued_by(&host()));
    assert_eq!(configuration.scopes_supported, ["api"]);
    let plain = r#"{"issuer":"x","token_endpoint":"http://acme.my.salesforce.com/t"}"#;
    assert!(OpenIdConfiguration::parse(&step, &json(200, plain)).is_err());
}

fn world() -> (Arc<ScriptedTransport>, Arc<ManualTimer>, HttpClient) {
    let (org, timer) = (
        Arc::new(ScriptedTransport::new()),
        Arc::new(ManualTimer::new()),
    );
    let http = HttpClient::new(org.clone(), timer.clone());
    (org, timer, http)
}

const CODE: &str = r#"{"device_code":"LEAK","user_code":"GH4S","verification_uri":
    "https://acme.my.salesforce.com/connect","interval":5}"#;
const PENDING: &str = r#"{"error":"authorization_pending"}"#;
const TOKEN: &str = r#"{"access_token":"00D000000000001!LEAK"}"#;

pub(crate) fn code(body: &'static str) -> DeviceCode {
    let step = DeviceCode::step(&host().token_endpoint());
    let code = DeviceCode::parse(&step, &response(200, "application/json", body)).unwrap();
    assert!(!format!("{code:?}").contains(LEAK));
    code
}

#[tokio::test]
async fn a_device_polls_at_the_interval_of_the_server() {
    let (org, timer, http) = world();
    let (endpoint, id) = (host().token_endpoint(), client_id());
    org.json(400, PENDING)
        .json(400, r#"{"error":"slow_down"}"#)
        .json(200, TOKEN);
    DeviceGrant::new(&endpoint, &id)
        .wait(&http, &code(CODE))
        .await
        .unwrap();
    assert_eq!(timer.slept(), [5, 5, 10].map(Duration::from_secs));
}

#[tokio::test]
async fn polling_has_a_limit_and_a_shortest_interval() {
    let (endpoint, id) = (host().token_endpoint(), client_id());
    for (body, polls) in [
        (CODE, 120),
        (
            r#"{"device_code":"c","user_code":"u","verification_uri":"v","interval":0,"expires_in":9}"#,
            9,
        ),
    ] {
        let org = Arc::new(ScriptedTransport::with_handler(|_| {
            Some(Ok(response(400, "application/json", PENDING)))
        }));
        let http = HttpClient::new(org.clone(), Arc::new(ManualTimer::new()));
        let error = DeviceGrant::new(&endpoint, &id)
            .wait(&http, &code(body))
            .await
            .unwrap_err();
        assert!(matches!(error, Error::DeviceTimeout { .. }));
        assert_eq!(org.requests().len(), polls);
    }
}

#[tokio::test]
async fn each_bearer_request_has_its_own_assertion_and_is_sent_once() {
    let (org, _, http) = world();
    let tokens = JwtBearer::new(http, host().token_endpoint(), Arc::new(assertion));
    org.fail(TransportErrorKind::Connect);
    org.json(200, TOKEN);
    tokens.access_token().await.unwrap();
    assert_eq!(org.requests().len(), 2, "what was not sent is retried");
    org.fail(TransportErrorKind::Reset);
    let old = tokens.access_token().await.unwrap();
    tokens.invalidate(&old);
    let error = tokens.access_token().await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert_eq!(org.requests().len(), 3);

    let (_, _, http) = world();
    let none = || AssertionJwt::new("");
    let tokens = JwtBearer::new(http, host().token_endpoint(), Arc::new(none));
    let error = tokens.access_token().await.unwrap_err();
    assert!(matches!(*error, Error::Assertion { .. }) && error.is_auth());
}
