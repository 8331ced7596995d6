//! Starting a deploy, at most once.

use std::collections::HashSet;

use eca_http::BoxFuture;

use crate::client::Client;
use crate::deploy::deployment::Deployment;
use crate::deploy::fingerprint::DeployFingerprint;
use crate::deploy::outcome::{DeployOutcome, UnknownOutcome, UnknownReason};
use crate::deploy::recover::find_lost;
use crate::error::Error;
use crate::id::DeployId;
use crate::package::Package;
use crate::wire::resources;
use crate::wire::types::options::{DeployOptions, TestLevel};
use crate::wire::zip::Zip;

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

/// What is deployed.
#[derive(Debug, Clone)]
enum Source<'a> {
    Package(&'a Package),
    Validated(&'a DeployId),
}

/// A deploy that is not started yet, from [`Client::deploy`] or [`Client::quick_deploy`].
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
    source: Source<'a>,
    options: DeployOptions,
}

/// A deploy that can be found in the org if the response to its start is lost, from
/// [`Deploy::recoverable`].
#[derive(Debug, Clone)]
#[must_use = "nothing is started until it is"]
pub struct RecoverableDeploy<'a> {
    deploy: Deploy<'a>,
    zip: Option<Zip>,
    fingerprint: DeployFingerprint,
}

impl Client {
    /// A deploy of a package, with the default options. Sends nothing yet.
    pub fn deploy<'a>(&self, package: &'a Package) -> Deploy<'a> {
        self.deploy_of(Source::Package(package))
    }

    /// A deploy of the package that a check-only deploy with tests has validated in the last ten
    /// days, without running the tests again (Metadata API Developer Guide, "Deploy a Recently
    /// Validated Component Set"). Its options are those of the validation, and the new deploy has
    /// another id. Sends nothing yet.
    pub fn quick_deploy<'a>(&self, validated: &'a DeployId) -> Deploy<'a> {
        self.deploy_of(Source::Validated(validated))
    }

    fn deploy_of<'a>(&self, source: Source<'a>) -> Deploy<'a> {
        Deploy {
            client: self.clone(),
            source,
            options: DeployOptions::default(),
        }
    }
}

impl<'a> Deploy<'a> {
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

    /// Makes the start recognizable, so that the org can be searched for it if its response is
    /// lost: asks the org for its time and the token's user, and chooses the length of a zip
    /// comment. That comment changes only what is sent, not the package. An org is assumed to skip
    /// it, as readers of zips do.
    ///
    /// # Errors
    /// No response, no token, or a refused one. Nothing was started. Another refusal only makes the
    /// deploy [unrecognizable](DeployFingerprint::is_recognizable).
    pub async fn recoverable(self) -> Result<RecoverableDeploy<'a>, Error> {
        let (mut fingerprint, zip) = match self.source {
            Source::Package(package) => {
                let random = self.client.random();
                let (fingerprint, zip) =
                    DeployFingerprint::of_package(package, &self.options, random);
                (fingerprint, Some(zip))
            }
            Source::Validated(id) => {
                let status = Deployment::attach(&self.client, id.clone());
                let status = unless_unavailable(status.status_with_retry().await)?;
                let size = status.and_then(|status| status.zip_size);
                (DeployFingerprint::of_validated(id, size), None)
            }
        };
        let session = self.client.execute(resources::session()).await;
        if let Some(session) = unless_unavailable(session)? {
            fingerprint.user_id = session.user_id;
            fingerprint.sent_at = session.org_time;
        }
        Ok(RecoverableDeploy {
            deploy: self,
            zip,
            fingerprint,
        })
    }

    /// Starts the deploy, at most once.
    ///
    /// The request is retried only if it was certainly not sent, or the org itself rejected
    /// it: an expired session (once), a setup that another change has locked (for about
    /// 15 seconds), or a 420, 429 or 503 with a `Retry-After`.
    ///
    /// # Errors
    /// [`StartError::NotStarted`], or [`StartError::Lost`] if the deploy may have started.
    pub async fn start(self) -> Result<Deployment, StartError> {
        let id = self.send(None).await?;
        Ok(self.attach(id))
    }

    async fn send(&self, zip: Option<&Zip>) -> Result<DeployId, StartError> {
        let (client, api) = (&self.client, self.client.deploy_api());
        let id = match self.source {
            Source::Package(package) => {
                let zip = zip.unwrap_or(package.zip());
                client.execute(api.deploy(&self.options, zip)).await?
            }
            Source::Validated(id) => client.execute(api.quick_deploy(id)).await?,
        };
        tracing::debug!(%id, "deploy started");
        Ok(id)
    }

    fn attach(&self, id: DeployId) -> Deployment {
        let deployment = Deployment::attach(&self.client, id);
        match self.source {
            Source::Package(package) => deployment.with_source_map(package.source_map().clone()),
            Source::Validated(_) => deployment,
        }
    }
}

impl RecoverableDeploy<'_> {
    /// What identifies the deploy. Store it before the start, to
    /// [find](Deployment::find_recent) the deploy after this process has died.
    pub fn fingerprint(&self) -> &DeployFingerprint {
        &self.fingerprint
    }

    /// Starts the deploy, as [`Deploy::start`]. If the response is lost, searches the org for it
    /// for some 20 seconds, and takes it only if exactly one deploy matches that is none of
    /// `excluded`; [`Deployment::was_recovered`] is then true. Pass the deploys that are known
    /// to be others.
    ///
    /// # Errors
    /// [`StartError::NotStarted`], or [`StartError::Lost`] if the deploy may have started and was
    /// not found.
    pub async fn start(self, excluded: &HashSet<DeployId>) -> Result<Deployment, StartError> {
        let Self {
            deploy,
            zip,
            fingerprint,
        } = self;
        match deploy.send(zip.as_ref()).await {
            Ok(id) => Ok(deploy.attach(id)),
            Err(StartError::Lost(lost)) => {
                let Some(id) = find_lost(&deploy.client, &fingerprint, excluded).await else {
                    return Err(StartError::Lost(lost));
                };
                let mut deployment = deploy.attach(id);
                deployment.recovered = true;
                Ok(deployment)
            }
            Err(error) => Err(error),
        }
    }
}

/// `None` for a refusal that says nothing about the start that follows.
fn unless_unavailable<T>(asked: Result<T, Error>) -> Result<Option<T>, Error> {
    match asked {
        Ok(value) => Ok(Some(value)),
        Err(error @ Error::Response(_)) if !error.is_auth() => {
            tracing::debug!(%error, "a lost start could not be recognized");
            Ok(None)
        }
        Err(error) => Err(error),
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
