//! Refusals, and responses that are not the API's.

use std::fmt;
use std::time::Duration;

use crate::wire::tree::TreeError;

/// Why a response has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// Salesforce refused the request.
    #[error("the org refused the {operation} request (HTTP {})", .error.http_status)]
    Refused {
        /// The operation: its name in the WSDL (`checkDeployStatus`) or `REST …`.
        operation: &'static str,
        /// Salesforce's code and message.
        #[source]
        error: Box<ApiError>,
    },
    /// The response has more members than any response of the API, and was not read: that could
    /// take gigabytes of memory. It proves nothing about what happened in the org.
    #[error("the response to the {operation} request is too large to be read")]
    TooLarge {
        /// The operation.
        operation: &'static str,
        /// The limit.
        #[source]
        source: UnreadableCause,
    },
    /// The response is not the API's: a proxy's page, a maintenance page, a truncated body. It
    /// proves nothing about what happened in the org.
    #[error(
        "the response to the {operation} request (HTTP {http_status}, {content_type}) is not the API's: {what}"
    )]
    Unreadable {
        /// The operation.
        operation: &'static str,
        /// The status of the HTTP response.
        http_status: u16,
        /// The media type, without parameters.
        content_type: String,
        /// What is missing or wrong. Never quotes the body.
        what: String,
        /// `Retry-After`, if in seconds.
        retry_after: Option<Duration>,
        /// The parser's error.
        #[source]
        source: Option<UnreadableCause>,
    },
}

/// A parser's own error, opaque.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct UnreadableCause(Box<TreeError>);

impl From<TreeError> for UnreadableCause {
    fn from(error: TreeError) -> Self {
        Self(Box::new(error))
    }
}

impl ResponseError {
    /// Whether the session is invalid or expired: a new token may help.
    pub fn is_auth(&self) -> bool {
        match self {
            Self::Refused { error, .. } => error.is_auth(),
            Self::TooLarge { .. } => false,
            Self::Unreadable { http_status, .. } => *http_status == 401,
        }
    }

    /// Whether the same request may succeed later. Whether repeating it is *safe* depends on the
    /// operation.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Refused { error, .. } => error.is_retryable(),
            Self::TooLarge { .. } => false,
            // 2xx: a truncated or foreign body. 4xx: front-ends sometimes respond to a valid
            // request with a bare 400 ("Bad Message 400").
            Self::Unreadable { http_status, .. } => {
                !matches!(http_status, 401 | 403 | 404 | 405 | 413 | 300..=399)
            }
        }
    }

    /// `Retry-After`, if in seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { error, .. } => error.retry_after,
            Self::TooLarge { .. } => None,
            Self::Unreadable { retry_after, .. } => *retry_after,
        }
    }

    /// Redacts a secret that the server echoed.
    pub(crate) fn redact(self, secret: &str) -> Self {
        match self {
            Self::Refused { operation, error } => Self::Refused {
                operation,
                error: Box::new(error.redact(secret)),
            },
            // They never quote the body.
            other @ (Self::TooLarge { .. } | Self::Unreadable { .. }) => other,
        }
    }

    /// Salesforce's refusal, if the response was one.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Refused { error, .. } => Some(error),
            Self::TooLarge { .. } | Self::Unreadable { .. } => None,
        }
    }
}

/// Salesforce's refusal, verbatim: a SOAP fault, or the JSON array of errors of the REST API.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiError {
    /// The HTTP status. SOAP faults have 500, sometimes 200.
    pub http_status: u16,
    /// Salesforce's code (`INVALID_SESSION_ID`), without a SOAP prefix.
    pub code: String,
    /// Salesforce's message.
    pub message: String,
    /// Further errors of the same response.
    pub others: Vec<ApiMessage>,
    /// `Retry-After`, if in seconds.
    pub retry_after: Option<Duration>,
}

/// A further code and message of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiMessage {
    /// Salesforce's code.
    pub code: String,
    /// Salesforce's message.
    pub message: String,
}

