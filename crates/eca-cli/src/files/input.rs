//! Reads files and stdin up to a limit.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use eca_deploy::{Archive, Limits};
use eca_model::Project;

use crate::context;
use crate::exit::Exit;
use crate::failure::Failure;

/// The most bytes of a key, a certificate, a token or a settings file.
pub(crate) const SMALL: u64 = 1 << 20;
/// The most bytes of a package, a manifest or a list of findings.
pub(crate) const LARGE: u64 = 64 << 20;

/// Reads a whole file; an error names it.
pub(crate) fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    file(path, limit).map_err(|error| not_read(&path.display().to_string(), &error))
}

/// Reads a whole file as text; an error names it.
pub(crate) fn text(path: &Path, limit: u64) -> Result<String, Failure> {
    let text = file_text(path, limit);
    text.map_err(|error| not_read(&path.display().to_string(), &error))
}

/// Reads a whole file as text; `None` when there is no such file.
pub(crate) fn existing_text(path: &Path, limit: u64) -> Result<Option<String>, Failure> {
    match require_regular(path).and_then(|()| file_text(path, limit)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(not_read(&path.display().to_string(), &error)),
    }
}

/// Reads a whole file as text, with its metadata from the same moment; `None` when there is no such
/// file.
pub(crate) fn existing_text_with_metadata(
    path: &Path,
    limit: u64,
) -> Result<Option<(String, Metadata)>, Failure> {
    let read = require_regular(path).and_then(|()| File::open(path));
    let read = read.and_then(|file| {
        let metadata = file.metadata()?;
        let text = bounded(file, metadata.len(), limit).and_then(utf8)?;
        Ok((text, metadata))
    });
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(not_read(&path.display().to_string(), &error)),
    }
}

/// Refuses a pipe or device, which may keep its reader waiting for ever. Files that a checkout
/// chooses are checked so; one on the command line may be a pipe.
fn require_regular(path: &Path) -> io::Result<()> {
    if std::fs::metadata(path)?.is_file() {
        return Ok(());
    }
    Err(io::Error::other("it is not a regular file"))
}

/// Reads stdin to its end as text.
pub(crate) fn stdin(limit: u64) -> Result<String, Failure> {
    let text = bounded(io::stdin().lock(), 0, limit).and_then(utf8);
    text.map_err(|error| not_read("stdin", &error))
}

/// Reads a whole file as text; for callers with their own error.
pub(crate) fn file_text(path: &Path, limit: u64) -> io::Result<String> {
    file(path, limit).and_then(utf8)
}

/// Reads a whole file; for callers with their own error.
pub(crate) fn file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let expected = file.metadata().map_or(0, |metadata| metadata.len());
    bounded(file, expected, limit)
}

/// Reads to the end. The buffer has room for `expected` bytes from the start: a growing buffer
/// leaves copies of a secret in memory.
fn bounded(reader: impl Read, expected: u64, limit: u64) -> io::Result<Vec<u8>> {
    let capacity = usize::try_from(expected.min(limit)).unwrap_or(0);
    let mut bytes = Vec::with_capacity(capacity + 1);
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= limit) {
        return Ok(bytes);
    }
    let reason = format!("it is larger than {} MiB", limit >> 20);
    Err(io::Error::new(io::ErrorKind::FileTooLarge, reason))
}

fn utf8(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

fn not_read(name: &str, error: &io::Error) -> Failure {
    Failure::caused_by(Exit::Usage, format!("cannot read {name}"), error)
}

/// Reads a project from a folder, or from the zip of a package. Refuses one without metadata.
pub(crate) fn folder_or_zip(path: &Path) -> Result<Project, Failure> {
    let project = if path.is_file() {
        let zip = bytes(path, LARGE)?;
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

#[cfg(test)]
mod tests {
    use super::{SMALL, bounded, bytes, existing_text, existing_text_with_metadata, text};

    #[test]
    fn a_file_of_the_limit_is_read() {
        for (length, expected, read) in [(0, 0, true), (7, 0, true), (8, 8, true), (9, 8, false)] {
            let bytes = vec![b'x'; length];
            assert_eq!(bounded(&bytes[..], expected, 8).is_ok(), read, "{length}");
        }
    }

    #[test]
    fn the_message_names_the_file_and_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large");
        let file = std::fs::File::create(&path).unwrap();
        file.set_len((2 << 20) + 1).unwrap();
        let failure = bytes(&path, 2 << 20).unwrap_err();
        assert_eq!(
            failure.to_string(),
            format!(
                "error: cannot read {}\n  caused by: it is larger than 2 MiB\n",
                path.display()
            )
        );
        std::fs::write(&path, b"\xff").unwrap();
        let failure = text(&path, 1).unwrap_err().to_string();
        assert!(failure.ends_with("it is not UTF-8\n"), "{failure}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_a_regular_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("eca.toml");
        assert!(existing_text(&path, SMALL).unwrap().is_none());
        let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
        for failure in [
            existing_text(&path, SMALL).unwrap_err(),
            existing_text_with_metadata(&path, SMALL).unwrap_err(),
        ] {
            let text = failure.to_string();
            assert!(text.contains("it is not a regular file"), "{text}");
        }
    }
}
