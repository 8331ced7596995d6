//! Errors of reading a project from disk.

use std::io;
use std::path::{Path, PathBuf};

/// A project that cannot be read from disk.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The folder does not exist.
    #[error("no folder {}", .0.display())]
    NoFolder(PathBuf),
    /// The path is not a folder.
    #[error("{} is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// `sfdx-project.json` is not a JSON object of the expected form.
    #[error("{} cannot be read as a project file: {reason}", .path.display())]
    ProjectFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// `sfdx-project.json` names a package directory that does not exist.
    #[error("{} names the package directory {directory}, which does not exist", .path.display())]
    NoPackageDirectory {
        /// The project file.
        path: PathBuf,
        /// The package directory as the file spells it.
        directory: String,
    },
    /// A package directory or a file leads out of the project's folder, through `..` or a link.
    #[error("{} leads out of the project folder {}", .path.display(), .root.display())]
    Outside {
        /// The folder or file.
        path: PathBuf,
        /// The project's folder.
        root: PathBuf,
    },
    /// The file system refused the access, or the file is not a regular one.
    #[error("cannot read {}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
}

impl LoadError {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
