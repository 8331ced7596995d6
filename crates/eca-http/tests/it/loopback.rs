//! The reqwest transport with a faulty server on this machine.

use std::time::Duration;

use bytes::Bytes;
use eca_http::{
    BodyLimit, Delivery, Limits, Redirects, ReqwestTransport, Transport, TransportError,
    TransportErrorKind,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// What the server does after it has read the head of a request.
#[derive(Clone, Copy)]
enum Behavior {
    /// Sends this and closes the connection.
    Respond(&'static [u8]),
    /// Sends this, then chunks without end.
    Endless(&'static [u8]),
    /// Sends this, then one byte of the body per second without end.
    Slow(&'static [u8]),
    /// Sends nothing.
    Silent,
    /// Reads three parts of this many bytes, each after a pause of 100 s, and sends a response.
    ReadsSlowly(usize),
}

/// Starts a server for one connection. Returns its port and the head of the request.
async fn server(behavior: Behavior) -> (u16, oneshot::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, received) = oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else {
                break;
            };
            head.push(byte);
            // A TLS ClientHello has no such end. Its first byte is enough.
            if head[0] == 0x16 {
                break;
            }
        }
        sender.send(head).ok();
        match behavior {
            Behavior::Respond(text) => {
                stream.write_all(text).await.ok();
                stream.shutdown().await.ok();
            }
            Behavior::Endless(text) => {
                stream.write_all(text).await.ok();
                while stream.write_all(b"1000\r\n").await.is_ok()
                    && stream.write_all(&[b'x'; 0x1000]).await.is_ok()
                    && stream.write_all(b"\r\n").await.is_ok()
                {}
            }
            Behavior::Slow(text) => {
                stream.write_all(text).await.ok();
                while stream.write_all(b"1\r\nx\r\n").await.is_ok() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            Behavior::ReadsSlowly(length) => {
                let mut bytes = vec![0; length];
                for _ in 0..3 {
                    tokio::time::sleep(Duration::from_secs(100)).await;
                    stream.read_exact(&mut bytes).await.unwrap();
                }
                stream.write_all(NO_CONTENT).await.ok();
            }
            Behavior::Silent => {
                let mut rest = Vec::new();
                stream.read_to_end(&mut rest).await.ok();
            }
        }
    });
    (port, received)
}

const NO_CONTENT: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.body = 64 * 1024;
    limits
}

async fn send(
    limits: Limits,
    url: &str,
    extension: Option<Redirects>,
) -> Result<http::Response<Bytes>, TransportError> {
    let transport = ReqwestTransport::new("eca-test/1", limits).unwrap();
    let mut request = http::Request::get(url).body(Bytes::new()).unwrap();
    if let Some(redirects) = extension {
        request.extensions_mut().insert(redirects);
    }
    transport.send(request).await
}

async fn check(behavior: Behavior, limits: Limits, kind: TransportErrorKind, delivery: Delivery) {
    let (port, _received) = server(behavior).await;
    let url = format!("http://127.0.0.1:{port}/path?code=SECRET");
    let error = send(limits, &url, None).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (kind, delivery),
        "{error:?}"
    );
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("127.0.0.1"), "{shown}");
    assert!(!shown.contains("SECRET"), "{shown}");
}

#[tokio::test]
async fn a_response_is_returned_whole() {
    let response = b"HTTP/1.1 418 Teapot\r\nContent-Length: 5\r\nX-Request-Id: 7\r\n\r\nhello";
    let (port, received) = server(Behavior::Respond(response)).await;
    let response = send(limits(), &format!("http://127.0.0.1:{port}/a?b=c"), None)
        .await
        .unwrap();
    assert_eq!(response.status(), 418);
    assert_eq!(response.body(), "hello");
    assert_eq!(response.headers()["x-request-id"], "7");
    let head = String::from_utf8(received.await.unwrap()).unwrap();
    assert!(head.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("user-agent: eca-test/1\r\n"), "{head}");
    assert!(!head.contains("accept-encoding"), "{head}");
}

