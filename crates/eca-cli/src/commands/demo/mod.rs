//! `eca demo`: end-to-end walkthrough on a local org, over HTTP, by the code for real orgs.
//!
//! The seven steps: [`load`](steps::load), [`lint`](steps::lint),
//! [`certificate`](steps::certificate), [`deploy`](steps::deploy), [`retrieve`](steps::retrieve),
//! [`login`](login::login) and [`refusals`](refusals::refusals). A project without a first-party
//! app has four: load, lint, deploy and retrieve.

use std::path::PathBuf;
use std::time::Instant;

use eca_lint::Profile;
use eca_model::Project;
use eca_model::types::ExtlClntAppOauthSettings;
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::emulate;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::interrupt::Interrupt;
use crate::ui::output;

mod context;
mod customer;
mod example;
mod login;
mod refusals;
mod steps;
mod transcript;
mod workdir;

use crate::commands::demo::context::DemoContext;
use crate::commands::demo::customer::DeployedApp;
use crate::commands::demo::transcript::{DemoStep, Transcript};
use crate::commands::demo::workdir::Workdir;

pub(crate) const NAME: &str = "demo";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Keep key, certificate and project in this folder, which must be new or empty
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// The port of the embedded org on 127.0.0.1; 0 for a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> Result<Exit, Failure> {
    let begun = Instant::now();
    let mut interrupt = Interrupt::listen();
    let workdir = Workdir::new(arguments.keep.as_deref(), context.given_project())?;
    let org = emulate::start(arguments.port).await?;
    context.output.print(format_args!(
        "An embedded org on {}, a copy of {} in {}\n",
        org.instance_url(),
        workdir.source(),
        workdir.root().display(),
    ));
    let demo = DemoContext::new(context, org, workdir)?;
    let mut transcript = Transcript::new(&context.output);
    let failed = tokio::select! {
        result = run_steps(&demo, &mut transcript) => result.err(),
        () = interrupt.requested() => {
            return Err(Failure::new(Exit::Interrupted, "interrupted"));
        }
    };
    let exit = if failed.is_none() {
        Exit::Success
    } else {
        Exit::Failed
    };
    transcript.table(begun.elapsed());
    report(context, &demo, &transcript, begun, exit, failed.as_ref());
    let (org, workdir) = demo.end();
    org.stop().await;
    if let Some(folder) = workdir.close() {
        context
            .output
            .info(format_args!("stored in {}", folder.display()));
    }
    if let Some(failure) = failed {
        output::error(&failure);
    }
    Ok(exit)
}

/// Runs the steps until one fails.
async fn run_steps(demo: &DemoContext<'_>, transcript: &mut Transcript<'_>) -> Result<(), Failure> {
    macro_rules! step {
        ($name:literal, $title:expr, $step:ident => $work:expr) => {{
            let mut $step = transcript.begin($name, $title);
            let result = $work;
            transcript.end($step, result)?
        }};
    }
    let project = step!("load", "Load the project", step => steps::load(demo, &mut step));
    let Some(name) = first_party_app(&project)? else {
        transcript.leave_out(3, "the steps certificate, login and refusals need a first-party app (isFirstPartyAppEnabled)");
        step!("lint", "Check it offline", step => steps::lint(demo, &project, None, &mut step));
        let package = step!("deploy", "Deploy over REST: check-only, then for real", step => steps::deploy(demo, &project, &mut step).await);
        step!("retrieve", "Retrieve it back over SOAP and compare", step => steps::retrieve(demo, &project, &package, &mut step).await.map(drop));
        return Ok(());
    };
    step!("lint", "Check it offline with the first-party profile", step => steps::lint(demo, &project, Some(Profile::FirstParty), &mut step));
    let (project, key) = step!("certificate", "Make a key and register its certificate", step => steps::certificate(demo, &project, &name, &mut step));
    let package = step!("deploy", "Deploy over REST: check-only, then for real", step => steps::deploy(demo, &project, &mut step).await);
    let client_id = step!("retrieve", "Retrieve it back over SOAP and compare", step => steps::retrieve(demo, &project, &package, &mut step).await.and_then(|theirs| steps::client_id(&theirs, &name)));
    let app = DeployedApp {
        name,
        project,
        key,
        client_id,
    };
    let customer = step!("login", "Log an external user in headless", step => login::login(demo, &app, &mut step).await);
    step!("refusals", "Check that the org refuses wrong logins", step => refusals::refusals(demo, &app, &customer, &mut step).await);
    Ok(())
}

/// The app whose customers log in headless.
fn first_party_app(project: &Project) -> Result<Option<String>, Failure> {
    let settings = project.of_type::<ExtlClntAppOauthSettings>();
    let names = settings
        .filter(|(_, settings)| settings.is_first_party_app_enabled == Some(true))
        .filter_map(|(component, _)| component.app());
    match &names.collect::<Vec<_>>()[..] {
        [] => Ok(None),
        [name] => Ok(Some((*name).to_owned())),
        names => {
            let message = format!(
                "the project has several first-party apps: {}",
                names.join(", ")
            );
            Err(Failure::new(Exit::Usage, message)
                .hint("give the demo a project with one of them: --project DIR"))
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document<'a, E> {
    instance_url: &'a str,
    project: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    steps: &'a [DemoStep],
    milliseconds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<E>,
}

fn report(
    context: &Context,
    demo: &DemoContext<'_>,
    transcript: &Transcript<'_>,
    begun: Instant,
    exit: Exit,
    failed: Option<&Failure>,
) {
    let document = Document {
        instance_url: demo.org.instance_url(),
        project: demo.workdir.source(),
        folder: demo
            .workdir
            .kept_folder()
            .map(|path| path.display().to_string()),
        steps: transcript.steps(),
        milliseconds: transcript::milliseconds(begun.elapsed()),
        error: failed.map(Failure::to_json),
    };
    context.output.document(NAME, exit, &document);
}
