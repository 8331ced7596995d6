//! Reports of the steps of a flow.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use eca_http::{Attempts, HttpClient, Idempotency, redact};

use crate::error::Error;
use crate::sent_secrets::SentSecrets;
use crate::step::Step;

/// Gets a report of each exchange of a flow, after its response was read. Closures are observers.
pub trait Observer: Send + Sync {
    /// Called when an exchange is over.
    fn step(&self, report: &StepReport);
}

impl<F: Fn(&StepReport) + Send + Sync> Observer for F {
    fn step(&self, report: &StepReport) {
        self(report);
    }
}

/// One exchange of a flow, without secrets, so it can be shown and logged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepReport {
    /// The exchange and its host.
    pub step: Step,
    /// The method of the request.
    pub method: http::Method,
    /// The URL without the values of its query.
    pub url: String,
    /// The HTTP status of the response, if there was one.
    pub status: Option<u16>,
    /// How often the request was sent.
    pub attempts: u32,
    /// How long it took, waits included.
    pub elapsed: Duration,
    /// The outcome.
    pub outcome: StepOutcome,
}

/// The outcome of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepOutcome {
    /// The server's metadata.
    Metadata,
    /// The server asks for more (`insufficient_authorization`).
    InsufficientAuthorization,
    /// An authorization code.
    Code,
    /// A token.
    Token,
    /// The server asks for a browser (`redirect_to_web`).
    RedirectToWeb,
    /// The session is no longer valid (`invalid_session`).
    InvalidSession,
    /// The server refused, with this error code.
    Refused(String),
    /// A response that cannot be read.
    Unreadable,
    /// No response.
    NoResponse,
}

impl fmt::Display for StepOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Metadata => "metadata read",
            Self::InsufficientAuthorization => "more needed",
            Self::Code => "code received",
            Self::Token => "token received",
            Self::RedirectToWeb => "browser needed",
            Self::InvalidSession => "session lost",
            Self::Refused(code) => return write!(f, "refused: {}", code.escape_debug()),
            Self::Unreadable => "response cannot be read",
            Self::NoResponse => "no response",
        })
    }
}

impl StepOutcome {
    /// `success`, or the outcome for the error.
    pub(crate) fn from_result<T>(result: &Result<T, Error>, success: Self) -> Self {
        match result {
            Ok(_) => success,
            Err(Error::Transport { .. }) => Self::NoResponse,
            Err(error) => error.oauth().map_or(Self::Unreadable, |error| {
                Self::Refused(error.code().to_owned())
            }),
        }
    }
}

/// Sends requests and reports each to an observer.
pub(crate) struct ObservedClient<'a> {
    http: HttpClient,
    idempotency: Idempotency,
    observer: &'a dyn Observer,
}

impl<'a> ObservedClient<'a> {
    /// A client for reads.
    pub(crate) fn idempotent(http: &HttpClient, observer: &'a dyn Observer) -> Self {
        Self {
            http: http.clone(),
            idempotency: Idempotency::Idempotent,
            observer,
        }
    }

    /// A client for requests that a server accepts once: it retries only what was certainly not
    /// sent.
    pub(crate) fn once(http: &HttpClient, observer: &'a dyn Observer) -> Self {
        Self {
            http: http.clone().without_response_retry(),
            idempotency: Idempotency::NotIdempotent,
            observer,
        }
    }

    /// The same client with this limit for each request; no retry starts later than this after the
    /// first attempt.
    pub(crate) fn within(mut self, limit: Duration) -> Self {
        let policy = self.http.policy().clone();
        let deadline = policy.deadline.min(limit);
        let http = self.http.with_policy(policy.with_deadline(deadline));
        self.http = http.with_timeout(limit);
        self
    }

    /// Sends a request, parses the response, and reports `success` or the error.
    pub(crate) async fn exchange<T>(
        &self,
        step: &Step,
        request: http::Request<Bytes>,
        parse: impl FnOnce(&Step, &http::Response<Bytes>) -> Result<T, Error>,
        success: StepOutcome,
    ) -> Result<T, Error> {
        let secrets = SentSecrets::from(&request);
        let (response, report) = self.send(step, request).await?;
        let result = parse(step, &response).map_err(|error| error.masked(&secrets));
        self.report(report, StepOutcome::from_result(&result, success));
        result
    }

    /// Sends a request. The report has no outcome yet.
    pub(crate) async fn send(
        &self,
        step: &Step,
        request: http::Request<Bytes>,
    ) -> Result<(http::Response<Bytes>, StepReport), Error> {
        let mut report = StepReport {
            step: step.clone(),
            method: request.method().clone(),
            url: redact::url(request.uri()).to_string(),
            status: None,
            attempts: 1,
            elapsed: Duration::ZERO,
            outcome: StepOutcome::NoResponse,
        };
        let result = self.http.send(self.idempotency, request).await;
        let attempts = match &result {
            Ok(response) => Attempts::from_response(response).unwrap_or_default(),
            Err(error) => error.attempts,
        };
        report.attempts = attempts.count;
        report.elapsed = attempts.elapsed;
        match result {
            Ok(response) => {
                report.status = Some(response.status().as_u16());
                Ok((response, report))
            }
            Err(source) => {
                self.report(report, StepOutcome::NoResponse);
                Err(Error::Transport {
                    step: step.clone(),
                    source,
                })
            }
        }
    }

    pub(crate) fn report(&self, mut report: StepReport, outcome: StepOutcome) {
        report.outcome = outcome;
        self.observer.step(&report);
    }
}
