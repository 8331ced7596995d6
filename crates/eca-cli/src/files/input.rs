//! Files that the user names.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use crate::exit::Exit;
use crate::failure::Failure;

/// Reads a whole file; an error names it.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::caused_by(
            Exit::Usage,
            format!("cannot read {}", path.display()),
            &error,
        )
    })
}

/// Writes a file that must not exist yet, readable by its owner only when it is secret; a failed
/// write leaves nothing behind.
pub(crate) fn create(path: &Path, content: &[u8], secret: bool) -> Result<(), Failure> {
    create_with(path, secret, |file| file.write_all(content))
}

/// [`create`], for content that is made while it is written.
pub(crate) fn create_with(
    path: &Path,
    secret: bool,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(if secret { 0o600 } else { 0o644 });
    }
    #[cfg(not(unix))]
    let _ = secret;
    let failed = |error: &io::Error| {
        Failure::caused_by(
            Exit::Usage,
            format!("cannot write {}", path.display()),
            error,
        )
    };
    let mut file = options.open(path).map_err(|error| {
        let failure = failed(&error);
        if error.kind() == io::ErrorKind::AlreadyExists {
            failure.hint("existing files are never overwritten; choose another name")
        } else {
            failure
        }
    })?;
    let written = write(&mut file).and_then(|()| file.sync_all());
    written.map_err(|error| {
        let _ = std::fs::remove_file(path);
        failed(&error)
    })
}

/// Refuses a file that [`replace`] could not write, before work is done for it.
pub(crate) fn can_replace(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|own| !own.as_os_str().is_empty());
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

/// Writes a file, in place of an old one if there is one, in one step.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Failure> {
    eca_model::fs::write_file_atomically(path, content).map_err(|error| {
        Failure::caused_by(
            Exit::Usage,
            format!("cannot write {}", path.display()),
            &error,
        )
    })
}
