//! The whole login against a scripted org.

use std::collections::HashSet;
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use eca_http::testing::ScriptedTransport;
use eca_http::{Delivery, HttpClient, TransportErrorKind};
use eca_oauth::LoginField::{self, Password as PasswordField, Username};
use eca_oauth::{
    ClientAttestationJwt, Credentials, EndpointSource, Error, InvalidSecret, Password, StepReport,
    TokenResponse, UsernamePasswordLogin,
};
use expect_test::{Expect, expect};
use url::form_urlencoded;

use crate::support::{
    LEAK, chain, client_id, client_secret, in_header, profile, site, verifier, world,
};

const MORE: &str = r#"{"error":"insufficient_authorization","auth_session":"LEAK-s1"}"#;
const CODE: &str = r#"{"authorization_code":"LEAK-code","auth_session":"LEAK-s2"}"#;
const TOKEN: &str = r#"{"access_token":"00D000000000001!LEAK","token_type":"Bearer"}"#;

fn login(first: &[LoginField], discover: bool) -> UsernamePasswordLogin {
    let mut profile = profile(in_header(), first.iter().copied());
    if discover {
        profile.endpoint = EndpointSource::Discover;
    }
    let credentials = Credentials::new("mia@acme.com", Password::new("LEAK-pw").unwrap());
    UsernamePasswordLogin::new(site(), profile, client_id(), client_secret(), credentials)
        .with_scope("openid api".parse().unwrap())
}

/// Runs a login; the text has one step per line.
async fn run(
    login: &UsernamePasswordLogin,
    http: &HttpClient,
) -> (Result<TokenResponse, Error>, String) {
    let count = AtomicU32::new(0);
    let fresh = || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        ClientAttestationJwt::new(format!("eyJ.LEAK.{number}"))
    };
    let steps = Mutex::new(String::new());
    let observer = |report: &StepReport| {
        let status = report
            .status
            .map_or("-".to_owned(), |status| status.to_string());
        let (method, url, outcome) = (&report.method, &report.url, &report.outcome);
        writeln!(steps.lock().unwrap(), "{method} {url} {status}: {outcome}").unwrap();
    };
    let result = login.login(http, &fresh, verifier(), &observer).await;
    let steps = steps.into_inner().unwrap();
    assert!(!steps.contains(LEAK), "{steps}");
    (result, steps)
}

fn names(request: &http::Request<Bytes>) -> String {
    let names = form_urlencoded::parse(request.body()).map(|(name, _)| name.into_owned());
    names.collect::<Vec<_>>().join(" ")
}

