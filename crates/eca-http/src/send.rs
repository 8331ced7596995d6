//! The client that drives transport, timer and retry policy.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;

use crate::error::{Delivery, TransportError, TransportErrorKind};
use crate::redact;
use crate::retry::{Attempts, Decision, Idempotency, Outcome, RetryPolicy};
use crate::timer::Timer;
use crate::transport::{BodyLimit, Transport};

/// A request without a usable response within its budget.
#[derive(Debug)]
#[non_exhaustive]
pub struct SendError {
    /// The attempts that were made.
    pub attempts: Attempts,
    /// Whether any of the attempts may have reached the server.
    pub delivery: Delivery,
    /// The error of the last attempt; also the [source](std::error::Error::source).
    pub last: Box<TransportError>,
}

impl SendError {
    /// The host of the URL, with the port if the URL has one.
    pub fn host(&self) -> &str {
        self.last.host()
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Attempts { count, elapsed } = self.attempts;
        let plural = if count == 1 { "" } else { "s" };
        let (host, seconds) = (self.last.host(), elapsed.as_secs_f64());
        write!(
            f,
            "no response from {host} after {count} attempt{plural} in {seconds:.1} s"
        )
    }
}

impl std::error::Error for SendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.last)
    }
}

/// Sends requests over a transport, with retries. Clones are cheap and share the transport with its
/// connections, so one client per process is enough.
///
/// ```
/// use bytes::Bytes;
/// use eca_http::{HttpClient, Idempotency};
///
/// # async fn doc() -> Result<(), Box<dyn std::error::Error>> {
/// let client = HttpClient::new_default("my-tool/1.0")?;
/// let request = http::Request::get("https://acme.my.salesforce.com/services/data").body(Bytes::new())?;
/// let response = client.send(Idempotency::Idempotent, request).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct HttpClient {
    transport: Arc<dyn Transport>,
    timer: Arc<dyn Timer>,
    jitter: Arc<dyn Fn() -> u32 + Send + Sync>,
    policy: RetryPolicy,
    timeout: Option<Duration>,
}

impl HttpClient {
    /// A client over [`ReqwestTransport`](crate::ReqwestTransport) and
    /// [`TokioTimer`](crate::TokioTimer) with default limits and policy.
    ///
    /// # Errors
    ///
    /// [`BuildError`](crate::BuildError) if `user_agent` is not a valid header value.
    #[cfg(feature = "reqwest")]
    pub fn new_default(user_agent: &str) -> Result<Self, crate::reqwest_transport::BuildError> {
        use crate::reqwest_transport::{Limits, ReqwestTransport};

        let transport = ReqwestTransport::new(user_agent, Limits::default())?;
        let timer = crate::timer::TokioTimer::new();
        Ok(Self::new(Arc::new(transport), Arc::new(timer)))
    }

    /// A client with the default policy and jitter from the operating system.
    pub fn new(transport: Arc<dyn Transport>, timer: Arc<dyn Timer>) -> Self {
        Self {
            transport,
            timer,
            // Without random numbers the waits have no jitter.
            jitter: Arc::new(|| getrandom::u32().unwrap_or(u32::MAX)),
            policy: RetryPolicy::default(),
            timeout: None,
        }
    }

    /// The transport, for requests with a policy of their own.
    pub fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.transport)
    }

    /// The same client with another policy.
    #[must_use]
    pub fn with_policy(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The same client, but every response is final: a request is sent again only if it was
    /// provably not sent. See [`RetryPolicy::without_response_retry`].
    #[must_use]
    pub fn without_response_retry(mut self) -> Self {
        self.policy = self.policy.without_response_retry();
        self
    }

    /// The same client with another source of random numbers for its waits.
    #[must_use]
    pub fn with_jitter(mut self, jitter: Arc<dyn Fn() -> u32 + Send + Sync>) -> Self {
        self.jitter = jitter;
        self
    }

    /// The same client with a limit for each attempt, from its start to the whole response. The
    /// limits of the transport hold, too.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
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

    /// Sends `request`, again if the policy allows it, and returns the last response, whatever its
    /// status. Its [`extensions`](http::Response::extensions) contain the [`Attempts`].
    ///
    /// Dropping the future stops the request; no task is left running.
    ///
    /// # Errors
    ///
    /// [`SendError`] if the last attempt had no usable response.
    pub async fn send<B: Into<Bytes>>(
        &self,
        idempotency: Idempotency,
        request: http::Request<B>,
    ) -> Result<http::Response<Bytes>, SendError> {
        self.send_body(idempotency, request.map(Into::into)).await
    }

    async fn send_body(
        &self,
        idempotency: Idempotency,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, SendError> {
        let start = self.timer.monotonic();
        let mut delivery = Delivery::NotSent;
        let mut attempts = Attempts::default();
        loop {
            let result = self.attempt(request.clone()).await;
            attempts.count += 1;
            attempts.elapsed = self.timer.monotonic().saturating_sub(start);
            delivery = delivery.max(match &result {
                Ok(_) => Delivery::Unknown,
                Err(error) => error.delivery(),
            });
            log(&request, &result, attempts.count);
            let outcome = Outcome::from_result(&result, self.timer.now());
            let random = (self.jitter)();
            let decision = self.policy.decide(idempotency, outcome, attempts, random);
            match (decision, result) {
                (Decision::RetryAfter(wait), _) => self.timer.sleep(wait).await,
                (Decision::Return, Ok(mut response)) => {
                    response.extensions_mut().insert(attempts);
                    return Ok(response);
                }
                (Decision::Return, Err(last)) => {
                    return Err(SendError {
                        attempts,
                        delivery,
                        last: Box::new(last),
                    });
                }
            }
        }
    }
}

impl HttpClient {
    /// One attempt, within its limits.
    async fn attempt(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let limit = BodyLimit::from_request(&request);
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let response = self.within_timeout(request).await?;
        if response.body().len() > limit {
            let kind = TransportErrorKind::BodyTooLarge(limit);
            return Err(TransportError::new(kind, &method, &uri));
        }
        Ok(response)
    }

    async fn within_timeout(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let Some(timeout) = self.timeout else {
            return self.transport.send(request).await;
        };
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let mut exchange = self.transport.send(request);
        let mut limit = self.timer.sleep(timeout);
        poll_fn(|context| match exchange.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(result),
            Poll::Pending => limit.as_mut().poll(context).map(|()| {
                let kind = TransportErrorKind::TotalTimeout;
                Err(TransportError::new(kind, &method, &uri))
            }),
        })
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

fn log(
    request: &http::Request<Bytes>,
    result: &Result<http::Response<Bytes>, TransportError>,
    attempt: u32,
) {
    let (method, url) = (request.method(), redact::url(request.uri()));
    match result {
        Ok(response) => tracing::debug!(
            %method, %url, attempt,
            status = response.status().as_u16(),
            bytes = response.body().len(),
            headers = %redact::headers(response.headers()),
            "response"
        ),
        Err(error) => tracing::debug!(%method, %url, attempt, kind = %error.kind(), "failed"),
    }
}
