//! `eca lint --fix`: writes the fixes to disk.

use std::path::Path;

use eca_lint::{Fixed, Options, fix_where};
use eca_model::fs::write_all;
use eca_model::{Component, Project};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::paths::Selection;
use crate::files::{input, write};

/// Applies the fixes in memory, then writes the files that changed.
pub(super) fn run(
    root: &Path,
    project: &Project,
    options: &Options,
    selection: &Selection,
) -> Result<Fixed, Failure> {
    let fixed = fix_where(project, options, |finding| {
        selection.contains(&finding.path)
    });
    // All files are checked before the first is written. Either all or none are written.
    for component in fixed.changed() {
        require_unchanged(root, project.component(component.name()))?;
    }
    let files = fixed.changed().map(|component| {
        let text = component.file().text().as_bytes();
        (root.join(component.path()), text)
    });
    write_all(files).map_err(|error| write::none_written(&error))?;
    Ok(fixed)
}

/// Checks that a file still has the linted content.
fn require_unchanged(root: &Path, linted: Option<&Component>) -> Result<(), Failure> {
    let Some(linted) = linted else {
        return Ok(());
    };
    let path = root.join(linted.path());
    let bytes = input::bytes(&path, input::LARGE)?;
    if bytes == linted.file().text().as_bytes() {
        return Ok(());
    }
    let message = format!("{} changed while it was linted", path.display());
    Err(Failure::new(Exit::Failed, message).hint("run eca lint --fix again"))
}
