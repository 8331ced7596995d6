//! A deploy, from its start to its end.

pub(crate) mod outcome;
pub(crate) mod poll;
pub(crate) mod problem;
pub(crate) mod recover;
pub(crate) mod stall;

use std::fmt;
use std::time::Duration;

use eca_http::{BoxFuture, Idempotency};
use eca_oauth::AccessToken;
use futures_core::Stream;

use crate::deploy::outcome::{DeployOutcome, UnknownOutcome, WhyUnknown};
use crate::deploy::poll::{Pace, PollPolicy, Step};
use crate::deploy::stall::Stall;
use crate::error::Error;
use crate::id::DeployId;
use crate::org::{DeployApi, Failed, Org};
use crate::package::{Package, SourceMap};
use crate::wire::{DeployOptions, DeployResult, DeployStatus, rest, soap};

/// Above this many components the details, one entry per component, are asked for only once, at the
/// end.
const DETAILS_WHILE_POLLING: u32 = 500;

/// A deploy in an org. Its id is known; what it does there can be followed, waited for and
/// cancelled.
///
/// Dropping it, at any await, leaves the deploy running; [`attach`](Self::attach) finds it again,
/// from any machine.
///
/// ```no_run
/// # async fn run(org: eca_deploy::Org, package: eca_deploy::Package) -> Result<(), Box<dyn std::error::Error>> {
/// use eca_deploy::{DeployOptions, DeployOutcome, Deployment, Update};
///
/// let mut deployment = Deployment::start(&org, &package, &DeployOptions::check_only()).await?;
/// println!("{}", deployment.id());
/// while let Some(update) = deployment.next_update().await {
///     if let Update::Status(status) = update {
///         println!("{} {}/{}", status.status, status.number_components_deployed, status.number_components_total);
///     }
/// }
/// match deployment.outcome().await {
///     DeployOutcome::Succeeded(_) => println!("valid"),
///     outcome => outcome.problems().iter().for_each(|problem| println!("{problem}")),
/// }
/// # Ok(()) }
/// ```
#[must_use = "the deploy runs in any case, but nobody will know how it ended"]
pub struct Deployment {
    org: Org,
    id: DeployId,
    source_map: SourceMap,
    pace: Pace,
    begun: Duration,
    due: Duration,
    last: Option<DeployResult>,
    stall: Stall,
    found: bool,
    end: Option<End>,
}

/// How following a deploy ended.
enum End {
    /// The last result is final.
    Done,
    /// Nobody knows.
    Unknown(WhyUnknown),
}

/// What happened while a deploy is followed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Update {
    /// The org said how the deploy is. The last one has [`done`](DeployResult::done) set.
    Status(Box<DeployResult>),
    /// The org could not be asked; it will be asked again. The deploy itself goes on.
    Interrupted {
        /// Why it could not be asked.
        error: Error,
        /// When it is asked again.
        retry_in: Duration,
    },
    /// Nothing has changed for a while. Reported once for each while; the deploy is followed on.
    Stalled {
        /// For how long nothing has changed.
        unchanged: Duration,
        /// What the org last said.
        last: Box<DeployResult>,
    },
}

/// A deploy that did not start, as far as this side knows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Nothing was started: the org refused, or nothing was sent.
    #[error("the deploy was not started")]
    NotStarted(#[source] Error),
    /// The request may have reached the org and started a deploy. It is **not** sent again: that
    /// could start a second one.
    #[error(
        "the deploy may have been started: the request may have reached the org, but its answer was lost; look into \
         Setup, \"Deployment Status\", before deploying again"
    )]
    Lost(#[source] Error),
}

impl StartError {
    /// The failed call.
    pub fn error(&self) -> &Error {
        match self {
            Self::NotStarted(error) | Self::Lost(error) => error,
        }
    }

    /// Whether getting in was the problem.
    pub fn is_auth(&self) -> bool {
        self.error().is_auth()
    }

