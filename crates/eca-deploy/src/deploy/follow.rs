//! Following a deploy to its end.

use std::sync::Arc;
use std::time::Duration;

use eca_http::BoxFuture;
use futures_core::Stream;

use crate::client::CallFailure;
use crate::deploy::deployment::{Deployment, End};
use crate::deploy::outcome::{DeployOutcome, UnknownOutcome, UnknownReason};
use crate::deploy::poll::PollDecision;
use crate::error::Error;
use crate::wire::types::result::DeployResult;

/// Above this many components, details (one entry per component) are requested once, at the end.
const DETAILS_WHILE_POLLING: u32 = 500;

/// What happened while a deploy is followed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Update {
    /// A status. The last one has [`done`](DeployResult::done) set.
    Status(Arc<DeployResult>),
    /// A status request failed and is repeated later. The deploy itself continues.
    Interrupted {
        /// Why the request failed.
        error: Error,
        /// When it is repeated.
        retry_in: Duration,
    },
    /// The status has not changed for [`PollPolicy::stall_after`](crate::PollPolicy::stall_after).
    /// Reported once per stall; polling continues.
    Stalled {
        /// How long nothing has changed.
        unchanged: Duration,
        /// The last status.
        last: Arc<DeployResult>,
    },
}

impl Deployment {
    /// Waits for the next update. `None` once there are no more; [`outcome`](Self::outcome) then
    /// returns at once.
    ///
    /// Cancel-safe: the future may be dropped and the method called again.
    pub async fn next_update(&mut self) -> Option<Update> {
        if let Some((unchanged, last)) = self.stall.take_report() {
            return Some(Update::Stalled { unchanged, last });
        }
        if self.end.is_some() {
            return None;
        }
        loop {
            let now = self.client.timer().monotonic();
            let pause = self.next_poll_at.saturating_sub(now);
            if !pause.is_zero() {
                self.client.timer().sleep(pause).await;
            }
            let details = self.wants_details();
            let response = self.status(details).await;
            let now = self.client.timer().monotonic();
            let elapsed = now.saturating_sub(self.started_at);
            let result = match response {
                Ok(result) => Arc::new(result),
                Err(failure) => return self.interrupted(failure, elapsed),
            };
            let stall_after = self.poller.policy().stall_after;
            self.stall
                .observe(&result, self.last.as_deref(), elapsed, stall_after);
            self.last = Some(Arc::clone(&result));
            if result.done && !details {
                // Once more at once, now for the details.
                continue;
            }
            if result.done {
                self.end = Some(End::Done);
            } else {
                match self.poller.after_status(elapsed, result.progress()) {
                    PollDecision::PollAfter(pause) => self.poll_after(elapsed, pause),
                    _ => self.finish(UnknownReason::StillRunning { waited: elapsed }),
                }
            }
            return Some(Update::Status(result));
        }
    }

    /// [`next_update`](Self::next_update) as a stream.
    pub fn updates(&mut self) -> impl Stream<Item = Update> + Send + '_ {
        futures_util::stream::unfold(self, |deployment| async move {
            let update = deployment.next_update().await?;
            Some((update, deployment))
        })
    }

    /// Waits for the end, up to the policy's time limit. When that expires, the outcome is
    /// [`Unknown`](DeployOutcome::Unknown), with the id, and not a failure.
    pub async fn outcome(mut self) -> DeployOutcome {
        while self.next_update().await.is_some() {}
        let Self {
            id,
            source_map,
            last,
            end,
            ..
        } = self;
        let reason = match end {
            Some(End::Unknown(reason)) => reason,
            // `next_update` returns `None` only after it has set `end`.
            Some(End::Done) | None => UnknownReason::StillRunning {
                waited: Duration::ZERO,
            },
        };
        match last {
            // Also if the request for the details failed: the end is known.
            Some(result) if result.done => {
                let mut result = Arc::unwrap_or_clone(result);
                result.id.get_or_insert(id.clone());
                DeployOutcome::from_result(result, &source_map).unwrap_or_else(|| {
                    DeployOutcome::Unknown(UnknownOutcome {
                        id: Some(id),
                        reason,
                        last: None,
                    })
                })
            }
            last => DeployOutcome::Unknown(UnknownOutcome {
                id: Some(id),
                reason,
                last,
            }),
        }
    }

    fn interrupted(&mut self, failure: CallFailure, elapsed: Duration) -> Option<Update> {
        let retry_in = match self.poller.after_failure(elapsed, failure.poll_failure()) {
            PollDecision::PollAfter(pause) => pause,
            PollDecision::RenewSession => {
                if let Some(refused) = &failure.token {
                    self.client.renew_session(refused);
                }
                Duration::ZERO
            }
            PollDecision::TimedOut | PollDecision::GiveUp => {
                tracing::debug!(id = %self.id, error = %failure.error, "giving up on the deploy's status");
                self.finish(UnknownReason::NoStatus(failure.error));
                return None;
            }
        };
        tracing::debug!(id = %self.id, error = %failure.error, ?retry_in, "no status");
        self.poll_after(elapsed, retry_in);
        Some(Update::Interrupted {
            error: failure.error,
            retry_in,
        })
    }

    fn poll_after(&mut self, elapsed: Duration, pause: Duration) {
        self.next_poll_at = (self.started_at + elapsed).saturating_add(pause);
    }

    fn wants_details(&self) -> bool {
        self.last
            .as_ref()
            .is_none_or(|last| last.done || last.number_components_total <= DETAILS_WHILE_POLLING)
    }

    fn finish(&mut self, reason: UnknownReason) {
        let done = self.last.as_ref().is_some_and(|last| last.done);
        self.end = Some(if done {
            End::Done
        } else {
            End::Unknown(reason)
        });
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
