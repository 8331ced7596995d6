//! Asks before a deploy deletes what cannot be had again.

use eca_deploy::PackageReport;
use eca_model::{ComponentName, MetadataType};

use crate::auth::Target;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::{output, question};

/// Whether a consumer is deleted with the component.
fn holds_consumer(component: &ComponentName) -> bool {
    matches!(
        component.kind.known(),
        Some(
            MetadataType::ExternalClientApplication | MetadataType::ExtlClntAppGlobalOauthSettings
        )
    )
}

/// Asks on a terminal whether to delete the consumers that the package deletes; elsewhere that
/// needs `--yes`.
pub(super) fn deletions(report: &PackageReport, target: &Target) -> Result<(), Failure> {
    let deleted = report
        .deleted_before
        .iter()
        .chain(report.deleted_after.iter());
    let deleted: Vec<_> = deleted.filter(|name| holds_consumer(name)).collect();
    if deleted.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = deleted.iter().map(ToString::to_string).collect();
    let consequence = format!(
        "deleting {} deletes the consumer of the app in {}: its consumer key and secret, and every access and refresh \
         token that it has issued. A new consumer has another key",
        names.join(", "),
        target.shown()
    );
    if !question::can_ask() {
        let message = format!("not deployed: {consequence}");
        return Err(Failure::new(Exit::Usage, message).hint("to delete it on purpose: --yes"));
    }
    output::prompt(format_args!("{consequence}."));
    if question::agrees("delete it?")? {
        return Ok(());
    }
    let message = "not deployed: the deletion was not confirmed";
    Err(Failure::new(Exit::Failed, message))
}
