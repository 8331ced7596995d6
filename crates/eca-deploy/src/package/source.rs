//! Where the components of a package come from.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::path::Path;

use eca_model::fs::Folder;
use eca_model::types::{ExternalClientApplication, ExtlClntAppDistState};
use eca_model::{
    ApiVersion, Component, ComponentId, DuplicateFile, MetadataType, Project, UnreadableFile,
    layout,
};

use super::error::PackageError;
use super::report::PackagedFile;

/// A project to be packaged: one that is in memory, or a folder of which one file after the other is read, once to
/// look at it and once more each time that the package is sent.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum PackageSource<'a> {
    /// In memory.
    Project(&'a Project),
    /// On disk.
    Folder(&'a Folder),
}

impl<'a> From<&'a Project> for PackageSource<'a> {
    fn from(project: &'a Project) -> Self {
        Self::Project(project)
    }
}

impl<'a> From<&'a Folder> for PackageSource<'a> {
    fn from(folder: &'a Folder) -> Self {
        Self::Folder(folder)
    }
}

impl<'a> PackageSource<'a> {
    pub(super) fn api_version(self) -> Option<ApiVersion> {
        match self {
            Self::Project(project) => project.api_version(),
            Self::Folder(folder) => folder.api_version(),
        }
    }

    /// Every component, those included whose files cannot be read.
    pub(super) fn ids(self) -> Box<dyn Iterator<Item = ComponentId> + 'static> {
        let ids: Vec<_> = match self {
            Self::Project(project) => {
                let readable = project.components().iter().map(|own| own.id().clone());
                let unreadable = project.unreadable().iter();
                readable
                    .chain(unreadable.filter_map(|file| layout::component_of(&file.path)))
                    .collect()
            }
            Self::Folder(folder) => folder.files().iter().map(|(id, _)| id.clone()).collect(),
        };
        Box::new(ids.into_iter())
    }

    /// A second file with one of these components.
    pub(super) fn duplicate(self, wanted: impl Fn(&ComponentId) -> bool) -> Option<DuplicateFile> {
        match self {
            Self::Project(project) => {
                let mut duplicates = project.duplicates().iter();
                duplicates.find(|duplicate| wanted(&duplicate.id)).cloned()
            }
            Self::Folder(folder) => {
                let mut pairs = folder.files().windows(2);
                pairs.find_map(|pair| match pair {
                    [(a, kept), (b, path)] if a == b && wanted(a) => Some(DuplicateFile {
                        id: a.clone(),
                        kept: kept.clone(),
                        path: path.clone(),
                    }),
                    _ => None,
                })
            }
        }
    }

    /// The `distributionState` of each app whose header is here; one that is left out means a local app.
    pub(super) fn distribution_states(
        self,
    ) -> Result<HashMap<String, ExtlClntAppDistState>, PackageError> {
        let mut states = HashMap::new();
        let mut add = |project: &Project| {
            for (component, app) in project.of_type::<ExternalClientApplication>() {
                let state = app.distribution_state.clone();
                let state = state.unwrap_or(ExtlClntAppDistState::Local);
                states.insert(component.id().name.clone(), state);
            }
        };
        match self {
            Self::Project(project) => add(project),
            Self::Folder(folder) => {
                let headers = folder.files().iter();
                for (_, path) in
                    headers.filter(|(id, _)| id.kind == MetadataType::ExternalClientApplication)
                {
                    add(&folder.read(path)?);
                }
            }
        }
        Ok(states)
    }

    /// Shows the components that are wanted one after the other, sorted by id. Files that cannot be read come before
    /// any other reason to refuse, since they may be the cause of it.
    pub(super) fn each(
        self,
        wanted: impl Fn(&ComponentId) -> bool,
        mut take: impl FnMut(&Component) -> Result<(), PackageError>,
    ) -> Result<(), PackageError> {
        let mut unreadable: Vec<UnreadableFile> = Vec::new();
        let mut result = Ok(());
        let mut show = |component: &Component| {
            if result.is_ok() {
                result = take(component);
            }
        };
        match self {
            Self::Project(project) => {
                // A manifest is no component: a package makes its own.
                let concerns = |file: &&UnreadableFile| {
                    layout::component_of(&file.path).is_some_and(|id| wanted(&id))
                };
                unreadable.extend(project.unreadable().iter().filter(concerns).cloned());
                let components = project.components().iter();
                components
                    .filter(|component| wanted(component.id()))
                    .for_each(&mut show);
            }
            Self::Folder(folder) => {
                for (id, path) in folder.files() {
                    if !wanted(id) {
                        continue;
                    }
                    let part = folder.read(path)?;
                    part.components().iter().for_each(&mut show);
                    unreadable.extend(part.unreadable().iter().cloned());
                }
                unreadable.sort_by(|a, b| a.path.cmp(&b.path));
            }
        }
        if unreadable.is_empty() {
            return result;
        }
        Err(PackageError::Unreadable { files: unreadable })
    }

    /// The content of a local file, again.
    pub(super) fn content(self, file: &PackagedFile) -> io::Result<Cow<'a, [u8]>> {
        match self {
            Self::Folder(folder) => read(folder.root(), file),
            Self::Project(project) => {
                let component = project.component(&file.component);
                let bytes = component.and_then(|component| {
                    if component.path() == file.local_path {
                        return Some(component.file().text().as_bytes());
                    }
                    let content = component.content();
                    content.map(|content| content.bytes.as_slice())
                });
                // The builder made the file's entry from this very project.
                bytes.map(Cow::from).ok_or(io::ErrorKind::NotFound.into())
            }
        }
    }
}

/// Reads a local file; an error names it.
pub(super) fn read<'a>(root: &Path, file: &PackagedFile) -> io::Result<Cow<'a, [u8]>> {
    match std::fs::read(root.join(&file.local_path)) {
        Ok(content) => Ok(content.into()),
        Err(error) => {
            let message = format!("{}: {error}", file.local_path);
            Err(io::Error::new(error.kind(), message))
        }
    }
}
