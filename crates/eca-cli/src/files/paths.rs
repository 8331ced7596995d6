//! The project's folder, and the selection of its files.

use std::path::{Component, Path, PathBuf};

use crate::exit::Exit;
use crate::failure::Failure;

const PROJECT_FILE: &str = "sfdx-project.json";

/// The project's folder; see [`Context::project_root`](crate::context::Context::project_root).
pub(crate) fn project_root(given: Option<&Path>, selected: &[PathBuf]) -> Result<PathBuf, Failure> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let start = match selected.first() {
        Some(path) => absolute(path)?,
        None => absolute(Path::new("."))?,
    };
    if !start.exists() {
        let shown = selected.first().map_or(start.as_path(), PathBuf::as_path);
        return Err(Failure::new(
            Exit::Usage,
            format!("no file or folder {}", shown.display()),
        )
        .hint("give the folder of an SFDX project, or paths inside it"));
    }
    let folder = if start.is_dir() {
        start.as_path()
    } else {
        start.parent().unwrap_or(&start)
    };
    let project = folder.ancestors().find(|f| f.join(PROJECT_FILE).is_file());
    Ok(project.unwrap_or(folder).to_owned())
}

/// Refuses the root of the file system and the home folder where they are no project: all files
/// below would be read. Other folders may have files in the metadata format, without a project
/// file.
pub(crate) fn require_project(root: &Path) -> Result<(), Failure> {
    let is_project = [PROJECT_FILE, "package.xml"]
        .iter()
        .any(|file| root.join(file).is_file());
    let Some(whole) = root.canonicalize().ok().filter(|_| !is_project) else {
        return Ok(());
    };
    let home = etcetera::home_dir().ok();
    let home = home.and_then(|home| home.canonicalize().ok());
    if whole.parent().is_some() && home.as_ref() != Some(&whole) {
        return Ok(());
    }
    let message = format!("no {PROJECT_FILE} in {} or above", whole.display());
    Err(Failure::new(Exit::Usage, message)
        .hint("go to the folder of the project, or name it: --project DIR"))
}

/// The folders of paths inside of the project, relative to it, with `/`.
pub(crate) fn folders_inside(root: &Path, paths: &[PathBuf]) -> Vec<String> {
    let Ok(root) = absolute(root) else {
        return Vec::new();
    };
    let inside = |path: &PathBuf| {
        let full = absolute(path).ok()?;
        let folder = if full.is_dir() {
            &*full
        } else {
            full.parent()?
        };
        let relative = folder.strip_prefix(&root).ok()?;
        let steps: Vec<_> = relative.iter().map(|step| step.to_string_lossy()).collect();
        Some(steps.join("/"))
    };
    paths.iter().filter_map(inside).collect()
}

/// The part of a project that paths select; without paths, all of it.
#[derive(Debug)]
pub(crate) struct Selection {
    prefixes: Vec<String>,
}

impl Selection {
    /// The selection of these paths below `root`.
    pub(crate) fn new(root: &Path, selected: &[PathBuf]) -> Result<Self, Failure> {
        let root = absolute(root)?;
        let mut prefixes = Vec::new();
        for path in selected {
            let full = absolute(path)?;
            if !full.exists() {
                let message = format!("no file or folder {}", path.display());
                return Err(Failure::new(Exit::Usage, message));
            }
            let relative = full.strip_prefix(&root).map_err(|_| {
                let message = format!(
                    "{} is not inside the project {}",
                    path.display(),
                    root.display()
                );
                Failure::new(Exit::Usage, message).hint("name the project with --project")
            })?;
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            prefixes.push(parts.join("/"));
        }
        // The root itself selects everything.
        if prefixes.iter().any(String::is_empty) {
            prefixes.clear();
        }
        Ok(Self { prefixes })
    }

    /// Whether a path of the project (with `/`) is selected.
    pub(crate) fn contains(&self, path: &str) -> bool {
        self.prefixes.is_empty()
            || self.prefixes.iter().any(|prefix| {
                path.strip_prefix(prefix.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }
}

/// The path from the root of the file system, without `.` and `..`.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let full = std::path::absolute(path).map_err(|error| {
        Failure::caused_by(
            Exit::Usage,
            format!("cannot use {}", path.display()),
            &error,
        )
    })?;
    let mut clean = PathBuf::new();
    for component in full.components() {
        match component {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    Ok(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selection() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("app/a");
        std::fs::create_dir_all(&folder).unwrap();
        let select = |path: PathBuf| Selection::new(root.path(), &[path]).unwrap();
        let part = select(root.path().join("app/../app/./a"));
        assert!(part.contains("app/a/x.eca"));
        assert!(!part.contains("app/ab/x.eca"));
        assert!(select(root.path().to_owned()).contains("anything"));
        assert!(Selection::new(root.path(), &["/".into()]).is_err());
    }
}
