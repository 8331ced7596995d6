//! Packages out of projects, with messages that name the file.

use std::path::Path;

use eca_deploy::{Package, PackageError};
use eca_model::Project;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Builds the package of a project.
pub(crate) fn build(project: &Project, root: &Path) -> Result<Package, Failure> {
    Package::builder(project).build().map_err(|error| {
        let failure = Failure::from_error(Exit::Usage, &error);
        match error {
            PackageError::Empty => failure.hint(format!(
                "there is no External Client App metadata in {}",
                root.display()
            )),
            PackageError::Unreadable { .. } => {
                failure.hint("eca lint lists every file that cannot be read")
            }
            _ => failure,
        }
    })
}

/// Says what goes into the package and what does not.
pub(crate) fn talk(context: &Context, package: &Package) {
    let report = package.report();
    context.output.talk(format_args!(
        "package: {} files, {} bytes zipped, API {}",
        report.files.len(),
        report.zip_bytes,
        report.api_version,
    ));
    for dropped in &report.dropped {
        context.output.talk(dropped);
    }
    for kept in &report.kept {
        context.output.talk(kept);
    }
    for limit in &report.near_limits {
        context.output.talk(format_args!("warning: {limit}"));
    }
}
