//! Where the components of a package come from.

use std::io;
use std::path::Path;

use eca_model::fs::Folder;
use eca_model::{
    ApiVersion, Component, ComponentId, DuplicateFile, Manifest, MetadataType, Project,
    UnreadableFile, layout,
};

use crate::package::component_set::ComponentSet;
use crate::package::error::PackageError;
use crate::package::report::PackagedFile;

/// A project to be packaged: one that is in memory, or a folder of which one file after the other
/// is read, once to look at it, and once more each time that the package is sent if it is a large
/// one.
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

impl PackageSource<'_> {
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
                let readable = project
                    .components()
                    .iter()
                    .map(|component| component.id().clone());
                let unreadable = project.unreadable().iter();
                readable
                    .chain(unreadable.filter_map(|file| layout::component_of(&file.path)))
                    .collect()
            }
            Self::Folder(folder) => folder.files().map(|(id, _)| id).collect(),
        };
        Box::new(ids.into_iter())
    }

    /// A second file with one of these components.
    pub(super) fn duplicate(self, wanted: impl Fn(&ComponentId) -> bool) -> Option<DuplicateFile> {
        let duplicates = match self {
            Self::Project(project) => project.duplicates(),
            Self::Folder(folder) => folder.duplicates(),
        };
        let mut wanted_ones = duplicates.iter().filter(|duplicate| wanted(&duplicate.id));
        wanted_ones.next().cloned()
    }

    /// Shows the components that are wanted one after the other, sorted by id, and the headers of
    /// all apps among them, since what they say counts for their satellites. No file is read
    /// twice, and headers come before what the rules are about, by the order of the types.
    /// Files that cannot be read come before any other reason to refuse, since they may be the
    /// cause of it.
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
                    .filter(|component| is_header(component.id()) || wanted(component.id()))
                    .for_each(&mut show);
            }
            Self::Folder(folder) => {
                for (id, path) in folder.files() {
                    let wanted = wanted(&id);
                    if !wanted && !is_header(&id) {
                        continue;
                    }
                    let part = folder.read(id, path)?;
                    part.components().iter().for_each(&mut show);
                    if wanted {
                        unreadable.extend(part.unreadable().iter().cloned());
                    }
                }
                unreadable.sort_by(|a, b| a.path.cmp(&b.path));
            }
        }
        if unreadable.is_empty() {
            return result;
        }
        Err(PackageError::Unreadable { files: unreadable })
    }
}

impl ComponentSet {
    /// Every component of a project, those included whose files cannot be read.
    pub fn from_project<'a>(project: impl Into<PackageSource<'a>>) -> Self {
        project.into().ids().collect()
    }

    /// What a manifest names, its wildcards standing for what the project has of the type.
    pub fn select<'a>(manifest: &Manifest, project: impl Into<PackageSource<'a>>) -> Self {
        let mut set = Self::from_project(project).filter(|kind, name| manifest.lists(kind, name));
        for (kind, members) in &manifest.types {
            for member in members.iter().filter(|member| *member != "*") {
                set.insert(kind, member);
            }
        }
        set
    }
}

fn is_header(id: &ComponentId) -> bool {
    id.kind == MetadataType::ExternalClientApplication
}

/// Reads a local file; an error names it.
pub(super) fn read(root: &Path, file: &PackagedFile) -> io::Result<Vec<u8>> {
    std::fs::read(root.join(&file.local_path)).map_err(|error| {
        let message = format!("{}: {error}", file.local_path);
        io::Error::new(error.kind(), message)
    })
}
