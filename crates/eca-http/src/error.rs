//! What can go wrong between a request and its answer.

use std::error::Error as StdError;
use std::fmt;

use crate::UrlRefused;

/// Whether a request may have reached the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sent {
    /// Provably nothing that the server could act on: not a byte left for it, or the body broke off
    /// on this side, so that what it has is no whole request (RFC 9112 section 8).
    No,
    /// Some or all of it may have arrived, and the server may have acted on it.
    Maybe,
}

/// What went wrong, as far as a caller can act on it.
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
    /// The server pointed elsewhere; redirects are not followed.
    RedirectRefused,
    /// The URL is one that nothing is sent to; the source says why.
    UrlRefused,
    /// No trusted TLS session: certificate, host name or protocol.
    Tls,
    /// The request's [body](crate::Body) could not be made to its end; the source says why.
    Body,
    /// Anything else; the source tells.
    Other,
}

impl TransportErrorKind {
    /// Whether the same request may well succeed a little later. A certificate that does not match,
    /// a refused URL, a refused redirect or an oversized answer will not change by asking again.
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

    /// What a failure of this kind says about the request when nothing else is known.
    fn usually_sent(self) -> Sent {
        match self {
            Self::Connect | Self::ConnectTimeout | Self::UrlRefused | Self::Tls | Self::Body => {
                Sent::No
            }
            _ => Sent::Maybe,
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
            Self::Body => "the request could not be sent whole",
            Self::Other => "request failed",
        })
    }
}

/// One request that got no usable answer.
///
/// `Display` names method and host, never path, query, headers or body, since those may carry
/// secrets; [`source`](StdError::source) has the cause.
pub struct TransportError {
    kind: TransportErrorKind,
    sent: Sent,
    method: http::Method,
    host: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// An error of this kind for a request with this method and URL. Whether it was sent follows
    /// from the kind; [`with_sent`](Self::with_sent) says otherwise.
    pub fn new(kind: TransportErrorKind, method: &http::Method, uri: &http::Uri) -> Self {
        Self {
            kind,
            sent: kind.usually_sent(),
            method: method.clone(),
            host: crate::redact::host(uri),
            source: None,
        }
    }

    /// The error of a URL that was refused before a byte was sent.
    pub fn url_refused(method: &http::Method, uri: &http::Uri, why: UrlRefused) -> Self {
        Self::new(TransportErrorKind::UrlRefused, method, uri).with_source(why)
    }

    /// The same error, with what is known about the request.
    #[must_use]
    pub fn with_sent(mut self, sent: Sent) -> Self {
        self.sent = sent;
        self
    }

    /// The same error with its cause, which must not show URL query, headers or body.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether the request may have reached the server.
    pub fn was_sent(&self) -> Sent {
        self.sent
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
            .field("sent", &self.sent)
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
