//! A deploy in an org, known by its id.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::client::Client;
use crate::deploy::outcome::UnknownReason;
use crate::deploy::poll::{PollPolicy, Poller};
use crate::deploy::stall::Stall;
use crate::id::DeployId;
use crate::package::source_map::SourceMap;
use crate::wire::types::result::DeployResult;

/// A deploy in an org, with an id that is known: it can be followed, awaited and cancelled.
///
/// Dropping it, at any await, does not stop the deploy. Follow it again with
/// [`attach`](Self::attach), from any machine.
///
/// ```no_run
/// # async fn run(client: eca_deploy::Client, package: eca_deploy::Package) -> Result<(), Box<dyn std::error::Error>> {
/// use eca_deploy::{DeployOutcome, Update};
///
/// let mut deployment = client.deploy(&package).check_only().start().await?;
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
#[must_use = "the deploy runs in any case; without this value its outcome is not observed"]
pub struct Deployment {
    pub(super) client: Client,
    pub(super) id: DeployId,
    pub(super) source_map: SourceMap,
    pub(super) poller: Poller,
    pub(super) started_at: Duration,
    pub(super) next_poll_at: Duration,
    pub(super) last: Option<Arc<DeployResult>>,
    pub(super) stall: Stall,
    pub(super) recovered: bool,
    pub(super) end: Option<End>,
}

/// How following a deploy ended.
pub(super) enum End {
    /// The last status is final.
    Done,
    Unknown(UnknownReason),
}

impl Deployment {
    /// Follows a deploy that is already in the org, whichever client started it. Sends no request.
    pub fn attach(client: &Client, id: DeployId) -> Self {
        let now = client.timer().monotonic();
        Self {
            client: client.clone(),
            id,
            source_map: SourceMap::default(),
            poller: Poller::new(PollPolicy::default()),
            started_at: now,
            next_poll_at: now,
            last: None,
            stall: Stall::default(),
            recovered: false,
            end: None,
        }
    }

    /// The same deploy with another time limit and polling interval. The time counts from now.
    pub fn with_policy(mut self, policy: PollPolicy) -> Self {
        self.poller = Poller::new(policy);
        self.started_at = self.client.timer().monotonic();
        self.next_poll_at = self.started_at;
        self
    }

    /// The same deploy, with a map from the org's messages to local files.
    pub fn with_source_map(mut self, source_map: SourceMap) -> Self {
        self.source_map = source_map;
        self
    }

    /// Whether the response to the start request was lost and the deploy was
    /// [found in the org](crate::RecoverableDeploy::start).
    pub fn was_recovered(&self) -> bool {
        self.recovered
    }

    /// The id, known before the first status request. Store it to attach to the deploy later.
    pub fn id(&self) -> &DeployId {
        &self.id
    }

    /// The last status received.
    pub fn last_status(&self) -> Option<&DeployResult> {
        self.last.as_deref()
    }
}

impl fmt::Debug for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deployment")
            .field("client", &self.client)
            .field("id", &self.id)
            .field("status", &self.last.as_ref().map(|last| &last.status))
            .finish_non_exhaustive()
    }
}
