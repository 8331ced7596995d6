//! `DeployStatus` and its transitions.

use std::time::{Duration, SystemTime};

use eca_model::ApiVersion;
use serde::{Deserialize, Serialize};

use crate::testing::pace::Pace;

/// The first version with `Finalizing` (Metadata API Developer Guide, "DeployResult").
pub(crate) const FINALIZING_SINCE: ApiVersion = ApiVersion::new(65);

/// `DeployStatus` (WSDL 66.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Pending,
    InProgress,
    /// Every component is deployed; the rest cannot be canceled.
    Finalizing,
    FinalizingFailed,
    Succeeded,
    SucceededPartial,
    Failed,
    /// It was canceled, and has not stopped yet.
    Canceling,
    Canceled,
}

impl Status {
    /// The status in a version of the API.
    pub(crate) fn at(self, version: ApiVersion) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Finalizing if version >= FINALIZING_SINCE => "Finalizing",
            Self::InProgress | Self::Finalizing => "InProgress",
            Self::FinalizingFailed if version >= FINALIZING_SINCE => "FinalizingFailed",
            Self::Succeeded => "Succeeded",
            Self::SucceededPartial => "SucceededPartial",
            Self::Failed | Self::FinalizingFailed => "Failed",
            Self::Canceling => "Canceling",
            Self::Canceled => "Canceled",
        }
    }

    pub(crate) fn is_done(self) -> bool {
        match self {
            Self::Pending | Self::InProgress | Self::Finalizing | Self::Canceling => false,
            Self::FinalizingFailed
            | Self::Succeeded
            | Self::SucceededPartial
            | Self::Failed
            | Self::Canceled => true,
        }
    }

    pub(crate) fn is_success(self) -> bool {
        matches!(self, Self::Succeeded | Self::SucceededPartial)
    }
}

/// The share of its time for which a job is `Pending`.
const PENDING: f64 = 0.25;
/// The share after which a deploy is `Finalizing`.
const FINALIZING: f64 = 0.9;

/// The stage of a job.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Stage {
    Pending,
    /// With the share of its components that were checked.
    InProgress(f64),
    Finalizing,
    Done,
}

/// The stage of a job by its start and its polls, and when it reached the stage.
pub(crate) fn stage(
    pace: Pace,
    polls: u32,
    begin: SystemTime,
    now: SystemTime,
) -> (Stage, SystemTime) {
    match pace {
        Pace::Time(whole) => {
            let elapsed = now.duration_since(begin).unwrap_or(Duration::ZERO);
            if elapsed >= whole {
                return (Stage::Done, begin + whole);
            }
            let share = elapsed.as_secs_f64() / whole.as_secs_f64();
            let stage = if share < PENDING {
                Stage::Pending
            } else if share < FINALIZING {
                Stage::InProgress((share - PENDING) / (FINALIZING - PENDING))
            } else {
                Stage::Finalizing
            };
            (stage, now)
        }
        Pace::Polls(needed) => {
            let stage = if polls >= needed {
                Stage::Done
            } else if polls < 2 {
                // The first poll finds the job pending.
                Stage::Pending
            } else if polls > 2 && polls + 1 == needed {
                Stage::Finalizing
            } else {
                Stage::InProgress(f64::from(polls - 2) / f64::from(needed.saturating_sub(3).max(1)))
            };
            (stage, now)
        }
    }
}

/// Whether a job has stopped, by the time of its cancellation and the polls since. It takes an
/// eighth of the time of a deploy, or two polls; this is the org's own choice.
pub(crate) fn has_stopped(pace: Pace, polls: u32, canceled: SystemTime, now: SystemTime) -> bool {
    match pace {
        Pace::Time(whole) => now.duration_since(canceled).unwrap_or(Duration::ZERO) >= whole / 8,
        Pace::Polls(_) => polls >= 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_lead_through_every_stage() {
        use Stage::{Done, Finalizing, InProgress, Pending};
        let now = SystemTime::UNIX_EPOCH;
        let stages =
            |needed| (0..=needed).map(move |polls| stage(Pace::Polls(needed), polls, now, now).0);
        assert!(stages(0).eq([Done]));
        assert!(stages(1).eq([Pending, Done]));
        assert!(stages(2).eq([Pending, Pending, Done]));
        assert!(stages(3).eq([Pending, Pending, InProgress(0.0), Done]));
        assert!(stages(5).eq([
            Pending,
            Pending,
            InProgress(0.0),
            InProgress(0.5),
            Finalizing,
            Done
        ]));
    }

    #[test]
    fn old_versions_know_no_finalizing() {
        let old = ApiVersion::new(64);
        assert_eq!(Status::Finalizing.at(old), "InProgress");
        assert_eq!(Status::FinalizingFailed.at(old), "Failed");
        assert_eq!(Status::Finalizing.at(FINALIZING_SINCE), "Finalizing");
        assert_eq!(
            Status::FinalizingFailed.at(FINALIZING_SINCE),
            "FinalizingFailed"
        );
    }
}
