//! What happens while a plan is applied.

use std::ops::ControlFlow;
use std::sync::Arc;

use eca_deploy::{DeployId, DeployResult};
use eca_plan::Step;

/// What happens while a plan is applied.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The state is locked; the org is read once more.
    Locked,
    /// The org is as the plan was made of. Everything is checked by the org.
    Checking,
    /// The org would take everything.
    Checked,
    /// A step begins. It is in the journal.
    Step {
        /// Its place in the plan, from 0.
        step: usize,
        /// The step.
        what: &'a Step,
    },
    /// The deploy of a step is about to be started, and is in the journal: it can be found in the
    /// org from now on.
    Starting {
        /// Its place in the plan, from 0.
        step: usize,
    },
    /// A deploy has begun; `None` is the check.
    Deploy {
        /// The step.
        step: Option<usize>,
        /// The deploy.
        id: &'a DeployId,
    },
    /// A status of the running deploy.
    Status(&'a Arc<DeployResult>),
    /// A step is done. That is in the journal.
    StepDone {
        /// Its place in the plan.
        step: usize,
    },
    /// Everything is done; the org is read and compared.
    Verifying,
    /// What was applied is recorded. Only the journal and the lock are left.
    Committed,
}

/// Sees events. With [`ControlFlow::Break`] the apply stops at once, as if it were killed: it gives
/// back no lock, and another one can go on.
pub type Observer<'a> = dyn FnMut(Event<'_>) -> ControlFlow<()> + Send + 'a;
