//! Asynchronous deploys and retrieves, and how they move on.

use std::{mem, sync::Arc, time::SystemTime};

use bytes::Bytes;
use eca_model::ApiVersion;
use serde::{Deserialize, Serialize};

use crate::{
    ids::RecordId,
    metadata::{
        archive::ArchiveError,
        deploy::{self, Message, Options, Outcome},
        package::Package,
        retrieve::{self, RetrieveOutcome, RetrieveRequest},
        start,
        status::{FINALIZING_SINCE, Stage, Status, has_stopped, stage},
    },
    org::Pace,
    state::{Facts, State, components::Metadata},
};

/// What becomes of a wish to cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cancellation {
    /// It is canceled.
    Stopped,
    /// It will be, or has lost the race.
    Stopping,
    /// It is finalizing.
    TooLate,
    /// It was over before.
    Over,
}

impl Cancellation {
    /// Why a deploy is not canceled. The code is that of ids which do not fit a call; the words
    /// are inferred.
    pub(crate) fn refusal(self, id: &str) -> Option<(&'static str, String)> {
        match self {
            Self::Stopped | Self::Stopping => None,
            Self::TooLate => Some((
                "INVALID_ID_FIELD",
                format!("Deployment is finalizing and can't be canceled: {id}"),
            )),
            Self::Over => Some((
                "INVALID_ID_FIELD",
                format!("Deployment already completed: {id}"),
            )),
        }
    }
}

/// A deploy.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeployJob {
    pub(crate) id: RecordId,
    pub(crate) options: Options,
    /// In the store only the error has a place; a package is read again from its zip.
    #[serde(with = "package_at_rest")]
    pub(crate) package: Result<Arc<Package>, ArchiveError>,
    /// The zip, for as long as the package may be needed.
    #[serde(skip)]
    pub(crate) zip: Option<Bytes>,
    pub(crate) zip_size: usize,
    /// How many components the package has.
    pub(crate) total: usize,
    /// The validation that this is the quick deploy of.
    pub(crate) validated: Option<RecordId>,
    pub(crate) created: SystemTime,
    pub(crate) started: Option<SystemTime>,
    pub(crate) completed: Option<SystemTime>,
    /// When it was told to stop.
    canceled: Option<SystemTime>,
    pub(crate) status: Status,
    /// Every message of the deploy, known from its start on.
    messages: Vec<Message>,
    /// How many of them a status shows by now.
    reached: usize,
    #[serde(skip)]
    outcome: Option<Outcome>,
    polls: u32,
}

impl DeployJob {
    pub(crate) fn new(
        id: RecordId,
        options: Options,
        package: Result<Arc<Package>, ArchiveError>,
        zip: Bytes,
        now: SystemTime,
    ) -> Self {
        Self {
            id,
            options,
            total: package
                .as_ref()
                .map_or(0, |package| package.files.len() + package.deletions.len()),
            package,
            zip_size: zip.len(),
            zip: Some(zip),
            validated: None,
            created: now,
            started: None,
            completed: None,
            canceled: None,
            status: Status::Pending,
            messages: Vec::new(),
            reached: 0,
            outcome: None,
            polls: 0,
        }
    }

    /// The messages so far.
    pub(crate) fn messages(&self) -> &[Message] {
        &self.messages[..self.reached]
    }

    /// Reads the package again, after the job came out of the store.
    pub(crate) fn restore(&mut self, zip: Bytes, newest: ApiVersion) {
        self.package = Package::read(
            &zip,
            self.options.single_package,
            self.options.allow_missing_files,
            newest,
        )
        .map(Arc::new);
        self.zip = Some(zip);
    }

