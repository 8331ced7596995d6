//! Errors of one request.

use std::error::Error as StdError;
use std::fmt;

use crate::redact;
use crate::url_check::UrlRefused;

/// Whether a request may have reached the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delivery {
    /// The server has no complete request: no byte was sent, or sending the body failed on this
    /// side (RFC 9112, section 8).
    NotSent,
    /// The server may have received the request and acted on it.
    Unknown,
}

/// The kind of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: the name is unknown, or the host refuses or is unreachable.
    Connect,
    /// No connection within the connect time limit.
    ConnectTimeout,
    /// No byte of the request was taken and none of the response arrived within the read time
    /// limit.
    ReadTimeout,
    /// The body of the response arrived at less than this number of bytes per second.
    TooSlow(u32),
    /// The exchange was not complete within the total time limit.
    TotalTimeout,
    /// The connection ended before the response was complete.
    Reset,
    /// The response body is larger than this number of bytes.
    BodyTooLarge(usize),
    /// The response is a redirect. Redirects are not followed.
    RedirectRefused,
    /// The URL is refused and nothing was sent; the source has the reason.
    UrlRefused,
    /// No trusted TLS session, because of the certificate, the host name or the protocol.
    Tls,
    /// Any other failure; the source has the reason.
    Other,
}

impl TransportErrorKind {
    /// Whether the same request may succeed later. A retry does not help against a refused
    /// certificate, URL or redirect, or a response that is too large.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Connect
                | Self::ConnectTimeout
                | Self::ReadTimeout
                | Self::TooSlow(_)
                | Self::TotalTimeout
                | Self::Reset
        )
    }

    /// Whether a time limit was reached.
    pub fn is_timeout(self) -> bool {
        matches!(
            self,
            Self::ConnectTimeout | Self::ReadTimeout | Self::TooSlow(_) | Self::TotalTimeout
        )
    }

    /// The delivery of a failure of this kind, unless more is known.
    fn usual_delivery(self) -> Delivery {
        match self {
            Self::Connect | Self::ConnectTimeout | Self::UrlRefused | Self::Tls => {
                Delivery::NotSent
            }
            _ => Delivery::Unknown,
        }
    }
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "could not connect",
            Self::ConnectTimeout => "no connection within the connect time limit",
            Self::ReadTimeout => "nothing received within the read time limit",
            Self::TooSlow(rate) => {
                return write!(f, "response is slower than {rate} bytes per second");
            }
            Self::TotalTimeout => "not complete within the total time limit",
            Self::Reset => "connection ended before the response was complete",
            Self::BodyTooLarge(limit) => {
                return write!(f, "response body is larger than {limit} bytes");
            }
            Self::RedirectRefused => "redirect refused",
            Self::UrlRefused => "url refused, nothing sent",
            Self::Tls => "no trusted tls session",
            Self::Other => "request failed",
        })
    }
}

/// A request without a usable response.
///
/// `Display` names the method and the host, never path, query, headers or body, since those may
/// contain secrets. [`source`](StdError::source) is the cause.
pub struct TransportError {
    kind: TransportErrorKind,
    delivery: Delivery,
    method: http::Method,
    host: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// An error of this kind for a request with this method and URL. The kind determines the
    /// delivery; [`with_delivery`](Self::with_delivery) overrides it.
    pub fn new(kind: TransportErrorKind, method: &http::Method, uri: &http::Uri) -> Self {
        Self {
            kind,
            delivery: kind.usual_delivery(),
            method: method.clone(),
            host: redact::host(uri),
            source: None,
        }
    }

    /// The error of a URL that was refused before a byte was sent.
    pub fn url_refused(method: &http::Method, uri: &http::Uri, why: UrlRefused) -> Self {
        Self::new(TransportErrorKind::UrlRefused, method, uri).with_source(why)
    }

    /// The same error with this delivery.
    #[must_use]
    pub fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// The same error with its cause, which must not contain the query of the URL, headers or body.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The kind of failure.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether the request may have reached the server.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// The method of the request.
    pub fn method(&self) -> &http::Method {
        &self.method
    }

    /// The host of the URL, with the port if the URL has one.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("kind", &self.kind)
            .field("delivery", &self.delivery)
            .field("method", &self.method)
            .field("host", &self.host)
            .field("source", &self.source)
            .finish()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.method, self.host, self.kind)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.source {
            Some(source) => Some(&**source),
            None => None,
        }
    }
}
