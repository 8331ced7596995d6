//! A set of components: an SFDX project, a folder in the metadata format, or the content of a zip.

pub(crate) mod component;
pub(crate) mod component_id;
pub(crate) mod force_ignore;
pub mod fs;
pub mod layout;
pub(crate) mod manifest;
pub(crate) mod manifest_file;
pub(crate) mod suspicious;
pub(crate) mod write;

use std::collections::HashMap;

use crate::file::File;
use crate::project::component::{Component, ContentFile};
use crate::project::component_id::ComponentId;
use crate::project::force_ignore::ForceIgnore;
use crate::project::layout::Layout;
use crate::project::manifest::Manifest;
use crate::project::manifest_file::{ManifestFile, ManifestKind};
use crate::project::suspicious::{SuspiciousFile, suspicion};
use crate::types::{MetadataType, Typed};
use crate::values::version::ApiVersion;
use crate::xml::SyntaxError;

/// The components of this field in one place.
#[derive(Debug, Default)]
pub struct Project {
    components: Vec<Component>,
    unreadable: Vec<UnreadableFile>,
    duplicates: Vec<DuplicateFile>,
    suspicious: Vec<SuspiciousFile>,
    unpaired: Vec<ContentFile>,
    manifests: Vec<ManifestFile>,
    package_directories: Vec<PackageDirectory>,
    layout: Option<Layout>,
    api_version: Option<ApiVersion>,
}

/// One of the `packageDirectories` of `sfdx-project.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageDirectory {
    /// The folder, as the file spells it.
    pub path: String,
    /// Whether new components go there.
    pub is_default: bool,
}

/// A file that should hold a component and cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{}: {error}", .error.position())]
pub struct UnreadableFile {
    /// The path of the file inside the project.
    pub path: String,
    /// Why it cannot be read.
    pub error: SyntaxError,
}

/// A second file with the same component. The first one, by path, counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateFile {
    /// The component that both hold.
    pub id: ComponentId,
    /// The file that counts.
    pub first: String,
    /// The file that was left out.
    pub path: String,
}

/// The components that belong to one app, grouped by their `externalClientApplication` element.
#[derive(Debug)]
pub struct App<'a> {
    /// The app's developer name.
    pub name: &'a str,
    /// The app header; `None` when only satellites are here.
    pub header: Option<&'a Component>,
    /// The satellites, sorted by id.
    pub members: Vec<&'a Component>,
}

impl<'a> App<'a> {
    /// The header, if it is here, and the satellites.
    pub fn components(&self) -> impl Iterator<Item = &'a Component> {
        self.header.into_iter().chain(self.members.iter().copied())
    }

    /// The app's first component of a type.
    pub fn first<T: Typed>(&self) -> Option<(&'a Component, &'a T)> {
        self.components()
            .find_map(|component| Some((component, component.typed::<T>()?)))
    }
}

impl Project {
    /// A project from paths (with `/`, in either format, below any folder) and contents, such as
    /// those of a zip.
    ///
    /// Files of other kinds are passed over; those that look misnamed are in
    /// [`Project::suspicious`]. Where there is an `sfdx-project.json`, only its package
    /// directories count, and the rules of a `.forceignore` beside it hold.
    pub fn from_entries(entries: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let entries: Vec<_> = entries.into_iter().collect();
        let mut project = Self::default();
        let scope = project.read_settings(&entries);
        let mut contents = HashMap::new();
        let mut found = Vec::with_capacity(entries.len());
        for (path, bytes) in entries {
            if !scope.contains(&path) {
                continue;
            }
            project
                .suspicious
                .extend(suspicion(&path).map(|suspicion| SuspiciousFile {
                    path: path.clone(),
                    suspicion,
                }));
            if layout::content_of(&path).is_some() {
                contents.insert(path.clone(), ContentFile { path, bytes });
            } else if let Some(id) = layout::component_of(&path) {
                // A pair looks the same in both formats; one other file in the source format
                // decides.
                if !layout::has_content(id.kind) && project.layout != Some(Layout::Source) {
                    project.layout = Some(layout::layout_of(&path));
                }
                found.push((id, path, bytes));
            }
        }
        // The one sort over all files: of several files with one component the first by path
        // counts.
        found.sort_unstable_by(|(a, path_of_a, _), (b, path_of_b, _)| {
            a.cmp(b).then_with(|| path_of_a.cmp(path_of_b))
        });
        project.components.reserve_exact(found.len());
        let mut last: Option<(ComponentId, String)> = None;
        for (id, path, bytes) in found {
            if let Some((_, first)) = last.as_ref().filter(|(last, _)| *last == id) {
                let first = first.clone();
                project.duplicates.push(DuplicateFile { id, first, path });
                continue;
            }
            let beside = path.strip_suffix("-meta.xml").unwrap_or_default();
            let content = contents.remove(beside);
            last = Some((id.clone(), path.clone()));
            if let Some(component) = project.add(id, path, bytes, content) {
                component.mentions();
            }
        }
        project.suspicious.sort_by(|a, b| a.path.cmp(&b.path));
        project.unpaired = contents.into_values().collect();
        project.unpaired.sort_by(|a, b| a.path.cmp(&b.path));
        project.unreadable.sort_by(|a, b| a.path.cmp(&b.path));
        project.duplicates.sort_by(|a, b| a.path.cmp(&b.path));
        project
    }

