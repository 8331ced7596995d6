//! Status requests and cancellation.

use crate::client::CallFailure;
use crate::deploy::deployment::Deployment;
use crate::error::Error;
use crate::wire::types::result::DeployResult;
use crate::wire::types::status::DeployStatus;

impl Deployment {
    /// Requests the cancellation of the deploy. The deploy ends as cancelled some time later,
    /// unless it ends by itself first. A deploy that is committing cannot be cancelled.
    ///
    /// # Errors
    /// The org's refusal, or no response.
    pub async fn cancel(&self) -> Result<DeployStatus, Error> {
        let call = self.client.deploy_api().cancel_deploy(&self.id);
        self.client.execute(call).await
    }

    /// Requests the status once, with details, and retries as the HTTP policy allows.
    ///
    /// # Errors
    /// The org's refusal, or no response.
    pub async fn status_with_retry(&self) -> Result<DeployResult, Error> {
        let call = self.client.deploy_api().deploy_status(&self.id, true);
        self.client.execute(call).await
    }

    /// Requests the status once. The [`Poller`](crate::deploy::poll::Poller) decides on retries.
    pub(super) async fn status(&self, details: bool) -> Result<DeployResult, CallFailure> {
        let call = self.client.deploy_api().deploy_status(&self.id, details);
        let elapsed = self.client.timer().monotonic();
        let elapsed = elapsed.saturating_sub(self.started_at);
        self.client
            .query(call, self.poller.policy().request_limit(elapsed))
            .await
    }
}
