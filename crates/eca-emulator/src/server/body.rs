//! Reading the body of a request, within the limit of its endpoint.
//!
//! Only the two endpoints that take packages have a large limit, and only for a client with a valid
//! session. Where it is not valid, the rest of the body is thrown away.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use multer::{Constraints, Multipart, SizeLimit};
use tokio::task;
use tokio::time::timeout;

use crate::core::Core;
use crate::metadata;
use crate::server::call::{Call, Part, Payload, Reply, bearer, rest_error};
use crate::server::router;
use crate::server::router::DeployEndpoint;

/// Deploys: 39 MB as base64, and some XML around it.
const DEPLOY_LIMIT: usize = 64 * 1024 * 1024;
/// Everything else.
const BODY_LIMIT: usize = 1024 * 1024;
/// The part of a larger deploy that is read before its session is checked. Over SOAP it contains
/// the session.
const WINDOW: usize = 64 * 1024;
/// A multipart deploy has two parts.
const MAX_PARTS: usize = 16;

/// Reads a request. A client that is still sending when it is refused has this time to stop.
pub(super) async fn read(
    core: &Arc<Core>,
    request: Request<Incoming>,
    path: String,
    peer: IpAddr,
    time: Duration,
) -> Result<Call, Reply> {
    let (head, mut body) = request.into_parts();
    let mut start = BytesMut::new();
    let limit = match limit(core, &head, &path, &mut body, &mut start).await {
        Ok(limit) => limit,
        Err(reply) => {
            discard(body, time);
            return Err(reply);
        }
    };
    if start.len() as u64 + body.size_hint().lower() > limit as u64 {
        discard(body, time);
        return Err(too_large(limit));
    }
    let boundary = head
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| multer::parse_boundary(value).ok());
    let payload = match boundary {
        // Nothing was read of a body with parts.
        Some(boundary) if start.is_empty() => Payload::Parts(parts(body, &boundary, limit).await?),
        _ => {
            collect(&mut body, &mut start, limit + 1).await?;
            if start.len() > limit {
                discard(body, time);
                return Err(too_large(limit));
            }
            Payload::Bytes(start.freeze())
        }
    };
    Ok(Call {
        method: head.method,
        query: head.uri.query().unwrap_or_default().to_owned(),
        path,
        headers: head.headers,
        peer,
        payload,
    })
}

/// The limit for a body, of which `start` may have been read then; the error is the answer to a
/// client without a valid session.
async fn limit(
    core: &Arc<Core>,
    head: &Parts,
    path: &str,
    body: &mut Incoming,
    start: &mut BytesMut,
) -> Result<usize, Reply> {
    let Some(endpoint) = router::deploy_endpoint(core, &head.method, path) else {
        return Ok(BODY_LIMIT);
    };
    // A small body needs no other treatment than those of other endpoints.
    let announced = body.size_hint().exact();
    if announced.is_some_and(|length| length <= WINDOW as u64) {
        return Ok(BODY_LIMIT);
    }
    let core = Arc::clone(core);
    let is_deploy = match endpoint {
        DeployEndpoint::Rest => {
            let token = bearer(&head.headers).map(str::to_owned);
            blocking(
                move || match metadata::rest::refuse(&core, token.as_deref()) {
                    Some(reply) => Err(Box::new(reply)),
                    None => Ok(true),
                },
            )
            .await?
        }
        DeployEndpoint::Soap { version } => {
            if collect(body, start, WINDOW).await? {
                return Ok(BODY_LIMIT);
            }
            let window = Bytes::copy_from_slice(&start[..WINDOW]);
            blocking(move || metadata::soap::is_deploy(&core, &version, &window)).await?
        }
    };
    Ok(if is_deploy { DEPLOY_LIMIT } else { BODY_LIMIT })
}

/// Runs `check`, which locks the state of the org, on a thread for blocking work.
async fn blocking(
    check: impl FnOnce() -> Result<bool, Box<Reply>> + Send + 'static,
) -> Result<bool, Reply> {
    match task::spawn_blocking(check).await {
        Ok(checked) => checked.map_err(|reply| *reply),
        Err(_) => Err(rest_error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "UNKNOWN_EXCEPTION",
            "An unexpected error occurred",
        )),
    }
}

/// Reads until there are `enough` bytes or the body ends; returns whether it ended.
async fn collect(body: &mut Incoming, into: &mut BytesMut, enough: usize) -> Result<bool, Reply> {
    while into.len() < enough {
        match body.frame().await {
            None => return Ok(true),
            Some(Ok(frame)) => into.extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new())),
            Some(Err(_)) => {
                return Err(rest_error(
                    StatusCode::BAD_REQUEST,
                    "INCOMPLETE_REQUEST",
                    "The request body is incomplete",
                ));
            }
        }
    }
    Ok(false)
}

/// Throws away the rest of a body that is refused. Many clients read the answer only after they
/// have sent everything, and lose it when the connection breaks before.
fn discard(mut body: Incoming, time: Duration) {
    tokio::spawn(timeout(time, async move {
        let mut left = DEPLOY_LIMIT;
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            if left == 0 {
                break;
            }
        }
    }));
}

async fn parts(body: Incoming, boundary: &str, limit: usize) -> Result<Vec<Part>, Reply> {
    let limits = Constraints::new().size_limit(SizeLimit::new().whole_stream(limit as u64));
    let mut multipart = Multipart::with_constraints(body.into_data_stream(), boundary, limits);
    let mut parts = Vec::new();
    while let Some(field) = multipart
        .next_field()
        .await
        .map_err(|error| multipart_error(&error, limit))?
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
        let name = field.name().unwrap_or_default().to_owned();
        let bytes: Bytes = field
            .bytes()
            .await
            .map_err(|error| multipart_error(&error, limit))?;
        parts.push(Part {
            name,
            content_type,
            bytes,
        });
    }
    Ok(parts)
}

fn multipart_error(error: &multer::Error, limit: usize) -> Reply {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => {
            too_large(limit)
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
        &format!("The request body is larger than {limit} bytes"),
    )
}
