//! A server that sends a request back learns nothing new, but what is shown of its answer would
//! have the secrets in it.

use std::sync::Arc;

use eca_http::HttpClient;
use eca_http::testing::{ManualTimer, ScriptedTransport};
use eca_oauth::{
    AssertionJwt, ClientAuthentication, ClientCredential, ClientCredentials, DeviceGrant,
    ExchangedTokens, IdentityClient, IdentityGate, InstanceUrl, JwtBearer, LoginField,
    MemoryRefreshStore, Password, PasswordlessInit, Recaptcha, RefreshToken, RefreshTokens,
    SentSecrets, StepReport, SubjectToken, SubjectTokenType, TokenSource, VerificationMethod,
};

use crate::support::{
    LEAK, chain, client_id, client_secret, headless, in_form, in_header, profile, response, site,
    verifier,
};

/// A client of a server that answers every request with all of it: as it is, with the form decoded,
/// and with the credentials of `Basic` decoded.
fn reflecting() -> HttpClient {
    let server = ScriptedTransport::with_handler(|request| {
        let mut text = format!(
            "{} {}",
            request.uri(),
            String::from_utf8_lossy(request.body())
        );
        for (_, value) in request.headers() {
            let value = value.to_str().unwrap();
            text.push(' ');
            text.push_str(value);
            if let Some(basic) = value.strip_prefix("Basic ") {
                use base64::Engine as _;
                let pair = base64::prelude::BASE64_STANDARD.decode(basic).unwrap();
                text += &String::from_utf8(pair).unwrap();
            }
        }
        text += &percent_decoded(&text);
        let error = serde_json::json!({
            "error": format!("invalid_request {text}"),
            "error_description": text,
            "error_uri": text,
            "request_uri": { "nested": [text] },
        });
        Some(Ok(response(400, "application/json", error.to_string())))
    });
    HttpClient::new(Arc::new(server), Arc::new(ManualTimer::new()))
}

fn percent_decoded(text: &str) -> String {
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    let pairs = pairs.map(|(name, value)| format!(" {name}={value}"));
    pairs.collect::<Vec<_>>().concat()
}

fn check(flow: &str, error: &eca_oauth::Error) {
    let shown = chain(error);
    let Some(oauth) = error.oauth() else {
        panic!("{flow}: {shown}");
    };
    let verbatim = [
        oauth.code(),
        oauth.description().unwrap(),
        oauth.uri().unwrap(),
    ];
    let extra = oauth.extras().json("request_uri").unwrap();
    for text in verbatim
        .into_iter()
        .chain([&*shown, &*extra, &format!("{error:?}")])
    {
        assert!(!text.contains(LEAK), "{flow}: {text}");
    }
    assert!(shown.contains("[secret]"), "{flow}: {shown}");
    // What is not secret stays readable.
    assert!(
        shown.contains("invalid_request") && shown.contains("acme"),
        "{flow}: {shown}"
    );
}

#[tokio::test]
async fn by_the_token_endpoint() {
    let http = reflecting();
    let instance: InstanceUrl = "https://acme.my.salesforce.com".parse().unwrap();
    let endpoint = || instance.token_endpoint();
    let secret = |how| ClientCredential::Secret(client_secret(), how);
    let assertion = || AssertionJwt::new("eyJ.LEAK.assertion");
    let subject = || SubjectToken::new("eyJ.LEAK.subject");
    let refresh = RefreshToken::new("5Aep_LEAK_refresh").unwrap();
    let store = Arc::new(MemoryRefreshStore::new(refresh));
    let basic = ClientAuthentication::Basic;
    for (flow, source) in [
        (
            "client credentials, basic",
            Box::new(
                ClientCredentials::new(http.clone(), endpoint(), client_id(), secret(basic))
                    .unwrap(),
            ) as Box<dyn TokenSource>,
        ),
        (
            "client credentials, form",
            Box::new(
                ClientCredentials::new(
                    http.clone(),
                    endpoint(),
                    client_id(),
                    secret(ClientAuthentication::Form),
                )
                .unwrap(),
            ),
        ),
        (
            "client credentials, assertion",
            Box::new(
                ClientCredentials::new(
                    http.clone(),
                    endpoint(),
                    client_id(),
                    ClientCredential::Assertion(Arc::new(assertion)),
                )
                .unwrap(),
            ),
        ),
        (
            "jwt bearer",
            Box::new(JwtBearer::new(
                http.clone(),
                endpoint(),
                Arc::new(assertion),
            )),
        ),
        (
            "refresh",
            Box::new(RefreshTokens::new(
                http.clone(),
                endpoint(),
                client_id(),
                secret(basic),
                store,
            )),
        ),
        (
            "token exchange",
            Box::new(
                ExchangedTokens::new(
                    http.clone(),
                    endpoint(),
                    client_id(),
                    ClientCredential::Public,
                    Arc::new(subject),
                    SubjectTokenType::Jwt,
                )
                .unwrap(),
            ),
        ),
    ] {
        check(flow, &source.access_token().await.unwrap_err());
    }
    let code = crate::grants::code(
        r#"{"device_code":"LEAK-device","user_code":"u","verification_uri":"https://acme.example"}"#,
    );
    let (endpoint, id) = (endpoint(), client_id());
    let device = DeviceGrant::new(&endpoint, &id);
    check("device", &device.wait(&http, &code).await.unwrap_err());
}

