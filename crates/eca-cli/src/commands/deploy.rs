//! `eca deploy`: bring a project, or a part of it, into an org.

use std::path::PathBuf;
use std::time::Duration;

use eca_deploy::{
    DeployId, DeployOptions, DeployOutcome, DeployResult, Deployment, Package, PollPolicy,
    StartError, Update, WhyUnknown,
};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::org::{self, Target};
use crate::packaging;
use crate::paths::Selection;
use crate::progress::Progress;

pub(crate) const NAME: &str = "deploy";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to deploy: files and folders of the project [default: all of it]
    #[arg(value_name = "PATH", conflicts_with = "resume")]
    paths: Vec<PathBuf>,
    /// Validate only: nothing changes in the org
    #[arg(long, conflicts_with = "resume")]
    check_only: bool,
    /// Deploy although components have warnings
    #[arg(long, conflicts_with = "resume")]
    ignore_warnings: bool,
    /// Follow a deploy that is already in the org
    #[arg(long, value_name = "ID")]
    resume: Option<DeployId>,
    /// How long to wait for the end; the deploy goes on after it
    #[arg(long, value_name = "TIME", default_value = "33m", value_parser = humantime::parse_duration)]
    wait: Duration,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> Result<Exit, Failure> {
    let mut interrupt = Interrupt::listen();
    let policy = PollPolicy::default().with_wait(arguments.wait);
    if let Some(id) = arguments.resume {
        let root = context.project_root(&[])?;
        let target = org::target(context, &root, None)?;
        let deployment = Deployment::attach(&target.org, id).with_policy(policy);
        return follow(context, &target, deployment, &mut interrupt).await;
    }
    let (root, project) = context.load_project(&arguments.paths)?;
    let selection = Selection::new(&root, &arguments.paths)?;
    let version = project.api_version();
    let package = packaging::build(&project.select(|path| selection.contains(path)), &root)?;
    let target = org::target(context, &root, version)?;
    packaging::talk(context, &package);

    let mut options = if arguments.check_only {
        DeployOptions::check_only()
    } else {
        DeployOptions::default()
    };
    options.ignore_warnings = arguments.ignore_warnings;
    let deployment = tokio::select! {
        started = start(&target, &package, &options) => started?,
        () = interrupt.requested() => {
            return Err(Failure::new(Exit::Interrupted, "interrupted while the deploy was being started; the org may have got it")
                .hint("look into Setup, Deployment Status, before you deploy again"));
        }
    };
    follow(
        context,
        &target,
        deployment.with_policy(policy),
        &mut interrupt,
    )
    .await
}

async fn start(
    target: &Target,
    package: &Package,
    options: &DeployOptions,
) -> Result<Deployment, Failure> {
    Deployment::start(&target.org, package, options)
        .await
        .map_err(|error| {
            let exit = match &error {
                StartError::Lost(_) => Exit::Unknown,
                error if error.is_auth() => Exit::Authentication,
                error if error.error().api_error().is_some() => Exit::Refused,
                _ => Exit::Failed,
            };
            let failure = Failure::from_error(exit, &error);
            let org = target.shown();
            if error.is_auth() {
                failure.hint(format!("get a new access token for {org}"))
            } else if exit == Exit::Failed {
                failure.hint(format!(
                    "check that {} is the org's URL and can be reached",
                    target.org.endpoint().instance()
                ))
            } else {
                failure
            }
        })
}

/// Follows a deploy to its end and reports it.
async fn follow(
    context: &Context,
    target: &Target,
    mut deployment: Deployment,
    interrupt: &mut Interrupt,
) -> Result<Exit, Failure> {
    let id = deployment.id().clone();
    let resume = format!("{} --resume {id}", target.command_line(NAME));
    context.output.talk(format_args!(
        "deploy {id} in {}",
        target.org.endpoint().instance()
    ));
    let mut progress = Progress::start(&context.output);
    loop {
        tokio::select! {
            update = deployment.next_update() => match update {
                Some(Update::Status(status)) => progress.status(&status),
                Some(update) => progress.interrupted(&update),
                None => break,
            },
            () = interrupt.requested() => {
                progress.finish();
                return Err(Failure::new(Exit::Interrupted, format!("interrupted; deploy {id} goes on in the org"))
                    .hint(format!("to follow it: {resume}")));
            }
        }
    }
    progress.finish();
    report(context, &id, &resume, &deployment.outcome().await)
}

fn report(
    context: &Context,
    id: &DeployId,
    resume: &str,
    outcome: &DeployOutcome,
) -> Result<Exit, Failure> {
    #[derive(Serialize)]
    struct Document {
        id: String,
        status: String,
        check_only: bool,
        components_total: u32,
        components_deployed: u32,
        component_errors: u32,
        problems: Vec<String>,
    }
    if let DeployOutcome::Unknown(unknown) = outcome {
        let failure = match &unknown.why {
            WhyUnknown::StillRunning { waited } => {
                let message = format!("deploy {id} is still running after {}", rounded(*waited));
                Failure::new(Exit::Unknown, message)
            }
            WhyUnknown::NoStatus(error)
                if unknown.last.is_none()
                    && error
                        .api_error()
                        .is_some_and(eca_deploy::wire::ApiError::is_unknown_id) =>
            {
                let message = format!("the org knows no deploy {id}");
                return Err(Failure::caused_by(Exit::Refused, message, error)
                    .hint("check the id, and that it is this org's"));
            }
            WhyUnknown::NoStatus(error) if error.is_auth() => {
                let message =
                    format!("the session ended while deploy {id} ran; it goes on in the org");
                Failure::caused_by(Exit::Unknown, message, error)
            }
            WhyUnknown::StartLost(error) | WhyUnknown::NoStatus(error) => Failure::caused_by(
                Exit::Unknown,
                format!("nobody knows how deploy {id} ended"),
                error,
            ),
            _ => Failure::new(Exit::Unknown, format!("nobody knows how deploy {id} ended")),
        };
        return Err(failure.hint(format!("to follow it: {resume}")));
    }
    let exit = if outcome.is_success() {
        Exit::Success
    } else {
        Exit::Failed
    };
    let problems = outcome.problems();
    for problem in problems {
        context.output.line(problem);
    }
    if let Some(result) = outcome.result() {
        context.output.line(summary(result));
        let document = Document {
            id: id.to_string(),
            status: result.status.to_string(),
            check_only: result.check_only,
            components_total: result.number_components_total,
            components_deployed: result.number_components_deployed,
            component_errors: result.number_component_errors,
            problems: problems.iter().map(ToString::to_string).collect(),
        };
        context.output.document(NAME, exit, &document);
    }
    Ok(exit)
}

/// Whole seconds, or milliseconds below one.
fn rounded(time: Duration) -> humantime::FormattedDuration {
    let whole = if time < Duration::from_secs(1) {
        Duration::from_millis(u64::from(time.subsec_millis()))
    } else {
        Duration::from_secs(time.as_secs())
    };
    humantime::format_duration(whole)
}

/// One line about a finished deploy.
fn summary(result: &DeployResult) -> String {
    let what = if result.check_only {
        "check-only deploy"
    } else {
        "deploy"
    };
    format!(
        "{what} {}: {} of {} components, {} with errors",
        result.status,
        result.number_components_deployed,
        result.number_components_total,
        result.number_component_errors,
    )
}
