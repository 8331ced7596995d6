//! Why a plan is not applied, or not to its end.

use eca_deploy::{DeployId, DeployOutcome, Error, StartError};
use eca_plan::PackageError;

use crate::apply::difference::Difference;
use crate::plan_file::{InvalidPlanFile, PlanFileError};
use crate::read::error::ReadError;
use crate::state::lock::Holder;
use crate::state::org_id::OrgId;
use crate::state::store::StateError;

/// Why a plan is not applied, or not to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The plan is for another org.
    #[error("the plan is for the org {planned}, and this is {actual}")]
    OtherOrg {
        /// The org of the plan.
        planned: OrgId,
        /// The org of the session.
        actual: OrgId,
    },
    /// The plan has conflicts.
    #[error("the plan has conflicts: the project and the org changed the same in different ways")]
    Conflicts,
    /// Another project has an app.
    #[error("the app {app} belongs to the project {owner}")]
    Owned {
        /// The app.
        app: String,
        /// The project that it belongs to.
        owner: String,
    },
    /// The org is not as the plan was made of.
    #[error("the org moved since the plan was made: {}", list(.0))]
    OrgMoved(Vec<Difference>),
    /// An apply was interrupted.
    #[error("an apply by {by} was interrupted after {done} of its steps")]
    Interrupted {
        /// Who applied.
        by: Box<Holder>,
        /// How many steps were done.
        done: usize,
    },
    /// No apply was interrupted.
    #[error("no apply of {0} was interrupted")]
    NothingInterrupted(OrgId),
    /// The state cannot be used, or moved on.
    #[error(transparent)]
    State(#[from] StateError),
    /// The org cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The package of the plan cannot be made.
    #[error(transparent)]
    Plan(#[from] PlanFileError),
    /// The stored plan of an interrupted apply cannot be read.
    #[error("the plan of the interrupted apply cannot be read")]
    StoredPlan(#[from] InvalidPlanFile),
    /// A deploy was not started, or may have been.
    #[error("{}", start(*.step))]
    Start {
        /// The step, from 0; `None` for the check of everything.
        step: Option<usize>,
        /// Why.
        #[source]
        source: StartError,
    },
    /// A call before a deploy failed; nothing was started.
    #[error("{}", start(*.step))]
    NotStarted {
        /// The step, from 0; `None` for the check of everything.
        step: Option<usize>,
        /// Why.
        #[source]
        source: Error,
    },
    /// The org refused a deploy.
    #[error("{}", refused(*.step))]
    Refused {
        /// The step, from 0; `None` for the check of everything: nothing was changed.
        step: Option<usize>,
        /// The outcome, with the org's problems.
        outcome: Box<DeployOutcome>,
    },
    /// The end of a deploy is not known.
    #[error("it is not known how deploy {id} ended")]
    Unknown {
        /// The deploy.
        id: DeployId,
        /// What is known.
        outcome: Box<DeployOutcome>,
    },
    /// The deploy of an interrupted step cannot be told from others.
    #[error("several deploys in the org may be that of the interrupted step {}", .step + 1)]
    Ambiguous {
        /// The step, from 0.
        step: usize,
    },
    /// The caller stopped it, as a kill would: the lock and the journal stay.
    #[error("the apply was stopped")]
    Stopped,
}

/// At most this many differences in a message.
const SHOWN: usize = 5;

fn list(differences: &[Difference]) -> String {
    let shown: Vec<_> = differences
        .iter()
        .take(SHOWN)
        .map(ToString::to_string)
        .collect();
    match differences.len() - shown.len() {
        0 => shown.join("; "),
        more => format!("{}; and {more} more", shown.join("; ")),
    }
}

fn start(step: Option<usize>) -> String {
    match step {
        None => "the check of the plan was not started".to_owned(),
        Some(step) => format!("the deploy of step {} was not started", step + 1),
    }
}

fn refused(step: Option<usize>) -> String {
    match step {
        None => "the org refuses the plan; nothing was changed".to_owned(),
        Some(step) => format!("the org refused step {}", step + 1),
    }
}

impl From<PackageError> for ApplyError {
    fn from(error: PackageError) -> Self {
        Self::Plan(error.into())
    }
}

impl ApplyError {
    /// Whether `resume` goes on from here.
    pub fn is_resumable(&self) -> bool {
        match self {
            Self::Start { step, .. } | Self::NotStarted { step, .. } => step.is_some(),
            Self::Interrupted { .. }
            | Self::Unknown { .. }
            | Self::Ambiguous { .. }
            | Self::Stopped
            | Self::State(StateError::LockLost { .. }) => true,
            _ => false,
        }
    }

    /// Whether a step ended in a way that cannot be gone on from.
    pub(crate) fn ends_journal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Plan(_))
    }
}
