//! Whether a deploy still moves.

use std::time::Duration;

use crate::deploy::poll::Progress;
use crate::wire::DeployResult;

/// Since when nothing has changed, and whether that was said.
#[derive(Default)]
pub(crate) struct Stall {
    since: Duration,
    reported: bool,
    report: Option<(Duration, Box<DeployResult>)>,
}

impl Stall {
    /// A status came, after the one before it.
    pub(crate) fn saw(
        &mut self,
        result: &DeployResult,
        before: Option<&DeployResult>,
        elapsed: Duration,
        stall_after: Duration,
    ) {
        if before.is_none_or(|before| said(before) != said(result)) {
            *self = Self {
                since: elapsed,
                ..Self::default()
            };
            return;
        }
        let unchanged = elapsed.saturating_sub(self.since);
        if unchanged >= stall_after && !self.reported && !result.done {
            self.reported = true;
            self.report = Some((unchanged, Box::new(result.clone())));
        }
    }

    /// For how long nothing has changed and what the org last said, where that is news.
    pub(crate) fn take_report(&mut self) -> Option<(Duration, Box<DeployResult>)> {
        self.report.take()
    }
}

/// Everything of a status that moves while a deploy does.
fn said(result: &DeployResult) -> impl PartialEq + '_ {
    (
        &result.status,
        result.progress(),
        &result.state_detail,
        &result.last_modified_date,
    )
}

impl DeployResult {
    pub(crate) fn progress(&self) -> Progress {
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
