//! The transport over reqwest and rustls.

use std::error::Error as StdError;
use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{ClientBuilder, redirect};

use crate::error::{Delivery, TransportError, TransportErrorKind};
use crate::transport::{BoxFuture, Redirects, Transport};
use crate::url_check::{check_url, is_loopback};

/// Limits of one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest wait for a connection, TLS handshake included. Default 10 s.
    pub connect: Duration,
    /// The longest time without a byte of the response. Default 2 minutes: an org that receives a
    /// large package sends nothing for some time.
    pub read: Duration,
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
            total: Duration::from_mins(10),
            body: 64 << 20,
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
            .read_timeout(self.limits.read)
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

        // The only possible cause is a missing trust store.
        let client = self
            .client(Route::from_uri(&uri))
            .map_err(|cause| error(TransportErrorKind::Tls).with_source(cause.without_url()))?;
        let request = reqwest::Request::try_from(request).map_err(|cause| {
            error(TransportErrorKind::Other)
                .with_delivery(Delivery::NotSent)
                .with_source(cause.without_url())
        })?;

        let whole = async {
            let response = client
                .execute(request)
                .await
                .map_err(|cause| error(classify(&cause)).with_source(cause.without_url()))?;
            self.collect(response, &error).await
        };
        let response = tokio::time::timeout(self.limits.total, whole)
            .await
            .unwrap_or_else(|_| Err(error(TransportErrorKind::TotalTimeout)))?;
        if redirects.refuses(&response) {
            return Err(error(TransportErrorKind::RedirectRefused));
        }
        Ok(response)
    }

    /// Reads the body in chunks, so that reading an endless body ends at the limit.
    async fn collect(
        &self,
        mut response: reqwest::Response,
        error: &impl Fn(TransportErrorKind) -> TransportError,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let limit = self.limits.body;
        let too_large = || error(TransportErrorKind::BodyTooLarge(limit));
        let announced = response.content_length().unwrap_or(0);
        if usize::try_from(announced).map_or(true, |length| length > limit) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|cause| error(classify(&cause)).with_source(cause.without_url()))?
        {
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
