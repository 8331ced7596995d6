//! `eca demo`: the whole road on an embedded org, over HTTP, through the code that real orgs get.
//!
//! The seven steps: [`load`](road::load), [`lint`](road::lint), [`certificate`](road::certificate),
//! [`deploy`](road::deploy), [`retrieve`](road::retrieve), [`login`](login::login) and
//! [`refusals`](refusals::refusals).

use std::path::PathBuf;
use std::time::Instant;

use serde::Serialize;

use crate::commands::emulate;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::interrupt::Interrupt;
use crate::ui::output;

mod account;
mod customer;
mod example;
mod login;
mod refusals;
mod road;
mod stage;
mod workplace;

use crate::commands::demo::account::{Account, Step};
use crate::commands::demo::stage::Stage;
use crate::commands::demo::workplace::Workplace;

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
    let workplace = Workplace::new(arguments.keep.as_deref(), context.given_project())?;
    let org = emulate::start(arguments.port).await?;
    context.output.print(format_args!(
        "An embedded org on {}, a copy of {} in {}\n",
        org.instance_url(),
        workplace.source(),
        workplace.root().display(),
    ));
    let mut stage = Stage::new(context, org, workplace)?;
    let mut account = Account::new(&context.output);
    let failed = tokio::select! {
        failed = walk(&mut stage, &mut account) => failed,
        () = interrupt.requested() => {
            return Err(Failure::new(Exit::Interrupted, "interrupted"));
        }
    };
    let exit = if failed.is_none() {
        Exit::Success
    } else {
        Exit::Failed
    };
    account.table(begun.elapsed());
    report(context, &stage, &account, begun, exit, failed.as_ref());
    let (org, workplace) = stage.end();
    org.stop().await;
    if let Some(kept) = workplace.keep() {
        context
            .output
            .info(format_args!("kept in {}", kept.display()));
    }
    if let Some(failure) = failed {
        output::error(&failure);
    }
    Ok(exit)
}

/// Goes the road until a step fails.
async fn walk(stage: &mut Stage<'_>, account: &mut Account<'_>) -> Option<Failure> {
    macro_rules! step {
        ($name:literal, $title:expr, $step:ident => $work:expr) => {{
            let mut $step = account.begin($name, $title);
            let result: Result<(), Failure> = $work;
            if let Err(failure) = account.end($step, result) {
                return Some(failure);
            }
        }};
    }
    step!("load", "Load the project", step => road::load(stage, &mut step));
    step!("lint", "Check it offline with the first-party profile", step => road::lint(stage, &mut step));
    step!("certificate", "Make a key and register its certificate", step => road::certificate(stage, &mut step));
    step!("deploy", "Deploy over REST: check-only, then for real", step => road::deploy(stage, &mut step).await);
    step!("retrieve", "Retrieve it back over SOAP and compare", step => road::retrieve(stage, &mut step).await);
    step!("login", "Log an external user in headless", step => login::login(stage, &mut step).await);
    step!("refusals", "See that the org really checks", step => refusals::refusals(stage, &mut step).await);
    None
}

fn report(
    context: &Context,
    stage: &Stage<'_>,
    account: &Account<'_>,
    begun: Instant,
    exit: Exit,
    failed: Option<&Failure>,
) {
    #[derive(Serialize)]
    struct Document<'a, E> {
        instance_url: &'a str,
        project: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        kept: Option<String>,
        steps: &'a [Step],
        milliseconds: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<E>,
    }
    let document = Document {
        instance_url: stage.org.instance_url(),
        project: stage.workplace.source(),
        kept: stage
            .workplace
            .kept()
            .map(|path| path.display().to_string()),
        steps: account.steps(),
        milliseconds: account::milliseconds(begun.elapsed()),
        error: failed.map(Failure::to_json),
    };
    context.output.document(NAME, exit, &document);
}
