//! Why a response could not be read.

/// Why a response could not be read. Never contains the response's text, which may have
/// tokens in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadableResponse {
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
    /// A redirect that does not go to the redirect URI, mostly to a login or consent page.
    #[error("a redirect that does not go to the redirect uri")]
    Redirect,
    /// The metadata is of another server (RFC 8414 section 3.3).
    #[error("issuer is {found:?}, but must be {expected:?}")]
    Issuer {
        /// The issuer that was expected.
        expected: String,
        /// The issuer that the metadata names.
        found: String,
    },
    /// An endpoint in the response is on another origin than the site's.
    #[error("an endpoint is on {found}, not on the site's own origin")]
    ForeignEndpoint {
        /// The host of the endpoint.
        found: String,
    },
}
