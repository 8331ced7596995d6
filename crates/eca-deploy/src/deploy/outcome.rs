//! How a deploy ended.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::deploy::problem::{DeployProblem, Severity, collect};
use crate::error::Error;
use crate::id::DeployId;
use crate::package::source_map::SourceMap;
use crate::wire::types::result::DeployResult;
use crate::wire::types::status::DeployStatus;

/// How a deploy ended, as far as this client knows.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub enum DeployOutcome {
    /// Everything was deployed, or is valid if it was check-only. There may be warnings.
    Succeeded(FinishedDeploy),
    /// Some components were deployed, others not; only without `rollbackOnError`.
    SucceededPartial(FinishedDeploy),
    /// Nothing was deployed. There is always at least one problem.
    Failed(FailedDeploy),
    /// A user cancelled it.
    Canceled(FinishedDeploy),
    /// The end is unknown. **Not a failure**: the deploy may be running or done.
    Unknown(UnknownOutcome),
}

/// A deploy that ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FinishedDeploy {
    /// The final status.
    pub result: DeployResult,
    /// All problems, from all channels, by severity.
    pub problems: Vec<DeployProblem>,
}

/// A deploy that failed, with at least one problem.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedDeploy {
    result: DeployResult,
    problems: Vec<DeployProblem>,
}

/// A deploy whose end is unknown.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnknownOutcome {
    /// The id, to attach to it later. `None` if the response to the start request was lost: then
    /// the deploy may not exist.
    pub id: Option<DeployId>,
    /// Why it is unknown.
    pub reason: UnknownReason,
    /// The last status received.
    pub last: Option<Arc<DeployResult>>,
}

/// Why the end of a deploy is unknown.
#[derive(Debug)]
#[non_exhaustive]
pub enum UnknownReason {
    /// The start request may have reached the org, but its response was lost.
    StartLost(Error),
    /// The deploy is still running, and the time limit has expired.
    StillRunning {
        /// How long the client waited.
        waited: Duration,
    },
    /// The status requests failed.
    NoStatus(Error),
}

impl DeployOutcome {
    /// The outcome of a final status. `None` while it is not [`done`](DeployResult::done).
    pub fn from_result(result: DeployResult, source_map: &SourceMap) -> Option<Self> {
        if !result.done {
            return None;
        }
        let problems = collect(&result, source_map);
        let finished = |result, problems| FinishedDeploy { result, problems };
        Some(match result.status {
            DeployStatus::Canceled => Self::Canceled(finished(result, problems)),
            DeployStatus::SucceededPartial => Self::SucceededPartial(finished(result, problems)),
            // For a status of a later version `success` decides.
            _ if result.success => Self::Succeeded(finished(result, problems)),
            _ => Self::Failed(FailedDeploy::new(result, problems)),
        })
    }

    /// Whether everything was deployed, or is valid.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Succeeded(_))
    }

    /// Whether the end is unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// The last status, if there was one.
    pub fn result(&self) -> Option<&DeployResult> {
        match self {
            Self::Succeeded(end) | Self::SucceededPartial(end) | Self::Canceled(end) => {
                Some(&end.result)
            }
            Self::Failed(failure) => Some(&failure.result),
            Self::Unknown(unknown) => unknown.last.as_deref(),
        }
    }

    /// The problems, by severity. A failed deploy has at least one.
    pub fn problems(&self) -> &[DeployProblem] {
        match self {
            Self::Succeeded(end) | Self::SucceededPartial(end) | Self::Canceled(end) => {
                &end.problems
            }
            Self::Failed(failure) => &failure.problems,
            Self::Unknown(_) => &[],
        }
    }
}

impl FailedDeploy {
    fn new(result: DeployResult, mut problems: Vec<DeployProblem>) -> Self {
        // Without `ignoreWarnings`, a warning fails a deploy.
        let worst = if result.ignore_warnings {
            Severity::Error
        } else {
            Severity::Warning
        };
        if !problems.iter().any(|problem| problem.severity <= worst) {
            problems.insert(0, DeployProblem::unexplained(&result));
        }
        Self { result, problems }
    }

    /// The final status.
    pub fn result(&self) -> &DeployResult {
        &self.result
    }

    /// At least one, by severity.
    pub fn problems(&self) -> &[DeployProblem] {
        &self.problems
    }
}

/// One line: the status and the counts, and why the deploy failed or its end is unknown.
impl fmt::Display for DeployOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded(end) | Self::SucceededPartial(end) | Self::Canceled(end) => {
                end.result.fmt(f)
            }
            Self::Failed(failure) => {
                failure.result.fmt(f)?;
                let first = failure.problems.first().map(ToString::to_string);
                match first.as_ref().and_then(|problem| problem.lines().next()) {
                    Some(line) => write!(f, "; {line}"),
                    None => Ok(()),
                }
            }
            Self::Unknown(unknown) => unknown.fmt(f),
        }
    }
}

impl fmt::Display for UnknownOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.reason, &self.id) {
            (UnknownReason::StartLost(_), _) => f.write_str(
                "the request that starts the deploy may have reached the org, but its response was lost: check \
                 Setup, \"Deployment Status\", before you deploy again",
            ),
            (UnknownReason::StillRunning { waited }, Some(id)) => {
                write!(f, "deploy {id} is still running after {} s", waited.as_secs())
            }
            (UnknownReason::StillRunning { waited }, None) => {
                write!(f, "the deploy is still running after {} s", waited.as_secs())
            }
            (UnknownReason::NoStatus(_), Some(id)) => write!(f, "the status of deploy {id} could not be read"),
            (UnknownReason::NoStatus(_), None) => f.write_str("the status of the deploy could not be read"),
        }
    }
}

impl std::error::Error for UnknownOutcome {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.reason {
            UnknownReason::StartLost(error) | UnknownReason::NoStatus(error) => Some(error),
            UnknownReason::StillRunning { .. } => None,
        }
    }
}
