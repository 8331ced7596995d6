//! Starts a deploy and records it in the journal.

use eca_deploy::{
    ApiError, DeployId, DeployOptions, Deployment, PackageReport, StartError, TestLevel,
};

use crate::auth;
use crate::auth::Target;
use crate::commands::deploy::{Arguments, NAME, certificates, existing};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::package_args;
use crate::state::journal::{Journal, JournalEntry};
use crate::ui::interrupt::Interrupt;

/// A deploy that this process has started.
pub(super) struct Started {
    pub(super) target: Target,
    pub(super) deployment: Deployment,
    /// `None` for a quick deploy: the org has its package.
    pub(super) package: Option<PackageReport>,
}

/// Starts the deploy that the arguments describe.
pub(super) async fn start(
    context: &Context,
    arguments: &Arguments,
    journal: &Journal,
    interrupt: &mut Interrupt,
) -> Result<Started, Failure> {
    if let Some(validated) = &arguments.quick {
        return quick(context, validated, journal, interrupt).await;
    }
    let options = options(arguments)?;
    let (root, package) = arguments.package.build(context)?;
    let target = auth::target(context, &root, Some(package.report().api_version))?;
    package_args::print_report(context, &package);
    if arguments.keep_certificates {
        tokio::select! {
            checked = certificates::keep(&target, &root, &package) => checked?,
            () = interrupt.requested() => {
                return Err(Failure::new(Exit::Interrupted, "interrupted before the deploy was started"));
            }
        }
    }
    let instance = target.org.endpoint().instance();
    let others = journal.ids(instance);
    let entry = journal.begin(context, instance, Some(&package), options.check_only);
    let deploy = target.org.deploy(&package);
    let deploy = deploy.options(options).recover_lost(others);
    let started = tokio::select! {
        started = deploy.start() => started,
        () = interrupt.requested() => return Err(interrupted()),
    };
    let deployment = settle(context, &target, entry, started)?;
    if deployment.was_recovered() {
        context.output.info(
            "the response to the start request was lost; the org has exactly one matching deploy",
        );
    }
    Ok(Started {
        target,
        deployment,
        package: Some(package.report().clone()),
    })
}

async fn quick(
    context: &Context,
    validated: &DeployId,
    journal: &Journal,
    interrupt: &mut Interrupt,
) -> Result<Started, Failure> {
    let target = existing(context)?;
    let entry = journal.begin(context, target.org.endpoint().instance(), None, false);
    let started = tokio::select! {
        started = target.org.quick_deploy(validated) => started,
        () = interrupt.requested() => return Err(interrupted()),
    };
    let unknown = started.as_ref().is_err_and(|error| {
        let answer = error.error().api_error();
        answer.is_some_and(ApiError::is_unknown_id)
    });
    let settled = settle(context, &target, entry, started);
    let deployment = settled.map_err(|failure| {
        if unknown {
            failure.hint(format!(
                "give the id of a --check-only deploy that ran tests and succeeded in this org in the last \
                 ten days; to list them: {}",
                target.command_line("deploys list")
            ))
        } else {
            failure
        }
    })?;
    Ok(Started {
        target,
        deployment,
        package: None,
    })
}

fn interrupted() -> Failure {
    Failure::new(
        Exit::Interrupted,
        "interrupted while starting the deploy; the org may have received it",
    )
    .hint("before you deploy again, look for it in the org: eca deploy --resume")
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
                let message =
                    format!("--tests {word} cannot be combined with names of test classes");
                return Err(Failure::new(Exit::Usage, message));
            }
            options.run_tests = names.to_vec();
            Some(TestLevel::RunSpecifiedTests)
        }
    };
    Ok(options)
}

/// The test level of a word; other words are names of classes.
fn level(word: &str) -> Option<TestLevel> {
    match word {
        "none" => Some(TestLevel::NoTestRun),
        "local" => Some(TestLevel::RunLocalTests),
        "all" => Some(TestLevel::RunAllTestsInOrg),
        "relevant" => Some(TestLevel::RunRelevantTests),
        _ => None,
    }
}

/// Records the outcome of the start in the journal, before any other request.
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
            "to look for it in the org again: {resume} --resume"
        ));
    }
    failure.or_hint(target.hint(error.error()))
}
