//! The progress of deploys and retrieves.

use std::mem;
use std::time::SystemTime;

use crate::metadata::job::DeployJob;
use crate::metadata::job::status::{Stage, Status, has_stopped, stage};
use crate::metadata::{deploy, retrieve};
use crate::state::components::Metadata;
use crate::state::{OrgConfig, State};
use crate::testing::pace::Pace;

impl DeployJob {
    fn begin(&mut self, state: &mut State, config: &OrgConfig, now: SystemTime) {
        self.status = Status::InProgress;
        self.started = Some(now);
        self.evaluate(state, config, now);
    }

    fn evaluate(&mut self, state: &mut State, config: &OrgConfig, now: SystemTime) {
        if let Ok(package) = &self.package {
            let outcome = deploy::evaluate(package, &self.options, state, config, now);
            self.messages.clone_from(&outcome.messages);
            self.outcome = Some(outcome);
        }
    }

    fn complete(&mut self, state: &mut State, config: &OrgConfig, now: SystemTime) {
        // Another deploy may have finished meanwhile.
        // A stored deploy is evaluated again, too.
        if self
            .outcome
            .as_ref()
            .is_none_or(|outcome| outcome.draft.revision != state.metadata.revision + 1)
        {
            self.evaluate(state, config, now);
        }
        self.reached = self.messages.len();
        let verdict = self.verdict();
        let (Some(outcome), Some(status)) = (self.outcome.take(), verdict) else {
            self.finish(Status::Failed, now);
            return;
        };
        // The org has changed since the deploy was evaluated.
        let status = match (self.status, status) {
            (Status::Finalizing, Status::Failed) => Status::FinalizingFailed,
            (_, status) => status,
        };
        if status.is_success() && !self.options.check_only {
            let creator = self.creator.as_deref();
            commit(
                state,
                outcome.draft,
                creator.unwrap_or(&config.admin_username),
                now,
            );
        }
        self.finish(status, now);
    }
}

/// Replaces the metadata with the draft of a user's deploy. Clients whose key is gone lose their
/// tokens.
pub(crate) fn commit(state: &mut State, draft: Metadata, by: &str, now: SystemTime) {
    let rotated: Vec<_> = state
        .metadata
        .consumers
        .iter()
        .filter(|(app, old)| {
            draft
                .consumers
                .get(*app)
                .is_none_or(|new| new.key != old.key)
        })
        .map(|(app, _)| app.clone())
        .collect();
    state.replace_metadata(draft, by, now);
    for app in rotated {
        state.grants.revoke_app(&app);
    }
}

/// Runs a deploy to its end at once, regardless of the pace.
pub(crate) fn run_deploy(
    state: &mut State,
    config: &OrgConfig,
    mut job: DeployJob,
    now: SystemTime,
) {
    job.begin(state, config, now);
    job.complete(state, config, now);
    state.jobs.deploys.push(job);
}

/// Settles the work that is due by `now`; returns whether that changed more than the progress of a
/// job, which follows from the time and is not stored.
pub(crate) fn settle(state: &mut State, config: &OrgConfig, now: SystemTime) -> bool {
    let before = state.metadata.rotated.len();
    state.metadata.rotated.retain(|rotated| now < rotated.until);
    let mut has_moved = state.metadata.rotated.len() != before;
    let pace = state.pace;
    let mut jobs = mem::take(&mut state.jobs);
    // An org deploys one package after the other.
    let mut free_from = SystemTime::UNIX_EPOCH;
    for job in &mut jobs.deploys {
        if !job.status.is_done() {
            let before = job.status;
            let begin = job.created.max(free_from);
            let (reached, at) = stage(pace, job.polls, begin, now);
            if job.status == Status::Canceling {
                let canceled = job.canceled.unwrap_or(job.created);
                if has_stopped(pace, job.polls, canceled, now) {
                    job.finish(Status::Canceled, now);
                }
            } else {
                if reached != Stage::Pending && job.status == Status::Pending {
                    job.begin(state, config, at);
                }
                match reached {
                    Stage::Pending => {}
                    Stage::InProgress(share) => job.reach(share),
                    Stage::Finalizing => {
                        job.reach(1.0);
                        if job.needs_finalizing() {
                            job.status = Status::Finalizing;
                        }
                    }
                    Stage::Done => job.complete(state, config, at),
                }
            }
            has_moved |= before != job.status;
        } else if job.is_stale(now) {
            job.forget_package();
            has_moved = true;
        }
        match job.completed {
            Some(completed) => free_from = free_from.max(completed),
            None if matches!(pace, Pace::Time(_)) => break,
            None => {}
        }
    }
    for job in &mut jobs.retrieves {
        if !job.status.is_done() {
            match stage(pace, job.polls, job.created, now).0 {
                Stage::Pending => {}
                Stage::InProgress(_) | Stage::Finalizing => {
                    has_moved |= job.status == Status::Pending;
                    job.status = Status::InProgress;
                }
                Stage::Done => {
                    let outcome = retrieve::retrieve(&job.request, state, config);
                    job.status = if outcome.error.is_none() {
                        Status::Succeeded
                    } else {
                        Status::Failed
                    };
                    job.outcome = Some(outcome);
                    has_moved = true;
                }
            }
        }
    }
    state.jobs = jobs;
    has_moved
}
