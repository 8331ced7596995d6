//! `eca deploy`: bring a project, or a part of it, into an org.

mod certificates;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use eca_deploy::ApiError;
use eca_deploy::{
    DeployId, DeployMatch, DeployOptions, Deployment, Package, PackageReport, PollPolicy,
    StartError, TestLevel,
};

use crate::auth;
use crate::auth::Target;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::write;
use crate::project::package_args;
use crate::state::journal::{Journal, JournalEntry};
use crate::ui::follow;
use crate::ui::follow::{Manner, follow};
use crate::ui::interrupt::Interrupt;

pub(crate) const NAME: &str = "deploy";

/// What cannot be said about a deploy that is already there.
const NEW: [&str; 11] = [
    "paths",
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
];

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    package: package_args::Selected,
    /// Validate only: nothing changes in the org
    #[arg(long)]
    check_only: bool,
    /// Deploy although components have warnings
    #[arg(long)]
    ignore_warnings: bool,
    /// Ask the org first, and deploy nothing that would take a certificate away from it
    #[arg(long)]
    keep_certificates: bool,
    /// Which Apex tests run: none, local, all, relevant, or names of test classes
    #[arg(long, value_name = "TESTS", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new(), conflicts_with_all = ["quick", "resume", "cancel"])]
    tests: Vec<String>,
    /// Deploy what a check-only deploy with tests has validated in the last ten days
    #[arg(long, value_name = "ID", conflicts_with_all = NEW, conflicts_with_all = ["resume", "cancel"])]
    quick: Option<DeployId>,
    /// Follow a deploy that is already in the org; without ID the last one of the journal
    #[arg(long, value_name = "ID", num_args = 0..=1, conflicts_with_all = NEW, conflicts_with = "cancel")]
    #[expect(
        clippy::option_option,
        reason = "what clap makes of an option with an optional value"
    )]
    resume: Option<Option<DeployId>>,
    /// Cancel a deploy and wait until it has stopped
    #[arg(long, value_name = "ID", conflicts_with_all = NEW)]
    cancel: Option<DeployId>,
    /// How long to wait for the end; the deploy goes on after it
    #[arg(long, value_name = "TIME", default_value = "33m", value_parser = humantime::parse_duration)]
    wait: Duration,
    /// Write a JUnit report: a test case for each component and each Apex test
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Cancel the deploy on Ctrl-C, which otherwise leaves it running
    #[arg(long)]
    cancel_on_interrupt: bool,
    /// Where to remember deploys [default: $XDG_STATE_HOME/eca/deploys]
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
    let mut package = None;
    let (target, deployment) = if let Some(id) = &arguments.resume {
        let target = existing(context)?;
        let id = match id {
            Some(id) => id.clone(),
            None => latest_deploy(&target, &journal).await?,
        };
        let deployment = Deployment::attach(&target.org, id);
        (target, deployment)
    } else if let Some(id) = &arguments.cancel {
        let target = existing(context)?;
        let deployment = Deployment::attach(&target.org, id.clone());
        cancel(&deployment).await?;
        (target, deployment)
    } else {
        let started = begin(context, &arguments, &journal, &mut interrupt).await?;
        package = started.package;
        (started.target, started.deployment)
    };
    let deployment = deployment.with_policy(policy);
    let manner = Manner {
        cancel_on_interrupt: arguments.cancel_on_interrupt,
        cancelling: arguments.cancel.is_some(),
        junit: arguments.junit.as_deref(),
        package: package.as_ref(),
        ..Manner::of(NAME)
    };
    follow(context, &target, deployment, &mut interrupt, manner).await
}

/// The org of a deploy that is already there; the project only says where `eca.toml` is.
fn existing(context: &Context) -> Result<Target, Failure> {
    let root = context.project_root(&[])?;
    auth::target(context, &root, None)
}

/// A deploy that this process has started.
struct Started {
    target: Target,
    deployment: Deployment,
    /// `None` for a quick deploy, whose package is in the org already.
    package: Option<PackageReport>,
}

async fn begin(
    context: &Context,
    arguments: &Arguments,
    journal: &Journal,
    interrupt: &mut Interrupt,
) -> Result<Started, Failure> {
    if let Some(validated) = &arguments.quick {
        let target = existing(context)?;
        let entry = journal.begin(context, target.org.endpoint().instance(), None, false);
        let started = tokio::select! {
            started = Deployment::quick_deploy(&target.org, validated) => started,
            () = interrupt.requested() => return Err(interrupted()),
        };
        let unknown = started.as_ref().is_err_and(|error| {
            let said = error.error().api_error();
            said.is_some_and(ApiError::is_unknown_id)
        });
        let settled = settle(context, &target, entry, started);
        let deployment = settled.map_err(|failure| {
            if unknown {
                failure.hint(format!(
                    "a quick deploy takes the id of a --check-only deploy that ran tests and succeeded in this org in the \
                     last ten days; to see them: {}",
                    target.command_line("deploys list")
                ))
            } else {
                failure
            }
        })?;
        return Ok(Started {
            target,
            deployment,
            package: None,
        });
    }
    let options = options(arguments)?;
    let (root, package) = arguments.package.build(context)?;
    let target = target(context, &root, &package)?;
    package_args::talk(context, &package);
    if arguments.keep_certificates {
        tokio::select! {
            kept = certificates::keep(&target, &root, &package) => kept?,
            () = interrupt.requested() => {
                return Err(Failure::new(Exit::Interrupted, "interrupted before anything was deployed"));
            }
        }
    }
    let instance = target.org.endpoint().instance();
    let others = journal.ids(instance);
    let entry = journal.begin(context, instance, Some(&package), options.check_only);
    let started = tokio::select! {
        started = Deployment::start_or_recover(&target.org, &package, &options, &others) => started,
        () = interrupt.requested() => return Err(interrupted()),
    };
    let deployment = settle(context, &target, entry, started)?;
    if deployment.was_recovered() {
        context.output.info(
            "the answer to the start was lost; this is the only deploy in the org that it can be",
        );
    }
    Ok(Started {
        target,
        deployment,
        package: Some(package.report().clone()),
    })
}

