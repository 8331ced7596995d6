//! The reqwest transport against a misbehaving server on this machine.

use std::time::Duration;

use bytes::Bytes;
use eca_http::{
    Delivery, Limits, Redirects, ReqwestTransport, Transport, TransportError, TransportErrorKind,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// What the server does after it has read a request's head.
#[derive(Clone, Copy)]
enum Behavior {
    /// Sends this and closes.
    Answer(&'static [u8]),
    /// Sends this, then the same body bytes forever.
    Endless(&'static [u8]),
    /// Sends this, then one byte of the body a second, forever.
    Drip(&'static [u8]),
    /// Sends nothing.
    Silent,
}

/// A server for one connection, its port, and what it received.
async fn server(behavior: Behavior) -> (u16, oneshot::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (teller, received) = oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else {
                break;
            };
            head.push(byte);
            // A TLS greeting has no such end; its first byte is enough.
            if head[0] == 0x16 {
                break;
            }
        }
        teller.send(head).ok();
        match behavior {
            Behavior::Answer(text) => {
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
            Behavior::Drip(text) => {
                stream.write_all(text).await.ok();
                while stream.write_all(b"1\r\nx\r\n").await.is_ok() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            Behavior::Silent => {
                let mut rest = Vec::new();
                stream.read_to_end(&mut rest).await.ok();
            }
        }
    });
    (port, received)
}

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

async fn check(behavior: Behavior, limits: Limits, kind: TransportErrorKind, sent: Delivery) {
    let (port, _received) = server(behavior).await;
    let url = format!("http://127.0.0.1:{port}/path?code=SECRET");
    let error = send(limits, &url, None).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (kind, sent), "{error:?}");
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("127.0.0.1"), "{shown}");
    assert!(!shown.contains("SECRET"), "{shown}");
}

#[tokio::test]
async fn an_answer_comes_whole() {
    let answer = b"HTTP/1.1 418 Teapot\r\nContent-Length: 5\r\nX-Request-Id: 7\r\n\r\nhello";
    let (port, received) = server(Behavior::Answer(answer)).await;
    let answer = send(limits(), &format!("http://127.0.0.1:{port}/a?b=c"), None)
        .await
        .unwrap();
    assert_eq!(answer.status(), 418);
    assert_eq!(answer.body(), "hello");
    assert_eq!(answer.headers()["x-request-id"], "7");
    let head = String::from_utf8(received.await.unwrap()).unwrap();
    assert!(head.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("user-agent: eca-test/1\r\n"), "{head}");
    assert!(!head.contains("accept-encoding"), "{head}");
}

#[tokio::test]
async fn redirects_are_refused_or_returned_but_never_followed() {
    const MOVED: Behavior = Behavior::Answer(
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
    let answer = send(limits(), &url, Some(Redirects::Return)).await.unwrap();
    assert_eq!(answer.status(), 302);
}

#[tokio::test]
async fn too_large_ends_at_the_limit() {
    let kind = TransportErrorKind::BodyTooLarge(64 * 1024);
    for behavior in [
        Behavior::Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
        Behavior::Endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ] {
        check(behavior, limits(), kind, Delivery::Unknown).await;
    }
}

/// On tokio's clock, which jumps from one timer to the next, so the test does not wait.
#[tokio::test(start_paused = true)]
async fn a_drip_that_never_falls_silent_ends_at_the_total_limit() {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut limits = limits();
    limits.read = Duration::from_secs(30);
    limits.total = Duration::from_mins(1);
    check(
        Behavior::Drip(HEAD),
        limits,
        TransportErrorKind::TotalTimeout,
        Delivery::Unknown,
    )
    .await;
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
            Behavior::Answer(text),
            limits(),
            TransportErrorKind::Reset,
            Delivery::Unknown,
        )
        .await;
    }
}

#[tokio::test]
async fn no_http_is_another_error() {
    check(
        Behavior::Answer(b"\x00\x01\x02 what?\r\n\r\n"),
        limits(),
        TransportErrorKind::Other,
        Delivery::Unknown,
    )
    .await;
}

#[tokio::test]
async fn silence_ends_at_whichever_limit_comes_first() {
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
async fn a_closed_port_is_provably_not_sent() {
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
async fn no_tls_no_request() {
    let (port, _received) = server(Behavior::Answer(b"HTTP/1.1 400 Bad Request\r\n\r\n")).await;
    let error = send(limits(), &format!("https://127.0.0.1:{port}/"), None)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (TransportErrorKind::Tls, Delivery::NotSent),
        "{error:?}"
    );

    let mut impatient = limits();
    impatient.connect = Duration::from_millis(30);
    let (port, _received) = server(Behavior::Silent).await;
    let error = send(impatient, &format!("https://127.0.0.1:{port}/"), None)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (TransportErrorKind::ConnectTimeout, Delivery::NotSent),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_refused_url_is_not_even_looked_up() {
    let error = send(limits(), "http://acme.my.salesforce.com/", None)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::UrlRefused);
    assert_eq!(error.delivery(), Delivery::NotSent);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("use https"), "{source}");
}
