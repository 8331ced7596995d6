//! Which hosts the secrets of an org belong to.

use eca_attest::Audience;
use eca_oauth::{Instances, OtherInstance, TokenResponse, check_audience};

use crate::config::{OrgConfig, OrgEntry};
use crate::exit::Exit;
use crate::failure::Failure;

/// The instances that the org's tokens may belong to.
pub(super) fn instances(config: &OrgConfig) -> Instances {
    let others = config.allow_instance.iter().cloned();
    others.fold(Instances::new(config.instance_url.clone()), Instances::or)
}

/// Refuses a token of another org, before it is sent anywhere.
pub(crate) fn check_instance(
    instances: &Instances,
    name: &str,
    token: &TokenResponse,
) -> Result<(), Failure> {
    match &token.instance_url {
        Some(actual) => instances
            .check(actual)
            .map_err(|error| other_instance(name, &error)),
        None => Ok(()),
    }
}

/// The failure of a token of another org.
pub(super) fn other_instance(name: &str, error: &OtherInstance) -> Failure {
    let message = format!("this is not a token of org `{name}`");
    Failure::caused_by(Exit::Authentication, message, error)
}

/// Refuses to sign for an audience that does not fit the host that gets the assertion.
pub(super) fn audience(
    entry: &OrgEntry,
    audience: &Audience,
    receiver: &http::Uri,
) -> Result<(), Failure> {
    check_audience(audience, receiver, &entry.config.allow_audience).map_err(|error| {
        let message = format!("`audience` of org `{}` does not fit its host", entry.name);
        Failure::caused_by(Exit::Usage, message, &error)
    })
}
