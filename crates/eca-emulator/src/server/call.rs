//! A request after its body was read, and its answers.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use serde_json::{Value, json};

/// One request. Everything behind the server is a function from this to a [`Reply`].
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Normalised: every path has one spelling.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    /// The address of the client.
    pub(crate) peer: IpAddr,
    pub(crate) payload: Payload,
}

/// The body of a request.
pub(crate) enum Payload {
    Bytes(Bytes),
    /// `multipart/form-data`.
    Parts(Vec<Part>),
}

/// One part of a multipart body. Clients use different names, so only the content type counts,
/// unless the org is strict.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

impl Call {
    pub(crate) fn body(&self) -> &[u8] {
        match &self.payload {
            Payload::Bytes(bytes) => bytes,
            Payload::Parts(_) => &[],
        }
    }

    pub(crate) fn bearer(&self) -> Option<&str> {
        bearer(&self.headers)
    }

    /// The value of a parameter in the query.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    pub(crate) fn has_content_type(&self, essence: &str) -> bool {
        self.headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case(essence))
    }
}

/// The token after `Authorization: Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth"))
        .then(|| token.trim())
}

pub(crate) type Reply = Response<Bytes>;

/// The policy of every page (Content Security Policy Level 3): the pages have no style, script,
/// image or base, and no other page can frame them. `form-action` is left out: browsers apply it
/// to the redirect after a login too, which leads to the app.
const PAGE_POLICY: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

pub(crate) fn reply(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Reply {
    let mut reply = Response::new(body.into());
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if content_type.starts_with("text/html") {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(PAGE_POLICY),
        );
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
    reply
}

pub(crate) fn json_reply(status: StatusCode, value: &Value) -> Reply {
    reply(status, "application/json;charset=UTF-8", value.to_string())
}

/// A REST error: an array with one object.
pub(crate) fn rest_error(status: StatusCode, code: &str, message: &str) -> Reply {
    json_reply(status, &json!([{ "message": message, "errorCode": code }]))
}

pub(crate) fn wrong_method(call: &Call) -> Reply {
    rest_error(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        &format!("HTTP Method '{}' not allowed", call.method),
    )
}

pub(crate) fn not_found() -> Reply {
    rest_error(
        StatusCode::NOT_FOUND,
        "NOT_FOUND",
        "The requested resource does not exist",
    )
}

/// A reply that must not be cached, as RFC 6749 section 5.1 requires for responses with tokens.
pub(crate) fn uncached(mut reply: Reply) -> Reply {
    let headers = reply.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    reply
}
