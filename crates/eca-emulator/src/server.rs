//! The HTTP side: reads whole requests, within limits, and hands them to the org.
//!
//! Requests are answered on the threads for blocking work: unpacking a zip or checking an RSA
//! signature must not hold up other connections, and no lock is ever held across an await.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{HeaderValue, StatusCode, header};
use multer::{Constraints, Multipart, SizeLimit};
use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::{self, JoinHandle},
    time::{sleep, timeout},
};

use crate::{
    call::{Call, Part, Payload, Reply, rest_error},
    faults::{self, Fault, Kind},
    router,
    state::Core,
};

/// Deploys: 39 MB as base64, and some XML around it.
const DEPLOY_LIMIT: usize = 64 * 1024 * 1024;
/// Everything else.
const BODY_LIMIT: usize = 1024 * 1024;
/// A multipart deploy has two parts.
const MAX_PARTS: usize = 16;
/// How long half an answer has to leave before the connection breaks.
const FLUSH_TIME: Duration = Duration::from_millis(20);
/// How long a client may take to send a body.
const BODY_TIME: Duration = Duration::from_secs(30);

/// A server that runs until it is told to stop, or until the sender is dropped.
pub(crate) fn serve(
    listener: TcpListener,
    core: Arc<Core>,
    stop: oneshot::Receiver<()>,
) -> JoinHandle<io::Result<()>> {
    let app = Router::new().fallback(answer).with_state(core);
    tokio::spawn(async move {
        axum::serve(listener, app)
            .with_graceful_shutdown(async {
                // An error means that the handle is gone, which is a reason to stop too.
                let _ = stop.await;
            })
            .await
    })
}

async fn answer(State(core): State<Arc<Core>>, request: Request) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    // The path only: queries and bodies carry tokens.
    let path = request.uri().path().to_owned();
    let reply = match timeout(BODY_TIME, read(request)).await {
        Ok(Ok(call)) => match faults::strike(&core, &call) {
            None => carry_out(core, call).await,
            Some(fault) => match suffer(core, call, fault).await {
                Ok(reply) => reply,
                Err(broken) => return broken,
            },
        },
        Ok(Err(reply)) => reply,
        Err(_) => rest_error(
            StatusCode::REQUEST_TIMEOUT,
            "REQUEST_TIMEOUT",
            "The request body did not arrive in time",
        ),
    };
    tracing::debug!(
        %method,
        path,
        status = reply.status().as_u16(),
        elapsed_ms = started.elapsed().as_secs_f64() * 1000.0,
        "answered"
    );
    reply.map(Body::from)
}

async fn carry_out(core: Arc<Core>, call: Call) -> Reply {
    let answer = move || {
        let reply = router::route(&core, &call);
        // Nothing is promised that a restart would not know of.
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

/// Answers a request that a fault has hit; the error is an answer that breaks off.
async fn suffer(core: Arc<Core>, call: Call, fault: Fault) -> Result<Reply, Response> {
    if let Kind::Slow(delay) = fault.kind {
        sleep(delay).await;
        return Ok(carry_out(core, call).await);
    }
    let is_soap = call.path.contains("/services/Soap/");
    let is_needed = fault.is_carried_out || fault.kind == Kind::Truncated;
    let reply = if is_needed {
        Some(carry_out(core, call).await)
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
    let broken = Body::from_stream(stream::iter(pieces).then(move |piece| async move {
        // What was written so far is flushed while the stream waits; a reset has nothing to flush.
        if piece.is_err() && !is_reset {
            sleep(FLUSH_TIME).await;
        }
        piece
    }));
    Err(Response::from_parts(head, broken))
}

async fn read(request: Request) -> Result<Call, Reply> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let limit = if router::takes_packages(&path) {
        DEPLOY_LIMIT
    } else {
        BODY_LIMIT
    };
    let boundary = head
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| multer::parse_boundary(value).ok());
    let payload = match boundary {
        Some(boundary) => Payload::Parts(parts(body, &boundary, limit).await?),
        None => Payload::Bytes(to_bytes(body, limit).await.map_err(|_| too_large(limit))?),
    };
    Ok(Call {
        method: head.method,
        query: head.uri.query().unwrap_or_default().to_owned(),
        path,
        headers: head.headers,
        payload,
    })
}

async fn parts(body: Body, boundary: &str, limit: usize) -> Result<Vec<Part>, Reply> {
    let limits = Constraints::new().size_limit(SizeLimit::new().whole_stream(limit as u64));
    let mut multipart = Multipart::with_constraints(body.into_data_stream(), boundary, limits);
    let mut parts = Vec::new();
    while let Some(field) = multipart
        .next_field()
        .await
        .map_err(|error| broken(&error))?
    {
        if parts.len() == MAX_PARTS {
            return Err(rest_error(
                StatusCode::BAD_REQUEST,
                "INVALID_MULTIPART_REQUEST",
                "too many parts",
            ));
        }
        let content_type = field
            .content_type()
            .map(ToString::to_string)
            .unwrap_or_default();
        let bytes: Bytes = field.bytes().await.map_err(|error| broken(&error))?;
        parts.push(Part {
            content_type,
            bytes,
        });
    }
    Ok(parts)
}

fn broken(error: &multer::Error) -> Reply {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => {
            too_large(DEPLOY_LIMIT)
        }
        // The text of other errors names parts and headers, no content.
        other => rest_error(
            StatusCode::BAD_REQUEST,
            "INVALID_MULTIPART_REQUEST",
            &other.to_string(),
        ),
    }
}

fn too_large(limit: usize) -> Reply {
    rest_error(
        StatusCode::PAYLOAD_TOO_LARGE,
        "REQUEST_LIMIT_EXCEEDED",
        &format!("The request body is incomplete or larger than {limit} bytes"),
    )
}