    /// Whether nobody on this side knows if the deploy was started.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Lost(_))
    }

    /// A lost start as an outcome, which it is: unknown, without an id.
    ///
    /// # Errors
    /// The error of a deploy that was not started.
    pub fn into_outcome(self) -> Result<DeployOutcome, Error> {
        match self {
            Self::NotStarted(error) => Err(error),
            Self::Lost(error) => Ok(DeployOutcome::Unknown(UnknownOutcome {
                id: None,
                why: WhyUnknown::StartLost(error),
                last: None,
            })),
        }
    }

    fn of(error: Error) -> Self {
        if error.may_have_been_done() {
            Self::Lost(error)
        } else {
            Self::NotStarted(error)
        }
    }
}

impl Deployment {
    /// Starts a deploy.
    ///
    /// The request is sent again only where it provably never left, or where the org itself turned
    /// it away (an expired session, once; a setup that another change has locked, for some 15
    /// seconds; a 420, 429 or 503 that names a time to come back).
    ///
    /// # Errors
    /// [`StartError::NotStarted`], or [`StartError::Lost`] if the org alone knows.
    pub async fn start(
        org: &Org,
        package: &Package,
        options: &DeployOptions,
    ) -> Result<Self, StartError> {
        let endpoint = org.endpoint();
        let zip = package.zip();
        let started = match org.deploy_api() {
            DeployApi::Rest => {
                org.tell(
                    "REST deployRequest",
                    Idempotency::NotIdempotent,
                    |token: &AccessToken| rest::start(endpoint, token, options, zip),
                    rest::parse_start,
                )
                .await
            }
            DeployApi::Soap => {
                org.tell(
                    "deploy",
                    Idempotency::NotIdempotent,
                    |token: &AccessToken| soap::deploy(endpoint, token, options, zip),
                    soap::parse_deploy,
                )
                .await
            }
        };
        let id = started.map_err(StartError::of)?;
        tracing::debug!(%id, "deploy started");
        Ok(Self::attach(org, id).with_source_map(package.source_map().clone()))
    }