#[tokio::test]
async fn redirects_are_refused_or_returned_but_never_followed() {
    const MOVED: Behavior = Behavior::Respond(
        b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/?SECRET\r\nContent-Length: 0\r\n\r\n",
    );
    check(
        MOVED,
        limits(),
        TransportErrorKind::RedirectRefused,
        Delivery::Unknown,
    )
    .await;
    let (port, _received) = server(MOVED).await;
    let url = format!("http://127.0.0.1:{port}/");
    let response = send(limits(), &url, Some(Redirects::Return)).await.unwrap();
    assert_eq!(response.status(), 302);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let kind = TransportErrorKind::BodyTooLarge(64 * 1024);
    for behavior in [
        Behavior::Respond(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
        Behavior::Endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ] {
        check(behavior, limits(), kind, Delivery::Unknown).await;
    }
}

#[tokio::test]
async fn a_request_can_have_a_smaller_limit_for_the_body() {
    let response = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    for (limit, expected) in [(5, Ok(200)), (4, Err(TransportErrorKind::BodyTooLarge(4)))] {
        let (port, _received) = server(Behavior::Respond(response)).await;
        let url = format!("http://127.0.0.1:{port}/");
        let mut request = http::Request::get(url).body(Bytes::new()).unwrap();
        request.extensions_mut().insert(BodyLimit(limit));
        let transport = ReqwestTransport::new("eca-test/1", limits()).unwrap();
        let result = transport.send(request).await;
        let result = result.map(|response| response.status().as_u16());
        assert_eq!(result.map_err(|error| error.kind()), expected);
    }
}

/// Tokio's paused clock advances to the next timer, so these tests do not wait.
#[tokio::test(start_paused = true)]
async fn a_slow_response_ends_at_a_limit() {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let start = tokio::time::Instant::now();
    let kind = TransportErrorKind::TooSlow(16 << 10);
    check(Behavior::Slow(HEAD), limits(), kind, Delivery::Unknown).await;
    assert!(start.elapsed() < Duration::from_secs(31));
    let mut limits = limits();
    limits.rate = 0;
    limits.total = Duration::from_mins(1);
    check(
        Behavior::Slow(HEAD),
        limits,
        TransportErrorKind::TotalTimeout,
        Delivery::Unknown,
    )
    .await;
}

/// The wait for the response begins when the connection has taken the request.
#[tokio::test(start_paused = true)]
async fn a_long_upload_is_not_a_slow_response() {
    // More than the buffers between client and server hold.
    const PART: usize = 12 << 20;
    let (port, received) = server(Behavior::ReadsSlowly(PART)).await;
    let url = format!("http://127.0.0.1:{port}/");
    let body = Bytes::from(vec![b'x'; 3 * PART]);
    let request = http::Request::post(url).body(body).unwrap();
    let transport = ReqwestTransport::new("eca-test/1", limits()).unwrap();
    let start = tokio::time::Instant::now();
    let response = transport.send(request).await.unwrap();
    assert_eq!(response.status(), 204);
    let elapsed = start.elapsed();
    assert!(elapsed > limits().read * 2, "{elapsed:?}");
    let head = String::from_utf8(received.await.unwrap()).unwrap();
    let length = format!("content-length: {}\r\n", 3 * PART);
    assert!(head.contains(&length), "{head}");
}

#[tokio::test]
async fn a_lost_connection_is_a_reset() {
    for text in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ] {
        check(
            Behavior::Respond(text),
            limits(),
            TransportErrorKind::Reset,
            Delivery::Unknown,
        )
        .await;
    }
}

#[tokio::test]
async fn a_response_that_is_not_http_is_another_error() {
    check(
        Behavior::Respond(b"\x00\x01\x02 no http\r\n\r\n"),
        limits(),
        TransportErrorKind::Other,
        Delivery::Unknown,
    )
    .await;
}

#[tokio::test]
async fn silence_ends_at_the_first_limit() {
    let mut short_read = limits();
    short_read.read = Duration::from_millis(30);
    check(
        Behavior::Silent,
        short_read,
        TransportErrorKind::ReadTimeout,
        Delivery::Unknown,
    )
    .await;
    let mut short_total = limits();
    short_total.total = Duration::from_millis(30);
    check(
        Behavior::Silent,
        short_total,
        TransportErrorKind::TotalTimeout,
        Delivery::Unknown,
    )
    .await;
}

#[tokio::test]
async fn a_request_to_a_closed_port_is_not_sent() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = send(limits(), &format!("http://127.0.0.1:{port}/"), None)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[tokio::test]
async fn a_request_without_tls_is_not_sent() {
    let (port, _received) = server(Behavior::Respond(b"HTTP/1.1 400 Bad Request\r\n\r\n")).await;
    let error = send(limits(), &format!("https://127.0.0.1:{port}/"), None)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (TransportErrorKind::Tls, Delivery::NotSent),
        "{error:?}"
    );

    let mut short_connect = limits();
    short_connect.connect = Duration::from_millis(30);
    let (port, _received) = server(Behavior::Silent).await;
    let error = send(short_connect, &format!("https://127.0.0.1:{port}/"), None)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (TransportErrorKind::ConnectTimeout, Delivery::NotSent),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_request_to_a_refused_url_is_not_sent() {
    let error = send(limits(), "http://acme.my.salesforce.com/", None)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::UrlRefused);
    assert_eq!(error.delivery(), Delivery::NotSent);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("use https"), "{source}");
}
