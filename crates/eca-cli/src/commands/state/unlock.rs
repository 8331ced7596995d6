//! `eca state unlock`: breaks the lock of a job that is dead.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::state::entry::Job;
use crate::commands::state::require_agreement;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::state::applied::Applied;

pub(crate) const NAME: &str = "state-unlock";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The id of the lock, from the message of the command that met it
    #[arg(value_name = "ID")]
    id: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    org: String,
    /// The lock that was broken.
    lock: Job,
}

pub(super) async fn run(
    context: &Context,
    applied: &Applied,
    arguments: &Arguments,
) -> Result<Exit, Failure> {
    let failed = |error| super::failed(&error);
    let store = &applied.store;
    for org in store.orgs().await.map_err(failed)? {
        let held = store.held(&org).await.map_err(failed)?;
        let Some(lock) = held.filter(|lock| lock.holder.id == arguments.id) else {
            continue;
        };
        let lock = Job::of_lock(lock);
        let renewed = lock.renewed().to_owned();
        let question = format!(
            "break the lock of {org}, held {lock}, last renewed at {renewed}? If that job still runs, what it does is not recorded"
        );
        require_agreement(arguments.yes, question)?;
        if !store
            .break_lock(&org, &arguments.id)
            .await
            .map_err(failed)?
        {
            break;
        }
        context
            .output
            .print(format_args!("the state of {org} is unlocked"));
        let document = Document {
            org: org.to_string(),
            lock,
        };
        context.output.document(NAME, Exit::Success, &document);
        return Ok(Exit::Success);
    }
    let message = format!("{} has no lock {}", applied.url, arguments.id);
    Err(Failure::new(Exit::Failed, message)
        .hint("its job is done, or lost the lock to another one: eca state list"))
}
