//! A request body that tells how far it was sent.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Instant;

/// The bytes that the connection gets at once. It asks for the next ones when these are nearly
/// sent.
const PART: usize = 64 << 10;

/// When the connection last took bytes of a request; at first, when the request was made.
#[derive(Clone)]
pub(crate) struct LastTaken(Arc<Mutex<Instant>>);

impl LastTaken {
    pub(crate) fn now() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    pub(crate) fn at(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn update(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

/// The body of a request, in parts.
pub(crate) struct Upload {
    rest: Bytes,
    last_taken: LastTaken,
}

impl Upload {
    pub(crate) fn new(body: Bytes, last_taken: LastTaken) -> Self {
        Self {
            rest: body,
            last_taken,
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.last_taken.update();
        let length = self.rest.len().min(PART);
        let part = self.rest.split_to(length);
        Poll::Ready((!part.is_empty()).then(|| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    /// Exact, so that the request has a `Content-Length`.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
