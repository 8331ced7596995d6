//! The HTTP side: reads whole requests, within limits, and passes them to the org.
//!
//! Requests are answered on the threads for blocking work: unpacking a zip or checking an RSA
//! signature must not delay other connections, and no lock is held across an await.

mod body;
pub(crate) mod call;
pub(crate) mod host;
mod idle_timeout;
mod path;
pub(crate) mod router;

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::{self, JoinHandle};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::core::Core;
use crate::server::call::{Call, Reply, rest_error};
use crate::testing::faults::{Fault, Kind};

use crate::server::idle_timeout::IdleTimeout;

/// How long half an answer has to be sent before the connection breaks.
const FLUSH_TIME: Duration = Duration::from_millis(20);
/// How long to wait when the operating system has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The listener of the server, and its limits.
pub(crate) struct Port {
    pub(crate) listener: TcpListener,
    pub(crate) tls: Option<TlsAcceptor>,
    /// The time limit for the handshake, for the head of a request, for its body, and for reading
    /// the answer.
    pub(crate) idle_timeout: Duration,
    /// The largest number of connections at a time; more wait to be accepted.
    pub(crate) max_connections: NonZeroUsize,
}

type Answer = Response<BoxBody<Bytes, io::Error>>;

/// A server that runs until the sender of `stop` sends or is dropped.
pub(crate) fn serve(port: Port, core: Arc<Core>, stop: oneshot::Receiver<()>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let graceful = GracefulShutdown::new();
        tokio::select! {
            () = accept(port, core, &graceful) => {}
            // An error means that the handle is gone, which is a reason to stop too.
            _ = stop => {}
        }
        graceful.shutdown().await;
    })
}

