//! The transport over reqwest and rustls.

use std::error::Error as StdError;
use std::io;
use std::pin::pin;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{ClientBuilder, redirect};
use tokio::time::{Instant, timeout_at};

use crate::error::{Delivery, TransportError, TransportErrorKind};
use crate::transport::{BodyLimit, BoxFuture, Redirects, Transport};
use crate::upload::{LastTaken, Upload};
use crate::url_check::{check_url, is_loopback};

/// Limits of one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest wait for a connection, TLS handshake included. Default 10 s.
    pub connect: Duration,
    /// The longest time from the last byte of the request to the first of the response, and
    /// without a byte of either. Default 2 minutes: an org that has received a large package
    /// sends nothing for some time.
    pub read: Duration,
    /// The lowest average rate of the response body in bytes per second, after
    /// [`grace`](Self::grace). Default 16 KiB. 0 is no limit.
    pub rate: u32,
    /// How long a response body may take in any case, so that a small one never is too slow.
    /// Default 30 s.
    pub grace: Duration,
    /// The longest time for the whole exchange, upload included. Default 10 minutes.
    pub total: Duration,
    /// The largest response body in bytes. Default 64 MiB: a retrieved package of 39 MB in base64
    /// is 52 MB (Metadata API Developer Guide, "Salesforce Developer Limits and Allocations").
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_mins(2),
            rate: 16 << 10,
            grace: Duration::from_secs(30),
            total: Duration::from_mins(10),
            body: 64 << 20,
        }
    }
}

impl Limits {
    /// When a response is too slow of which `received` bytes of the body have arrived, the last
    /// ones at `last`, and why: its head came at `head`.
    fn deadline(
        &self,
        head: Instant,
        last: Instant,
        received: usize,
    ) -> (Instant, TransportErrorKind) {
        let idle = (last + self.read, TransportErrorKind::ReadTimeout);
        let milliseconds = (received as u64).saturating_mul(1000);
        let Some(earned) = milliseconds.checked_div(u64::from(self.rate)) else {
            return idle;
        };
        let slow = head + self.grace + Duration::from_millis(earned);
        if slow < idle.0 {
            (slow, TransportErrorKind::TooSlow(self.rate))
        } else {
            idle
        }
    }
}

