//! What a flow does, step by step, for whoever wants to show it.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use eca_http::{Attempts, HttpClient, Idempotency, redact};

use crate::error::Error;
use crate::step::Step;

/// Told of each exchange of a flow after its answer was read. Closures are observers.
pub trait Observer: Send + Sync {
    /// One exchange is over.
    fn step(&self, report: &StepReport);
}

impl<F: Fn(&StepReport) + Send + Sync> Observer for F {
    fn step(&self, report: &StepReport) {
        self(report);
    }
}

/// One exchange of a flow. Holds nothing secret, so it can be shown and logged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepReport {
    /// What it was for, and with whom.
    pub step: Step,
    /// The method of the request.
    pub method: http::Method,
    /// The URL without the values of its query.
    pub url: String,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// How often the request was sent.
    pub attempts: u32,
    /// How long it took, waits included.
    pub elapsed: Duration,
    /// What came out.
    pub outcome: StepOutcome,
}

/// What came out of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepOutcome {
    /// The server's metadata.
    Metadata,
    /// The server wants more.
    MoreNeeded,
    /// An authorization code.
    Code,
    /// A token.
    Token,
    /// The server wants a browser.
    WebNeeded,
    /// The server forgot the session.
    SessionLost,
    /// The server said no, with this error code.
    Refused(String),
    /// An answer that makes no sense.
    Unreadable,
    /// No answer.
    NoAnswer,
}

impl fmt::Display for StepOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Metadata => "metadata read",
            Self::MoreNeeded => "more needed",
            Self::Code => "code received",
            Self::Token => "token received",
            Self::WebNeeded => "browser needed",
            Self::SessionLost => "session lost",
            Self::Refused(code) => return write!(f, "refused: {}", code.escape_debug()),
            Self::Unreadable => "answer cannot be read",
            Self::NoAnswer => "no answer",
        })
    }
}

impl StepOutcome {
    /// The outcome of an exchange that gave this.
    pub(crate) fn of<T>(result: &Result<T, Error>, fine: Self) -> Self {
        match result {
            Ok(_) => fine,
            Err(Error::Transport { .. }) => Self::NoAnswer,
            Err(error) => error.oauth().map_or(Self::Unreadable, |error| {
                Self::Refused(error.code().to_owned())
            }),
        }
    }
}

/// Sends requests and tells an observer.
pub(crate) struct Watched<'a> {
    pub(crate) http: &'a HttpClient,
    pub(crate) observer: &'a dyn Observer,
}

impl Watched<'_> {
    /// Sends a request. The report that comes with the answer still lacks its outcome.
    pub(crate) async fn send(
        &self,
        step: &Step,
        idempotency: Idempotency,
        request: http::Request<Bytes>,
    ) -> Result<(http::Response<Bytes>, StepReport), Error> {
        let mut report = StepReport {
            step: step.clone(),
            method: request.method().clone(),
            url: redact::url(request.uri()).to_string(),
            status: None,
            attempts: 1,
            elapsed: Duration::ZERO,
            outcome: StepOutcome::NoAnswer,
        };
        let result = self.http.send(idempotency, request).await;
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
                self.tell(report, StepOutcome::NoAnswer);
                Err(Error::Transport {
                    step: step.clone(),
                    source,
                })
            }
        }
    }

    /// Tells of an exchange that gave this.
    pub(crate) fn tell(&self, mut report: StepReport, outcome: StepOutcome) {
        report.outcome = outcome;
        self.observer.step(&report);
    }
}
