//! Starts a deploy and records it in the journal.

use eca_deploy::{
    ApiError, Deploy, DeployId, DeployOptions, Deployment, PackageReport, StartError, TestLevel,
};

use crate::auth;
use crate::auth::Target;
use crate::commands::deploy::record::Recording;
use crate::commands::deploy::{Arguments, NAME, certificates, confirm, existing};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::package_args;
use crate::state::journal::{Journal, JournalEntry};
use crate::ui::interrupt::Interrupt;

/// The level of deploys that run certain classes.
const SPECIFIED: &str = "RunSpecifiedTests";

/// A deploy that this process has started.
pub(super) struct Started {
    pub(super) target: Target,
    pub(super) deployment: Deployment,
    /// `None` for a quick deploy: the org has its package.
    pub(super) package: Option<PackageReport>,
    /// The state that it is recorded in.
    pub(super) recording: Option<Recording>,
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
    let built = arguments.package.build(context)?;
    let (root, package) = (&built.root, &built.package);
    let target = auth::target(context, root, Some(package.report().api_version))?;
    package_args::print_report(context, package);
    if !arguments.yes && !arguments.check_only {
        confirm::deletions(package.report(), &target)?;
    }
    if arguments.keep_certificates {
        tokio::select! {
            checked = certificates::keep(&target, &built.project.project, package) => checked?,
            () = interrupt.requested() => {
                return Err(not_begun());
            }
        }
    }
    let recording = if arguments.check_only {
        None
    } else {
        Recording::begin(context, root, &target, &built.project.project, package).await?
    };
    package_args::free(built.project);
    let deploy = target.org.deploy(package).options(options);
    let deployment = match send(context, &target, journal, interrupt, deploy).await {
        Ok(deployment) => deployment,
        Err(failure) => {
            if let Some(recording) = recording {
                recording.release().await;
            }
            return Err(failure);
        }
    };
    Ok(Started {
        target,
        deployment,
        package: Some(package.report().clone()),
        recording,
    })
}

async fn quick(
    context: &Context,
    validated: &DeployId,
    journal: &Journal,
    interrupt: &mut Interrupt,
) -> Result<Started, Failure> {
    let target = existing(context)?;
    let deploy = target.org.quick_deploy(validated);
    let deployment = send(context, &target, journal, interrupt, deploy).await?;
    Ok(Started {
        target,
        deployment,
        package: None,
        recording: None,
    })
}

/// Starts a deploy once, with an entry in the journal before anything is sent that starts it.
async fn send(
    context: &Context,
    target: &Target,
    journal: &Journal,
    interrupt: &mut Interrupt,
    deploy: Deploy<'_>,
) -> Result<Deployment, Failure> {
    let deploy = tokio::select! {
        deploy = deploy.recoverable() => deploy,
        () = interrupt.requested() => return Err(not_begun()),
    };
    let deploy =
        deploy.map_err(|error| auth::call_failed(target, "the deploy was not started", &error))?;
    let fingerprint = deploy.fingerprint();
    if !fingerprint.is_recognizable() {
        let reason = match (fingerprint.zip_comment_bytes, &fingerprint.validated) {
            (None, None) => "the package leaves no room below the limit of the org",
            _ => {
                "the org did not report its time, the user of the token, or the size of the validation"
            }
        };
        context.output.warn(format_args!(
            "if the response to the start is lost, the deploy will not be found: {reason}"
        ));
    }
    let instance = target.org.endpoint().instance();
    let others = journal.ids(instance);
    let entry = journal.begin(context, instance, fingerprint);
    let started = tokio::select! {
        started = deploy.start(&others) => started,
        () = interrupt.requested() => return Err(interrupted()),
    };
    let is_not_found = matches!(&started, Err(error) if is_not_found(error));
    let deployment = match settle(context, target, entry, started) {
        Err(failure) if is_not_found => {
            return Err(auth::too_new(context, target).await.unwrap_or(failure));
        }
        settled => settled?,
    };
    if deployment.was_recovered() {
        context.output.info(
            "the response to the start request was lost; the org has exactly one matching deploy",
        );
    }
    Ok(deployment)
}

/// Whether the org has no such resource: also an API version that it does not have.
fn is_not_found(error: &StartError) -> bool {
    let refusal = error.error().api_error();
    refusal.is_some_and(|refusal| refusal.http_status == 404)
}

