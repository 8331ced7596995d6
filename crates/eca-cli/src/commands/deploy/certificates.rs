//! Certificates that a deploy would remove from the org.

use std::collections::BTreeSet;
use std::time::SystemTime;

use eca_deploy::{ComponentSet, Package, RetrieveError, RetrieveOptions, retrieve};
use eca_lint::{CERTIFICATE_LOST, Finding, Options, PreviousState, lint};
use eca_model::Project;

use crate::auth;
use crate::auth::Target;
use crate::exit::Exit;
use crate::failure::Failure;

/// Retrieves a package's components from the org, and refuses a package that would remove a
/// certificate.
pub(super) async fn keep(
    target: &Target,
    project: &Project,
    package: &Package,
) -> Result<(), Failure> {
    let types: BTreeSet<_> = PreviousState::types().collect();
    let files = || package.report().files.iter();
    let concerned: ComponentSet = files()
        .filter(|file| {
            let kind = file.component.kind.known();
            kind.is_some_and(|kind| types.contains(&kind))
        })
        .map(|file| file.component.clone())
        .collect();
    if concerned.is_empty() {
        return Ok(());
    }
    let manifest = concerned.to_manifest(target.org.endpoint().version());
    let mut options = RetrieveOptions::default();
    options.allow_missing = true;
    let theirs = retrieve(&target.org, &manifest, &options)
        .await
        .map_err(|error| not_asked(target, &error))?
        .into_project();
    let mut options = Options::new(SystemTime::now());
    options.previous = Some(PreviousState::new(&theirs, "the org"));
    let packaged: BTreeSet<_> = files().map(|file| file.local_path.as_str()).collect();
    let (_, report) = lint(project, &options).split(&[CERTIFICATE_LOST]);
    let lost = report.findings().iter();
    let lost: Vec<_> = lost
        .filter(|finding| packaged.contains(finding.path.as_str()))
        .collect();
    if lost.is_empty() {
        return Ok(());
    }
    let place = |finding: &&Finding| {
        let Finding {
            path,
            position,
            message,
            ..
        } = finding;
        format!("\n{path}:{position}: {message}")
    };
    let places: String = lost.iter().map(place).collect();
    let message = format!("not deployed: the org would lose certificates:{places}");
    Err(Failure::new(Exit::Failed, message).hint(
        "restore the certificate (eca cert register), or omit --keep-certificates to remove it on purpose",
    ))
}

fn not_asked(target: &Target, error: &RetrieveError) -> Failure {
    let nothing = "not deployed: the org's certificates could not be read";
    match error {
        RetrieveError::Call(call) => auth::call_failed(target, nothing, call),
        error => Failure::caused_by(Exit::Failed, nothing, error),
    }
}
