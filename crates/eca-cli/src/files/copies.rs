//! Copies of a project that are no folder to work in: what was retrieved, or packaged.

use std::path::Path;

use eca_deploy::{Archive, Limits};
use eca_model::Project;

use crate::context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::input;

/// Reads a folder, or the zip of a package. One without any metadata is refused.
pub(crate) fn read(path: &Path) -> Result<Project, Failure> {
    let project = if path.is_file() {
        let zip = input::bytes(path)?;
        let archive = Archive::read(&zip, &Limits::default()).map_err(|error| {
            let message = format!("{} cannot be read as a package", path.display());
            Failure::caused_by(Exit::Usage, message, &error).hint("give a folder, or a zip")
        })?;
        Project::from_entries(archive.into_entries())
    } else {
        context::load(path)?
    };
    context::require_metadata(path, &project)?;
    Ok(project)
}
