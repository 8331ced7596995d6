//! Following a deploy to its end and reporting it.

use std::path::Path;
use std::time::Duration;

use eca_deploy::{
    DeployId, DeployOutcome, DeployResult, Deployment, PackageReport, UnknownReason, Update,
};
use serde::Serialize;

use crate::auth::Target;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::write;
use crate::project::package_args::Decided;
use crate::ui::interrupt::Interrupt;
use crate::ui::problems::Complaint;
use crate::ui::progress::Progress;
use crate::ui::{junit, output, problems};

/// How a command wants a deploy followed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner<'a> {
    /// The command's name, for the document.
    pub(crate) command: &'static str,
    /// Whether the deploy is to be cancelled when this process is interrupted.
    pub(crate) cancel_on_interrupt: bool,
    /// Whether a cancelled deploy is what was wanted.
    pub(crate) cancelling: bool,
    /// Where the report for CI goes.
    pub(crate) junit: Option<&'a Path>,
    /// The package, where this process made it.
    pub(crate) package: Option<&'a PackageReport>,
}

impl Manner<'_> {
    /// Only look on.
    pub(crate) fn of(command: &'static str) -> Self {
        Self {
            command,
            cancel_on_interrupt: false,
            cancelling: false,
            junit: None,
            package: None,
        }
    }
}

/// Follows a deploy to its end and reports it.
pub(crate) async fn follow(
    context: &Context,
    target: &Target,
    mut deployment: Deployment,
    interrupt: &mut Interrupt,
    manner: Manner<'_>,
) -> Result<Exit, Failure> {
    let id = deployment.id().clone();
    let resume = format!("{} --resume {id}", target.command_line("deploy"));
    context.output.important(format_args!(
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
                return Err(interrupted(&deployment, &resume, manner).await);
            }
        }
    }
    progress.finish();
    let outcome = deployment.outcome().await;
    report(context, &id, &resume, &outcome, manner)
}

async fn interrupted(deployment: &Deployment, resume: &str, manner: Manner<'_>) -> Failure {
    let id = deployment.id();
    let follow = format!("to follow it: {resume}");
    if !manner.cancel_on_interrupt {
        let message = format!("interrupted; deploy {id} goes on in the org");
        return Failure::new(Exit::Interrupted, message).hint(follow);
    }
    match deployment.cancel().await {
        Ok(status) => {
            let message = format!("interrupted; the org was asked to cancel deploy {id}: {status}");
            Failure::new(Exit::Interrupted, message).hint(follow)
        }
        Err(error) => {
            let message = format!("interrupted; deploy {id} could not be cancelled");
            Failure::caused_by(Exit::Interrupted, message, &error).hint(follow)
        }
    }
}

/// Reports how a deploy ended.
pub(crate) fn report(
    context: &Context,
    id: &DeployId,
    resume: &str,
    outcome: &DeployOutcome,
    manner: Manner<'_>,
) -> Result<Exit, Failure> {
    #[derive(Serialize)]
    struct Document {
        id: String,
        status: String,
        check_only: bool,
        components_total: u32,
        components_deployed: u32,
        component_errors: u32,
        problems: Vec<Complaint>,
        #[serde(flatten)]
        package: Option<Decided>,
    }
    if let DeployOutcome::Unknown(unknown) = outcome {
        let failure = match &unknown.reason {
            UnknownReason::StillRunning { waited } => {
                let message = format!("deploy {id} is still running after {}", rounded(*waited));
                Failure::new(Exit::Unknown, message)
            }
            UnknownReason::NoStatus(error)
                if unknown.last.is_none()
                    && error
                        .api_error()
                        .is_some_and(eca_deploy::ApiError::is_unknown_id) =>
            {
                return Err(unknown_id(id, error));
            }
            UnknownReason::NoStatus(error) if error.is_auth() => {
                let message =
                    format!("the session ended while deploy {id} ran; it goes on in the org");
                Failure::caused_by(Exit::Unknown, message, error)
            }
            UnknownReason::StartLost(error) | UnknownReason::NoStatus(error) => Failure::caused_by(
                Exit::Unknown,
                format!("nobody knows how deploy {id} ended"),
                error,
            ),
            _ => Failure::new(Exit::Unknown, format!("nobody knows how deploy {id} ended")),
        };
        return Err(failure.hint(format!("to follow it: {resume}")));
    }
    let cancelled = matches!(outcome, DeployOutcome::Canceled(_));
    let exit = if outcome.is_success() && !manner.cancelling || cancelled && manner.cancelling {
        Exit::Success
    } else {
        Exit::Failed
    };
    let problems = outcome.problems();
    let complaints = problems::show(&context.output, problems);
    if let Some(result) = outcome.result() {
        context.output.print(summary(result));
        let document = Document {
            id: id.to_string(),
            status: result.status.to_string(),
            check_only: result.check_only,
            components_total: result.number_components_total,
            components_deployed: result.number_components_deployed,
            component_errors: result.number_component_errors,
            problems: complaints,
            package: manner.package.map(Decided::of),
        };
        context.output.document(manner.command, exit, &document);
        if let Some(path) = manner.junit {
            let report = junit::report(result, problems);
            if let Err(failure) = write::replace(path, report.as_bytes()) {
                // How the deploy ended is said already, and there is one document only.
                output::error(&failure);
                return Ok(failure.exit());
            }
        }
    }
    Ok(exit)
}

/// The failure of an id that the org does not have.
pub(crate) fn unknown_id(id: &DeployId, error: &eca_deploy::Error) -> Failure {
    let message = format!("the org knows no deploy {id}");
    Failure::caused_by(Exit::from(error), message, error).hint(
        "check the id, and that it is this org's; `eca deploys list` asks the org for its deploys",
    )
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

/// One line about a deploy.
pub(crate) fn summary(result: &DeployResult) -> String {
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
