//! Errors of one request.

use std::error::Error as StdError;
use std::fmt;

use crate::redact;
use crate::url_check::UrlRefused;

/// Whether a request may have reached the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delivery {
    /// The server has nothing to act on: no byte was sent, or the body broke off on this side, so
    /// that the server has an incomplete request (RFC 9112 section 8).
    NotSent,
    /// Some or all of it may have arrived, and the server may have acted on it.
    Unknown,
}

/// The kind of failure, as far as a caller can act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: name not found, refused, unreachable.
    Connect,
    /// No connection within the connect limit.
    ConnectTimeout,
    /// Connected, but no byte of the answer arrived within the read limit.
    ReadTimeout,
    /// The exchange was not finished within the total limit.
    TotalTimeout,
    /// The connection ended before the answer was complete.
    Reset,
    /// The answer is larger than the given number of bytes.
    BodyTooLarge(usize),
    /// The server answered with a redirect; redirects are not followed.
    RedirectRefused,
    /// Nothing is sent to this URL; the source has the reason.
    UrlRefused,
    /// No trusted TLS session: certificate, host name or protocol.
    Tls,
    /// Anything else; the source has the reason.
    Other,
}

impl TransportErrorKind {
    /// Whether the same request may succeed later. A certificate that does not match, a refused
    /// URL, a refused redirect or an oversized answer does not change by a retry.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Connect
                | Self::ConnectTimeout
                | Self::ReadTimeout
                | Self::TotalTimeout
                | Self::Reset
        )
    }

    /// Whether a time limit was reached.
    pub fn is_timeout(self) -> bool {
        matches!(
            self,
            Self::ConnectTimeout | Self::ReadTimeout | Self::TotalTimeout
        )
    }

    /// The delivery after a failure of this kind when nothing else is known.
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
            Self::TotalTimeout => "not finished within the total time limit",
            Self::Reset => "connection ended before the answer was complete",
            Self::BodyTooLarge(limit) => return write!(f, "answer is larger than {limit} bytes"),
            Self::RedirectRefused => "redirect refused",
            Self::UrlRefused => "url refused, nothing sent",
            Self::Tls => "no trusted tls session",
            Self::Other => "request failed",
        })
    }
}

/// One request that got no usable answer.
///
/// `Display` names method and host, never path, query, headers or body, since those may carry
/// secrets; [`source`](StdError::source) is the cause.
pub struct TransportError {
    kind: TransportErrorKind,
    delivery: Delivery,
    method: http::Method,
    host: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// An error of this kind for a request with this method and URL. The delivery follows from the
    /// kind; [`with_delivery`](Self::with_delivery) overrides it.
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

    /// The same error, with what is known about the request.
    #[must_use]
    pub fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// The same error with its cause, which must not show URL query, headers or body.
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

    /// Host and, if the URL had one, port.
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
