//! Hides the secrets that this process has sent. A server can send them back in any text that is
//! shown: an error, a name, a message about a component.

use std::borrow::Cow;
use std::sync::{LazyLock, Mutex, PoisonError};

use bytes::Bytes;
use eca_http::{BoxFuture, Transport, TransportError};
use eca_oauth::SentSecrets;

static SENT: LazyLock<Mutex<SentSecrets>> = LazyLock::new(Mutex::default);

/// Hides a secret from now on.
pub(crate) fn add(secret: &str) {
    let mut sent = SENT.lock().unwrap_or_else(PoisonError::into_inner);
    sent.add(secret);
}

/// The text without the secrets that were sent so far.
pub(crate) fn mask(text: &str) -> Cow<'_, str> {
    let sent = SENT.lock().unwrap_or_else(PoisonError::into_inner);
    sent.mask(text)
}

/// A transport that notes the secrets of each request before it is sent.
pub(crate) struct NotingTransport<T>(pub(crate) T);

impl<T: Transport> Transport for NotingTransport<T> {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let mut sent = SENT.lock().unwrap_or_else(PoisonError::into_inner);
        sent.add_request(&request);
        drop(sent);
        self.0.send(request)
    }
}
