//! The folder in which the demo works: a copy of the project, the key, the certificate.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::commands::demo::example;
use crate::context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{input, write};

/// The folder; removed at the end unless --keep is given.
#[derive(Debug)]
pub(super) struct Workdir {
    root: PathBuf,
    source: String,
    temporary: Option<TempDir>,
}

impl Workdir {
    /// A new folder with a copy of `project`, or of the built-in example.
    pub(super) fn new(keep: Option<&Path>, project: Option<&Path>) -> Result<Self, Failure> {
        let files = match project {
            Some(project) => files_of(project)?,
            None => example::FILES
                .iter()
                .map(|(path, content)| ((*path).to_owned(), content.to_vec()))
                .collect(),
        };
        let (root, temporary) = if let Some(folder) = keep {
            (new_folder(folder)?, None)
        } else {
            let folder = tempfile::Builder::new().prefix("eca-demo-").tempdir();
            let folder = folder.map_err(|error| {
                Failure::caused_by(Exit::Failed, "cannot make a temporary folder", &error)
            })?;
            (folder.path().to_owned(), Some(folder))
        };
        let source = project.map_or_else(
            || "examples/storefront".to_owned(),
            |p| p.display().to_string(),
        );
        let workdir = Self {
            root,
            source,
            temporary,
        };
        for (path, content) in files {
            let path = workdir.project().join(path);
            let folder = path.parent().unwrap_or(&workdir.root);
            std::fs::create_dir_all(folder).map_err(|error| cannot_write(&path, &error))?;
            write::replace(&path, &content)?;
        }
        Ok(workdir)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The source of the copy.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// The copy of the project.
    pub(super) fn project(&self) -> PathBuf {
        self.root.join("project")
    }

    pub(super) fn key(&self) -> PathBuf {
        self.root.join("key.pem")
    }

    pub(super) fn certificate(&self) -> PathBuf {
        self.root.join("certificate.pem")
    }

    /// The folder, with --keep.
    pub(super) fn kept_folder(&self) -> Option<&Path> {
        self.temporary.is_none().then_some(&self.root)
    }

    /// Removes the folder, or returns it with --keep.
    pub(super) fn close(self) -> Option<PathBuf> {
        match self.temporary {
            // The operating system cleans up temporary folders that cannot be removed here.
            Some(folder) => {
                let _ = folder.close();
                None
            }
            None => Some(self.root),
        }
    }
}

/// The files of a project that the demo needs, in memory.
fn files_of(root: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let project = context::load(root)?;
    if let Some(unreadable) = project.unreadable().first() {
        return Err(Failure::new(Exit::Usage, unreadable.to_string())
            .hint("eca lint lists every such file"));
    }
    let mut files: Vec<_> = project
        .components()
        .iter()
        .map(|component| {
            (
                component.path().to_owned(),
                component.file().text().as_bytes().to_vec(),
            )
        })
        .collect();
    for name in ["sfdx-project.json", "package.xml"] {
        if let Ok(content) = input::file(&root.join(name), input::SMALL) {
            files.push((name.to_owned(), content));
        }
    }
    Ok(files)
}

/// A new or empty folder: the demo overwrites nothing.
fn new_folder(folder: &Path) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    let mut entries = std::fs::read_dir(folder).map_err(|error| cannot_write(folder, &error))?;
    if entries.next().is_some() {
        let message = format!("{} is not empty", folder.display());
        return Err(Failure::new(Exit::Usage, message).hint("give --keep a new folder"));
    }
    Ok(folder.to_owned())
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::caused_by(
        Exit::Usage,
        format!("cannot write {}", path.display()),
        error,
    )
}