    /// Asks a deploy to stop. One that waits stops at once; one that runs needs a while
    /// (Metadata API Developer Guide, "cancelDeploy()"). `Finalizing` cannot be stopped; before
    /// there was such a status, a request at that moment was taken and lost the race.
    pub(crate) fn cancel(&mut self, version: ApiVersion, now: SystemTime) -> Cancellation {
        match self.status {
            Status::Pending => {
                self.finish(Status::Canceled, now);
                Cancellation::Stopped
            }
            Status::InProgress => {
                self.status = Status::Canceling;
                self.canceled = Some(now);
                self.polls = 0;
                Cancellation::Stopping
            }
            Status::Canceling => Cancellation::Stopping,
            Status::Finalizing if version < FINALIZING_SINCE => Cancellation::Stopping,
            Status::Finalizing => Cancellation::TooLate,
            _ => Cancellation::Over,
        }
    }

    fn finish(&mut self, status: Status, now: SystemTime) {
        self.status = status;
        self.completed = Some(now);
        self.outcome = None;
        // Only a validation can be deployed again.
        if !(self.options.check_only && status == Status::Succeeded) {
            self.forget_package();
        }
    }

    /// Whether it is a validation that can no longer be deployed.
    fn is_stale(&self, now: SystemTime) -> bool {
        self.zip.is_some()
            && self
                .completed
                .is_some_and(|completed| completed + start::VALIDATION_LIFETIME < now)
    }

    /// Lets go of what is large, and may hold secrets.
    pub(crate) fn forget_package(&mut self) {
        self.zip = None;
        if self.package.is_ok() {
            self.package = Ok(Arc::new(Package::empty()));
        }
    }

    fn begin(&mut self, state: &mut State, facts: &Facts, now: SystemTime) {
        self.status = Status::InProgress;
        self.started = Some(now);
        self.evaluate(state, facts, now);
    }

    /// Lets a status show this share of the messages.
    fn reach(&mut self, share: f64) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share between 0 and 1 of at most some ten thousand messages"
        )]
        let reached = (self.messages.len() as f64 * share).floor() as usize;
        self.reached = reached.min(self.messages.len());
    }

    /// Whether there is something to finalize.
    fn is_going_to_change_something(&self) -> bool {
        !self.options.check_only && self.verdict().is_some_and(Status::is_success)
    }

    /// How the deploy ends as far as it is known.
    fn verdict(&self) -> Option<Status> {
        let outcome = self.outcome.as_ref()?;
        let failures = outcome.failures();
        Some(match failures {
            0 => Status::Succeeded,
            // Nothing of a package with a broken manifest is deployed, whatever the options say.
            _ if self.options.rollback_on_error
                || self.options.check_only
                || failures == outcome.messages.len()
                || outcome
                    .messages
                    .iter()
                    .any(|own| own.failed && own.kind.is_none()) =>
            {
                Status::Failed
            }
            _ => Status::SucceededPartial,
        })
    }

    fn evaluate(&mut self, state: &mut State, facts: &Facts, now: SystemTime) {
        if let Ok(package) = &self.package {
            let outcome = deploy::evaluate(package, &self.options, state, facts, now);
            self.messages.clone_from(&outcome.messages);
            self.outcome = Some(outcome);
        }
    }

    fn complete(&mut self, state: &mut State, facts: &Facts, now: SystemTime) {
        // Another deploy may have finished meanwhile; the org is what it is now.
        // What a store gave back has to be worked out again, too.
        if self
            .outcome
            .as_ref()
            .is_none_or(|outcome| outcome.draft.revision != state.metadata.revision + 1)
        {
            self.evaluate(state, facts, now);
        }
        self.reached = self.messages.len();
        let verdict = self.verdict();
        let (Some(outcome), Some(status)) = (self.outcome.take(), verdict) else {
            self.finish(Status::Failed, now);
            return;
        };
        // The org has changed under a deploy that seemed to be through.
        let status = match (self.status, status) {
            (Status::Finalizing, Status::Failed) => Status::FinalizingFailed,
            (_, status) => status,
        };
        if status.is_success() && !self.options.check_only {
            commit(state, outcome.draft);
        }
        self.finish(status, now);
    }
}

/// A retrieve.
#[derive(Serialize, Deserialize)]
pub(crate) struct RetrieveJob {
    pub(crate) id: RecordId,
    pub(crate) request: RetrieveRequest,
    pub(crate) created: SystemTime,
    pub(crate) status: Status,
    pub(crate) outcome: Option<RetrieveOutcome>,
    polls: u32,
}

