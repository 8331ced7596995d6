//! A project made of files in memory.

use std::collections::HashMap;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use crate::file::File;
use crate::project::component::{Component, ContentFile};
use crate::project::component_name::ComponentName;
use crate::project::force_ignore::ForceIgnore;
use crate::project::fs::MANY;
use crate::project::layout::Layout;
use crate::project::manifest::Manifest;
use crate::project::manifest_file::{ManifestFile, ManifestKind};
use crate::project::project_file::ProjectFile;
use crate::project::replacements::ValueFiles;
use crate::project::scope::Scope;
use crate::project::suspicious::{Suspicion, SuspiciousFile, suspicion};
use crate::project::{DuplicateFile, Project, UnreadableFile, layout};

/// Path and content.
type Entry = (String, Vec<u8>);

impl Project {
    /// A project from paths (with `/`, in either format, below any folder) and contents, such as
    /// those of a zip.
    ///
    /// Files of other kinds are ignored; those that look misnamed are in [`Project::suspicious`].
    /// An `sfdx-project.json` restricts the project to its package directories, and the rules of a
    /// `.forceignore` beside it apply.
    pub fn from_entries(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut entries: Vec<_> = entries.into_iter().collect();
        let mut settings: Vec<_> = entries
            .iter()
            .map(|(path, bytes)| {
                let (folder, name) = split(path);
                (folder, name, bytes)
            })
            .filter(|(_, name, _)| [ProjectFile::FILE, ForceIgnore::FILE].contains(name))
            .collect();
        settings.sort_unstable();
        let mut scope = Scope::default();
        let mut project_files = Vec::new();
        for (folder, name, bytes) in settings {
            if name == ForceIgnore::FILE {
                scope.add_ignore_file(folder, bytes);
            } else {
                let file = ProjectFile::parse(bytes);
                scope.add_project_file(folder, &file);
                project_files.push(file);
            }
        }
        let value_files = project_files
            .iter()
            .flat_map(ProjectFile::value_files)
            .filter_map(|path| {
                let (_, bytes) = entries.iter().find(|(found, _)| found == path)?;
                Some((path.to_owned(), String::from_utf8_lossy(bytes).into_owned()))
            })
            .collect();
        entries.retain(|(path, _)| ManifestKind::from_path(path).is_some() || scope.contains(path));
        let mut project = Self::from_files(project_files, entries);
        project.value_files = ValueFiles(value_files);
        project
    }