    /// Takes what the files say that are about the project, and returns which of the others count.
    fn read_settings(&mut self, entries: &[(String, Vec<u8>)]) -> Scope {
        let mut scope = Scope::default();
        let mut settings: Vec<_> = entries
            .iter()
            .map(|(path, bytes)| {
                let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
                (folder, name, bytes)
            })
            .filter(|(_, name, _)| {
                SETTINGS_FILES.contains(name) || ManifestKind::from_path(name).is_some()
            })
            .collect();
        settings.sort_unstable();
        for (folder, name, bytes) in settings {
            match name {
                "sfdx-project.json" => {
                    let json = serde_json::from_slice(bytes).unwrap_or_default();
                    self.api_version = source_api_version(&json).or(self.api_version);
                    self.layout = Some(Layout::Source);
                    for directory in package_directories(&json).unwrap_or_default() {
                        let path = clean(&format!("{folder}/{}", directory.path));
                        scope.directories.push(path);
                        self.package_directories.push(directory);
                    }
                    scope.project = clean(folder);
                }
                ForceIgnore::FILE => {
                    let rules = ForceIgnore::parse(&String::from_utf8_lossy(bytes));
                    scope.ignored.push((clean(folder), rules));
                }
                _ => self.add_manifest(folder, name, bytes),
            }
        }
        scope
    }

    fn add_manifest(&mut self, folder: &str, name: &str, bytes: &[u8]) {
        let Some(kind) = ManifestKind::from_path(name) else {
            return;
        };
        let path = match folder {
            "" => name.to_owned(),
            folder => format!("{folder}/{name}"),
        };
        // The version counts even where the rest is in the wrong namespace; that of a file of
        // deletions never does.
        if kind == ManifestKind::Package {
            let manifest = Manifest::parse(&String::from_utf8_lossy(bytes)).ok();
            let version = manifest.map(|manifest| manifest.version);
            self.api_version = self.api_version.or(version);
        }
        match File::from_bytes(bytes.to_vec()) {
            Ok(file) => self.manifests.push(ManifestFile { path, kind, file }),
            Err(error) => self.unreadable.push(UnreadableFile { path, error }),
        }
    }

    /// A project of one component file, and of the content file beside it.
    pub(crate) fn from_file(
        id: ComponentId,
        path: String,
        bytes: Vec<u8>,
        content: Option<ContentFile>,
    ) -> Self {
        let mut project = Self {
            components: Vec::with_capacity(1),
            ..Self::default()
        };
        project.add(id, path, bytes, content);
        project
    }

    /// Takes a component's file, that of a later component later; gives the component if it can be
    /// read.
    fn add(
        &mut self,
        id: ComponentId,
        path: String,
        bytes: Vec<u8>,
        content: Option<ContentFile>,
    ) -> Option<&Component> {
        let file = File::from_bytes(bytes).and_then(|file: File| {
            let found = file.value().metadata_type();
            if found == id.kind {
                return Ok(file);
            }
            let kind = crate::xml::SyntaxErrorKind::WrongRoot {
                found: found.name().to_owned(),
                expected: format!("`{}`, as the file's suffix says", id.kind),
            };
            Err(SyntaxError::new(kind, file.document().root().position()))
        });
        match file {
            Ok(file) => {
                let component = Component::new(id, path, file, content);
                self.components.push(component);
                self.components.last()
            }
            Err(error) => {
                self.unreadable.push(UnreadableFile { path, error });
                None
            }
        }
    }

    /// The components, sorted by type and name.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// One component.
    pub fn component(&self, id: &ComponentId) -> Option<&Component> {
        let found = self
            .components
            .binary_search_by(|component| component.id().cmp(id));
        found.ok().map(|index| &self.components[index])
    }