async fn accept(port: Port, core: Arc<Core>, graceful: &GracefulShutdown) {
    let port = Arc::new(port);
    let room = Arc::new(Semaphore::new(port.max_connections.get()));
    // The semaphore is never closed.
    while let Ok(permit) = Arc::clone(&room).acquire_owned().await {
        match port.listener.accept().await {
            Ok((stream, _)) => {
                let (port, core) = (Arc::clone(&port), Arc::clone(&core));
                let watcher = graceful.watcher();
                tokio::spawn(async move {
                    let _permit: OwnedSemaphorePermit = permit;
                    connection(&port, core, stream, watcher).await;
                });
            }
            Err(error) => {
                tracing::debug!(%error, "no connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Serves one connection to its end. A client may leave at any time: nothing here is an error.
async fn connection(port: &Port, core: Arc<Core>, stream: TcpStream, watcher: Watcher) {
    // A failure costs only latency.
    let _ = stream.set_nodelay(true);
    // Without an address the client is gone already.
    let Ok(peer) = stream.peer_addr() else { return };
    let peer = peer.ip().to_canonical();
    match &port.tls {
        None => requests(port, core, peer, stream, watcher).await,
        Some(tls) => match timeout(port.idle_timeout, tls.accept(stream)).await {
            Ok(Ok(stream)) => requests(port, core, peer, stream, watcher).await,
            Ok(Err(error)) => tracing::debug!(%error, "no TLS handshake"),
            Err(_) => tracing::debug!("the TLS handshake took too long"),
        },
    }
}

async fn requests<S>(port: &Port, core: Arc<Core>, peer: IpAddr, stream: S, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let idle_timeout = port.idle_timeout;
    let service = service_fn(move |request| {
        let core = Arc::clone(&core);
        async move { Ok::<_, Infallible>(answer(core, peer, request, idle_timeout).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle_timeout)
        .serve_connection(
            TokioIo::new(IdleTimeout::new(stream, idle_timeout)),
            service,
        );
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "connection ended");
    }
}

/// A complete answer.
fn into_answer(reply: Reply) -> Answer {
    reply.map(|bytes| {
        Full::new(bytes)
            .map_err(|never: Infallible| match never {})
            .boxed()
    })
}

async fn answer(
    core: Arc<Core>,
    peer: IpAddr,
    request: Request<Incoming>,
    idle_timeout: Duration,
) -> Answer {
    let started = Instant::now();
    let method = request.method().clone();
    // The path only: queries and bodies contain tokens.
    let Some(path) = path::normalize(request.uri().path()) else {
        return into_answer(rest_error(
            StatusCode::BAD_REQUEST,
            "INVALID_REQUEST",
            "The path of the request leads out of its root",
        ));
    };
    let (uri, headers) = (request.uri(), request.headers());
    if let Some(reply) = core.config.hosts.refuse(request.version(), uri, headers) {
        core.remember(&method, &path, Some(reply.status()));
        return into_answer(reply);
    }
    let reply = match timeout(
        idle_timeout,
        body::read(&core, request, path.clone(), peer, idle_timeout),
    )
    .await
    {
        Ok(Ok(call)) => match core.take_fault(&call) {
            None => respond(Arc::clone(&core), call).await,
            Some(fault) => match apply_fault(Arc::clone(&core), call, fault).await {
                Ok(reply) => reply,
                Err(broken) => {
                    core.remember(&method, &path, None);
                    return broken;
                }
            },
        },
        Ok(Err(reply)) => reply,
        Err(_) => rest_error(
            StatusCode::REQUEST_TIMEOUT,
            "REQUEST_TIMEOUT",
            "The request body did not arrive in time",
        ),
    };
    core.remember(&method, &path, Some(reply.status()));
    tracing::debug!(
        %method,
        path,
        status = reply.status().as_u16(),
        elapsed_ms = started.elapsed().as_secs_f64() * 1000.0,
        "answered"
    );
    into_answer(reply)
}

async fn respond(core: Arc<Core>, call: Call) -> Reply {
    let answer = move || {
        let reply = router::route(&core, &call);
        // An answer contains nothing that a restart would lose.
        match core.storage_failure() {
            None => reply,
            Some(failure) => rest_error(
                StatusCode::SERVICE_UNAVAILABLE,
                "SERVER_UNAVAILABLE",
                &format!("the state of the org cannot be stored: {failure}"),
            ),
        }
    };
    task::spawn_blocking(answer).await.unwrap_or_else(|_| {
        rest_error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "UNKNOWN_EXCEPTION",
            "An unexpected error occurred",
        )
    })
}

/// The answer to a request with a fault; the error is an answer that breaks off.
async fn apply_fault(core: Arc<Core>, call: Call, fault: Fault) -> Result<Reply, Answer> {
    if let Kind::Slow(delay) = fault.kind {
        if fault.is_carried_out {
            let reply = respond(core, call).await;
            sleep(delay).await;
            return Ok(reply);
        }
        // A request whose client disconnects meanwhile was not served.
        sleep(delay).await;
        return Ok(respond(core, call).await);
    }
    let is_soap = call.path.contains("/services/Soap/");
    let is_needed = fault.is_carried_out || fault.kind == Kind::Truncated;
    let reply = if is_needed {
        Some(respond(core, call).await)
    } else {
        None
    };
    if let Some(reply) = fault.kind.reply(is_soap) {
        return Ok(reply);
    }
    let (mut head, body) = match reply {
        Some(reply) => reply.into_parts(),
        None => Reply::default().into_parts(),
    };
    let half = match fault.kind {
        Kind::Truncated => body.slice(..body.len() / 2),
        _ => Bytes::new(),
    };
    // The announced length is never reached: the connection ends first.
    head.headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len() + 1));
    let pieces = [
        Ok(half),
        Err(io::Error::from(io::ErrorKind::ConnectionReset)),
    ];
    let pieces = pieces
        .into_iter()
        .filter(|piece| !piece.as_ref().is_ok_and(Bytes::is_empty));
    let is_reset = fault.kind == Kind::Reset;
    let broken = stream::iter(pieces).then(move |piece| async move {
        // Written bytes are flushed while the stream waits; a reset has nothing to flush.
        if piece.is_err() && !is_reset {
            sleep(FLUSH_TIME).await;
        }
        piece.map(Frame::data)
    });
    // The stream borrows nothing, but its type cannot be named.
    let broken = BodyExt::boxed(StreamBody::new(Box::pin(broken)));
    Err(Response::from_parts(head, broken))
}
