//! `eca state`: what was applied to which org, and the locks.

mod entry;
pub(crate) mod forget;
pub(crate) mod list;
pub(crate) mod show;
pub(crate) mod unlock;

use std::fmt::Display;

use eca_apply::{OrgId, StateError};

use crate::config::Config;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::state::applied::Applied;
use crate::ui::question;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the orgs that something was applied to
    List,
    /// Show what was applied to an org
    Show(show::Arguments),
    /// Break the lock of a job that is dead
    Unlock(unlock::Arguments),
    /// Forget that something was applied; the org itself is left alone
    Forget(forget::Arguments),
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::List => list::NAME,
            Self::Show(_) => show::NAME,
            Self::Unlock(_) => unlock::NAME,
            Self::Forget(_) => forget::NAME,
        }
    }
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    let root = context.project_root(&[])?;
    let applied = Applied::open(context, &root)?;
    match command {
        Command::List => list::run(context, &applied).await,
        Command::Show(arguments) => show::run(context, &applied, &arguments).await,
        Command::Unlock(arguments) => unlock::run(context, &applied, &arguments).await,
        Command::Forget(arguments) => forget::run(context, &applied, &arguments).await,
    }
}

fn failed(error: &StateError) -> Failure {
    Failure::from_library(error)
}

/// The org that is meant: the given one, that of `--org`, or else the only one.
async fn chosen(
    context: &Context,
    applied: &Applied,
    given: Option<&OrgId>,
) -> Result<OrgId, Failure> {
    let known = applied.store.orgs().await.map_err(|error| failed(&error))?;
    if let Some(org) = given {
        if known.contains(org) {
            return Ok(org.clone());
        }
        let message = format!("{} has no state of {org}", applied.url);
        return Err(Failure::new(Exit::Usage, message).hint("list the orgs: eca state list"));
    }
    if let Some(name) = context.org_name() {
        let root = context.project_root(&[])?;
        let config = Config::find(context, &root)?;
        let instance = config.as_ref().and_then(|config| config.instance_of(name));
        for org in known {
            let loaded = applied.store.load(&org).await;
            let loaded = loaded.map_err(|error| failed(&error))?;
            let is_it = |url: &String| instance.is_some_and(|of| of.as_str() == url.as_str());
            if loaded.state.instance.as_ref().is_some_and(is_it) {
                return Ok(org);
            }
        }
        let message = format!("{} has no state of the org `{name}`", applied.url);
        return Err(Failure::new(Exit::Usage, message)
            .hint("list the orgs, and name one by its id: eca state list"));
    }
    match &known[..] {
        [org] => Ok(org.clone()),
        [] => Err(Failure::new(
            Exit::Usage,
            format!("nothing was applied yet: {} is empty", applied.url),
        )),
        _ => Err(
            Failure::new(Exit::Usage, format!("{} has several orgs", applied.url))
                .hint("name one by its id: eca state list"),
        ),
    }
}

/// Asks on a terminal; elsewhere `--yes` is needed.
fn require_agreement(is_given: bool, question: impl Display) -> Result<(), Failure> {
    if is_given {
        return Ok(());
    }
    if !question::can_ask() {
        let message = format!("not done without an answer: {question}");
        return Err(Failure::new(Exit::Usage, message).hint("answer it beforehand: --yes"));
    }
    if question::agrees(question)? {
        return Ok(());
    }
    Err(Failure::new(Exit::Usage, "nothing was changed"))
}
