//! A scripted transport and a manual timer, for tests without a network and without waiting.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::error::{TransportError, TransportErrorKind};
use crate::timer::Timer;
use crate::transport::{BoxFuture, Transport};

/// A clock that moves only by [`advance`](Self::advance) and by [`sleep`](Timer::sleep), which
/// returns at once.
#[derive(Debug)]
pub struct ManualTimer {
    start: SystemTime,
    state: Mutex<TimerState>,
}

#[derive(Debug, Default)]
struct TimerState {
    passed: Duration,
    slept: Vec<Duration>,
}

impl ManualTimer {
    /// A clock at 2025-01-01T00:00:00Z.
    pub fn new() -> Self {
        // 20,089 days after 1970-01-01.
        Self::at(SystemTime::UNIX_EPOCH + Duration::from_hours(20_089 * 24))
    }

    /// A clock at this time.
    pub fn at(start: SystemTime) -> Self {
        Self {
            start,
            state: Mutex::default(),
        }
    }

    /// Moves the clock forward.
    pub fn advance(&self, duration: Duration) {
        lock(&self.state).passed += duration;
    }

    /// Every sleep so far, in order.
    pub fn slept(&self) -> Vec<Duration> {
        lock(&self.state).slept.clone()
    }
}

impl Default for ManualTimer {
    fn default() -> Self {
        Self::new()
    }
}

impl Timer for ManualTimer {
    fn now(&self) -> SystemTime {
        self.start + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        lock(&self.state).passed
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut state = lock(&self.state);
            state.passed += duration;
            state.slept.push(duration);
        })
    }
}

type Handler = Box<
    dyn FnMut(&http::Request<Bytes>) -> Option<Result<http::Response<Bytes>, TransportError>>
        + Send,
>;

/// A transport that returns scripted responses in order and records the requests.
///
/// After the script, a request fails with the kind [`Other`](TransportErrorKind::Other). The rules
/// for URLs and redirects are not enforced; tests check the recorded [requests](Self::requests).
#[derive(Default)]
pub struct ScriptedTransport {
    state: Mutex<Script>,
}

#[derive(Default)]
struct Script {
    turns: VecDeque<Turn>,
    fallback: Option<Handler>,
    requests: Vec<http::Request<Bytes>>,
}

enum Turn {
    Answer(http::Response<Bytes>),
    Fail(TransportErrorKind),
}

impl ScriptedTransport {
    /// A transport with an empty script.
    pub fn new() -> Self {
        Self::default()
    }

    /// A transport that calls `handler` for each response after the script; `None` is an error of
    /// kind [`Other`](TransportErrorKind::Other).
    pub fn with_handler(
        handler: impl FnMut(
            &http::Request<Bytes>,
        ) -> Option<Result<http::Response<Bytes>, TransportError>>
        + Send
        + 'static,
    ) -> Self {
        let transport = Self::new();
        lock(&transport.state).fallback = Some(Box::new(handler));
        transport
    }

    /// Adds a response with this status, content type and body. An invalid status becomes 500.
    pub fn answer(&self, status: u16, content_type: &str, body: impl Into<Bytes>) -> &Self {
        let mut response = http::Response::new(body.into());
        *response.status_mut() =
            http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        if let Ok(value) = content_type.parse() {
            response
                .headers_mut()
                .insert(http::header::CONTENT_TYPE, value);
        }
        self.respond(response)
    }

    /// Adds a response with JSON.
    pub fn json(&self, status: u16, body: impl Into<Bytes>) -> &Self {
        self.answer(status, "application/json", body)
    }

    /// Adds this response.
    pub fn respond(&self, response: http::Response<Bytes>) -> &Self {
        lock(&self.state).turns.push_back(Turn::Answer(response));
        self
    }

    /// Adds a failure of this kind.
    pub fn fail(&self, kind: TransportErrorKind) -> &Self {
        lock(&self.state).turns.push_back(Turn::Fail(kind));
        self
    }

    /// The recorded requests in order, with bodies and secrets.
    pub fn requests(&self) -> Vec<http::Request<Bytes>> {
        lock(&self.state).requests.clone()
    }

    /// The number of scripted turns that are left.
    pub fn remaining(&self) -> usize {
        lock(&self.state).turns.len()
    }
}

impl Transport for ScriptedTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let (method, uri) = (request.method().clone(), request.uri().clone());
            let mut script = lock(&self.state);
            let planned = match script.turns.pop_front() {
                Some(Turn::Answer(response)) => Some(Ok(response)),
                Some(Turn::Fail(kind)) => Some(Err(TransportError::new(kind, &method, &uri))),
                None => script
                    .fallback
                    .as_mut()
                    .and_then(|handler| handler(&request)),
            };
            script.requests.push(request);
            planned.unwrap_or_else(|| {
                Err(
                    TransportError::new(TransportErrorKind::Other, &method, &uri)
                        .with_source("the script of this transport has no more turns"),
                )
            })
        })
    }
}

impl fmt::Debug for ScriptedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedTransport")
            .field("remaining", &self.remaining())
            .finish_non_exhaustive()
    }
}

/// A lock is poisoned if another test thread panicked; the state is still consistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