#[tokio::test]
async fn by_a_site() {
    let http = reflecting();
    let password = Password::new("LEAK correct&horse").unwrap();
    for carrier in [in_header(), in_form()] {
        let fields = [LoginField::Username, LoginField::Password];
        let client = headless(http.clone(), profile(carrier, fields));
        let error = client.password("mia", &password).await.unwrap_err();
        check("headless login", &error);
    }
    let client = IdentityClient::new(site(), client_id(), "https://acme.example/echo")
        .with_secret(client_secret());
    let silent = |_: &StepReport| {};
    let error = client.login(
        &http,
        "mia",
        &password,
        IdentityGate::Open,
        verifier(),
        &silent,
    );
    check("identity login", &error.await.unwrap_err());
    let init = PasswordlessInit {
        username: "mia",
        method: VerificationMethod::Email,
    };
    let solved = Recaptcha::Token("LEAK-solved".to_owned());
    let gate = IdentityGate::Recaptcha(&solved);
    let error = client.start_passwordless(&http, init, gate, &silent);
    check("passwordless", &error.await.unwrap_err());
}

#[test]
fn what_is_masked() {
    let mut secrets = SentSecrets::default();
    for secret in [
        "short",
        "longer secret",
        "longer secret&\"more\"",
        "longer+s",
        "ümläutüü",
    ] {
        secrets.add(secret);
    }
    for (text, expected) in [
        ("a short word", "a short word"),
        ("longer secret", "[secret]"),
        ("longer+secret longer%20secret", "[secret] [secret]"),
        ("longer secret&\"more\"", "[secret]"),
        (
            "{\"a\":\"longer secret&\\\"more\\\"\"}",
            "{\"a\":\"[secret]\"}",
        ),
        (
            "<a>longer secret&amp;&quot;more&quot;</a>",
            "<a>[secret]</a>",
        ),
        ("<a>longer secret&amp;\"more\"</a>", "<a>[secret]</a>"),
        ("longer%2Bs, longer s", "[secret], longer s"),
        ("ümläutüü", "[secret]"),
        ("", ""),
    ] {
        assert_eq!(secrets.mask(text), expected, "{text}");
    }
    assert_eq!(format!("{secrets:?}"), "SentSecrets(…)");
}

#[test]
fn what_of_a_request_is_secret() {
    let request = |content_type: &str, authorization: &str, body: &str| {
        let request = http::Request::post("https://acme.my.salesforce.com/")
            .header("content-type", content_type)
            .header("authorization", authorization);
        let mut secrets = SentSecrets::default();
        secrets.add_request(&request.body(body.to_owned().into()).unwrap());
        secrets
    };
    for (content_type, authorization, body, text, expected) in [
        (
            "application/x-www-form-urlencoded",
            "Bearer 00D000000000001!token",
            "client_id=3MVG9client&username=mia.malone&password=correct%20horse",
            "3MVG9client mia.malone correct horse 00D000000000001!token",
            "3MVG9client mia.malone [secret] [secret]",
        ),
        (
            "application/json; charset=utf-8",
            "opaque-credentials",
            r#"{"username":"mia.malone","a":{"b":["anything else"]}}"#,
            "mia.malone anything else opaque-credentials",
            "mia.malone [secret] [secret]",
        ),
        (
            "text/xml; charset=UTF-8",
            "none",
            "<a><m:sessionId>00D000000000001!token</m:sessionId><b>something</b></a>",
            "00D000000000001!token something",
            "[secret] something",
        ),
        (
            "multipart/form-data",
            "none",
            "password=correct horse",
            "correct horse",
            "correct horse",
        ),
    ] {
        let secrets = request(content_type, authorization, body);
        assert_eq!(secrets.mask(text), expected, "{content_type}");
    }
}
