//! What an answer says when it does not say yes.

use std::fmt;
use std::time::Duration;

use crate::wire::tree::TreeError;

/// Why a response gave no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// Salesforce refused, with its own code and message.
    #[error("the org refused the {operation} request (HTTP {})", .error.http_status)]
    Refused {
        /// The operation, in the WSDL's words (`checkDeployStatus`) or as `REST deployRequest`.
        operation: &'static str,
        /// What Salesforce said.
        #[source]
        error: Box<ApiError>,
    },
    /// The answer came from something that does not speak the API: a proxy's page, a maintenance
    /// page, a truncated body. It proves nothing about what happened in the org.
    #[error(
        "the answer to the {operation} request (HTTP {http_status}, {content_type}) is not the API's: {what}"
    )]
    Unreadable {
        /// The operation.
        operation: &'static str,
        /// The status of the HTTP response.
        http_status: u16,
        /// The media type it claims, without parameters.
        content_type: String,
        /// What is missing or wrong; never a piece of the body.
        what: String,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
        /// The parser's words.
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
    /// The session is not valid (any more): a new token may help.
    pub fn is_auth(&self) -> bool {
        match self {
            Self::Refused { error, .. } => error.is_auth(),
            Self::Unreadable { http_status, .. } => *http_status == 401,
        }
    }

    /// Asking the same question again later may be answered. Says nothing on whether repeating is
    /// *safe*: that depends on the operation.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Refused { error, .. } => error.is_retryable(),
            // 2xx: a cut-off or foreign body; 4xx other than these: the request itself is at fault,
            // yet front-ends answer a sound request with a bare 400 now and then ("Bad
            // Message 400").
            Self::Unreadable { http_status, .. } => {
                !matches!(http_status, 401 | 403 | 404 | 405 | 413 | 300..=399)
            }
        }
    }

    /// How long the server asked to wait (`Retry-After` in seconds).
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { error, .. } => error.retry_after,
            Self::Unreadable { retry_after, .. } => *retry_after,
        }
    }

    /// Blanks out a secret that the server echoed.
    pub(crate) fn without(self, secret: &str) -> Self {
        match self {
            Self::Refused { operation, error } => Self::Refused {
                operation,
                error: Box::new(error.without(secret)),
            },
            // Has no piece of the body.
            unreadable @ Self::Unreadable { .. } => unreadable,
        }
    }

    /// What Salesforce said, if it was Salesforce that answered.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Refused { error, .. } => Some(error),
            Self::Unreadable { .. } => None,
        }
    }
}

/// Salesforce's refusal, verbatim: a SOAP fault or the JSON array of errors of the REST API.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiError {
    /// The HTTP status; SOAP faults come with 500, now and then with 200.
    pub http_status: u16,
    /// Salesforce's code (`INVALID_SESSION_ID`), without a SOAP prefix.
    pub code: String,
    /// Salesforce's words.
    pub message: String,
    /// Further errors of the same answer.
    pub others: Vec<ApiMessage>,
    /// `Retry-After`, when given in seconds.
    pub retry_after: Option<Duration>,
}

/// One more code and message of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiMessage {
    /// Salesforce's code.
    pub code: String,
    /// Salesforce's words.
    pub message: String,
}

impl ApiError {
    /// The session is not valid (any more).
    pub fn is_auth(&self) -> bool {
        self.http_status == 401
            || matches!(
                self.code.as_str(),
                "INVALID_SESSION_ID" | "INVALID_AUTH_HEADER" | "INVALID_LOGIN" | "SESSION_EXPIRED"
            )
    }

    /// The org is busy or stumbled; the same request may pass later.
    ///
    /// The codes are those of the SOAP API guide's "Core Data Types Used in API Calls"
    /// (`StatusCode`, `ExceptionCode`) that speak of locks, limits in time, and the server's
    /// own state, and messages that pollers meet in the middle of a deploy.
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

    /// The org's setup was locked by another change, so that it turned the request away and did
    /// nothing: it may be sent again, whatever it does.
    pub fn is_locked(&self) -> bool {
        self.code == "ALREADY_IN_PROCESS"
    }

    /// The org does not know the id. Seen in passing too, when a job leaves the queue.
    pub fn is_unknown_id(&self) -> bool {
        self.http_status == 404
            || matches!(
                self.code.as_str(),
                "INVALID_CROSS_REFERENCE_KEY" | "NOT_FOUND"
            )
    }

    /// Salesforce's number for a failure on its side (`1234567-89012 (-123456789)`), for a support
    /// case.
    pub fn error_id(&self) -> Option<&str> {
        // "… include this ErrorId if you contact support: 1234-5678 (91011)"
        let (_, rest) = self.message.split_once("ErrorId")?;
        let id = rest.split_once(':')?.1.trim();
        (!id.is_empty()).then_some(id)
    }

    /// An error that stands inside a result, so that HTTP had nothing to complain about.
    pub(crate) fn in_result(code: Option<String>, message: String) -> Self {
        Self {
            http_status: 200,
            code: code.unwrap_or_else(|| "UNKNOWN_EXCEPTION".to_owned()),
            message,
            others: Vec::new(),
            retry_after: None,
        }
    }

    /// Blanks out a secret that the server echoed.
    pub(crate) fn without(mut self, secret: &str) -> Self {
        if !secret.is_empty() {
            let blank = |text: &mut String| {
                if text.contains(secret) {
                    *text = text.replace(secret, "[access token]");
                }
            };
            blank(&mut self.code);
            blank(&mut self.message);
            for other in &mut self.others {
                blank(&mut other.code);
                blank(&mut other.message);
            }
        }
        self
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Faults repeat their code at the head of the message.
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
    fn an_echoed_token_is_blanked() {
        let error = error("INVALID_SESSION_ID", "no session 00Dx!y").without("00Dx!y");
        assert!(!error.to_string().contains("00Dx!y"));
        assert!(error.is_auth());
    }
}
