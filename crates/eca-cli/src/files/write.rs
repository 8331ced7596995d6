//! Writes files.

use std::io;
use std::path::Path;

use eca_model::fs::{Access, WriteError, create_atomic, create_reproducible, write_atomic};

use crate::exit::Exit;
use crate::failure::Failure;

/// Writes a file that must not exist yet.
pub(crate) fn create(path: &Path, content: &[u8], access: Access) -> Result<(), Failure> {
    create_atomic(path, content, access).map_err(|error| not_created(&error))
}

/// Writes a file that must not exist yet, and that can be made again at any time.
pub(crate) fn create_reproducible_file(
    path: &Path,
    content: &[u8],
    access: Access,
) -> Result<(), Failure> {
    create_reproducible(path, content, access).map_err(|error| not_created(&error))
}

fn not_created(error: &WriteError) -> Failure {
    if error.source.kind() != io::ErrorKind::AlreadyExists {
        return not_written(error);
    }
    let message = format!("{} exists already", error.path.display());
    Failure::new(Exit::Usage, message)
        .hint("existing files are never overwritten; choose another name")
}

/// Writes or replaces a file.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Failure> {
    write_atomic(path, content, Access::Inherited).map_err(|error| not_written(&error))
}

/// Refuses a file that [`replace`] could not write, before the work for it begins.
pub(crate) fn can_replace(path: &Path) -> Result<(), Failure> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let reason = if path.is_dir() {
        "it is a folder"
    } else if folder.is_some_and(|folder| !folder.is_dir()) {
        "its folder does not exist"
    } else {
        return Ok(());
    };
    let message = format!("cannot write {}: {reason}", path.display());
    Err(Failure::new(Exit::Usage, message))
}

/// The failure of a file that cannot be written.
pub(crate) fn not_written(error: &WriteError) -> Failure {
    Failure::from_error(Exit::Usage, error)
}

/// The failure of [`eca_model::fs::write_all`].
pub(crate) fn none_written(error: &WriteError) -> Failure {
    let message = format!("{error}; nothing was changed");
    Failure::caused_by(Exit::Usage, message, &error.source)
}
