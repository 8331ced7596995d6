//! `eca deploy`: deploy or validate a project, or a part of it.

mod certificates;
mod confirm;
pub(crate) mod latest;
mod record;
mod start;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use eca_deploy::{ApiError, DeployId, DeployStatus, Deployment, PollPolicy};

use crate::args::wait::wait;
use crate::auth;
use crate::auth::Target;
use crate::commands::deploy::latest::latest_deploy;
use crate::commands::deploy::start::start;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::report_paths::ReportPaths;
use crate::files::write;
use crate::project::package_args;
use crate::state::journal::Journal;
use crate::ui::follow;
use crate::ui::follow::{FollowOptions, Follower};
use crate::ui::interrupt::Interrupt;
use crate::ui::problems::ProblemFormat;

pub(crate) const NAME: &str = "deploy";

/// The least time for a request, however short `--wait` is.
pub(crate) const MIN_REQUEST_LIMIT: Duration = Duration::from_secs(5);

/// Arguments of a new deploy only.
const NEW: [&str; 14] = [
    "paths",
    "source_dir",
    "metadata",
    "manifest",
    "app",
    "delete",
    "delete_first",
    "consumer",
    "secret",
    "allow_rotation",
    "check_only",
    "ignore_warnings",
    "keep_certificates",
    "yes",
];

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    package: package_args::Selected,
    /// Validate only: nothing changes in the org
    #[arg(long, visible_alias = "dry-run")]
    check_only: bool,
    /// Deploy even if components have warnings
    #[arg(long)]
    ignore_warnings: bool,
    /// Refuse a deploy that would remove a certificate from the org
    #[arg(long)]
    keep_certificates: bool,
    /// Delete components that hold a consumer without asking: its key and all its tokens end
    #[arg(long)]
    yes: bool,
    /// Apex tests to run: none, local, all, relevant (or NoTestRun, RunLocalTests,
    /// RunAllTestsInOrg, RunRelevantTests), or names of test classes
    #[arg(long, visible_alias = "test-level", value_name = "TESTS", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new(), conflicts_with_all = ["quick", "resume", "cancel"])]
    tests: Vec<String>,
    /// Deploy the package of a check-only deploy that ran tests in the last ten days
    #[arg(long, value_name = "ID", conflicts_with_all = NEW, conflicts_with_all = ["resume", "cancel"])]
    quick: Option<DeployId>,
    /// Follow a deploy that is already in the org [default: the last one of the journal]
    #[arg(long, value_name = "ID", num_args = 0..=1, conflicts_with_all = NEW, conflicts_with = "cancel")]
    #[expect(
        clippy::option_option,
        reason = "the type of clap for an option with an optional value"
    )]
    resume: Option<Option<DeployId>>,
    /// Cancel a deploy and wait until it has stopped
    #[arg(long, value_name = "ID", conflicts_with_all = NEW)]
    cancel: Option<DeployId>,
    /// How long to wait for the end, with a unit or in minutes; the deploy continues afterwards
    #[arg(long, short, value_name = "TIME", default_value = "33m", value_parser = wait)]
    wait: Duration,
    /// Write a JUnit report: a test case for each component and each Apex test
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// How to print problems; github: as annotations, and with a summary of the deploy in the file
    /// of GITHUB_STEP_SUMMARY
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: ProblemFormat,
    #[command(flatten)]
    report_paths: ReportPaths,
    /// Cancel the deploy on Ctrl-C, which otherwise leaves it running
    #[arg(long)]
    cancel_on_interrupt: bool,
    /// The folder of the deploy journal [default: $XDG_STATE_HOME/eca/deploys]
    #[arg(long, value_name = "DIR")]
    journal: Option<PathBuf>,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> Result<Exit, Failure> {
    let mut interrupt = Interrupt::listen();
    let policy = PollPolicy::default().with_wait(arguments.wait);
    let journal = Journal::new(arguments.journal.clone());
    if let Some(path) = &arguments.junit {
        write::can_replace(path)?;
    }
    let (mut package, mut recording) = (None, None);
    let (target, deployment) = if let Some(id) = &arguments.resume {
        let target = bounded(context, arguments.wait)?;
        let id = match id {
            Some(id) => id.clone(),
            None => latest_deploy(context, &target, &journal).await?,
        };
        let deployment = Deployment::attach(&target.org, id);
        (target, deployment)
    } else if let Some(id) = &arguments.cancel {
        let target = bounded(context, arguments.wait)?;
        let deployment = Deployment::attach(&target.org, id.clone());
        cancel(&target, &deployment).await?;
        (target, deployment)
    } else {
        let started = start(context, &arguments, &journal, &mut interrupt).await?;
        package = started.package;
        recording = started.recording;
        (started.target, started.deployment)
    };
    let deployment = deployment.with_policy(policy);
    let prefix = arguments.report_paths.prefix(&context.project_root(&[])?);
    let follower = Follower {
        context,
        target: &target,
        command: NAME,
        options: FollowOptions {
            cancel_on_interrupt: arguments.cancel_on_interrupt,
            cancelling: arguments.cancel.is_some(),
            junit: arguments.junit.as_deref(),
            package: package.as_ref(),
            format: arguments.format,
            path_prefix: &prefix,
        },
    };
    let follow = follower.follow(deployment, &mut interrupt);
    match recording {
        Some(recording) => Box::pin(recording.around(context, follow)).await,
        None => follow.await,
    }
}

/// The org of an existing deploy; the project is only used to locate `eca.toml`.
fn existing(context: &Context) -> Result<Target, Failure> {
    let root = context.project_root(&[])?;
    auth::target(context, &root, None)
}

/// [`existing`], with a limit for each request: `--wait` must end also against an org that never
/// answers. A start has none, because a start that is cut off may take effect.
fn bounded(context: &Context, wait: Duration) -> Result<Target, Failure> {
    let mut target = existing(context)?;
    target.org = target.org.with_timeout(wait.max(MIN_REQUEST_LIMIT));
    Ok(target)
}

async fn cancel(target: &Target, deployment: &Deployment) -> Result<(), Failure> {
    let id = deployment.id();
    let Err(error) = deployment.cancel().await else {
        return Ok(());
    };
    if error.api_error().is_some_and(ApiError::is_unknown_id) {
        return Err(follow::unknown_id(id, &error));
    }
    // The org refuses to cancel a deploy that has ended: by itself, or by an earlier cancellation
    // whose response was lost.
    if error.api_error().is_some()
        && !error.is_auth()
        && let Ok(status) = deployment.status_with_retry().await
        && status.done
    {
        if status.status == DeployStatus::Canceled {
            return Ok(());
        }
        let message = format!(
            "deploy {id} could not be cancelled: it has ended as {}",
            status.status
        );
        let show = target.command_line("deploys show");
        return Err(
            Failure::new(Exit::Refused, message).hint(format!("to see its result: {show} {id}"))
        );
    }
    let message = format!("deploy {id} could not be cancelled");
    Err(Failure::caused_by(Exit::from(&error), message, &error).or_hint(target.hint(&error)))
}
