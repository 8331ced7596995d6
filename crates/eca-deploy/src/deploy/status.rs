//! Status requests and cancellation, over REST or SOAP.

use bytes::Bytes;
use eca_http::Idempotency;
use eca_oauth::AccessToken;
use http::{Request, Response};

use crate::client::{CallFailure, DeployApi};
use crate::deploy::deployment::Deployment;
use crate::error::Error;
use crate::wire::call::error::ResponseError;
use crate::wire::call::request::RequestError;
use crate::wire::types::result::DeployResult;
use crate::wire::types::status::DeployStatus;
use crate::wire::{rest, soap};

impl Deployment {
    /// Requests the cancellation of the deploy. The deploy ends as cancelled some time later,
    /// unless it ends by itself first. A deploy that is committing cannot be cancelled.
    ///
    /// # Errors
    /// The org's refusal, or no response.
    pub async fn cancel(&self) -> Result<DeployStatus, Error> {
        let (endpoint, id) = (self.client.endpoint(), &self.id);
        match self.client.deploy_api() {
            DeployApi::Rest => {
                self.client
                    .execute(
                        "REST deployRequest cancel",
                        Idempotency::Idempotent,
                        |token: &AccessToken| rest::cancel(endpoint, token, id),
                        rest::parse_cancel,
                    )
                    .await
            }
            DeployApi::Soap => {
                self.client
                    .execute(
                        "cancelDeploy",
                        Idempotency::Idempotent,
                        |token: &AccessToken| soap::cancel_deploy(endpoint, token, id),
                        soap::parse_cancel_deploy,
                    )
                    .await
            }
        }
    }

    /// Requests the status once, with details, and retries as the HTTP policy allows.
    ///
    /// # Errors
    /// The org's refusal, or no response.
    pub async fn status_with_retry(&self) -> Result<DeployResult, Error> {
        self.client
            .execute(
                self.status_operation(),
                Idempotency::Idempotent,
                |token: &AccessToken| self.status_request(token, true),
                |response| self.parse_status(response),
            )
            .await
    }

    /// Requests the status once. The [`Poller`](crate::deploy::poll::Poller) decides on retries.
    pub(super) async fn status(&self, details: bool) -> Result<DeployResult, CallFailure> {
        self.client
            .query(
                self.status_operation(),
                |token: &AccessToken| self.status_request(token, details),
                |response| self.parse_status(response),
            )
            .await
    }

    fn status_operation(&self) -> &'static str {
        match self.client.deploy_api() {
            DeployApi::Rest => "REST deployRequest status",
            DeployApi::Soap => "checkDeployStatus",
        }
    }

    fn status_request(
        &self,
        token: &AccessToken,
        details: bool,
    ) -> Result<Request<Bytes>, RequestError> {
        let endpoint = self.client.endpoint();
        match self.client.deploy_api() {
            DeployApi::Rest => rest::status(endpoint, token, &self.id, details),
            DeployApi::Soap => soap::check_deploy_status(endpoint, token, &self.id, details),
        }
    }

    fn parse_status(&self, response: &Response<Bytes>) -> Result<DeployResult, ResponseError> {
        match self.client.deploy_api() {
            DeployApi::Rest => rest::parse_status(response),
            DeployApi::Soap => soap::parse_check_deploy_status(response),
        }
    }
}