fn not_begun() -> Failure {
    Failure::new(
        Exit::Interrupted,
        "interrupted before the deploy was started",
    )
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
            // The Salesforce CLI wants the level beside the names.
            let is_level = |name: &String| name.eq_ignore_ascii_case(SPECIFIED);
            let names: Vec<_> = names.iter().filter(|name| !is_level(name)).collect();
            if names.is_empty() {
                let message = format!("{SPECIFIED} needs the names of test classes");
                return Err(Failure::new(Exit::Usage, message).hint("--tests CLASS,CLASS"));
            }
            if let Some(word) = names.iter().find(|name| level(name).is_some()) {
                let message =
                    format!("--tests {word} cannot be combined with names of test classes");
                return Err(Failure::new(Exit::Usage, message));
            }
            options.run_tests = names.into_iter().cloned().collect();
            Some(TestLevel::RunSpecifiedTests)
        }
    };
    Ok(options)
}

/// The test level of a word, ours or the Metadata API's; other words are names of classes. No class
/// is meant by a word in other letters: Apex does not distinguish them.
fn level(word: &str) -> Option<TestLevel> {
    let words = [
        ("none", "NoTestRun", TestLevel::NoTestRun),
        ("local", "RunLocalTests", TestLevel::RunLocalTests),
        ("all", "RunAllTestsInOrg", TestLevel::RunAllTestsInOrg),
        ("relevant", "RunRelevantTests", TestLevel::RunRelevantTests),
    ];
    let is = |known: &str| word.eq_ignore_ascii_case(known);
    let mut words = words.into_iter();
    let found = words.find(|(short, name, _)| is(short) || is(name));
    found.map(|(_, _, level)| level)
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
    let refusal = error.error().api_error();
    if refusal.is_some_and(ApiError::is_unknown_id) {
        // Only a quick deploy has an id.
        return failure.hint(format!(
            "give the id of a --check-only deploy that ran tests and succeeded in this org in the last ten days; \
             to list them: {}",
            target.command_line("deploys list")
        ));
    }
    if let StartError::NotStarted(error) = error
        && error.is_unreachable()
    {
        return auth::call_failed(target, "the deploy was not started", error);
    }
    if error.is_unknown() && !error.is_auth() {
        let resume = target.command_line(NAME);
        return failure.hint(format!(
            "to look for it in the org again: {resume} --resume"
        ));
    }
    failure.or_hint(target.hint(error.error()))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{self, Command};

    #[test]
    fn words_for_test_levels() {
        use TestLevel::{
            NoTestRun, RunAllTestsInOrg, RunLocalTests, RunRelevantTests, RunSpecifiedTests,
        };

        let classes = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        for (words, level, names) in [
            (&["--tests", "none"][..], NoTestRun, &[][..]),
            (&["--tests", "NoTestRun"], NoTestRun, &[]),
            (&["--tests", "Local"], RunLocalTests, &[]),
            (&["--tests", "RunLocalTests"], RunLocalTests, &[]),
            (&["--test-level", "RunAllTestsInOrg"], RunAllTestsInOrg, &[]),
            (&["--tests", "RunRelevantTests"], RunRelevantTests, &[]),
            (
                &["--tests", "ATest,BTest"],
                RunSpecifiedTests,
                &["ATest", "BTest"],
            ),
            (
                &["--test-level", "RunSpecifiedTests", "--tests", "ATest"],
                RunSpecifiedTests,
                &["ATest"],
            ),
        ] {
            let parsed = parse(words).unwrap();
            assert_eq!(parsed.test_level, Some(level), "{words:?}");
            assert_eq!(parsed.run_tests, classes(names), "{words:?}");
        }
        for words in [
            &["--tests", "local,ATest"],
            &["--tests", "RunSpecifiedTests"],
        ] {
            assert!(parse(words).is_err(), "{words:?}");
        }
    }

    fn parse(words: &[&str]) -> Result<DeployOptions, Failure> {
        let line = ["eca", "deploy"].iter().chain(words);
        let Command::Deploy(arguments) = args::Arguments::try_parse_from(line).unwrap().command
        else {
            unreachable!("the line deploys")
        };
        options(&arguments)
    }
}
