//! Bodies that are made while they are sent.

use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use eca_http::testing::{ManualTimer, ScriptedTransport};
use eca_http::{
    Body, Delivery, HttpClient, Idempotency, Limits, ReqwestTransport, Transport,
    TransportErrorKind,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const CHUNK: usize = 64 * 1024;

/// `count` chunks, and how many of them were made.
fn chunks(count: usize, announced: Option<u64>) -> (Body, Arc<AtomicUsize>) {
    let made = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&made);
    let chunk = Bytes::from(vec![b'x'; CHUNK]);
    let body = Body::stream(announced, move || {
        let (counter, chunk) = (Arc::clone(&counter), chunk.clone());
        Box::new((0..count).map(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(chunk.clone())
        }))
    });
    (body, made)
}

/// A server that reads a request's head and `wanted` bytes of what follows, then answers and
/// closes. Gives the head, and how much followed.
async fn server(wanted: usize) -> (String, JoinHandle<(String, usize)>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let mut read = 0;
        let mut buffer = vec![0; CHUNK];
        while read < wanted {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(count) => read += count,
            }
        }
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
        stream.write_all(answer).await.ok();
        (String::from_utf8(head).unwrap(), read)
    });
    (url, serving)
}

async fn send(url: &str, body: Body) -> Result<http::StatusCode, eca_http::TransportError> {
    let transport = ReqwestTransport::new("eca-test/1", Limits::default()).unwrap();
    let request = http::Request::post(url).body(body).unwrap();
    transport.send(request).await.map(|answer| answer.status())
}

#[tokio::test]
async fn a_known_length_is_announced() {
    let (body, _) = chunks(40, Some(40 * CHUNK as u64));
    let (url, serving) = server(40 * CHUNK).await;
    assert_eq!(send(&url, body).await.unwrap(), 200);
    let (head, read) = serving.await.unwrap();
    assert!(head.contains("content-length: 2621440\r\n"), "{head}");
    assert!(!head.contains("transfer-encoding"), "{head}");
    assert_eq!(read, 40 * CHUNK);
}

#[tokio::test]
async fn an_unknown_length_is_sent_in_chunks() {
    let (body, _) = chunks(2, None);
    // Each chunk in its own frame: `10000\r\n…\r\n`, and the end `0\r\n\r\n` (RFC 9112 section
    // 7.1).
    let (url, serving) = server(2 * (CHUNK + 9) + 5).await;
    assert_eq!(send(&url, body).await.unwrap(), 200);
    let (head, read) = serving.await.unwrap();
    assert!(head.contains("transfer-encoding: chunked\r\n"), "{head}");
    assert_eq!(read, 2 * (CHUNK + 9) + 5);
}

/// What bounds the memory of an upload: chunks are made as the network takes them. The rest of the
/// allowance is what the sockets of this machine buffer.
#[tokio::test]
async fn nothing_is_made_far_ahead_of_the_network() {
    let count = 16 * 1024;
    let (body, made) = chunks(count, Some((count * CHUNK) as u64));
    let (url, serving) = server(CHUNK).await;
    // The server answers and closes long before the body's end; the system decides which
    // of the two is seen first.
    let _ = send(&url, body).await;
    serving.await.unwrap();
    let made = made.load(Ordering::SeqCst);
    assert!(made < count / 8, "{made} of {count} chunks");
}

#[tokio::test]
async fn a_body_that_breaks_off_was_not_sent() {
    let failing = || {
        Body::stream(Some(3 * CHUNK as u64), || {
            let lost = io::Error::new(io::ErrorKind::NotFound, "Shop.eca: no such file");
            Box::new([Ok(Bytes::from(vec![b'x'; CHUNK])), Err(lost)].into_iter())
        })
    };
    for (body, message) in [
        (failing(), "Shop.eca: no such file"),
        (
            chunks(2, Some(3 * CHUNK as u64)).0,
            "the body has 131072 bytes, but 196608 were announced",
        ),
        (
            chunks(4, Some(3 * CHUNK as u64)).0,
            "the body has 262144 bytes, but 196608 were announced",
        ),
        (
            Body::concat([Body::from("head"), failing(), Body::from("tail")]),
            "Shop.eca: no such file",
        ),
    ] {
        let (url, _serving) = server(usize::MAX).await;
        let error = send(&url, body).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Body, "{error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        let mut causes = std::iter::successors(error.source(), |cause| (*cause).source());
        assert!(
            causes.any(|cause| cause.to_string() == message),
            "{error:?}"
        );
    }
}

/// A retry runs through the same chunks again.
#[tokio::test]
async fn each_attempt_opens_the_body_again() {
    let org = Arc::new(ScriptedTransport::new());
    org.fail(TransportErrorKind::Connect);
    org.answer(503, "text/html", "busy").json(200, "{}");
    let (body, made) = chunks(3, None);
    let request = http::Request::post("https://acme.my.salesforce.com/")
        .body(Body::concat([Body::from("["), body, Body::from("]")]))
        .unwrap();
    let client = HttpClient::new(org.clone(), Arc::new(ManualTimer::new()));
    let answer = client.send(Idempotency::Idempotent, request).await;
    assert_eq!(answer.unwrap().status(), 200);
    assert_eq!(made.load(Ordering::SeqCst), 9);
    let bodies: Vec<_> = org
        .requests()
        .iter()
        .map(|each| each.body().len())
        .collect();
    assert_eq!(bodies, [3 * CHUNK + 2; 3]);
}

#[test]
fn debug_shows_no_content() {
    let whole = Body::from("SECRET");
    assert_eq!(format!("{whole:?}"), "Body(6 bytes)");
    let (stream, _) = chunks(1, None);
    assert_eq!(format!("{stream:?}"), "Body(unknown length)");
}