/// The HTTP client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("could not set up the http client")]
pub struct BuildError(#[source] Box<dyn StdError + Send + Sync>);

/// [`Transport`] over reqwest: HTTP/1.1, rustls with the platform's trust store, no redirects, no
/// decompression, no retries.
///
/// Proxies come from the environment as reqwest reads it (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`),
/// but never for loopback addresses. Needs a tokio runtime with I/O and time.
///
/// ```
/// use eca_http::{Limits, ReqwestTransport};
///
/// let transport = ReqwestTransport::new("my-tool/1.0", Limits::default())?;
/// # Ok::<(), eca_http::BuildError>(())
/// ```
#[derive(Debug)]
pub struct ReqwestTransport {
    user_agent: http::HeaderValue,
    limits: Limits,
    /// One client per [`Route`], each built at its first use: the trust store is read only for
    /// TLS, so plain http to loopback works on machines without a trust store.
    clients: [OnceLock<reqwest::Client>; 3],
}

impl ReqwestTransport {
    /// A transport with `user_agent` as its `User-Agent` header.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if `user_agent` is not a valid header value.
    pub fn new(user_agent: &str, limits: Limits) -> Result<Self, BuildError> {
        let user_agent =
            http::HeaderValue::from_str(user_agent).map_err(|error| BuildError(error.into()))?;
        Ok(Self {
            user_agent,
            limits,
            clients: [const { OnceLock::new() }; 3],
        })
    }

    fn client(&self, route: Route) -> Result<&reqwest::Client, reqwest::Error> {
        let cell = &self.clients[route as usize];
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = route
            .configure(reqwest::Client::builder())
            .user_agent(self.user_agent.clone())
            .connect_timeout(self.limits.connect)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .build()?;
        // If two threads build it at the same time, one of the two clients is dropped unused.
        Ok(cell.get_or_init(|| client))
    }

    async fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let error = |kind| TransportError::new(kind, &method, &uri);
        check_url(&uri).map_err(|why| TransportError::url_refused(&method, &uri, why))?;
        let redirects = Redirects::from_request(&request);
        let body_limit = BodyLimit::from_request(&request).min(self.limits.body);

        // The only possible cause is a missing trust store.
        let client = self
            .client(Route::from_uri(&uri))
            .map_err(|cause| error(TransportErrorKind::Tls).with_source(cause.without_url()))?;
        let last_taken = LastTaken::now();
        let body = match request.body() {
            body if body.is_empty() => reqwest::Body::default(),
            body => reqwest::Body::wrap(Upload::new(body.clone(), last_taken.clone())),
        };
        let request = reqwest::Request::try_from(request.map(|_| body)).map_err(|cause| {
            error(TransportErrorKind::Other)
                .with_delivery(Delivery::NotSent)
                .with_source(cause.without_url())
        })?;

        let whole = async {
            let response = self
                .head(client.execute(request), &last_taken, &error)
                .await?;
            self.collect(response, body_limit, &error).await
        };
        let response = tokio::time::timeout(self.limits.total, whole)
            .await
            .unwrap_or_else(|_| Err(error(TransportErrorKind::TotalTimeout)))?;
        if redirects.refuses(&response) {
            return Err(error(TransportErrorKind::RedirectRefused));
        }
        Ok(response)
    }

    /// Waits for the head of the response while the request is sent.
    async fn head(
        &self,
        exchange: impl Future<Output = Result<reqwest::Response, reqwest::Error>>,
        last_taken: &LastTaken,
        error: &impl Fn(TransportErrorKind) -> TransportError,
    ) -> Result<reqwest::Response, TransportError> {
        let mut exchange = pin!(exchange);
        loop {
            let deadline = last_taken.at() + self.limits.read;
            let failed =
                |cause: reqwest::Error| error(classify(&cause)).with_source(cause.without_url());
            match timeout_at(deadline, &mut exchange).await {
                Ok(response) => return response.map_err(failed),
                // The connection has taken more of the request since.
                Err(_) if last_taken.at() + self.limits.read > deadline => {}
                Err(_) => return Err(error(TransportErrorKind::ReadTimeout)),
            }
        }
    }

    /// Reads the body in chunks, so that reading an endless body ends at the limit.
    async fn collect(
        &self,
        mut response: reqwest::Response,
        limit: usize,
        error: &impl Fn(TransportErrorKind) -> TransportError,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let head = Instant::now();
        let mut last = head;
        let too_large = || error(TransportErrorKind::BodyTooLarge(limit));
        let announced = response.content_length().unwrap_or(0);
        if usize::try_from(announced).map_or(true, |length| length > limit) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        loop {
            let (deadline, late) = self.limits.deadline(head, last, body.len());
            let chunk = timeout_at(deadline, response.chunk())
                .await
                .map_err(|_| error(late))?
                .map_err(|cause| error(classify(&cause)).with_source(cause.without_url()))?;
            let Some(chunk) = chunk else { break };
            last = Instant::now();
            if chunk.len() > limit - body.len() {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let mut whole = http::Response::new(body.freeze());
        *whole.status_mut() = response.status();
        *whole.headers_mut() = std::mem::take(response.headers_mut());
        Ok(whole)
    }
}

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

/// The kind of connection, each with its own client.
#[derive(Debug, Clone, Copy)]
enum Route {
    /// Plain http. [`check_url`] allows it only to loopback.
    Plain = 0,
    /// https to this machine, without a proxy.
    TlsLoopback = 1,
    /// https to other machines, through a proxy if the environment names one.
    Tls = 2,
}

impl Route {
    fn from_uri(uri: &http::Uri) -> Self {
        match (uri.scheme_str(), is_loopback(uri)) {
            (Some("http"), _) => Self::Plain,
            (_, true) => Self::TlsLoopback,
            (_, false) => Self::Tls,
        }
    }

    fn configure(self, builder: ClientBuilder) -> ClientBuilder {
        match self {
            // No TLS. With an empty list of roots the trust store is not read.
            Self::Plain => builder.no_proxy().tls_certs_only([]),
            Self::TlsLoopback => builder.no_proxy().https_only(true),
            Self::Tls => builder.https_only(true),
        }
    }
}

fn classify(error: &reqwest::Error) -> TransportErrorKind {
    if error.is_connect() {
        // rustls errors have the kind `InvalidData` (tokio-rustls, `poll_handshake`).
        let tls = |io: &io::Error| io.kind() == io::ErrorKind::InvalidData;
        return if error.is_timeout() {
            TransportErrorKind::ConnectTimeout
        } else if causes(error).filter_map(as_io).any(tls) {
            TransportErrorKind::Tls
        } else {
            TransportErrorKind::Connect
        };
    }
    if error.is_timeout() {
        return TransportErrorKind::ReadTimeout;
    }
    let ended = causes(error).any(|cause| {
        as_io(cause).is_some_and(|io| {
            matches!(
                io.kind(),
                io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
                    | io::ErrorKind::NotConnected
                    | io::ErrorKind::UnexpectedEof
            )
        }) || cause
            .downcast_ref::<hyper::Error>()
            .is_some_and(|h| h.is_incomplete_message() || h.is_canceled() || h.is_closed())
    });
    if ended {
        TransportErrorKind::Reset
    } else {
        TransportErrorKind::Other
    }
}

/// The error and its causes. The error inside an `io::Error` is not its source, so it is taken out.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| {
        let wrapped = as_io(*error).and_then(io::Error::get_ref);
        wrapped.map_or_else(|| (*error).source(), |inner| Some(inner))
    })
}

fn as_io<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a io::Error> {
    error.downcast_ref::<io::Error>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_must_keep_the_rate_after_the_grace() {
        let limits = Limits::default();
        let head = Instant::now();
        let slow = TransportErrorKind::TooSlow(16 << 10);
        let idle = TransportErrorKind::ReadTimeout;
        // Bytes that have arrived, and the seconds after the head of the last of them and of the
        // end.
        for (received, last, end, kind) in [
            (0, 0, 30, slow),
            (1, 29, 30, slow),
            (16 << 10, 0, 31, slow),
            (80 * (16 << 10), 0, 110, slow),
            (100 * (16 << 10), 0, 120, idle),
            (100 * (16 << 10), 20, 130, slow),
            // A zip of 39 MB in base64.
            (52 << 20, 500, 620, idle),
        ] {
            let at = |seconds| head + Duration::from_secs(seconds);
            let deadline = limits.deadline(head, at(last), received);
            assert_eq!(deadline, (at(end), kind), "{received} bytes in {last} s");
        }
        let unlimited = Limits { rate: 0, ..limits };
        assert_eq!(unlimited.deadline(head, head, 0).1, idle);
    }
}