    /// Deploys what a check-only deploy with tests has validated in the last ten days, without
    /// running the tests again (Metadata API Developer Guide, "Deploy a Recently Validated
    /// Component Set"). The deploy has an id of its own.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn quick(org: &Org, validated: &DeployId) -> Result<Self, StartError> {
        let endpoint = org.endpoint();
        let started = match org.deploy_api() {
            DeployApi::Rest => {
                org.tell(
                    "REST deployRequest quick deploy",
                    Idempotency::NotIdempotent,
                    |token: &AccessToken| rest::quick_deploy(endpoint, token, validated),
                    rest::parse_quick_deploy,
                )
                .await
            }
            DeployApi::Soap => {
                org.tell(
                    "deployRecentValidation",
                    Idempotency::NotIdempotent,
                    |token: &AccessToken| {
                        soap::deploy_recent_validation(endpoint, token, validated, None)
                    },
                    soap::parse_deploy_recent_validation,
                )
                .await
            }
        };
        let id = started.map_err(StartError::of)?;
        Ok(Self::attach(org, id))
    }

    /// Follows a deploy that is already in the org, whoever started it. Nothing is sent yet.
    pub fn attach(org: &Org, id: DeployId) -> Self {
        let now = org.timer().monotonic();
        Self {
            org: org.clone(),
            id,
            source_map: SourceMap::default(),
            pace: Pace::new(PollPolicy::default()),
            begun: now,
            due: now,
            last: None,
            stall: Stall::default(),
            found: false,
            end: None,
        }
    }

    /// The same deploy, with another budget and pace of asking; the time counts from now.
    pub fn with_policy(mut self, policy: PollPolicy) -> Self {
        self.pace = Pace::new(policy);
        self.begun = self.org.timer().monotonic();
        self.due = self.begun;
        self
    }

    /// The same deploy, with a way back from the org's messages to local files.
    pub fn with_source_map(mut self, source_map: SourceMap) -> Self {
        self.source_map = source_map;
        self
    }

    /// Whether the answer to the start request got lost and the deploy was then found in the org,
    /// by [`start_or_find`](Self::start_or_find).
    pub fn was_found(&self) -> bool {
        self.found
    }

    pub(crate) fn found(mut self) -> Self {
        self.found = true;
        self
    }

    /// The id: known before the first question about the deploy is asked. Keep it.
    pub fn id(&self) -> &DeployId {
        &self.id
    }

    /// The last status that was seen.
    pub fn last(&self) -> Option<&DeployResult> {
        self.last.as_ref()
    }

    /// Waits for the next thing to happen; `None` once nothing more will, and
    /// [`outcome`](Self::outcome) is at hand.
    ///
    /// May be dropped and called again.
    pub async fn next_update(&mut self) -> Option<Update> {
        if let Some((unchanged, last)) = self.stall.take_report() {
            return Some(Update::Stalled { unchanged, last });
        }
        if self.end.is_some() {
            return None;
        }
        loop {
            let pause = self.due.saturating_sub(self.org.timer().monotonic());
            if !pause.is_zero() {
                self.org.timer().sleep(pause).await;
            }
            let details = self.wants_details();
            let answer = self.status(details).await;
            let elapsed = self.org.timer().monotonic().saturating_sub(self.begun);
            let result = match answer {
                Ok(result) => result,
                Err(failed) => return self.interrupted(failed, elapsed),
            };
            let (progress, done) = (result.progress(), result.done);
            let stall_after = self.pace.policy().stall_after;
            self.stall
                .saw(&result, self.last.as_ref(), elapsed, stall_after);
            self.last = Some(result.clone());
            if done && !details {
                // Once more at once, now for the details.
                continue;
            }
            if done {
                self.end = Some(End::Done);
            } else {
                match self.pace.after_status(elapsed, progress) {
                    Step::AskAfter(pause) => {
                        self.due = (self.begun + elapsed).saturating_add(pause);
                    }
                    _ => self.finish(WhyUnknown::StillRunning { waited: elapsed }),
                }
            }
            return Some(Update::Status(Box::new(result)));
        }
    }

    fn interrupted(&mut self, failed: Failed, elapsed: Duration) -> Option<Update> {
        let retry_in = match self.pace.after_trouble(elapsed, failed.trouble()) {
            Step::AskAfter(pause) => pause,
            Step::RenewSession => {
                if let Some(refused) = &failed.token {
                    self.org.renew_session(refused);
                }
                Duration::ZERO
            }
            Step::TimeIsUp | Step::GiveUp => {
                tracing::debug!(id = %self.id, error = %failed.error, "giving up on the deploy's status");
                self.finish(WhyUnknown::NoStatus(failed.error));
                return None;
            }
        };
        tracing::debug!(id = %self.id, error = %failed.error, ?retry_in, "no status");
        self.due = (self.begun + elapsed).saturating_add(retry_in);
        Some(Update::Interrupted {
            error: failed.error,
            retry_in,
        })
    }

    /// [`next_update`](Self::next_update) as a stream.
    pub fn updates(&mut self) -> impl Stream<Item = Update> + Send + '_ {
        futures_util::stream::unfold(self, |deployment| async move {
            let update = deployment.next_update().await?;
            Some((update, deployment))
        })
    }

    /// Waits for the end, within the policy's budget. A time limit on this side is no failure: the
    /// outcome is then [`Unknown`](DeployOutcome::Unknown), with the id.
    pub async fn outcome(mut self) -> DeployOutcome {
        while self.next_update().await.is_some() {}
        let Self {
            id,
            source_map,
            last,
            end,
            ..
        } = self;
        let why = match end {
            Some(End::Unknown(why)) => why,
            // `next_update` ends with an end only.
            Some(End::Done) | None => WhyUnknown::StillRunning {
                waited: Duration::ZERO,
            },
        };
        match last {
            // Also where the details could not be had any more: how it ended is known.
            Some(mut result) if result.done => {
                result.id.get_or_insert(id.clone());
                DeployOutcome::of(result, &source_map).unwrap_or_else(|| {
                    DeployOutcome::Unknown(UnknownOutcome {
                        id: Some(id),
                        why,
                        last: None,
                    })
                })
            }
            last => DeployOutcome::Unknown(UnknownOutcome {
                id: Some(id),
                why,
                last: last.map(Box::new),
            }),
        }
    }

    /// Asks the org to cancel the deploy. It ends as cancelled some time later, unless it was
    /// faster; a deploy that is committing cannot be cancelled.
    ///
    /// # Errors
    /// The org's refusal, or no answer.
    pub async fn cancel(&self) -> Result<DeployStatus, Error> {
        let (endpoint, id) = (self.org.endpoint(), &self.id);
        // Asking twice is as good as once: the id names what is to stop.
        match self.org.deploy_api() {
            DeployApi::Rest => {
                self.org
                    .tell(
                        "REST deployRequest cancel",
                        Idempotency::Idempotent,
                        |token: &AccessToken| rest::cancel(endpoint, token, id),
                        rest::parse_cancel,
                    )
                    .await
            }
            DeployApi::Soap => self
                .org
                .tell(
                    "cancelDeploy",
                    Idempotency::Idempotent,
                    |token: &AccessToken| soap::cancel_deploy(endpoint, token, id),
                    soap::parse_cancel_deploy,
                )
                .await
                .map(|stopped| {
                    if stopped {
                        DeployStatus::Canceled
                    } else {
                        DeployStatus::Canceling
                    }
                }),
        }
    }

    /// Asks once how it is, with details; sent again where the HTTP policy holds that safe.
    ///
    /// # Errors
    /// No answer, or the org's refusal.
    pub async fn look(&self) -> Result<DeployResult, Error> {
        let (endpoint, id) = (self.org.endpoint(), &self.id);
        match self.org.deploy_api() {
            DeployApi::Rest => {
                self.org
                    .tell(
                        "REST deployRequest status",
                        Idempotency::Idempotent,
                        |token: &AccessToken| rest::status(endpoint, token, id, true),
                        rest::parse_status,
                    )
                    .await
            }
            DeployApi::Soap => {
                self.org
                    .tell(
                        "checkDeployStatus",
                        Idempotency::Idempotent,
                        |token: &AccessToken| soap::check_deploy_status(endpoint, token, id, true),
                        soap::parse_check_deploy_status,
                    )
                    .await
            }
        }
    }

    fn wants_details(&self) -> bool {
        self.last
            .as_ref()
            .is_none_or(|last| last.done || last.number_components_total <= DETAILS_WHILE_POLLING)
    }

    fn finish(&mut self, why: WhyUnknown) {
        let known = self.last.as_ref().is_some_and(|last| last.done);
        self.end = Some(if known { End::Done } else { End::Unknown(why) });
    }

    async fn status(&self, details: bool) -> Result<DeployResult, Failed> {
        let (endpoint, id) = (self.org.endpoint(), &self.id);
        match self.org.deploy_api() {
            DeployApi::Rest => {
                self.org
                    .ask(
                        "REST deployRequest status",
                        |token: &AccessToken| rest::status(endpoint, token, id, details),
                        rest::parse_status,
                    )
                    .await
            }
            DeployApi::Soap => {
                self.org
                    .ask(
                        "checkDeployStatus",
                        |token: &AccessToken| {
                            soap::check_deploy_status(endpoint, token, id, details)
                        },
                        soap::parse_check_deploy_status,
                    )
                    .await
            }
        }
    }
}

/// Waits for the outcome: `deployment.await`.
impl IntoFuture for Deployment {
    type Output = DeployOutcome;
    type IntoFuture = BoxFuture<'static, DeployOutcome>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.outcome())
    }
}

impl fmt::Debug for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deployment")
            .field("org", &self.org)
            .field("id", &self.id)
            .field("status", &self.last.as_ref().map(|last| &last.status))
            .finish_non_exhaustive()
    }
}
