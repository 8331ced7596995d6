//! Whether a deploy still makes progress.

use std::sync::Arc;
use std::time::Duration;

use crate::deploy::poll::Progress;
use crate::wire::types::result::DeployResult;

/// Since when nothing has changed, and whether that was reported.
#[derive(Default)]
pub(super) struct Stall {
    since: Duration,
    reported: bool,
    report: Option<(Duration, Arc<DeployResult>)>,
}

impl Stall {
    /// Compares a status with the one before it.
    pub(super) fn observe(
        &mut self,
        result: &Arc<DeployResult>,
        previous: Option<&DeployResult>,
        elapsed: Duration,
        stall_after: Duration,
    ) {
        if previous.is_none_or(|previous| volatile(previous) != volatile(result)) {
            *self = Self {
                since: elapsed,
                ..Self::default()
            };
            return;
        }
        let unchanged = elapsed.saturating_sub(self.since);
        if unchanged >= stall_after && !self.reported && !result.done {
            self.reported = true;
            self.report = Some((unchanged, Arc::clone(result)));
        }
    }

    /// How long nothing has changed, and the last status, if not reported yet.
    pub(super) fn take_report(&mut self) -> Option<(Duration, Arc<DeployResult>)> {
        self.report.take()
    }
}

/// The members of a status that change while a deploy makes progress.
fn volatile(result: &DeployResult) -> impl PartialEq + '_ {
    (
        &result.status,
        result.progress(),
        &result.state_detail,
        &result.last_modified_date,
    )
}

impl DeployResult {
    pub(super) fn progress(&self) -> Progress {
        Progress {
            done: self
                .number_components_deployed
                .saturating_add(self.number_component_errors)
                .saturating_add(self.number_tests_completed)
                .saturating_add(self.number_test_errors),
            total: self
                .number_components_total
                .saturating_add(self.number_tests_total),
        }
    }
}
