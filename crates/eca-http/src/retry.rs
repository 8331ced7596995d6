//! The retry policy: a pure decision from outcome, idempotency and budget.

use std::time::{Duration, SystemTime};

use crate::error::{Delivery, TransportError};

/// Whether a request is idempotent (RFC 9110, section 9.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// Two requests have the effect of one: reads, and writes with an id from the client.
    Idempotent,
    /// Two requests have another effect than one: starting a deploy, redeeming a code.
    NotIdempotent,
}

/// The outcome of one attempt, as far as the decision needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The attempt had a response.
    Response {
        /// The HTTP status.
        status: u16,
        /// The wait that the server requests, counted from the response.
        retry_after: Option<Duration>,
    },
    /// The attempt had no usable response.
    Error {
        /// Whether the request may have reached the server.
        delivery: Delivery,
        /// Whether a later attempt may succeed.
        transient: bool,
    },
}

impl Outcome {
    /// The outcome of an attempt that ended at `now`, which a `Retry-After` with a date needs.
    pub fn from_result<B>(
        result: &Result<http::Response<B>, TransportError>,
        now: SystemTime,
    ) -> Self {
        match result {
            Ok(response) => Self::Response {
                status: response.status().as_u16(),
                retry_after: retry_after(response.headers(), now),
            },
            Err(error) => Self::Error {
                delivery: error.delivery(),
                transient: error.kind().is_transient(),
            },
        }
    }
}

/// The attempts to send one request so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempts {
    /// The number of attempts, the first one included.
    pub count: u32,
    /// The time since the start of the first attempt, waits included.
    pub elapsed: Duration,
}

impl Attempts {
    /// The attempts that [`HttpClient::send`](crate::HttpClient::send) records in the extensions of
    /// its response.
    pub fn from_response<B>(response: &http::Response<B>) -> Option<Self> {
        response.extensions().get::<Self>().copied()
    }
}

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Return the outcome to the caller.
    Return,
    /// Wait this long and send the same request again.
    RetryAfter(Duration),
}

/// The budget and the waits of retries. Pure: clock and randomness are parameters.
///
/// | outcome of an attempt | idempotent | not idempotent |
/// |---|---|---|
/// | transient failure, provably not sent | retry | retry |
/// | transient failure, may have been sent | retry | return |
/// | lasting failure (TLS, refused URL or redirect, response too large) | return | return |
/// | 420, 429 or 503 with `Retry-After` | retry | retry |
/// | 408, 420, 429, 502, 503, 504 without it | retry | return |
/// | any other response, 500 included | return | return |
///
/// With `Retry-After`, the server refused the request before any work (RFC 9110, section 15.6.4;
/// RFC 6585, section 4). Without it, a gateway may have forwarded the request. Salesforce returns
/// 420 while its edge has no route to the org (REST API Developer Guide, "Status Codes and Error
/// Responses"). 500 is not retried: it is the status of SOAP faults.
///
/// ```
/// use std::time::Duration;
/// use eca_http::{Attempts, Decision, Idempotency, Outcome, RetryPolicy};
///
/// let policy = RetryPolicy::default();
/// let busy = Outcome::Response { status: 503, retry_after: Some(Duration::from_secs(7)) };
/// let attempts = Attempts { count: 1, elapsed: Duration::from_millis(80) };
/// assert_eq!(
///     policy.decide(Idempotency::NotIdempotent, busy, attempts, 0),
///     Decision::RetryAfter(Duration::from_secs(7)),
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// The largest number of attempts, the first one included. Default 5; 0 means 1.
    pub max_attempts: u32,
    /// The longest time from the start of the first attempt to the start of the last. Default 2
    /// minutes.
    pub deadline: Duration,
    /// The first wait, before jitter. It doubles with each attempt. Default 250 ms.
    pub base: Duration,
    /// The longest wait, unless the server requests a longer one. Default 10 s.
    pub cap: Duration,
    /// Whether a response can lead to another attempt, or only a failure. Default true.
    pub retry_responses: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 5,
            deadline: Duration::from_mins(2),
            base: Duration::from_millis(250),
            cap: Duration::from_secs(10),
            retry_responses: true,
        }
    }
}

impl RetryPolicy {
    /// A policy that never retries.
    pub fn never() -> Self {
        Self {
            max_attempts: 1,
            ..Self::default()
        }
    }

    /// The same policy with this number of attempts, the first one included.
    #[must_use]
    pub fn with_max_attempts(mut self, max_attempts: u32) -> Self {
        self.max_attempts = max_attempts;
        self
    }

    /// The same policy with this deadline for the start of the last attempt.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The same policy with this first and this longest wait.
    #[must_use]
    pub fn with_backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// The same policy, but every response is final: for requests with something that a server
    /// accepts only once, such as a client attestation with a `jti`.
    #[must_use]
    pub fn without_response_retry(mut self) -> Self {
        self.retry_responses = false;
        self
    }

    /// Decides by the table above. `random` is a new random number for each call; it spreads the
    /// wait over the upper half of its range.
    pub fn decide(
        &self,
        idempotency: Idempotency,
        outcome: Outcome,
        attempts: Attempts,
        random: u32,
    ) -> Decision {
        let requested = match outcome {
            Outcome::Error {
                delivery,
                transient,
            } => {
                let safe = delivery == Delivery::NotSent || idempotency == Idempotency::Idempotent;
                if !(transient && safe) {
                    return Decision::Return;
                }
                None
            }
            Outcome::Response {
                status,
                retry_after,
            } => {
                let refused = retry_after.is_some() && matches!(status, 420 | 429 | 503);
                let unavailable = matches!(status, 408 | 420 | 429 | 502 | 503 | 504);
                let safe = refused || (unavailable && idempotency == Idempotency::Idempotent);
                if !(safe && self.retry_responses) {
                    return Decision::Return;
                }
                retry_after
            }
        };
        if attempts.count >= self.max_attempts {
            return Decision::Return;
        }
        let wait = self
            .backoff(attempts.count, random)
            .max(requested.unwrap_or_default());
        if attempts.elapsed.saturating_add(wait) > self.deadline {
            return Decision::Return;
        }
        Decision::RetryAfter(wait)
    }

    /// `base · 2^(attempts − 1)`, at most `cap`. Its upper half is random.
    fn backoff(&self, attempts: u32, random: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(20);
        let half = self.base.saturating_mul(1 << doublings).min(self.cap) / 2;
        half + half.mul_f64(f64::from(random) / f64::from(u32::MAX))
    }
}

/// The wait that a response requests: `Retry-After` in seconds or as an HTTP date (RFC 9110,
/// section 10.2.3). A date in the past is zero; any other text is ignored.
fn retry_after(headers: &http::HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers
        .get(http::header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a u64 holds mean the longest wait.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}