    /// A project from its project files and from the files that belong to it.
    pub(crate) fn from_files(
        project_files: impl IntoIterator<Item = ProjectFile>,
        entries: impl IntoIterator<Item = Entry>,
    ) -> Self {
        let mut project = Self::default();
        for file in project_files {
            project.api_version = file.api_version.or(project.api_version);
            project.layout = Some(Layout::Source);
            project.namespace = file.namespace.or(project.namespace);
            project.replacements = file.replacements;
            let directories = file.package_directories.unwrap_or_default();
            project.package_directories.extend(directories);
        }
        let mut manifests = Vec::new();
        let mut contents = HashMap::new();
        let mut files = Vec::new();
        let entries: Vec<_> = entries.into_iter().collect();
        let classified: Vec<_> = if entries.len() < MANY {
            entries.into_iter().map(classify).collect()
        } else {
            entries.into_par_iter().map(classify).collect()
        };
        for (role, suspicion, (path, bytes)) in classified {
            project
                .suspicious
                .extend(suspicion.map(|suspicion| SuspiciousFile {
                    path: path.clone(),
                    suspicion,
                }));
            match role {
                Role::Manifest(kind) => manifests.push((path, kind, bytes)),
                Role::Content => {
                    contents.insert(path.clone(), ContentFile { path, bytes });
                }
                Role::Component(name) => {
                    // A pair looks the same in both formats; one other file in the source format
                    // decides.
                    let is_pair = name.kind.known().is_some_and(layout::has_content);
                    if !is_pair && project.layout != Some(Layout::Source) {
                        project.layout = Some(layout::layout_of(&path));
                    }
                    files.push((name, path, bytes));
                }
                Role::None => {}
            }
        }
        manifests.sort_unstable_by(|(a, ..), (b, ..)| split(a).cmp(&split(b)));
        for (path, kind, bytes) in manifests {
            project.add_manifest(path, kind, bytes);
        }
        // The only sort of the files: of several files with one component the first by path counts.
        files.sort_unstable_by(|(a, path_of_a, _), (b, path_of_b, _)| {
            a.cmp(b).then_with(|| path_of_a.cmp(path_of_b))
        });
        let mut parts: Vec<ComponentParts> = Vec::with_capacity(files.len());
        for (name, path, bytes) in files {
            if let Some(first) = parts.last_mut().filter(|last| last.name == name) {
                let (layer_of_first, layer) = (project.layer(&first.path), project.layer(&path));
                let mut left_out = path;
                if layer > layer_of_first {
                    std::mem::swap(&mut first.path, &mut left_out);
                    first.bytes = bytes;
                    let beside = first.path.strip_suffix("-meta.xml").unwrap_or_default();
                    first.content = contents.remove(beside);
                }
                let beside = left_out.strip_suffix("-meta.xml").unwrap_or_default();
                contents.remove(beside);
                project.duplicates.push(DuplicateFile {
                    component: name,
                    first: first.path.clone(),
                    path: left_out,
                    is_layered: layer != layer_of_first,
                });
                continue;
            }
            let beside = path.strip_suffix("-meta.xml").unwrap_or_default();
            let content = contents.remove(beside);
            parts.push(ComponentParts {
                name,
                path,
                bytes,
                content,
            });
        }
        // The order stays, so the components are sorted.
        let parsed: Vec<_> = if parts.len() < MANY {
            parts.into_iter().map(ComponentParts::parse).collect()
        } else {
            parts.into_par_iter().map(ComponentParts::parse).collect()
        };
        for parsed in parsed {
            match parsed {
                Ok(component) => project.components.push(component),
                Err(unreadable) => project.unreadable.push(unreadable),
            }
        }
        project.suspicious.sort_by(|a, b| a.path.cmp(&b.path));
        project.unpaired = contents.into_values().collect();
        project.unpaired.sort_by(|a, b| a.path.cmp(&b.path));
        project.unreadable.sort_by(|a, b| a.path.cmp(&b.path));
        project.duplicates.sort_by(|a, b| a.path.cmp(&b.path));
        project
    }

    fn add_manifest(&mut self, path: String, kind: ManifestKind, bytes: Vec<u8>) {
        // The version counts even when the rest is in the wrong namespace; that of a
        // destructive-changes file never does.
        if kind == ManifestKind::Package {
            let manifest = Manifest::parse(&String::from_utf8_lossy(&bytes)).ok();
            let version = manifest.map(|manifest| manifest.version);
            self.api_version = self.api_version.or(version);
        }
        match File::from_bytes(bytes) {
            Ok(file) => self.manifests.push(ManifestFile { path, kind, file }),
            Err(error) => self.unreadable.push(UnreadableFile { path, error }),
        }
    }
}

/// What a file is, by its path.
enum Role {
    Manifest(ManifestKind),
    Content,
    Component(ComponentName),
    None,
}

fn classify(entry: Entry) -> (Role, Option<Suspicion>, Entry) {
    let path = &entry.0;
    if let Some(kind) = ManifestKind::from_path(path) {
        return (Role::Manifest(kind), None, entry);
    }
    let role = if layout::content_of(path).is_some() {
        Role::Content
    } else {
        layout::component_of(path).map_or(Role::None, Role::Component)
    };
    (role, suspicion(path), entry)
}

/// What a component is made from.
struct ComponentParts {
    name: ComponentName,
    path: String,
    bytes: Vec<u8>,
    content: Option<ContentFile>,
}

impl ComponentParts {
    fn parse(self) -> Result<Component, UnreadableFile> {
        let parsed = Component::parse(self.name, &self.path, self.bytes, self.content);
        parsed.map_err(|error| UnreadableFile {
            path: self.path,
            error,
        })
    }
}

/// Folder and name.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
