//! The transport: sends one request and returns its response.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

use crate::error::TransportError;

/// A boxed `Send` future, as the object-safe traits of the eca crates return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one HTTP request and returns the whole response.
///
/// A response with an error status is not an error; the caller checks the status. Implementations
/// must
///
/// - refuse what [`check_url`](crate::check_url) refuses, before a byte is sent;
/// - never follow a redirect; without [`Redirects::Return`] it is an error;
/// - limit the time and the size of the response, to [`BodyLimit`] if the request has one;
/// - allow that the future is dropped at any await.
///
/// [`ReqwestTransport`](crate::ReqwestTransport) is such an implementation. The trait is object
/// safe.
///
/// ```no_run
/// use bytes::Bytes;
/// use eca_http::{Limits, ReqwestTransport, Transport};
///
/// # async fn doc() -> Result<(), Box<dyn std::error::Error>> {
/// let transport = ReqwestTransport::new("my-tool/1.0", Limits::default())?;
/// let request = http::Request::get("https://acme.my.salesforce.com/services/data").body(Bytes::new())?;
/// let response = transport.send(request).await?;
/// # Ok(()) }
/// ```
pub trait Transport: Send + Sync {
    /// Sends `request` once and reads the whole response.
    ///
    /// # Errors
    ///
    /// A [`TransportError`] with its kind and delivery.
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

/// What the transport does with a redirect: a response with `Location` and the status 301, 302,
/// 303, 307 or 308. It never follows one.
///
/// To read the `Location`, put [`Redirects::Return`] into the request's
/// [`extensions`](http::Request::extensions_mut).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Redirects {
    /// The response is an error of kind
    /// [`RedirectRefused`](crate::TransportErrorKind::RedirectRefused).
    #[default]
    Refuse,
    /// The response is returned unchanged.
    Return,
}

impl Redirects {
    /// The value in the extensions of `request`, or [`Redirects::Refuse`].
    pub fn from_request<B>(request: &http::Request<B>) -> Self {
        request
            .extensions()
            .get::<Self>()
            .copied()
            .unwrap_or_default()
    }

    /// Whether this value refuses `response`.
    pub fn refuses<B>(self, response: &http::Response<B>) -> bool {
        self == Self::Refuse
            && matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308)
            && response.headers().contains_key(http::header::LOCATION)
    }
}

/// The largest response body of one request, in bytes, where that is less than the limit of the
/// transport. Put it into the request's [`extensions`](http::Request::extensions_mut).
///
/// A larger body is an error of kind [`BodyTooLarge`](crate::TransportErrorKind::BodyTooLarge).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimit(pub usize);

impl BodyLimit {
    /// The limit in the extensions of `request`, or `usize::MAX`.
    pub fn from_request<B>(request: &http::Request<B>) -> usize {
        let limit = request.extensions().get::<Self>();
        limit.map_or(usize::MAX, |limit| limit.0)
    }
}
