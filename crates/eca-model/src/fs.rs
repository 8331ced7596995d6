//! Reading projects from folders and writing files: the only module that touches the disk.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::project::Project;

const PROJECT_FILE: &str = "sfdx-project.json";

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
    /// `sfdx-project.json` is no JSON object of the expected form.
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
    /// The file system refused.
    #[error("cannot read {}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Reads a project: the package directories that `sfdx-project.json` names, or the whole folder where there is no
/// such file (metadata format). Paths in the result are relative to `root`. Folders whose name starts with a dot and
/// `node_modules` are left out; so are symbolic links to folders, which could lead in circles.
///
/// # Errors
/// When the folder or the project file cannot be read. Component files that hold no readable XML are not an error
/// here: they are in [`Project::unreadable`].
pub fn load(root: &Path) -> Result<Project, LoadError> {
    match std::fs::metadata(root) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Err(LoadError::NotAFolder(root.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(LoadError::NoFolder(root.to_owned()));
        }
        Err(source) => return Err(io_error(root, source)),
    }
    let project_file = root.join(PROJECT_FILE);
    let mut entries = Vec::new();
    match std::fs::read(&project_file) {
        Ok(json) => {
            let directories =
                package_directories(&json).map_err(|reason| LoadError::ProjectFile {
                    path: project_file.clone(),
                    reason,
                })?;
            for directory in directories {
                let path = root.join(&directory);
                if !path.is_dir() {
                    return Err(LoadError::NoPackageDirectory {
                        path: project_file,
                        directory,
                    });
                }
                collect(root, &path, &mut entries)?;
            }
            entries.push((PROJECT_FILE.to_owned(), json));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => collect(root, root, &mut entries)?,
        Err(source) => return Err(io_error(&project_file, source)),
    }
    // Overlapping package directories must not make a file a duplicate of itself.
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    entries.dedup_by(|a, b| a.0 == b.0);
    Ok(Project::from_entries(entries))
}

/// Replaces a file in one step: the new content is written beside it, flushed to disk and renamed over it, so that a
/// crash leaves either the old file or the new one. The permissions of an existing file are kept.
///
/// # Errors
/// When the file system refuses; the old file is then untouched.
pub fn write_file_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = folder.join(temporary);
    let write = || {
        let mut file = std::fs::File::create(&temporary)?;
        file.write_all(content)?;
        if let Ok(metadata) = std::fs::metadata(path) {
            file.set_permissions(metadata.permissions())?;
        }
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    };
    write().inspect_err(|_| {
        // The first error is the one to report.
        let _ = std::fs::remove_file(&temporary);
    })
}

fn package_directories(json: &[u8]) -> Result<Vec<String>, String> {
    let value: serde_json::Value =
        serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let directories = value
        .get("packageDirectories")
        .and_then(|list| list.as_array());
    let directories = directories.ok_or("it has no list `packageDirectories`")?;
    let path = |entry: &serde_json::Value| Some(entry.get("path")?.as_str()?.to_owned());
    let paths: Option<Vec<_>> = directories.iter().map(path).collect();
    let paths = paths.ok_or("an entry of `packageDirectories` has no text `path`")?;
    if paths.is_empty() {
        return Err("`packageDirectories` is empty".to_owned());
    }
    Ok(paths)
}

fn collect(
    root: &Path,
    folder: &Path,
    entries: &mut Vec<(String, Vec<u8>)>,
) -> Result<(), LoadError> {
    let listing = std::fs::read_dir(folder).map_err(|source| io_error(folder, source))?;
    for entry in listing {
        let entry = entry.map_err(|source| io_error(folder, source))?;
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let kind = entry
            .file_type()
            .map_err(|source| io_error(&path, source))?;
        if kind.is_dir() {
            if !name.starts_with('.') && name != "node_modules" {
                collect(root, &path, entries)?;
            }
            continue;
        }
        let relative = relative(root, &path);
        let ours = name == "package.xml" || crate::layout::component_of(&relative).is_some();
        if ours && path.is_file() {
            let bytes = std::fs::read(&path).map_err(|source| io_error(&path, source))?;
            entries.push((relative, bytes));
        }
    }
    Ok(())
}

fn relative(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn io_error(path: &Path, source: io::Error) -> LoadError {
    LoadError::Io {
        path: path.to_owned(),
        source,
    }
}
