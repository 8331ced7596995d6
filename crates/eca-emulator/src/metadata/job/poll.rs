//! Polls of a job, for a pace that is counted in polls.

use crate::core::Core;
use crate::metadata::job::advance;
use crate::testing::pace::Pace;

/// Counts a poll of a running job, for [`Pace::Polls`], and advances it.
pub(crate) fn count_poll(core: &Core, id: &str) {
    let mut transaction = core.begin();
    let jobs = &transaction.jobs;
    let is_running = jobs.deploy(id).is_some_and(|job| !job.status.is_done())
        || jobs.retrieve(id).is_some_and(|job| !job.status.is_done());
    if matches!(transaction.pace, Pace::Polls(_)) && is_running {
        let now = transaction.now();
        let state = &mut *transaction;
        if let Some(job) = state.jobs.deploy_mut(id) {
            job.polls += 1;
        }
        if let Some(job) = state.jobs.retrieve_mut(id) {
            job.polls += 1;
        }
        advance::settle(state, &core.config, now);
    }
    transaction.commit();
}
