//! Reading JSON answers of servers that may be anything: a proxy's HTML page, another encoding, a
//! bomb.

use std::fmt;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value, error::Category};

use crate::{Error, OAuthError, Step};

/// Why an answer could not be read. Never holds the answer's text: it may be full of tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadableAnswer {
    /// The content type is neither `application/json` nor `application/…+json`.
    #[error("content type is {}, not json", .0.as_deref().unwrap_or("missing"))]
    ContentType(Option<String>),
    /// The body is not JSON in UTF-8, or is nested deeper than 127 levels.
    #[error("body is not json (line {line}, column {column})")]
    NotJson {
        /// Counted from 1; 0 when the body is empty.
        line: usize,
        /// Counted from 1; 0 for the start of a line.
        column: usize,
    },
    /// JSON, but not an object.
    #[error("body is not a json object")]
    NotObject,
    /// An error status without the `error` member of RFC 6749 section 5.2.
    #[error("an error status without an `error` member")]
    NoErrorCode,
    /// A member that must be there is not.
    #[error("member `{0}` is missing")]
    Missing(&'static str),
    /// A member is of the wrong type, or has a value that cannot be used.
    #[error("member `{0}` cannot be used")]
    Member(&'static str),
    /// A redirect to somewhere else than the redirect URI: a login or consent page, mostly.
    #[error("a redirect to somewhere else than the redirect uri")]
    Redirect,
    /// The metadata is of another server (RFC 8414 section 3.3).
    #[error("issuer is {found:?}, but must be exactly {expected:?}")]
    Issuer {
        /// The issuer that was asked.
        expected: String,
        /// The issuer that the metadata names.
        found: String,
    },
    /// The answer would have credentials sent to another origin than the site's.
    #[error("an endpoint is on {found}, not on the site's own origin")]
    ForeignEndpoint {
        /// The host of the endpoint.
        found: String,
    },
}

/// Members of a JSON object, taken out one by one; what is left becomes [`Extras`](crate::Extras).
pub(crate) struct Members(pub(crate) Map<String, Value>);

impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Members {
    /// Whether there is an `error` member to go by.
    pub(crate) fn states_error(&self) -> bool {
        self.0.get("error").is_some_and(|error| !error.is_null())
    }

    /// Takes a string out. A string moves, so no copy of a secret stays behind.
    pub(crate) fn take_text(
        &mut self,
        name: &'static str,
    ) -> Result<Option<String>, UnreadableAnswer> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(UnreadableAnswer::Member(name)),
        }
    }

    /// Takes a string out and makes something of it.
    pub(crate) fn take<T, E>(
        &mut self,
        name: &'static str,
        make: impl FnOnce(String) -> Result<T, E>,
    ) -> Result<Option<T>, UnreadableAnswer> {
        let text = self.take_text(name)?;
        text.map(make)
            .transpose()
            .map_err(|_| UnreadableAnswer::Member(name))
    }

    /// Takes a member out if it is fit, and leaves it where it is if not.
    pub(crate) fn take_if<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = read(self.0.get(name)?)?;
        self.0.remove(name);
        Some(value)
    }
}

/// Reads the members of a success, or the error that the server states. The `error` member decides,
/// not the status: servers disagree on 400, 401 and 403, and some send errors with 200.
pub(crate) fn members(step: &Step, response: &http::Response<Bytes>) -> Result<Members, Error> {
    let status = response.status();
    let unreadable = |why| Error::Unreadable {
        step: step.clone(),
        status: status.as_u16(),
        source: why,
    };
    let members = object(response).map_err(unreadable)?;
    if members.states_error() {
        let source = OAuthError::read(status.as_u16(), members).map_err(unreadable)?;
        return Err(Error::Refused {
            step: step.clone(),
            source: Box::new(source),
        });
    }
    if status.is_success() {
        Ok(members)
    } else {
        Err(unreadable(UnreadableAnswer::NoErrorCode))
    }
}

/// Reads a JSON object, whatever the status.
pub(crate) fn object(response: &http::Response<Bytes>) -> Result<Members, UnreadableAnswer> {
    let content_type = response
        .headers()
        .get(CONTENT_TYPE)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    if !content_type.as_deref().is_some_and(is_json) {
        return Err(UnreadableAnswer::ContentType(
            content_type.as_deref().map(media_type),
        ));
    }
    // The message of serde_json is left out on purpose: it may quote the body.
    let value = serde_json::from_slice(response.body()).map_err(|error| {
        debug_assert_ne!(error.classify(), Category::Io, "a slice has no I/O");
        UnreadableAnswer::NotJson {
            line: error.line(),
            column: error.column(),
        }
    })?;
    match value {
        Value::Object(members) => Ok(Members(members)),
        _ => Err(UnreadableAnswer::NotObject),
    }
}

/// `application/json` or any `application/…+json` (RFC 6839 section 3.1).
fn is_json(content_type: &str) -> bool {
    media_type(content_type)
        .strip_prefix("application/")
        .is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

/// Type and subtype in lower case, without parameters and without anything that a terminal obeys.
fn media_type(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence
        .chars()
        .filter(char::is_ascii_graphic)
        .take(80)
        .collect::<String>()
        .to_ascii_lowercase()
}
