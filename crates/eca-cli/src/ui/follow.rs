//! Follows a deploy to its end and reports it.

use std::path::Path;
use std::time::Duration;

use eca_deploy::{
    ApiError, DeployId, DeployOutcome, DeployProblem, Deployment, PackageReport, UnknownOutcome,
    UnknownReason, Update,
};

use crate::auth::Target;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::report_paths::prefixed;
use crate::files::write;
use crate::project::package_args::Filtered;
use crate::ui::deploy_result::{self, DeployDocument};
use crate::ui::interrupt::Interrupt;
use crate::ui::mask::mask;
use crate::ui::problems::{Problem, ProblemFormat};
use crate::ui::progress::Progress;
use crate::ui::{github_report, junit, output, problems};

/// The options of following a deploy.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FollowOptions<'a> {
    /// Cancel the deploy when this process is interrupted.
    pub(crate) cancel_on_interrupt: bool,
    /// The deploy is being cancelled: the status Canceled is a success.
    pub(crate) cancelling: bool,
    /// The file of the JUnit report.
    pub(crate) junit: Option<&'a Path>,
    /// The package, if this process built it.
    pub(crate) package: Option<&'a PackageReport>,
    /// How problems are printed.
    pub(crate) format: ProblemFormat,
    /// What precedes local paths in reports for machines.
    pub(crate) path_prefix: &'a str,
}

/// Follows a deploy for a command.
pub(crate) struct Follower<'a> {
    pub(crate) context: &'a Context,
    pub(crate) target: &'a Target,
    /// The command's name, for the document.
    pub(crate) command: &'static str,
    pub(crate) options: FollowOptions<'a>,
}

impl Follower<'_> {
    /// Follows a deploy to its end and reports it.
    pub(crate) async fn follow(
        &self,
        mut deployment: Deployment,
        interrupt: &mut Interrupt,
    ) -> Result<Exit, Failure> {
        let output = &self.context.output;
        let id = deployment.id().clone();
        let instance = self.target.org.endpoint().instance();
        output.important(format_args!("deploy {id} in {instance}"));
        let mut progress = Progress::start(output);
        loop {
            tokio::select! {
                update = deployment.next_update() => match update {
                    Some(Update::Status(status)) => progress.status(&status),
                    Some(update) => progress.interrupted(&update),
                    None => break,
                },
                () = interrupt.requested() => {
                    drop(progress);
                    return Err(self.interrupted(&deployment).await);
                }
            }
        }
        drop(progress);
        let outcome = deployment.outcome().await;
        if let DeployOutcome::Unknown(unknown) = &outcome {
            return Err(self.unknown(&id, unknown));
        }
        let exit = self.exit(&outcome);
        let problems = prefixed(outcome.problems(), self.options.path_prefix);
        self.print(&id, &outcome, &problems, exit);
        let written = [
            self.write_junit(&outcome, &problems, exit),
            self.write_summary(&outcome, &problems),
        ];
        let failed = written.into_iter().find_map(Result::err);
        // The deploy is already reported, and there is only one JSON document.
        Ok(failed.map_or(exit, |failure| {
            output::error(&failure);
            failure.exit()
        }))
    }

    fn resume_hint(&self, id: &DeployId) -> String {
        let deploy = self.target.command_line("deploy");
        format!("to follow it: {deploy} --resume {id}")
    }

    async fn interrupted(&self, deployment: &Deployment) -> Failure {
        let id = deployment.id();
        let failure = if self.options.cancel_on_interrupt {
            match deployment.cancel().await {
                Ok(status) => Failure::new(
                    Exit::Interrupted,
                    format!("interrupted; the org was asked to cancel deploy {id}: {status}"),
                ),
                Err(error) => Failure::caused_by(
                    Exit::Interrupted,
                    format!("interrupted; deploy {id} could not be cancelled"),
                    &error,
                ),
            }
        } else {
            let message = format!("interrupted; deploy {id} continues in the org");
            Failure::new(Exit::Interrupted, message)
        };
        failure.hint(self.resume_hint(id))
    }

    /// The failure of a deploy with an unknown outcome.
    fn unknown(&self, id: &DeployId, unknown: &UnknownOutcome) -> Failure {
        let not_known = format!("the outcome of deploy {id} is unknown");
        let failure = match &unknown.reason {
            UnknownReason::StillRunning { waited } => {
                let message = format!("deploy {id} is still running after {}", rounded(*waited));
                Failure::new(Exit::Unknown, message)
            }
            UnknownReason::NoStatus(error)
                if unknown.last.is_none()
                    && error.api_error().is_some_and(ApiError::is_unknown_id) =>
            {
                return unknown_id(id, error);
            }
            UnknownReason::NoStatus(error) if error.is_auth() => {
                let message = format!(
                    "the session ended while deploy {id} was running; it continues in the org"
                );
                Failure::caused_by(Exit::Unknown, message, error)
            }
            UnknownReason::StartLost(error) | UnknownReason::NoStatus(error) => {
                Failure::caused_by(Exit::Unknown, not_known, error)
            }
            _ => Failure::new(Exit::Unknown, not_known),
        };
        failure.hint(self.resume_hint(id))
    }

    fn exit(&self, outcome: &DeployOutcome) -> Exit {
        let as_asked = if self.options.cancelling {
            matches!(outcome, DeployOutcome::Canceled(_))
        } else {
            outcome.is_success()
        };
        if as_asked {
            Exit::Success
        } else {
            Exit::Failed
        }
    }

    /// Prints the result; `in_repository` are its problems with the paths of reports.
    fn print(
        &self,
        id: &DeployId,
        outcome: &DeployOutcome,
        in_repository: &[DeployProblem],
        exit: Exit,
    ) {
        let output = &self.context.output;
        let problems = match self.options.format {
            ProblemFormat::Text => problems::print(output, outcome.problems()),
            ProblemFormat::Github => {
                github_report::print_annotations(output, in_repository);
                outcome.problems().iter().map(Problem::from).collect()
            }
        };
        let Some(result) = outcome.result() else {
            return;
        };
        deploy_result::print(output, result);
        let package = self.options.package.map(Filtered::from);
        let document = DeployDocument::new(id, result, problems, package);
        output.document(self.command, exit, &document);
    }

    /// Writes the JUnit report, if requested.
    fn write_junit(
        &self,
        outcome: &DeployOutcome,
        problems: &[DeployProblem],
        exit: Exit,
    ) -> Result<(), Failure> {
        let (Some(path), Some(result)) = (self.options.junit, outcome.result()) else {
            return Ok(());
        };
        let report = junit::report(result, problems, exit == Exit::Success);
        match report.to_string() {
            Ok(report) => write::replace(path, mask(&report).as_bytes()),
            Err(error) => {
                let message = format!("cannot write {}", path.display());
                Err(Failure::caused_by(Exit::Failed, message, &error))
            }
        }
    }

    /// Adds the deploy to the summary of the step, if GitHub shows one.
    fn write_summary(
        &self,
        outcome: &DeployOutcome,
        problems: &[DeployProblem],
    ) -> Result<(), Failure> {
        let (ProblemFormat::Github, Some(result)) = (self.options.format, outcome.result()) else {
            return Ok(());
        };
        let summary = github_report::summary(self.target.shown(), result, problems);
        github_report::append(&summary)
    }
}

/// The failure of an id that the org does not have.
pub(crate) fn unknown_id(id: &DeployId, error: &eca_deploy::Error) -> Failure {
    let message = format!("the org has no deploy {id}");
    Failure::caused_by(Exit::from(error), message, error)
        .hint("check the id and the org; to list the deploys of the org: eca deploys list")
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
