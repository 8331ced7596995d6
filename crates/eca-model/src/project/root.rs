//! The folder of a project: what a checkout names is read only inside of it, and with a limit.

use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use crate::project::load_error::LoadError;

/// The most bytes that are read of a file. A longer one is cut there, so that reading it as XML
/// finds it too large.
const MAX_BYTES: u64 = (16 << 20) + 1;

/// Most files are smaller, in bytes.
const MOST_FILES: usize = 4096;

/// A folder that exists.
pub(crate) struct Root<'a> {
    path: &'a Path,
    /// The folder without links.
    real: PathBuf,
}

impl<'a> Root<'a> {
    pub(crate) fn new(path: &'a Path) -> Result<Self, LoadError> {
        let real = match path.canonicalize() {
            Ok(real) if real.is_dir() => real,
            Ok(_) => return Err(LoadError::NotAFolder(path.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(LoadError::NoFolder(path.to_owned()));
            }
            Err(source) => return Err(LoadError::io(path, source)),
        };
        Ok(Self { path, real })
    }

    pub(crate) fn path(&self) -> &'a Path {
        self.path
    }

    /// Refuses a path that leads out of the folder, through `..` or a link.
    pub(crate) fn check(&self, path: &Path) -> Result<(), LoadError> {
        let real = path
            .canonicalize()
            .map_err(|source| LoadError::io(path, source))?;
        if real.starts_with(&self.real) {
            return Ok(());
        }
        Err(self.outside(path))
    }

    /// As [`check`](Self::check), for a path that need not exist yet.
    fn check_new(&self, path: &Path) -> Result<(), LoadError> {
        let exists = |path: &&Path| path.symlink_metadata().is_ok();
        let existing = path.ancestors().find(exists).unwrap_or(path);
        self.check(existing)?;
        let rest = path.strip_prefix(existing).unwrap_or(path);
        if rest.components().any(|part| part == Component::ParentDir) {
            return Err(self.outside(path));
        }
        Ok(())
    }

    fn outside(&self, path: &Path) -> LoadError {
        LoadError::Outside {
            path: path.to_owned(),
            root: self.path.to_owned(),
        }
    }

    /// The content of a file inside of the folder; `None` when it does not exist.
    pub(crate) fn read_if_there(&self, name: &str) -> Result<Option<Vec<u8>>, LoadError> {
        let path = self.path.join(name);
        match path.symlink_metadata() {
            Ok(_) => {
                self.check(&path)?;
                read(&path).map(Some)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(LoadError::io(&path, source)),
        }
    }
}

/// Checks that a path, which need not exist yet, is inside of a project's folder, also when links
/// are followed: before something is written there.
///
/// # Errors
/// [`LoadError::Outside`], and what keeps the folder or a link from being read.
pub fn check_beneath(root: &Path, path: &Path) -> Result<(), LoadError> {
    Root::new(root)?.check_new(path)
}

/// The content of a regular file. A device or a pipe, which may have no end, is refused.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    let read = || {
        if !std::fs::metadata(path)?.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        read_regular(path)
    };
    read().map_err(|source| LoadError::io(path, source))
}

/// The content of a file that is known to be a regular one.
pub(crate) fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = std::fs::File::open(path)?.take(MAX_BYTES);
    let mut start = [0; MOST_FILES];
    let mut filled = 0;
    while filled < MOST_FILES {
        match file.read(&mut start[filled..]) {
            Ok(0) => return Ok(start[..filled].to_vec()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let mut bytes = start.to_vec();
    file.read_to_end(&mut bytes)?;
    bytes.shrink_to_fit();
    Ok(bytes)
}
