//! Writing files so that a crash, a full disk or a planted link leaves the old file or the new one.

pub(crate) mod leftovers;
pub(crate) mod private;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", .path.display())]
#[non_exhaustive]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// The system's error.
    #[source]
    pub source: io::Error,
}

/// Who can read a written file, on systems with file modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// The mode of the existing file, or the one that the umask allows.
    Inherited,
    /// The owner only: mode 0600.
    Owner,
}

/// Replaces or creates a file in one step: the content goes to a new file with a random name in the
/// same folder, which is synced to disk and renamed. The mode is set before the content is written.
///
/// # Errors
/// When the file system refuses, or when the path is a folder or a device. An existing file is then
/// unchanged.
pub fn write_atomic(path: &Path, content: &[u8], access: Access) -> Result<(), WriteError> {
    let staged = Staged::new(path, content, access, Sync::File)?;
    staged.replace().map(drop)
}

/// As [`write_atomic`], for a path where no file may exist yet.
///
/// # Errors
/// As [`write_atomic`]; with [`io::ErrorKind::AlreadyExists`] when the path exists.
pub fn create_atomic(path: &Path, content: &[u8], access: Access) -> Result<(), WriteError> {
    Staged::new_for_no_file(path, content, access, Sync::File)?.create()?;
    sync_folder(path);
    Ok(())
}

/// As [`create_atomic`], without waiting for the disk, for what can be made again at any time: a
/// killed process leaves the whole file or none, a power failure may leave an empty one.
///
/// # Errors
/// As [`create_atomic`].
pub fn create_reproducible(path: &Path, content: &[u8], access: Access) -> Result<(), WriteError> {
    Staged::new_for_no_file(path, content, access, Sync::Nothing)?.create()
}

/// Writes every file, or none: each content is on disk before the first file is replaced, and
/// replaced files are restored when a later one fails. Missing folders are created.
///
/// # Errors
/// The first file that cannot be written.
pub fn write_all<'a>(
    files: impl IntoIterator<Item = (PathBuf, &'a [u8])>,
) -> Result<(), WriteError> {
    let mut staged = Vec::new();
    for (path, content) in files {
        std::fs::create_dir_all(folder(&path)).map_err(|source| error(&path, source))?;
        staged.push(Staged::new(&path, content, Access::Inherited, Sync::File)?);
    }
    let mut replaced: Vec<(PathBuf, Option<Vec<u8>>)> = Vec::new();
    for file in staged {
        let before = std::fs::read(&file.path).ok();
        match file.replace() {
            Ok(path) => replaced.push((path, before)),
            Err(error) => {
                put_back(&replaced);
                return Err(error);
            }
        }
    }
    Ok(())
}

fn put_back(replaced: &[(PathBuf, Option<Vec<u8>>)]) {
    for (path, before) in replaced {
        // Report the first error.
        match before {
            Some(content) => drop(write_atomic(path, content, Access::Inherited)),
            None => drop(std::fs::remove_file(path)),
        }
    }
}

/// What to wait for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sync {
    File,
    Nothing,
}

/// Content on disk under a temporary name. It is removed when dropped.
struct Staged {
    path: PathBuf,
    file: NamedTempFile,
}

impl Staged {
    /// For a path where no file may exist yet.
    fn new_for_no_file(
        path: &Path,
        content: &[u8],
        access: Access,
        sync: Sync,
    ) -> Result<Self, WriteError> {
        if path.symlink_metadata().is_ok() {
            return Err(error(path, io::ErrorKind::AlreadyExists.into()));
        }
        Self::new(path, content, access, sync)
    }

    fn new(path: &Path, content: &[u8], access: Access, sync: Sync) -> Result<Self, WriteError> {
        let existing = match std::fs::metadata(path) {
            Ok(existing) if !existing.is_file() => {
                let reason = io::Error::other("it is not a regular file");
                return Err(error(path, reason));
            }
            Ok(existing) => Some(existing.permissions()),
            Err(_) => None,
        };
        let stage = || {
            let mut builder = tempfile::Builder::new();
            builder.prefix(".eca-");
            #[cfg(unix)]
            if existing.is_none() && access == Access::Inherited {
                use std::os::unix::fs::PermissionsExt as _;
                // The umask applies. Without this line the mode is 0600.
                builder.permissions(std::fs::Permissions::from_mode(0o666));
            }
            let mut file = builder.tempfile_in(folder(path))?;
            if let (Some(existing), Access::Inherited) = (existing, access) {
                file.as_file().set_permissions(existing)?;
            }
            file.write_all(content)?;
            if sync == Sync::File {
                file.as_file().sync_all()?;
            }
            Ok(file)
        };
        let file = stage().map_err(|source| error(path, source))?;
        let path = path.to_owned();
        Ok(Self { path, file })
    }

    fn create(self) -> Result<(), WriteError> {
        let written = self.file.persist_noclobber(&self.path);
        written.map_err(|refused| error(&self.path, refused.error))?;
        Ok(())
    }

    fn replace(self) -> Result<PathBuf, WriteError> {
        let written = self.file.persist(&self.path);
        written.map_err(|refused| error(&self.path, refused.error))?;
        sync_folder(&self.path);
        Ok(self.path)
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Makes a rename durable. The new file is in place already, so a file system that cannot do this
/// is not a failure.
fn sync_folder(path: &Path) {
    #[cfg(unix)]
    drop(std::fs::File::open(folder(path)).and_then(|folder| folder.sync_all()));
    #[cfg(not(unix))]
    let _ = path;
}

fn error(path: &Path, source: io::Error) -> WriteError {
    let path = path.to_owned();
    WriteError { path, source }
}
