//! A set of components: an SFDX project, a folder in the metadata format, or the content of a zip.

use std::collections::hash_map::{Entry, HashMap};

use crate::ApiVersion;
use crate::component::{Component, ComponentId};
use crate::file::File;
use crate::layout;
use crate::manifest::Manifest;
use crate::types::{MetadataType, Typed};
use crate::xml::SyntaxError;

/// The components of this field in one place.
#[derive(Debug, Default)]
pub struct Project {
    components: Vec<Component>,
    unreadable: Vec<UnreadableFile>,
    duplicates: Vec<DuplicateFile>,
    api_version: Option<ApiVersion>,
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
    pub kept: String,
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

impl App<'_> {
    /// The app's first component of a type.
    pub fn first<T: Typed>(&self) -> Option<(&Component, &T)> {
        let mut all = self.header.into_iter().chain(self.members.iter().copied());
        all.find_map(|component| Some((component, component.typed::<T>()?)))
    }
}

impl Project {
    /// A project from paths (with `/`, in either format, below any folder) and contents. Files of other kinds are
    /// ignored, so is everything but the API version of `sfdx-project.json` and `package.xml`.
    pub fn from_entries(entries: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let mut entries: Vec<_> = entries.into_iter().collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        let mut project = Self::default();
        let mut seen = HashMap::new();
        for (path, bytes) in entries {
            let name = path.rsplit('/').next().unwrap_or(&path);
            if name == "sfdx-project.json" {
                project.api_version = source_api_version(&bytes).or(project.api_version);
            } else if name == "package.xml" {
                let version = String::from_utf8(bytes)
                    .ok()
                    .and_then(|text| Manifest::parse(&text).ok());
                project.api_version = project
                    .api_version
                    .or(version.map(|manifest| manifest.version));
            } else if let Some(id) = layout::component_of(&path) {
                match seen.entry(id) {
                    Entry::Occupied(first) => project.duplicates.push(DuplicateFile {
                        id: first.key().clone(),
                        kept: String::clone(first.get()),
                        path,
                    }),
                    Entry::Vacant(first) => {
                        let id = first.key().clone();
                        first.insert(path.clone());
                        project.add(id, path, bytes);
                    }
                }
            }
        }
        project.components.sort_by(|a, b| a.id().cmp(b.id()));
        project
    }

    fn add(&mut self, id: ComponentId, path: String, bytes: Vec<u8>) {
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
            Ok(file) => self.components.push(Component::new(id, path, file)),
            Err(error) => self.unreadable.push(UnreadableFile { path, error }),
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

    /// Files that should hold a component and cannot be read.
    pub fn unreadable(&self) -> &[UnreadableFile] {
        &self.unreadable
    }

    /// Files that were left out because another one holds the same component.
    pub fn duplicates(&self) -> &[DuplicateFile] {
        &self.duplicates
    }

    /// The API version that the project is written for: `sourceApiVersion` of `sfdx-project.json`, or the manifest's.
    pub fn api_version(&self) -> Option<ApiVersion> {
        self.api_version
    }

    /// The part of the project whose paths are kept. The API version stays.
    #[must_use]
    pub fn select(mut self, keep: impl Fn(&str) -> bool) -> Self {
        self.components.retain(|component| keep(component.path()));
        self.unreadable.retain(|file| keep(&file.path));
        self.duplicates.retain(|file| keep(&file.path));
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

fn source_api_version(json: &[u8]) -> Option<ApiVersion> {
    let value: serde_json::Value = serde_json::from_slice(json).ok()?;
    value.get("sourceApiVersion")?.as_str()?.parse().ok()
}