    /// The components of one type.
    pub fn of_type<T: Typed + 'static>(&self) -> impl Iterator<Item = (&Component, &T)> {
        let typed = |component| Some((component, Component::typed::<T>(component)?));
        self.components.iter().filter_map(typed)
    }

    /// Whether there is a component of this type with this name.
    pub fn contains(&self, kind: MetadataType, name: &str) -> bool {
        self.component(&ComponentId::new(kind, name)).is_some()
    }

    /// The apps, sorted by name; satellites without a header make an app too.
    pub fn apps(&self) -> Vec<App<'_>> {
        let mut apps = std::collections::BTreeMap::new();
        for component in &self.components {
            let Some(name) = component.app() else {
                continue;
            };
            let app = apps.entry(name).or_insert(App {
                name,
                header: None,
                members: Vec::new(),
            });
            if component.id().kind == MetadataType::ExternalClientApplication {
                app.header = Some(component);
            } else {
                app.members.push(component);
            }
        }
        apps.into_values().collect()
    }

    /// Files that should hold a component, or a manifest, and cannot be read.
    pub fn unreadable(&self) -> &[UnreadableFile] {
        &self.unreadable
    }

    /// Files that were left out because another one holds the same component.
    pub fn duplicates(&self) -> &[DuplicateFile] {
        &self.duplicates
    }

    /// Files that look like metadata of this field and are named in a way that no tool finds them;
    /// see [`Suspicion`](crate::project::suspicious::Suspicion).
    pub fn suspicious(&self) -> &[SuspiciousFile] {
        &self.suspicious
    }

    /// Content files, such as `certs/Shop.crt`, that have no component file beside them.
    pub fn unpaired(&self) -> &[ContentFile] {
        &self.unpaired
    }

    /// `package.xml` and the destructive-changes files, in the order of their folders. They may
    /// stand outside of the package directories, as they do in `manifest/`, where the
    /// Salesforce CLI puts them.
    pub fn manifests(&self) -> &[ManifestFile] {
        &self.manifests
    }

    /// The format that the files are laid out in; `None` when no file shows it. One file in the
    /// source format, or an `sfdx-project.json`, makes it the source format.
    pub fn layout(&self) -> Option<Layout> {
        self.layout
    }

    /// The package directories that `sfdx-project.json` names, in its order.
    pub fn package_directories(&self) -> &[PackageDirectory] {
        &self.package_directories
    }

    /// The API version that the project is written for: `sourceApiVersion` of `sfdx-project.json`,
    /// or the manifest's.
    pub fn api_version(&self) -> Option<ApiVersion> {
        self.api_version
    }

    /// The part of the project whose paths are kept. The API version stays.
    #[must_use]
    pub fn select(mut self, keep: impl Fn(&str) -> bool) -> Self {
        self.components.retain(|component| keep(component.path()));
        self.unreadable.retain(|file| keep(&file.path));
        self.duplicates.retain(|file| keep(&file.path));
        self.suspicious.retain(|file| keep(&file.path));
        self.unpaired.retain(|file| keep(&file.path));
        self.manifests.retain(|file| keep(&file.path));
        self
    }

    /// The project with this component in place of the one with the same id, or beside the others.
    #[must_use]
    pub fn with_component(mut self, component: Component) -> Self {
        match self
            .components
            .binary_search_by(|other| other.id().cmp(component.id()))
        {
            Ok(index) => self.components[index] = component,
            Err(index) => self.components.insert(index, component),
        }
        self
    }
}

/// Files that are about the whole project, beside the manifests.
const SETTINGS_FILES: [&str; 2] = ["sfdx-project.json", ForceIgnore::FILE];

/// Which paths count.
#[derive(Default)]
struct Scope {
    /// The folder of the project file.
    project: String,
    /// The package directories; when there are none, everything counts.
    directories: Vec<String>,
    /// Rules, and the folder that they are for.
    ignored: Vec<(String, ForceIgnore)>,
}

impl Scope {
    fn contains(&self, path: &str) -> bool {
        if self.directories.is_empty() && self.ignored.is_empty() {
            return true;
        }
        let path = &clean(path);
        let outside_of_packages = !self.directories.is_empty()
            && below(path, &self.project).is_some()
            && !self.directories.iter().any(|d| below(path, d).is_some());
        let ignored = |(folder, rules): &(String, ForceIgnore)| {
            below(path, folder).is_some_and(|path| rules.ignores_file(path))
        };
        !outside_of_packages && !self.ignored.iter().any(ignored)
    }
}

/// The path inside a folder; an empty folder is the root.
fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    if folder.is_empty() {
        return Some(path);
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// A path without `.`, empty steps and a slash at the end.
pub(crate) fn clean(path: &str) -> String {
    let steps = path.split(['/', '\\']);
    let steps: Vec<_> = steps.filter(|step| !matches!(*step, "" | ".")).collect();
    steps.join("/")
}

fn source_api_version(json: &serde_json::Value) -> Option<ApiVersion> {
    json.get("sourceApiVersion")?.as_str()?.parse().ok()
}

/// The package directories that a project file names; the error says what is wrong with it.
pub(crate) fn package_directories(
    json: &serde_json::Value,
) -> Result<Vec<PackageDirectory>, &'static str> {
    let directories = json
        .get("packageDirectories")
        .and_then(|list| list.as_array());
    let directories = directories.ok_or("it has no list `packageDirectories`")?;
    let directory = |entry: &serde_json::Value| {
        Some(PackageDirectory {
            path: entry.get("path")?.as_str()?.to_owned(),
            is_default: entry.get("default").and_then(serde_json::Value::as_bool) == Some(true),
        })
    };
    let found: Option<Vec<_>> = directories.iter().map(directory).collect();
    let found = found.ok_or("an entry of `packageDirectories` has no text `path`")?;
    if found.is_empty() {
        return Err("`packageDirectories` is empty");
    }
    Ok(found)
}
