//! The last deploy in the journal.

use eca_deploy::{DeployId, DeployMatch, Deployment};

use crate::auth::Target;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::state::journal::Journal;

/// The last deploy of the journal: by its id, or else by the org's list of deploys.
pub(crate) async fn latest_deploy(target: &Target, journal: &Journal) -> Result<DeployId, Failure> {
    let entry = journal.latest(target.org.endpoint().instance())?;
    if let Some(id) = entry.id() {
        return Ok(id);
    }
    let unknown = |message: String| {
        let list = target.command_line("deploys list");
        Failure::new(Exit::Unknown, message).hint(format!(
            "to list the deploys: {list}; if yours is not there, deploy again"
        ))
    };
    let others = journal.ids(target.org.endpoint().instance());
    match Deployment::find_recent(&target.org, &entry.fingerprint().excluding(others)).await {
        Ok(DeployMatch::One(id)) => Ok(id),
        Ok(DeployMatch::Several(ids)) => {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            Err(unknown(format!(
                "the response to the last deploy of the journal was lost, and several deploys in the org match it: {}",
                ids.join(", ")
            )))
        }
        Ok(_) => Err(unknown(
            "the response to the last deploy of the journal was lost, and no deploy in the org matches it"
                .to_owned(),
        )),
        Err(error) => Err(Failure::caused_by(
            Exit::Unknown,
            "the response to the last deploy of the journal was lost, and the org did not list its deploys",
            &error,
        )),
    }
}