fn script(org: &ScriptedTransport, responses: &[(u16, &'static str)]) {
    for (status, body) in responses {
        org.json(*status, *body);
    }
}

#[tokio::test]
async fn user_name_first_then_both_in_every_draft() {
    let mut transcripts = HashSet::new();
    for status in [400, 401, 403] {
        let (org, http) = world();
        script(&org, &[(status, MORE), (200, CODE), (200, TOKEN)]);
        let (result, steps) = run(&login(&[Username], false), &http).await;
        let token = result.unwrap();
        assert_eq!(token.access_token.expose_secret(), "00D000000000001!LEAK");
        assert_eq!(token.auth_session.unwrap().expose_secret(), "LEAK-s2");
        let requests = org.requests();
        let header = |index: usize| &requests[index].headers()["oauth-client-attestation"];
        assert_ne!(header(0), header(1), "each request has its own attestation");
        let sent: Vec<String> = requests.iter().map(names).collect();
        let steps = steps.replace(&format!(" {status}:"), " 4xx:");
        transcripts.insert(format!("{steps}{}\n", sent.join("\n")));
    }
    let transcripts: Vec<String> = transcripts.into_iter().collect();
    expect![[r#"
        POST https://acme.my.site.com/portal/made-up/challenge 4xx: more needed
        POST https://acme.my.site.com/portal/made-up/challenge 200: code received
        POST https://acme.my.site.com/portal/services/oauth2/token 200: token received
        response_type client_id scope code_challenge code_challenge_method username
        response_type client_id auth_session username password
        grant_type code code_verifier
    "#]]
    .assert_eq(&transcripts.concat());
}

#[tokio::test]
async fn the_profile_decides_what_goes_first() {
    for (first, expected) in [
        (&[][..], "none"),
        (&[Username][..], "username"),
        (&[PasswordField][..], "password"),
        (&[PasswordField, Username][..], "username password"),
    ] {
        let (org, http) = world();
        script(&org, &[(200, CODE), (200, TOKEN)]);
        run(&login(first, false), &http).await.0.unwrap();
        let sent = names(&org.requests()[0]);
        let (_, fields) = sent.split_once("code_challenge_method").unwrap();
        assert_eq!(
            Some(fields.trim())
                .filter(|f| !f.is_empty())
                .unwrap_or("none"),
            expected
        );
    }
}

#[tokio::test]
async fn the_endpoint_can_be_discovered() {
    let (org, http) = world();
    org.fail(TransportErrorKind::Reset);
    script(
        &org,
        &[
            (
                200,
                r#"{"issuer":"https://acme.my.site.com/portal",
                "authorization_challenge_endpoint":"https://acme.my.site.com/portal/found"}"#,
            ),
            (200, CODE),
            (200, TOKEN),
        ],
    );
    let (result, steps) = run(&login(&[Username, PasswordField], true), &http).await;
    result.unwrap();
    expect![[r#"
        GET https://acme.my.site.com/.well-known/oauth-authorization-server/portal 200: metadata read
        POST https://acme.my.site.com/portal/found 200: code received
        POST https://acme.my.site.com/portal/services/oauth2/token 200: token received
    "#]].assert_eq(&steps);
}

async fn check(responses: &[(u16, &'static str)], first: &[LoginField], expected: Expect) -> Error {
    let (org, http) = world();
    script(&org, responses);
    let (result, steps) = run(&login(first, false), &http).await;
    let error = result.unwrap_err();
    let shown = format!("{error:?}");
    assert!(!shown.contains(LEAK), "{shown}");
    assert_eq!(org.remaining(), 0);
    expected.assert_eq(&format!("{steps}=> {}", chain(&error)));
    error
}

#[tokio::test]
async fn flows_that_end_without_a_token() {
    const LOST: &str = r#"{"error":"invalid_session"}"#;
    let both = &[Username, PasswordField][..];

    check(&[(400, MORE)], both, expect![[r#"
        POST https://acme.my.site.com/portal/made-up/challenge 400: more needed
        => authorization challenge at acme.my.site.com asks for more than this flow has: insufficient_authorization (http 400)"#]]).await;
    check(&[(400, MORE), (403, MORE)], &[Username], expect![[r#"
        POST https://acme.my.site.com/portal/made-up/challenge 400: more needed
        POST https://acme.my.site.com/portal/made-up/challenge 403: more needed
        => authorization challenge at acme.my.site.com asks for more than this flow has: insufficient_authorization (http 403)"#]]).await;
    check(&[(400, LOST), (400, LOST)], both, expect![[r#"
        POST https://acme.my.site.com/portal/made-up/challenge 400: session lost
        POST https://acme.my.site.com/portal/made-up/challenge 400: session lost
        => authorization challenge at acme.my.site.com lost its session twice: invalid_session (http 400)"#]]).await;
    check(
        &[(403, r#"{"error":"redirect_to_web"}"#)],
        both,
        expect![[r#"
            POST https://acme.my.site.com/portal/made-up/challenge 403: browser needed
            => authorization challenge at acme.my.site.com must continue in a browser: redirect_to_web (http 403)"#]],
    )
    .await;
    check(
        &[(
            401,
            r#"{"error":"invalid_client","error_description":"attestation was sent before"}"#,
        )],
        both,
        expect![[r#"
            POST https://acme.my.site.com/portal/made-up/challenge 401: refused: invalid_client
            => authorization challenge at acme.my.site.com was refused: invalid_client: attestation was sent before (http 401)"#]],
    )
    .await;
    check(
        &[
            (200, CODE),
            (
                400,
                r#"{"error":"invalid_grant","error_description":"invalid code verifier"}"#,
            ),
        ],
        both,
        expect![[r#"
            POST https://acme.my.site.com/portal/made-up/challenge 200: code received
            POST https://acme.my.site.com/portal/services/oauth2/token 400: refused: invalid_grant
            => authorization code grant at acme.my.site.com was refused: invalid_grant: invalid code verifier (http 400)"#]],
    )
    .await;
    check(&[(200, "null")], both, expect![[r#"
        POST https://acme.my.site.com/portal/made-up/challenge 200: response cannot be read
        => authorization challenge at acme.my.site.com got a response that cannot be read (http 200): body is not a json object"#]]).await;
}

#[tokio::test]
async fn a_lost_session_is_started_over_once() {
    let (org, http) = world();
    script(
        &org,
        &[
            (400, MORE),
            (400, r#"{"error":"invalid_session"}"#),
            (400, MORE),
            (200, CODE),
            (200, TOKEN),
        ],
    );
    let (result, _) = run(&login(&[Username], false), &http).await;
    result.unwrap();
    let sent: Vec<String> = org.requests().iter().map(names).collect();
    assert_eq!(sent[0], sent[2], "starts over with the first request");
    assert_eq!(sent[1], sent[3]);
}

#[tokio::test]
async fn nothing_that_is_valid_once_is_sent_twice() {
    // A request that was not sent is retried; one that got a 503 or was lost is not.
    let (org, http) = world();
    org.fail(TransportErrorKind::Connect);
    let mut later = http::Response::new(Bytes::from_static(b"busy"));
    *later.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
    later.headers_mut().insert("retry-after", 1.into());
    org.respond(later);
    let (result, _) = run(&login(&[Username], false), &http).await;
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Unreadable { status: 503, .. }) && error.is_retryable());
    assert_eq!(org.requests().len(), 2);

    let (org, http) = world();
    script(&org, &[(200, CODE)]);
    org.fail(TransportErrorKind::Reset);
    let (result, steps) = run(&login(&[Username], false), &http).await;
    let error = result.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert_eq!(org.requests().len(), 2);
    expect![[r#"
        POST https://acme.my.site.com/portal/made-up/challenge 200: code received
        POST https://acme.my.site.com/portal/services/oauth2/token -: no response
        => authorization code grant at acme.my.site.com failed: no response from acme.my.site.com after 1 attempt in 0.0 s: POST acme.my.site.com: connection ended before the response was complete"#]].assert_eq(&format!("{steps}=> {}", chain(&error)));
}

#[tokio::test]
async fn without_an_attestation_nothing_is_sent() {
    let (org, http) = world();
    let none = || ClientAttestationJwt::new("") as Result<_, InvalidSecret>;
    let login = login(&[Username], false);
    let error = login
        .login(&http, &none, verifier(), &|_: &StepReport| {})
        .await
        .unwrap_err();
    assert_eq!(org.requests().len(), 0);
    assert_eq!(error.delivery(), Delivery::NotSent);
    expect!["authorization challenge at acme.my.site.com has no client attestation to send: the client attestation could not be made: client attestation is empty"].assert_eq(&chain(&error));
}
