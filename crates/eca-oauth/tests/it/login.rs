//! The whole login against a scripted org.

use std::collections::HashSet;
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use eca_http::testing::{ManualTimer, ScriptedTransport};
use eca_http::{BoxFuture, Delivery, HttpClient, Transport, TransportError, TransportErrorKind};
use eca_oauth::LoginField::{self, Password as PasswordField, Username};
use eca_oauth::{
    ClientAttestationJwt, EndpointSource, Error, HeadlessClient, InvalidSecret, Password,
    StepReport, TokenResponse,
};
use expect_test::{Expect, expect};
use url::form_urlencoded;

use crate::support::{
    LEAK, chain, client_id, client_secret, headless, in_header, profile, site, world,
};

const MORE: &str = r#"{"error":"insufficient_authorization","auth_session":"LEAK-s1"}"#;
const CODE: &str = r#"{"authorization_code":"LEAK-code","auth_session":"LEAK-s2"}"#;
const TOKEN: &str = r#"{"access_token":"00D000000000001!LEAK","token_type":"Bearer"}"#;

fn login(http: &HttpClient, first: &[LoginField], discover: bool) -> HeadlessClient {
    let mut profile = profile(in_header(), first.iter().copied());
    if discover {
        profile.endpoint = EndpointSource::Discover;
    }
    headless(http.clone(), profile).scope("openid api".parse().unwrap())
}

/// Runs a login; the text has one step per line.
async fn run(login: &HeadlessClient) -> (Result<TokenResponse, Error>, String) {
    let steps = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&steps);
    let login = login.clone().observer(move |report: &StepReport| {
        let status = report
            .status
            .map_or("-".to_owned(), |status| status.to_string());
        let (method, url, outcome) = (&report.method, &report.url, &report.outcome);
        writeln!(seen.lock().unwrap(), "{method} {url} {status}: {outcome}").unwrap();
    });
    let result = login.password("mia@acme.com", &password()).await;
    let steps = steps.lock().unwrap().clone();
    assert!(!steps.contains(LEAK), "{steps}");
    (result, steps)
}

fn password() -> Password {
    Password::new("LEAK-pw").unwrap()
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
        let (result, steps) = run(&login(&http, &[Username], false)).await;
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
        run(&login(&http, first, false)).await.0.unwrap();
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
    let (result, steps) = run(&login(&http, &[Username, PasswordField], true)).await;
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
    let (result, steps) = run(&login(&http, first, false)).await;
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
    let (result, _) = run(&login(&http, &[Username], false)).await;
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
    let (result, _) = run(&login(&http, &[Username], false)).await;
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Unreadable { status: 503, .. }) && error.is_retryable());
    assert_eq!(org.requests().len(), 2);

    let (org, http) = world();
    script(&org, &[(200, CODE)]);
    org.fail(TransportErrorKind::Reset);
    let (result, steps) = run(&login(&http, &[Username], false)).await;
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
    let mut discover = profile(in_header(), [Username]);
    discover.endpoint = EndpointSource::Discover;
    let bare = HeadlessClient::new(http.clone(), site(), discover, client_id(), client_secret());
    let none = || ClientAttestationJwt::new("") as Result<_, InvalidSecret>;
    for (client, cause) in [
        (bare, "HeadlessClient::attestation was not called"),
        (
            login(&http, &[Username], false).attestation(none),
            "client attestation is empty",
        ),
    ] {
        let error = client.password("mia", &password()).await.unwrap_err();
        assert_eq!(org.requests().len(), 0);
        assert_eq!(error.delivery(), Delivery::NotSent);
        let made = "the client attestation could not be made";
        let step = "authorization challenge at acme.my.site.com";
        let expected = format!("{step} has no client attestation to send: {made}: {cause}");
        assert_eq!(chain(&error), expected);
    }
}

const METADATA: &str = r#"{"issuer":"https://acme.my.site.com/portal/",
    "authorization_challenge_endpoint":"https://acme.my.site.com/portal/found"}"#;

#[tokio::test]
async fn the_endpoint_is_discovered_once_an_hour_for_all_clones() {
    let (org, timer) = (
        Arc::new(ScriptedTransport::new()),
        Arc::new(ManualTimer::new()),
    );
    let http = HttpClient::new(org.clone(), timer.clone());
    let client = login(&http, &[Username], true);
    let discoveries = || {
        let requests = org.requests();
        let discovery = |request: &&http::Request<Bytes>| request.method() == "GET";
        requests.iter().filter(discovery).count()
    };
    script(&org, &[(404, "{}")]);
    run(&client).await.0.unwrap_err();
    assert_eq!(discoveries(), 1, "a failure is not cached");
    script(&org, &[(200, METADATA), (200, CODE), (200, TOKEN)]);
    run(&client).await.0.unwrap();
    assert_eq!(discoveries(), 2);
    let mut scoped = client.clone().scope("api".parse().unwrap());
    for (minutes, expected) in [(0, 2), (59, 2), (1, 3), (59, 3)] {
        timer.advance(Duration::from_mins(minutes));
        if discoveries() < expected {
            script(&org, &[(200, METADATA)]);
        }
        script(&org, &[(200, CODE), (200, TOKEN)]);
        run(&scoped).await.0.unwrap();
        assert_eq!(discoveries(), expected, "after {minutes} more minutes");
        scoped = client.clone();
    }
    assert_eq!(org.remaining(), 0);
}

/// Never responds.
struct Silent;

impl Transport for Silent {
    fn send(
        &self,
        _: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_login_has_its_own_time_limit() {
    for (limit, seconds) in [(None, 30), (Some(Duration::from_secs(5)), 5)] {
        let timer = Arc::new(ManualTimer::new());
        let http = HttpClient::new(Arc::new(Silent), timer.clone());
        let client = login(&http, &[Username], false);
        let client = match limit {
            Some(limit) => client.timeout(limit),
            None => client,
        };
        let error = client.password("mia", &password()).await.unwrap_err();
        let Error::Transport { source, .. } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(source.last.kind(), TransportErrorKind::TotalTimeout);
        assert_eq!(source.delivery, Delivery::Unknown);
        assert_eq!(timer.slept(), [Duration::from_secs(seconds)]);
    }
}

/// One client serves a whole program.
const _: fn() = || {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<HeadlessClient>();
};
