//! How a deploy ended: one value that has to be looked at.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::deploy::problem::{DeployProblem, Severity, collect};
use crate::error::Error;
use crate::id::DeployId;
use crate::package::source_map::SourceMap;
use crate::wire::types::result::DeployResult;
use crate::wire::types::status::DeployStatus;

/// How a deploy ended, as far as this side knows.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub enum DeployOutcome {
    /// Everything was deployed, or is valid if it was check-only. There may be warnings.
    Succeeded(FinishedDeploy),
    /// Some components were deployed, others not; only without `rollbackOnError`.
    SucceededPartial(FinishedDeploy),
    /// Nothing was deployed. There is always a reason.
    Failed(FailedDeploy),
    /// Someone cancelled it.
    Canceled(FinishedDeploy),
    /// Nobody on this side knows. **Not a failure**: the deploy may be running or done.
    Unknown(UnknownOutcome),
}

/// A deploy that ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FinishedDeploy {
    /// The org's last word.
    pub result: DeployResult,
    /// Everything it complained about, from all channels, worst first.
    pub problems: Vec<DeployProblem>,
}

/// A deploy that failed. Only this module makes one, and never without a reason.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedDeploy {
    result: DeployResult,
    problems: Vec<DeployProblem>,
}

/// A deploy of which nobody on this side knows how it ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnknownOutcome {
    /// The id, to attach to it later; `None` if the start request's answer was lost, so that the
    /// org alone knows whether there is a deploy.
    pub id: Option<DeployId>,
    /// Why nobody knows.
    pub reason: UnknownReason,
    /// The last status that was seen.
    pub last: Option<Arc<DeployResult>>,
}

/// Why the outcome of a deploy is unknown.
#[derive(Debug)]
#[non_exhaustive]
pub enum UnknownReason {
    /// The start request may have reached the org, but its answer did not reach us.
    StartLost(Error),
    /// The org is still at it, and this side was told not to wait longer.
    StillRunning {
        /// How long was waited.
        waited: Duration,
    },
    /// The org could not be asked.
    NoStatus(Error),
}

impl DeployOutcome {
    /// Reads a finished result. `None` while it is not [`done`](DeployResult::done).
    pub fn from_result(result: DeployResult, source_map: &SourceMap) -> Option<Self> {
        if !result.done {
            return None;
        }
        let problems = collect(&result, source_map);
        let finished = |result, problems| FinishedDeploy { result, problems };
        Some(match result.status {
            DeployStatus::Canceled => Self::Canceled(finished(result, problems)),
            DeployStatus::SucceededPartial => Self::SucceededPartial(finished(result, problems)),
            // A status of a later version counts as what `success` says.
            _ if result.success => Self::Succeeded(finished(result, problems)),
            _ => Self::Failed(FailedDeploy::new(result, problems)),
        })
    }

    /// Whether everything was deployed, or is valid.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Succeeded(_))
    }

    /// Whether nobody on this side knows.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// The org's last word, if there was one.
    pub fn result(&self) -> Option<&DeployResult> {
        match self {
            Self::Succeeded(end) | Self::SucceededPartial(end) | Self::Canceled(end) => {
                Some(&end.result)
            }
            Self::Failed(failure) => Some(&failure.result),
            Self::Unknown(unknown) => unknown.last.as_deref(),
        }
    }

    /// What the org complained about, worst first; of a deploy that failed at least one.
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
        // Warnings are reason enough where they were not to be ignored.
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

    /// The org's last word.
    pub fn result(&self) -> &DeployResult {
        &self.result
    }

    /// Why it failed, worst first; at least one.
    pub fn problems(&self) -> &[DeployProblem] {
        &self.problems
    }
}

impl fmt::Display for UnknownOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.reason, &self.id) {
            (UnknownReason::StartLost(_), _) => f.write_str(
                "the request that starts the deploy may have reached the org, but its answer was lost: look into \
                 Setup, \"Deployment Status\", before deploying again",
            ),
            (UnknownReason::StillRunning { waited }, Some(id)) => {
                write!(f, "deploy {id} is still running after {} s", waited.as_secs())
            }
            (UnknownReason::StillRunning { waited }, None) => {
                write!(f, "the deploy is still running after {} s", waited.as_secs())
            }
            (UnknownReason::NoStatus(_), Some(id)) => write!(f, "the org could not be asked about deploy {id}"),
            (UnknownReason::NoStatus(_), None) => f.write_str("the org could not be asked about the deploy"),
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
