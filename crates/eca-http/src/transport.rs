//! The transport trait: one request out, one whole answer back.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

use crate::error::TransportError;

/// A boxed future that can move between threads, as the object-safe traits of these crates return
/// it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one HTTP request and returns the whole answer.
///
/// An answer with an error status is an answer, not an error; the caller judges the status.
/// Implementations must
///
/// - refuse what [`check_url`](crate::check_url) refuses, before a byte is sent;
/// - never follow a redirect; one that was not asked for by [`Redirects::Return`] is an error;
/// - bound time and answer size;
/// - survive being dropped at any await.
///
/// [`ReqwestTransport`](crate::ReqwestTransport) does all of it. The trait is object safe, so that
/// drivers take `&dyn Transport`.
///
/// ```no_run
/// use bytes::Bytes;
/// use eca_http::{Limits, ReqwestTransport, Transport};
///
/// # async fn doc() -> Result<(), Box<dyn std::error::Error>> {
/// let transport = ReqwestTransport::new("my-tool/1.0", Limits::default())?;
/// let request = http::Request::get("https://acme.my.salesforce.com/services/data").body(Bytes::new())?;
/// let answer = transport.send(request).await?;
/// # Ok(()) }
/// ```
pub trait Transport: Send + Sync {
    /// Sends `request` once and collects the answer.
    ///
    /// # Errors
    ///
    /// A [`TransportError`] with its kind, and whether the request may have reached the server.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;
}

impl<T: Transport + ?Sized> Transport for &T {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        (**self).send(request)
    }
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        (**self).send(request)
    }
}

/// What happens with an answer that points elsewhere (301, 302, 303, 307, 308 with `Location`).
///
/// Put [`Redirects::Return`] into a request's [`extensions`](http::Request::extensions_mut) to read
/// the `Location` of an answer; redirects are never followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Redirects {
    /// The answer is an error of kind
    /// [`RedirectRefused`](crate::TransportErrorKind::RedirectRefused).
    #[default]
    Refuse,
    /// The answer is returned unchanged.
    Return,
}

impl Redirects {
    /// The choice in the extensions of `request`; [`Redirects::Refuse`] without one.
    pub fn from_request<B>(request: &http::Request<B>) -> Self {
        request
            .extensions()
            .get::<Self>()
            .copied()
            .unwrap_or_default()
    }

    /// Whether this choice refuses `response`.
    pub fn refuses<B>(self, response: &http::Response<B>) -> bool {
        self == Self::Refuse
            && matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308)
            && response.headers().contains_key(http::header::LOCATION)
    }
}
