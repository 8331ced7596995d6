//! Starting a deploy, at most once.

use eca_http::BoxFuture;

use crate::client::Client;
use crate::deploy::deployment::Deployment;
use crate::deploy::outcome::{DeployOutcome, UnknownOutcome, UnknownReason};
use crate::deploy::recover::{DeployFingerprint, find_lost};
use crate::error::Error;
use crate::id::DeployId;
use crate::package::Package;
use crate::wire::types::options::{DeployOptions, TestLevel};

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

/// A deploy that is not started yet, from [`Client::deploy`].
///
/// Awaited, it is started and followed to its end. [`start`](Self::start) gives the [`Deployment`]
/// instead, with its id and its updates.
///
/// ```no_run
/// # async fn run(client: eca_deploy::Client, package: eca_deploy::Package) -> Result<(), Box<dyn std::error::Error>> {
/// let outcome = client.deploy(&package).check_only().await?;
/// println!("{outcome}");
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent until it is awaited or started"]
pub struct Deploy<'a> {
    client: Client,
    package: &'a Package,
    options: DeployOptions,
    others: Option<Vec<DeployId>>,
}

impl Client {
    /// A deploy of a package, with the default options. Sends nothing yet.
    pub fn deploy<'a>(&self, package: &'a Package) -> Deploy<'a> {
        Deploy {
            client: self.clone(),
            package,
            options: DeployOptions::default(),
            others: None,
        }
    }

    /// Deploys the package that a check-only deploy with tests has validated in the last ten days,
    /// without running the tests again (Metadata API Developer Guide, "Deploy a Recently Validated
    /// Component Set"). The new deploy has another id than the validation.
    ///
    /// # Errors
    /// [`StartError::NotStarted`], or [`StartError::Lost`] if the deploy may have started.
    pub async fn quick_deploy(&self, validated: &DeployId) -> Result<Deployment, StartError> {
        let call = self.deploy_api().quick_deploy(validated);
        let id = self.execute(call).await?;
        Ok(Deployment::attach(self, id))
    }
}

impl Deploy<'_> {
    /// Replaces all options.
    pub fn options(mut self, options: DeployOptions) -> Self {
        self.options = options;
        self
    }

    /// Validates only.
    pub fn check_only(mut self) -> Self {
        self.options.check_only = true;
        self
    }

    /// Which Apex tests run.
    pub fn test_level(mut self, level: TestLevel) -> Self {
        self.options.test_level = Some(level);
        self
    }

    /// Searches the org for the deploy if the response to the start request is lost.
    ///
    /// The deploy is recovered only if exactly one deploy matches that is not in `others`;
    /// [`Deployment::was_recovered`] is then true. Pass known deploys as `others`, so that an
    /// earlier deploy of the same package is not taken for the lost one.
    pub fn recover_lost(mut self, others: Vec<DeployId>) -> Self {
        self.others = Some(others);
        self
    }

    /// Starts the deploy, at most once.
    ///
    /// The request is retried only if it was certainly not sent, or the org itself rejected
    /// it: an expired session (once), a setup that another change has locked (for about
    /// 15 seconds), or a 420, 429 or 503 with a `Retry-After`.
    ///
    /// # Errors
    /// [`StartError::NotStarted`], or [`StartError::Lost`] if the deploy may have started and was
    /// not recovered.
    pub async fn start(self) -> Result<Deployment, StartError> {
        let Self {
            client,
            package,
            options,
            others,
        } = self;
        let sent_at = client.timer().now();
        let call = client.deploy_api().deploy(&options, package.zip());
        let sent = client.execute(call).await.map_err(StartError::from);
        let (id, recovered) = match (sent, others) {
            (Ok(id), _) => {
                tracing::debug!(%id, "deploy started");
                (id, false)
            }
            (Err(StartError::Lost(lost)), Some(others)) => {
                let fingerprint = DeployFingerprint::new(package, &options, sent_at);
                match find_lost(&client, &fingerprint.excluding(others)).await {
                    Some(id) => (id, true),
                    None => return Err(StartError::Lost(lost)),
                }
            }
            (Err(error), _) => return Err(error),
        };
        let mut deployment =
            Deployment::attach(&client, id).with_source_map(package.source_map().clone());
        deployment.recovered = recovered;
        Ok(deployment)
    }
}

/// Starts the deploy and waits for its outcome, up to the default time limit of
/// [`PollPolicy`](crate::PollPolicy). A start whose response was lost is an
/// [`Unknown`](DeployOutcome::Unknown) outcome; with an error, nothing was started.
impl<'a> IntoFuture for Deploy<'a> {
    type Output = Result<DeployOutcome, Error>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            match self.start().await {
                Ok(deployment) => Ok(deployment.outcome().await),
                Err(error) => error.into_outcome(),
            }
        })
    }
}
