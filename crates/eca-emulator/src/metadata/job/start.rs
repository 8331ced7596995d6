//! Accepting a deploy.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;

use crate::core::Core;
use crate::ids::{RecordId, RecordKind};
use crate::metadata::job::options::Options;
use crate::metadata::job::status::Status;
use crate::metadata::job::{DeployJob, VALIDATION_LIFETIME};
use crate::metadata::package::Package;
use crate::state::State;

/// Queues a deploy of the token's user. The zip is unpacked before the org is locked.
pub(crate) fn deploy(core: &Core, token: Option<&str>, zip: &Bytes, options: Options) -> RecordId {
    let package = Package::read(
        zip,
        options.single_package,
        options.allow_missing_files,
        core.config.api_version,
    )
    .map(Arc::new);
    core.transact(|state, now| {
        let id = state.ids.next(RecordKind::Deploy);
        let mut job = DeployJob::new(id.clone(), options, package, zip.clone(), now);
        job.creator = creator(state, token, now);
        state.jobs.deploys.push(job);
        id
    })
}

/// Queues the package of a validation. `None` when there is no such validation, it failed, or it is
/// too old. The rule that its tests passed is left out: the org has no Apex.
pub(crate) fn quick_deploy(
    state: &mut State,
    token: Option<&str>,
    validated: &str,
    now: SystemTime,
) -> Option<RecordId> {
    let job = state.jobs.deploys.iter().find(|job| {
        job.id.matches(validated)
            && job.options.check_only
            && job.status == Status::Succeeded
            && job
                .completed
                .is_some_and(|completed| now <= completed + VALIDATION_LIFETIME)
    })?;
    let options = Options {
        check_only: false,
        ..job.options.clone()
    };
    let (validated, package, zip) = (job.id.clone(), job.package.clone(), job.zip.clone()?);
    let id = state.ids.next(RecordKind::Deploy);
    let mut job = DeployJob::new(id.clone(), options, package, zip, now);
    job.validated = Some(validated);
    job.creator = creator(state, token, now);
    state.jobs.deploys.push(job);
    Some(id)
}

fn creator(state: &State, token: Option<&str>, now: SystemTime) -> Option<String> {
    let token = state.grants.token(token?, now)?;
    Some(token.username.clone())
}