fn target(context: &Context, root: &Path, package: &Package) -> Result<Target, Failure> {
    auth::target(context, root, Some(package.report().api_version))
}

fn interrupted() -> Failure {
    Failure::new(
        Exit::Interrupted,
        "interrupted while the deploy was being started; the org may have got it",
    )
    .hint("`eca deploy --resume` looks for it in the org; look before you deploy again")
}

fn options(arguments: &Arguments) -> Result<DeployOptions, Failure> {
    let mut options = if arguments.check_only {
        DeployOptions::check_only()
    } else {
        DeployOptions::default()
    };
    options.ignore_warnings = arguments.ignore_warnings;
    options.test_level = match &arguments.tests[..] {
        [] => None,
        [word] if level(word).is_some() => level(word),
        names => {
            if let Some(word) = names.iter().find(|name| level(name).is_some()) {
                let message = format!("--tests {word} stands alone, without names of test classes");
                return Err(Failure::new(Exit::Usage, message));
            }
            options.run_tests = names.to_vec();
            Some(TestLevel::RunSpecifiedTests)
        }
    };
    Ok(options)
}

/// The test level that a word stands for; anything else is the name of a class.
fn level(word: &str) -> Option<TestLevel> {
    match word {
        "none" => Some(TestLevel::NoTestRun),
        "local" => Some(TestLevel::RunLocalTests),
        "all" => Some(TestLevel::RunAllTestsInOrg),
        "relevant" => Some(TestLevel::RunRelevantTests),
        _ => None,
    }
}

/// Writes down how the start went, before anything else is asked.
fn settle(
    context: &Context,
    target: &Target,
    mut entry: JournalEntry,
    started: Result<Deployment, StartError>,
) -> Result<Deployment, Failure> {
    match started {
        Ok(deployment) => {
            entry.started(context, deployment.id());
            Ok(deployment)
        }
        Err(error) => {
            if !error.is_unknown() {
                entry.forget();
            }
            Err(not_started(target, &error))
        }
    }
}

fn not_started(target: &Target, error: &StartError) -> Failure {
    let failure = Failure::from_library(error);
    if error.is_unknown() && !error.is_auth() {
        let resume = target.command_line(NAME);
        return failure.hint(format!(
            "to look for it in the org once more: {resume} --resume"
        ));
    }
    failure.or_hint(target.hint(error.error()))
}

/// The last deploy of the journal: by its id, or else by what the org says about its deploys.
pub(super) async fn latest_deploy(target: &Target, journal: &Journal) -> Result<DeployId, Failure> {
    let entry = journal.latest(target.org.endpoint().instance())?;
    if let Some(id) = entry.id() {
        return Ok(id);
    }
    let unknown = |message: String| {
        let list = target.command_line("deploys list");
        Failure::new(Exit::Unknown, message).hint(format!(
            "to see for yourself: {list}; if yours is not there, deploy again"
        ))
    };
    let others = journal.ids(target.org.endpoint().instance());
    match Deployment::find_recent(&target.org, &entry.fingerprint().excluding(others)).await {
        Ok(DeployMatch::One(id)) => Ok(id),
        Ok(DeployMatch::Several(ids)) => {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            Err(unknown(format!(
                "the last deploy of the journal got no answer, and several deploys in the org may be it: {}",
                ids.join(", ")
            )))
        }
        Ok(_) => Err(unknown(
            "the last deploy of the journal got no answer, and no deploy in the org fits"
                .to_owned(),
        )),
        Err(error) => Err(Failure::caused_by(
            Exit::Unknown,
            "the last deploy of the journal got no answer, and the org cannot be asked for its deploys",
            &error,
        )),
    }
}

async fn cancel(deployment: &Deployment) -> Result<(), Failure> {
    let id = deployment.id();
    match deployment.cancel().await {
        Ok(_) => Ok(()),
        Err(error) if error.api_error().is_some_and(ApiError::is_unknown_id) => {
            Err(follow::unknown_id(id, &error))
        }
        Err(error) => {
            let message = format!("deploy {id} could not be cancelled");
            Err(Failure::caused_by(Exit::from(&error), message, &error))
        }
    }
}
