//! A [`Body`] as a body of reqwest.

use std::error::Error as StdError;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::{fmt, io};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::mpsc;

use crate::body::Body;

/// The most chunks that are made ahead of the network.
const AHEAD: usize = 4;

/// Chunks are made on a thread where blocking is fine. It waits when it is [`AHEAD`], and ends when
/// the receiver is dropped.
pub(crate) fn reqwest_body(body: Body) -> reqwest::Body {
    if let Some(bytes) = body.as_bytes() {
        return bytes.clone().into();
    }
    let (sender, chunks) = mpsc::channel(AHEAD);
    let left = body.length();
    tokio::task::spawn_blocking(move || {
        for chunk in body.chunks() {
            let broken = chunk.is_err();
            if sender.blocking_send(chunk).is_err() || broken {
                break;
            }
        }
    });
    reqwest::Body::wrap(Upload { chunks, left })
}

struct Upload {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    /// Bytes still to come, where that is known.
    left: Option<u64>,
}

impl http_body::Body for Upload {
    type Data = Bytes;
    type Error = NotMade;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, NotMade>>> {
        Poll::Ready(match ready!(self.chunks.poll_recv(context)) {
            Some(Ok(chunk)) => {
                self.left = self
                    .left
                    .map(|left| left.saturating_sub(chunk.len() as u64));
                Some(Ok(Frame::data(chunk)))
            }
            Some(Err(error)) => Some(Err(NotMade(error))),
            // The thread ended early, which it does only by a panic in the code that makes chunks.
            None if self.left.is_some_and(|left| left > 0) => {
                let error = io::Error::other("the body broke off");
                Some(Err(NotMade(error)))
            }
            None => None,
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map(SizeHint::with_exact).unwrap_or_default()
    }
}

/// The chunks could not be made: a failure of this side, below reqwest's own error.
#[derive(Debug)]
pub(crate) struct NotMade(io::Error);

impl fmt::Display for NotMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for NotMade {}
