//! Readers of JSON responses. A response may be anything: a proxy's HTML page, another encoding,
//! deep nesting.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use serde_json::error::Category;

use crate::error::Error;
use crate::oauth_error::OAuthError;
use crate::step::Step;
use crate::wire::members::Members;
use crate::wire::unreadable_response::UnreadableResponse;

/// Reads a success with `read`.
pub(crate) fn read<T>(
    step: &Step,
    response: &http::Response<Bytes>,
    read: impl FnOnce(Members) -> Result<T, UnreadableResponse>,
) -> Result<T, Error> {
    let members = members(step, response)?;
    read(members).map_err(|source| Error::unreadable(step, response, source))
}

/// Reads the members of a success, or the error that the server states. The `error` member decides,
/// not the status: servers disagree on 400, 401 and 403, and some send errors with 200.
pub(crate) fn members(step: &Step, response: &http::Response<Bytes>) -> Result<Members, Error> {
    let status = response.status();
    let unreadable = |source| Error::unreadable(step, response, source);
    let members = object(response).map_err(unreadable)?;
    if members.states_error() {
        let error = OAuthError::read(status.as_u16(), members).map_err(unreadable)?;
        return Err(Error::refused(step, error));
    }
    if status.is_success() {
        Ok(members)
    } else {
        Err(unreadable(UnreadableResponse::NoErrorCode))
    }
}

/// Reads a JSON object, whatever the status.
pub(crate) fn object(response: &http::Response<Bytes>) -> Result<Members, UnreadableResponse> {
    let content_type = response
        .headers()
        .get(CONTENT_TYPE)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    if !content_type.as_deref().is_some_and(is_json) {
        return Err(UnreadableResponse::ContentType(
            content_type.as_deref().map(media_type),
        ));
    }
    // Without the message of serde_json, which may quote the body.
    let value = serde_json::from_slice(response.body()).map_err(|error| {
        debug_assert_ne!(error.classify(), Category::Io, "a slice has no I/O");
        UnreadableResponse::NotJson {
            line: error.line(),
            column: error.column(),
        }
    })?;
    match value {
        Value::Object(members) => Ok(Members(members)),
        _ => Err(UnreadableResponse::NotObject),
    }
}

/// `application/json` or any `application/…+json` (RFC 6839 section 3.1).
fn is_json(content_type: &str) -> bool {
    media_type(content_type)
        .strip_prefix("application/")
        .is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

/// Type and subtype in lower case, without parameters, in graphic ASCII only.
fn media_type(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence
        .chars()
        .filter(char::is_ascii_graphic)
        .take(80)
        .collect::<String>()
        .to_ascii_lowercase()
}
