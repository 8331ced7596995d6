//! The last deploy in the journal.

use eca_deploy::{DeployId, DeployMatch, Deployment};

use crate::auth::Target;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::state::journal::Journal;

const LOST: &str = "the response to the last deploy of the journal was lost";

/// The last deploy of the journal: by its id, or else by the org's list of deploys. What is found
/// there is written into the journal.
pub(crate) async fn latest_deploy(
    context: &Context,
    target: &Target,
    journal: &Journal,
) -> Result<DeployId, Failure> {
    let instance = target.org.endpoint().instance();
    let mut entry = journal.latest(instance)?;
    if let Some(id) = entry.id() {
        return Ok(id);
    }
    let list = target.command_line("deploys list");
    let others = journal.ids(instance);
    match Deployment::find_recent(&target.org, entry.fingerprint(), &others).await {
        Ok(DeployMatch::One(id)) => {
            entry.started(context, &id);
            Ok(id)
        }
        Ok(DeployMatch::Several(ids)) => {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            let show = target.command_line("deploys show");
            // One alone is not certain to be it where the org did not tell its time or the user.
            let (message, hint) = if let [id] = &ids[..] {
                (
                    format!("{LOST}, and {id} in the org may be it, which nothing proves"),
                    format!("to see whose it is and when it was requested: {show} {id}"),
                )
            } else {
                let ids = ids.join(", ");
                (
                    format!("{LOST}, and several deploys in the org may be it: {ids}"),
                    format!("to see whose they are and when they were requested: {show} ID"),
                )
            };
            Err(Failure::new(Exit::Unknown, message).hint(hint))
        }
        Ok(DeployMatch::None {
            may_be_there: false,
        }) => {
            let message =
                format!("{LOST}, and the org has no such deploy: the request did not reach it");
            let hint = format!(
                "nothing was deployed; start it again: {}",
                target.command_line("deploy")
            );
            Err(Failure::new(Exit::Failed, message).hint(hint))
        }
        Ok(_) => {
            let message = format!(
                "{LOST}, and the org does not list it; the request may still be on its way"
            );
            let resume = target.command_line("deploy");
            let hint = format!(
                "look again in some minutes: {resume} --resume; to list the deploys of the org: {list}"
            );
            Err(Failure::new(Exit::Unknown, message).hint(hint))
        }
        Err(error) => {
            let message = format!("{LOST}, and the org did not list its deploys");
            Err(Failure::caused_by(Exit::Unknown, message, &error))
        }
    }
}