impl RetrieveJob {
    pub(crate) fn new(id: RecordId, request: RetrieveRequest, now: SystemTime) -> Self {
        Self {
            id,
            request,
            created: now,
            status: Status::Pending,
            outcome: None,
            polls: 0,
        }
    }
}

/// The package of a deploy in the store.
mod package_at_rest {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::metadata::{archive::ArchiveError, package::Package};

    pub(super) fn serialize<S: Serializer>(
        package: &Result<Arc<Package>, ArchiveError>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        package.as_ref().err().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Result<Arc<Package>, ArchiveError>, D::Error> {
        Ok(match Option::<ArchiveError>::deserialize(from)? {
            Some(error) => Err(error),
            None => Ok(Arc::new(Package::empty())),
        })
    }
}

/// All jobs, oldest first.
#[derive(Default)]
pub(crate) struct Jobs {
    pub(crate) deploys: Vec<DeployJob>,
    pub(crate) retrieves: Vec<RetrieveJob>,
}

impl Jobs {
    /// The deploy with this id, in either form.
    pub(crate) fn deploy_mut(&mut self, id: &str) -> Option<&mut DeployJob> {
        self.deploys.iter_mut().find(|job| job.id.matches(id))
    }

    pub(crate) fn retrieve_mut(&mut self, id: &str) -> Option<&mut RetrieveJob> {
        self.retrieves.iter_mut().find(|job| job.id.matches(id))
    }
}

/// Puts what a deploy worked out in the place of what was there. Clients whose key is gone lose
/// their tokens.
pub(crate) fn commit(state: &mut State, draft: Metadata) {
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
    state.metadata = draft;
    for app in rotated {
        state.grants.revoke_app(&app);
    }
}

/// Runs a deploy to its end at once, whatever the pace.
pub(crate) fn run_deploy(state: &mut State, facts: &Facts, mut job: DeployJob, now: SystemTime) {
    job.begin(state, facts, now);
    job.complete(state, facts, now);
    state.jobs.deploys.push(job);
}

/// Counts a look at a deploy, for [`Pace::Polls`], and lets it move on.
pub(crate) fn poll_deploy(state: &mut State, facts: &Facts, id: &str, now: SystemTime) {
    if let Some(job) = state.jobs.deploy_mut(id) {
        job.polls += 1;
    }
    settle(state, facts, now);
}

/// Counts a look at a retrieve.
pub(crate) fn poll_retrieve(state: &mut State, facts: &Facts, id: &str, now: SystemTime) {
    if let Some(job) = state.jobs.retrieve_mut(id) {
        job.polls += 1;
    }
    settle(state, facts, now);
}

/// Brings all jobs to where they would be by now; says whether one has moved.
pub(crate) fn settle(state: &mut State, facts: &Facts, now: SystemTime) -> bool {
    let mut has_moved = false;
    let pace = state.pace;
    let mut jobs = mem::take(&mut state.jobs);
    // An org deploys one package after the other.
    let mut free_from = SystemTime::UNIX_EPOCH;
    for job in &mut jobs.deploys {
        if !job.status.is_done() {
            let before = (job.status, job.reached);
            let begin = job.created.max(free_from);
            let (reached, at) = stage(pace, job.polls, begin, now);
            if job.status == Status::Canceling {
                let asked = job.canceled.unwrap_or(job.created);
                if has_stopped(pace, job.polls, asked, now) {
                    job.finish(Status::Canceled, now);
                }
            } else {
                if reached != Stage::Pending && job.status == Status::Pending {
                    job.begin(state, facts, at);
                }
                match reached {
                    Stage::Pending => {}
                    Stage::InProgress(share) => job.reach(share),
                    Stage::Finalizing => {
                        job.reach(1.0);
                        if job.is_going_to_change_something() {
                            job.status = Status::Finalizing;
                        }
                    }
                    Stage::Done => job.complete(state, facts, at),
                }
            }
            has_moved |= before != (job.status, job.reached);
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
                    let outcome = retrieve::retrieve(&job.request, state, facts);
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
