//! Requests that a test expects.

use std::fmt;
use std::ops::RangeBounds;

use http::Method;
use thiserror::Error;

/// A request that an org has answered, as in [`Org::requests`](crate::org::Org::requests): without
/// query, headers and body, which contain tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnsweredRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, without its query.
    pub path: String,
    /// The status of the answer; `None` when a fault broke the connection.
    pub status: Option<u16>,
}

/// Expected requests, and their number; see [`Org::expect`](crate::org::Org::expect).
#[derive(Debug, Clone)]
#[must_use = "an expectation counts once it was given to `Org::expect`"]
pub struct Expectation {
    method: Method,
    path: String,
    status: Option<u16>,
    least: usize,
    most: Option<usize>,
}

impl Expectation {
    /// Requests with this method whose path ends in `path`, at least one of them.
    pub fn request(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            status: None,
            least: 1,
            most: None,
        }
    }

    /// Only those that were answered with this status.
    pub fn answered(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The expected number: `1..=1`, `..=3`, `0..1` for none.
    pub fn times(mut self, times: impl RangeBounds<usize>) -> Self {
        use std::ops::Bound::{Excluded, Included, Unbounded};
        self.least = match times.start_bound() {
            Included(least) => *least,
            Excluded(below) => below.saturating_add(1),
            Unbounded => 0,
        };
        self.most = match times.end_bound() {
            Included(most) => Some(*most),
            Excluded(above) => Some(above.saturating_sub(1)),
            Unbounded => None,
        };
        self
    }

    fn counts(&self, request: &AnsweredRequest) -> bool {
        request.method == self.method.as_str()
            && request.path.ends_with(&self.path)
            && (self.status.is_none() || request.status == self.status)
    }

    /// The actual number, if it was not expected.
    pub(crate) fn unmet(&self, requests: &[AnsweredRequest]) -> Option<String> {
        let count = requests
            .iter()
            .filter(|request| self.counts(request))
            .count();
        let is_met = self.least <= count && self.most.is_none_or(|most| count <= most);
        (!is_met).then(|| format!("{self}, came {count} times"))
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} …{}", self.method, self.path)?;
        if let Some(status) = self.status {
            write!(f, " answered with {status}")?;
        }
        match (self.least, self.most) {
            (least, None) => write!(f, ": expected {least} times or more"),
            (least, Some(most)) if least == most => write!(f, ": expected {least} times"),
            (least, Some(most)) => write!(f, ": expected {least} to {most} times"),
        }
    }
}

/// Expectations that were not met.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the org expected other requests: {}", .unmet.join("; "))]
pub struct ExpectationsUnmet {
    /// One line for each expectation: what was expected, and how often it came.
    pub unmet: Vec<String>,
}

/// Expectations, and whether they were verified since the last one was added.
#[derive(Debug, Default)]
pub(crate) struct Expectations {
    pub(crate) all: Vec<Expectation>,
    pub(crate) is_verified: bool,
}

impl Expectations {
    pub(crate) fn push(&mut self, expectation: Expectation) {
        self.all.push(expectation);
        self.is_verified = false;
    }
}
