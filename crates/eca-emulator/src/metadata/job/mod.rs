//! Asynchronous deploys and retrieves.

pub(crate) mod advance;
pub(crate) mod message;
pub(crate) mod options;
pub(crate) mod outcome;
pub(crate) mod poll;
pub(crate) mod problem;
pub(crate) mod start;
pub(crate) mod status;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use eca_model::ApiVersion;
use serde::{Deserialize, Serialize};

use crate::ids::RecordId;
use crate::metadata::job::message::Message;
use crate::metadata::job::options::Options;
use crate::metadata::job::outcome::{Outcome, RetrieveOutcome};
use crate::metadata::job::status::{FINALIZING_SINCE, Status};
use crate::metadata::package::Package;
use crate::metadata::package::archive::ArchiveError;
use crate::metadata::wire::retrieve_request::RetrieveRequest;

/// How long a validation can be deployed without another validation (Metadata API Developer Guide,
/// "deployRecentValidation()").
pub(crate) const VALIDATION_LIFETIME: Duration = Duration::from_hours(10 * 24);

/// The outcome of a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cancellation {
    /// It is canceled.
    Stopped,
    /// It will be canceled, or the deploy finishes first.
    Stopping,
    /// It is finalizing.
    TooLate,
    /// It had finished before.
    Over,
}

impl Cancellation {
    /// Why a deploy is not canceled. The code is that of ids that do not fit a call; the wording is
    /// inferred.
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
    /// Only the error is stored; the package is read again from its zip.
    #[serde(with = "package_at_rest")]
    pub(crate) package: Result<Arc<Package>, ArchiveError>,
    /// The zip, as long as the package may be needed.
    #[serde(skip)]
    pub(crate) zip: Option<Bytes>,
    pub(crate) zip_size: usize,
    /// How many components the package has.
    pub(crate) total: usize,
    /// The name of the user who started it; a job of an older store has none.
    #[serde(default)]
    pub(crate) creator: Option<String>,
    /// The validation that this quick deploy deploys.
    pub(crate) validated: Option<RecordId>,
    pub(crate) created: SystemTime,
    pub(crate) started: Option<SystemTime>,
    pub(crate) completed: Option<SystemTime>,
    /// When it was canceled.
    pub(super) canceled: Option<SystemTime>,
    pub(crate) status: Status,
    /// Every message of the deploy, known from its start.
    pub(super) messages: Vec<Message>,
    /// How many of them a status shows now.
    pub(super) reached: usize,
    #[serde(skip)]
    pub(super) outcome: Option<Outcome>,
    pub(super) polls: u32,
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
            creator: None,
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

    /// Reads the package again, after the job was loaded from the store.
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

    /// Requests a deploy to stop. A waiting one stops at once; a running one needs a while
    /// (Metadata API Developer Guide, "cancelDeploy()"). `Finalizing` cannot be stopped; in
    /// versions without that status, a request at that moment was accepted and had no effect.
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

    pub(super) fn finish(&mut self, status: Status, now: SystemTime) {
        self.status = status;
        self.completed = Some(now);
        self.outcome = None;
        // Only a validation can be deployed again.
        if !(self.options.check_only && status == Status::Succeeded) {
            self.forget_package();
        }
    }

    /// Whether it is a validation that can no longer be deployed.
    pub(super) fn is_stale(&self, now: SystemTime) -> bool {
        self.zip.is_some()
            && self
                .completed
                .is_some_and(|completed| completed + VALIDATION_LIFETIME < now)
    }

    /// Drops the package, which is large and may hold secrets.
    pub(crate) fn forget_package(&mut self) {
        self.zip = None;
        if self.package.is_ok() {
            self.package = Ok(Arc::new(Package::empty()));
        }
    }

    /// Makes a status show this share of the messages.
    pub(super) fn reach(&mut self, share: f64) {
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
    pub(super) fn needs_finalizing(&self) -> bool {
        !self.options.check_only && self.verdict().is_some_and(Status::is_success)
    }

    /// The result of the deploy, as far as it is known.
    pub(super) fn verdict(&self) -> Option<Status> {
        let outcome = self.outcome.as_ref()?;
        let failures = outcome.failures();
        Some(match failures {
            0 => Status::Succeeded,
            // Nothing of a package with a broken manifest is deployed, regardless of the options.
            _ if self.options.rollback_on_error
                || self.options.check_only
                || failures == outcome.messages.len()
                || outcome
                    .messages
                    .iter()
                    .any(|message| message.failed && message.kind.is_none()) =>
            {
                Status::Failed
            }
            _ => Status::SucceededPartial,
        })
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
    pub(super) polls: u32,
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

/// The package of a stored deploy.
mod package_at_rest {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::metadata::package::Package;
    use crate::metadata::package::archive::ArchiveError;

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
    pub(crate) fn deploy(&self, id: &str) -> Option<&DeployJob> {
        self.deploys.iter().find(|job| job.id.matches(id))
    }

    pub(crate) fn retrieve(&self, id: &str) -> Option<&RetrieveJob> {
        self.retrieves.iter().find(|job| job.id.matches(id))
    }

    pub(crate) fn deploy_mut(&mut self, id: &str) -> Option<&mut DeployJob> {
        self.deploys.iter_mut().find(|job| job.id.matches(id))
    }

    pub(crate) fn retrieve_mut(&mut self, id: &str) -> Option<&mut RetrieveJob> {
        self.retrieves.iter_mut().find(|job| job.id.matches(id))
    }
}
