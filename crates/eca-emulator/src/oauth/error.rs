//! Errors in the form of RFC 6749 section 5.2.

use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::secret::Secret;
use crate::server::call::{Reply, json_reply, uncached};

/// An error of the token or the authorization challenge endpoint.
#[derive(Debug)]
pub(crate) struct OauthError {
    pub(crate) status: StatusCode,
    pub(crate) error: &'static str,
    pub(crate) description: String,
    /// `auth_session` of the challenge endpoint.
    pub(crate) session: Option<Secret>,
}

impl OauthError {
    /// An error with status 400, the usual one.
    pub(crate) fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            description: description.into(),
            session: None,
        }
    }

    /// A parameter is missing.
    pub(crate) fn missing(name: &str) -> Self {
        Self::new(
            "invalid_request",
            format!("missing required parameter: {name}"),
        )
    }

    /// For endpoints that accept only POST.
    pub(crate) fn wrong_method() -> Self {
        Self::new("invalid_request", "must use HTTP POST").status(StatusCode::METHOD_NOT_ALLOWED)
    }

    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn into_reply(self) -> Reply {
        let mut body = json!({
            "error": self.error,
            "error_description": self.description,
        });
        if let (Some(session), Some(members)) = (self.session, body.as_object_mut()) {
            members.insert("auth_session".into(), json!(session.expose_secret()));
        }
        let mut reply = uncached(json_reply(self.status, &body));
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            reply
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        reply
    }
}
