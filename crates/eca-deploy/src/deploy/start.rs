//! Starting a deploy, at most once.

use crate::client::Client;
use crate::deploy::deployment::Deployment;
use crate::deploy::outcome::{DeployOutcome, UnknownOutcome, UnknownReason};
use crate::error::Error;
use crate::id::DeployId;
use crate::package::Package;
use crate::wire::types::options::DeployOptions;

/// A deploy that did not start, as far as this client knows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Nothing was started: the org refused, or nothing was sent.
    #[error("the deploy was not started")]
    NotStarted(#[source] Error),
    /// The request may have reached the org and started a deploy. It is **not** sent again: that
    /// could start a second one.
    #[error(
        "the deploy may have been started: the request may have reached the org, but its response was lost; check \
         Setup, \"Deployment Status\", before you deploy again"
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

    /// Whether authentication failed.
    pub fn is_auth(&self) -> bool {
        self.error().is_auth()
    }

    /// Whether the deploy may have started.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Lost(_))
    }

    /// A lost start as [`DeployOutcome::Unknown`], without an id.
    ///
    /// # Errors
    /// The error of a deploy that was not started.
    pub fn into_outcome(self) -> Result<DeployOutcome, Error> {
        match self {
            Self::NotStarted(error) => Err(error),
            Self::Lost(error) => Ok(DeployOutcome::Unknown(UnknownOutcome {
                id: None,
                reason: UnknownReason::StartLost(error),
                last: None,
            })),
        }
    }
}

impl From<Error> for StartError {
    fn from(error: Error) -> Self {
        if error.may_have_taken_effect() {
            Self::Lost(error)
        } else {
            Self::NotStarted(error)
        }
    }
}

impl Deployment {
    /// Starts a deploy.
    ///
    /// The request is retried only if it was certainly not sent, or the org itself rejected
    /// it: an expired session (once), a setup that another change has locked (for about
    /// 15 seconds), or a 420, 429 or 503 with a `Retry-After`.
    ///
    /// # Errors
    /// [`StartError::NotStarted`], or [`StartError::Lost`] if the deploy may have started.
    pub async fn start(
        client: &Client,
        package: &Package,
        options: &DeployOptions,
    ) -> Result<Self, StartError> {
        let call = client.deploy_api().deploy(options, package.zip());
        let id = client.execute(call).await?;
        tracing::debug!(%id, "deploy started");
        Ok(Self::attach(client, id).with_source_map(package.source_map().clone()))
    }

    /// Deploys the package that a check-only deploy with tests has validated in the last ten days,
    /// without running the tests again (Metadata API Developer Guide, "Deploy a Recently Validated
    /// Component Set"). The new deploy has another id than the validation.
    ///
    /// # Errors
    /// [`StartError::NotStarted`], or [`StartError::Lost`] if the deploy may have started.
    pub async fn quick_deploy(client: &Client, validated: &DeployId) -> Result<Self, StartError> {
        let call = client.deploy_api().quick_deploy(validated);
        let id = client.execute(call).await?;
        Ok(Self::attach(client, id))
    }
}
