//! The driver over transport, timer and retry policy.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::{
    Body, Decision, Idempotency, Outcome, RetryPolicy, Sent, Timer, Transport, TransportError,
    Tried, redact,
};

/// Where the randomness of waits comes from. Closures `Fn() -> u32` are one.
pub trait Jitter: Send + Sync {
    /// Any number; the next call should give another.
    fn next(&self) -> u32;
}

impl<F: Fn() -> u32 + Send + Sync> Jitter for F {
    fn next(&self) -> u32 {
        self()
    }
}

/// Jitter from the operating system. Should that fail, waits are merely not spread.
pub fn os_jitter() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX)
}

/// A request that got no usable answer within its budget.
#[derive(Debug)]
#[non_exhaustive]
pub struct SendError {
    /// How often and how long it was tried.
    pub tried: Tried,
    /// Whether any of the attempts may have reached the server.
    pub sent: Sent,
    /// What the last attempt ended with; also the [source](std::error::Error::source).
    pub last: Box<TransportError>,
}

impl SendError {
    /// Host and port that the request was for.
    pub fn host(&self) -> &str {
        self.last.host()
    }

    /// Whether any of the attempts may have reached the server.
    pub fn was_sent(&self) -> Sent {
        self.sent
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tried { attempts, elapsed } = self.tried;
        let plural = if attempts == 1 { "" } else { "s" };
        let (host, seconds) = (self.last.host(), elapsed.as_secs_f64());
        write!(
            f,
            "no answer from {host} after {attempts} attempt{plural} in {seconds:.1} s"
        )
    }
}

impl std::error::Error for SendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.last)
    }
}

/// Sends `request`, again where `policy` allows, and returns the last answer, whatever its status.
/// The answer's [`extensions`](http::Response::extensions) hold a [`Tried`].
///
/// Dropping the future stops everything; nothing is left running.
///
/// # Errors
///
/// [`SendError`] when the last attempt had no answer; it says how often and how long was tried, and
/// whether any attempt may have reached the server.
pub async fn send_with_retry(
    transport: &dyn Transport,
    timer: &dyn Timer,
    jitter: &dyn Jitter,
    policy: &RetryPolicy,
    idempotency: Idempotency,
    request: http::Request<Body>,
) -> Result<http::Response<Bytes>, SendError> {
    let start = timer.monotonic();
    let mut sent = Sent::No;
    let mut tried = Tried::default();
    loop {
        let result = transport.send(request.clone()).await;
        tried.attempts += 1;
        tried.elapsed = timer.monotonic().saturating_sub(start);
        sent = sent.max(match &result {
            Ok(_) => Sent::Maybe,
            Err(error) => error.was_sent(),
        });
        log(&request, &result, tried);
        let outcome = Outcome::of(&result, timer.now());
        let decision = policy.decide(idempotency, outcome, tried, jitter.next());
        match (decision, result) {
            (Decision::RetryAfter(wait), _) => timer.sleep(wait).await,
            (Decision::Return, Ok(mut response)) => {
                response.extensions_mut().insert(tried);
                return Ok(response);
            }
            (Decision::Return, Err(last)) => {
                let last = Box::new(last);
                return Err(SendError { tried, sent, last });
            }
        }
    }
}

fn log(
    request: &http::Request<Body>,
    result: &Result<http::Response<Bytes>, TransportError>,
    tried: Tried,
) {
    let (method, url, attempt) = (request.method(), redact::url(request.uri()), tried.attempts);
    match result {
        Ok(response) => tracing::debug!(
            %method, %url, attempt,
            status = response.status().as_u16(),
            bytes = response.body().len(),
            headers = %redact::headers(response.headers()),
            "answered"
        ),
        Err(error) => tracing::debug!(%method, %url, attempt, kind = %error.kind(), "failed"),
    }
}

/// Transport, timer, jitter and policy in one value that is cheap to clone: what a driver needs of
/// the outside world.
///
/// ```
/// use std::sync::Arc;
/// use eca_http::{testing::{ManualTimer, ScriptedTransport}, HttpClient};
///
/// let client = HttpClient::new(Arc::new(ScriptedTransport::new()), Arc::new(ManualTimer::new()));
/// ```
#[derive(Clone)]
pub struct HttpClient {
    transport: Arc<dyn Transport>,
    timer: Arc<dyn Timer>,
    jitter: Arc<dyn Jitter>,
    policy: RetryPolicy,
}

impl HttpClient {
    /// A client with the default policy and jitter from the operating system.
    pub fn new(transport: Arc<dyn Transport>, timer: Arc<dyn Timer>) -> Self {
        Self {
            transport,
            timer,
            jitter: Arc::new(os_jitter),
            policy: RetryPolicy::default(),
        }
    }

    /// The same client with another policy.
    #[must_use]
    pub fn with_policy(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The same client, but every answer is final: a request is sent again only if it provably
    /// never left. See [`RetryPolicy::answers_are_final`].
    #[must_use]
    pub fn answers_are_final(mut self) -> Self {
        self.policy = self.policy.answers_are_final();
        self
    }

    /// The same client with another source of randomness for its waits.
    #[must_use]
    pub fn with_jitter(mut self, jitter: Arc<dyn Jitter>) -> Self {
        self.jitter = jitter;
        self
    }

    /// The clock and sleep that this client uses.
    pub fn timer(&self) -> &dyn Timer {
        &*self.timer
    }

    /// The retry policy that this client uses.
    pub fn policy(&self) -> &RetryPolicy {
        &self.policy
    }

    /// [`send_with_retry`] with the parts of this client. The body is bytes or a [`Body`].
    ///
    /// # Errors
    ///
    /// See [`send_with_retry`].
    pub async fn send<B: Into<Body>>(
        &self,
        idempotency: Idempotency,
        request: http::Request<B>,
    ) -> Result<http::Response<Bytes>, SendError> {
        send_with_retry(
            &*self.transport,
            &*self.timer,
            &*self.jitter,
            &self.policy,
            idempotency,
            request.map(Into::into),
        )
        .await
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl Tried {
    /// What [`send_with_retry`] noted on this answer.
    pub fn of<B>(response: &http::Response<B>) -> Option<Self> {
        response.extensions().get::<Self>().copied()
    }
}
