use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eca_http::testing::{ManualTimer, ScriptedTransport};
use eca_http::{
    Attempts, BodyLimit, BoxFuture, Delivery, HttpClient, Idempotency, RetryPolicy, Transport,
    TransportError, TransportErrorKind,
};

struct World {
    org: Arc<ScriptedTransport>,
    timer: Arc<ManualTimer>,
    client: HttpClient,
}

fn world() -> World {
    let org = Arc::new(ScriptedTransport::new());
    let timer = Arc::new(ManualTimer::new());
    let client = HttpClient::new(org.clone(), timer.clone()).with_jitter(Arc::new(|| u32::MAX));
    World { org, timer, client }
}

fn request() -> http::Request<Bytes> {
    http::Request::post("https://acme.my.salesforce.com/x?token=SECRET")
        .header("authorization", "Bearer SECRET")
        .body(Bytes::from_static(b"body SECRET"))
        .unwrap()
}

#[tokio::test]
async fn transient_failures_are_retried() {
    let World { org, timer, client } = world();
    org.fail(TransportErrorKind::Connect);
    org.fail(TransportErrorKind::Reset);
    org.answer(503, "text/html", "busy");
    org.json(200, "{}");
    let response = client
        .send(Idempotency::Idempotent, request())
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let waits = [250, 500, 1000].map(Duration::from_millis);
    assert_eq!(timer.slept(), waits);
    let attempts = Attempts::from_response(&response).unwrap();
    assert_eq!((attempts.count, attempts.elapsed), (4, waits.iter().sum()));
    let sent = org.requests();
    assert_eq!(sent.len(), 4);
    assert!(sent.iter().all(|sent| sent.body() == request().body()));
}

#[tokio::test]
async fn a_request_of_unknown_delivery_is_not_sent_twice() {
    let World { org, client, .. } = world();
    org.fail(TransportErrorKind::Connect);
    org.fail(TransportErrorKind::Reset);
    org.json(200, "{}");
    let error = client
        .send(Idempotency::NotIdempotent, request())
        .await
        .unwrap_err();
    assert_eq!(org.requests().len(), 2);
    assert_eq!(error.delivery, Delivery::Unknown);
    assert_eq!(error.last.kind(), TransportErrorKind::Reset);
    assert_eq!(org.remaining(), 1);
}

#[tokio::test]
async fn an_earlier_unknown_delivery_is_kept() {
    let World { org, client, .. } = world();
    org.fail(TransportErrorKind::Reset);
    for _ in 0..4 {
        org.fail(TransportErrorKind::Connect);
    }
    let error = client
        .send(Idempotency::Idempotent, request())
        .await
        .unwrap_err();
    assert_eq!(error.last.delivery(), Delivery::NotSent);
    assert_eq!(error.delivery, Delivery::Unknown);
}

#[tokio::test]
async fn the_error_has_attempts_and_time_and_no_secret() {
    let World { org, client, .. } = world();
    for _ in 0..5 {
        org.fail(TransportErrorKind::Connect);
    }
    let error = client
        .send(Idempotency::NotIdempotent, request())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no response from acme.my.salesforce.com after 5 attempts in 3.8 s"
    );
    assert_eq!(
        error.source().unwrap().to_string(),
        "POST acme.my.salesforce.com: could not connect"
    );
    let shown = format!("{error:?} {client:?} {org:?}");
    assert!(!shown.contains("SECRET"), "{shown}");
}

#[tokio::test]
async fn the_last_response_is_returned_whatever_its_status() {
    let World { org, client, .. } = world();
    for _ in 0..5 {
        org.answer(503, "text/html", "busy");
    }
    let response = client
        .send(Idempotency::Idempotent, request())
        .await
        .unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(
        Attempts::from_response(&response).map(|attempts| attempts.count),
        Some(5)
    );
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
async fn an_attempt_ends_at_its_time_limit() {
    let timer = Arc::new(ManualTimer::new());
    let limit = Duration::from_secs(30);
    let client = HttpClient::new(Arc::new(Silent), timer.clone())
        .with_policy(RetryPolicy::default().with_max_attempts(2))
        .with_timeout(limit);
    let request = || http::Request::get("https://acme.my.salesforce.com/").body(Bytes::new());
    for (idempotency, attempts) in [
        (Idempotency::NotIdempotent, 1),
        (Idempotency::Idempotent, 2),
    ] {
        let error = client
            .send(idempotency, request().unwrap())
            .await
            .unwrap_err();
        assert_eq!(error.last.kind(), TransportErrorKind::TotalTimeout);
        assert_eq!(error.delivery, Delivery::Unknown);
        assert_eq!(error.attempts.count, attempts);
    }
    let limits = timer.slept().into_iter().filter(|slept| *slept == limit);
    assert_eq!(limits.count(), 3);
}

/// Also where the transport does not look at the limit.
#[tokio::test]
async fn a_body_above_the_limit_of_its_request_is_refused() {
    let World { org, client, .. } = world();
    for (limit, expected) in [(2, Ok(200)), (1, Err(TransportErrorKind::BodyTooLarge(1)))] {
        org.json(200, "{}");
        let mut request = request();
        request.extensions_mut().insert(BodyLimit(limit));
        let result = client.send(Idempotency::Idempotent, request).await;
        let result = result.map(|response| response.status().as_u16());
        assert_eq!(result.map_err(|error| error.last.kind()), expected);
    }
}