impl ApiError {
    /// Whether the session is invalid or expired.
    pub fn is_auth(&self) -> bool {
        self.http_status == 401
            || matches!(
                self.code.as_str(),
                "INVALID_SESSION_ID" | "INVALID_AUTH_HEADER" | "INVALID_LOGIN" | "SESSION_EXPIRED"
            )
    }

    /// Whether the org is busy or failed internally, so that the same request may succeed later.
    ///
    /// The codes are those of the SOAP API guide's "Core Data Types Used in API Calls"
    /// (`StatusCode`, `ExceptionCode`) for locks, time limits and the server's state. The messages
    /// occur in status responses in the middle of a deploy.
    pub fn is_retryable(&self) -> bool {
        matches!(self.http_status, 420 | 429 | 502 | 503 | 504)
            || matches!(
                self.code.as_str(),
                "ALREADY_IN_PROCESS"
                    | "INVALID_QUERY_LOCATOR"
                    | "QUERY_TIMEOUT"
                    | "REQUEST_RUNNING_TOO_LONG"
                    | "SERVER_UNAVAILABLE"
                    | "UNABLE_TO_LOCK_ROW"
                    | "UNKNOWN_EXCEPTION"
            )
            || [
                "Unexpected internal servlet state",
                "Unable to complete the creation of the query cursor",
            ]
            .iter()
            .any(|known| self.message.contains(known))
    }

    /// Whether another change has locked the org's setup. The org rejected the request without
    /// doing anything, so any request may be sent again.
    pub fn is_locked(&self) -> bool {
        self.code == "ALREADY_IN_PROCESS"
    }

    /// Whether the org does not know the id. Also occurs briefly when a job leaves the queue.
    pub fn is_unknown_id(&self) -> bool {
        self.http_status == 404
            || matches!(
                self.code.as_str(),
                "INVALID_CROSS_REFERENCE_KEY" | "NOT_FOUND"
            )
    }

    /// Salesforce's `ErrorId` for an internal failure (`1234567-89012 (-123456789)`), for a support
    /// case.
    pub fn error_id(&self) -> Option<&str> {
        // "… include this ErrorId if you contact support: 1234-5678 (91011)"
        let (_, rest) = self.message.split_once("ErrorId")?;
        let id = rest.split_once(':')?.1.trim();
        (!id.is_empty()).then_some(id)
    }

    /// An error inside a result, with HTTP status 200.
    pub(crate) fn in_result(code: Option<String>, message: String) -> Self {
        Self {
            http_status: 200,
            code: code.unwrap_or_else(|| "UNKNOWN_EXCEPTION".to_owned()),
            message,
            others: Vec::new(),
            retry_after: None,
        }
    }

    /// Redacts a secret that the server echoed.
    pub(crate) fn redact(mut self, secret: &str) -> Self {
        if !secret.is_empty() {
            let redact = |text: &mut String| {
                if text.contains(secret) {
                    *text = text.replace(secret, "[access token]");
                }
            };
            redact(&mut self.code);
            redact(&mut self.message);
            for other in &mut self.others {
                redact(&mut other.code);
                redact(&mut other.message);
            }
        }
        self
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Messages of faults start with the code.
        if self.message.starts_with(&self.code) {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.code, self.message)
        }
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &str, message: &str) -> ApiError {
        ApiError {
            http_status: 500,
            code: code.to_owned(),
            message: message.to_owned(),
            others: Vec::new(),
            retry_after: None,
        }
    }

    #[test]
    fn error_ids_are_found() {
        let error = error(
            "UNKNOWN_EXCEPTION",
            "UNKNOWN_EXCEPTION: An unexpected error occurred. Please include this ErrorId if you contact support: 1034-77 (1571)",
        );
        assert_eq!(error.error_id(), Some("1034-77 (1571)"));
        assert!(error.is_retryable());
    }

    #[test]
    fn an_echoed_token_is_redacted() {
        let error = error("INVALID_SESSION_ID", "no session 00Dx!y").redact("00Dx!y");
        assert!(!error.to_string().contains("00Dx!y"));
        assert!(error.is_auth());
    }
}
