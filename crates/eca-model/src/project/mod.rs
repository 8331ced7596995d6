//! A set of components: an SFDX project, a folder in the metadata format, or the content of a zip.

pub(crate) mod access_files;
pub(crate) mod app;
pub(crate) mod component;
pub(crate) mod component_name;
pub(crate) mod edit;
mod entries;
pub(crate) mod force_ignore;
pub mod fs;
pub mod layout;
pub(crate) mod load_error;
pub(crate) mod manifest;
pub(crate) mod manifest_file;
pub(crate) mod project_file;
pub(crate) mod replacements;
mod root;
mod scope;
pub(crate) mod source;
pub(crate) mod suspicious;
pub(crate) mod write;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::project::access_files::AccessFile;
use crate::project::app::App;
use crate::project::component::{Component, ContentFile};
use crate::project::component_name::ComponentName;
use crate::project::layout::Layout;
use crate::project::manifest_file::ManifestFile;
use crate::project::project_file::PackageDirectory;
use crate::project::replacements::{Declared, ValueFiles};
use crate::project::suspicious::SuspiciousFile;
use crate::types::{ExtlClntAppGlobalOauthSettings, MetadataType, Typed};
use crate::values::version::ApiVersion;
use crate::xml::SyntaxError;

/// The components of external client apps and related types in one place.
#[derive(Debug, Clone)]
pub struct Project {
    components: Vec<Component>,
    unreadable: Vec<UnreadableFile>,
    duplicates: Vec<DuplicateFile>,
    suspicious: Vec<SuspiciousFile>,
    unpaired: Vec<ContentFile>,
    access_files: Vec<AccessFile>,
    manifests: Vec<ManifestFile>,
    package_directories: Vec<PackageDirectory>,
    layout: Option<Layout>,
    namespace: Option<String>,
    replacements: Declared,
    value_files: ValueFiles,
    api_version: Option<ApiVersion>,
    /// Where it was read from.
    root: Option<PathBuf>,
    /// Components that are not what their files on disk hold.
    changed: BTreeSet<ComponentName>,
}

impl Default for Project {
    fn default() -> Self {
        Self {
            components: Vec::new(),
            unreadable: Vec::new(),
            duplicates: Vec::new(),
            suspicious: Vec::new(),
            unpaired: Vec::new(),
            access_files: Vec::new(),
            manifests: Vec::new(),
            package_directories: Vec::new(),
            layout: None,
            namespace: None,
            replacements: Ok(Vec::new()),
            value_files: ValueFiles::default(),
            api_version: None,
            root: None,
            changed: BTreeSet::new(),
        }
    }
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

/// A second file with the same component. In one package directory, the first one by path counts;
/// of several package directories, the one that `sfdx-project.json` names last, as for the
/// Salesforce CLI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateFile {
    /// The component that both hold.
    pub component: ComponentName,
    /// The file that counts.
    pub first: String,
    /// The file that was left out.
    pub path: String,
    /// Whether the file that counts lies in a later package directory: the project is deployed in
    /// layers.
    pub is_layered: bool,
}

impl Project {
    /// The components, sorted by type and name.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// One component.
    pub fn component(&self, name: &ComponentName) -> Option<&Component> {
        let found = self.find(name);
        found.ok().map(|index| &self.components[index])
    }

    /// The index of a component, or where it would go.
    fn find(&self, name: &ComponentName) -> Result<usize, usize> {
        self.components
            .binary_search_by(|component| component.name().cmp(name))
    }

    /// The components of one type.
    pub fn of_type<T: Typed + 'static>(&self) -> impl Iterator<Item = (&Component, &T)> {
        let typed = |component| Some((component, Component::typed::<T>(component)?));
        self.components.iter().filter_map(typed)
    }

    /// Whether there is a component of this type with this name.
    pub fn contains(&self, kind: MetadataType, name: &str) -> bool {
        self.component(&ComponentName::new(kind, name)).is_some()
    }

    /// One app.
    pub fn app(&self, name: &str) -> Option<App<'_>> {
        self.apps().into_iter().find(|app| app.name == name)
    }

    /// The apps, sorted by name; satellites without a header form an app too.
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
            if component.kind() == MetadataType::ExternalClientApplication {
                app.header = Some(component);
            } else {
                app.members.push(component);
            }
        }
        apps.into_values().collect()
    }

    /// The app with this consumer key in its `.ecaGlblOauth` file.
    pub fn app_by_consumer_key(&self, consumer_key: &str) -> Option<App<'_>> {
        let name = self
            .of_type::<ExtlClntAppGlobalOauthSettings>()
            .filter(|(_, global)| global.consumer_key.as_deref() == Some(consumer_key))
            .find_map(|(component, _)| component.app())?;
        self.app(name)
    }

    /// Files that should hold a component, or a manifest, and cannot be read.
    pub fn unreadable(&self) -> &[UnreadableFile] {
        &self.unreadable
    }

    /// Files that were left out because another one holds the same component.
    pub fn duplicates(&self) -> &[DuplicateFile] {
        &self.duplicates
    }

    /// Files that look like metadata of an external client app, but whose names no tool recognizes;
    /// see [`Suspicion`](crate::project::suspicious::Suspicion).
    pub fn suspicious(&self) -> &[SuspiciousFile] {
        &self.suspicious
    }

    /// Content files, such as `certs/Shop.crt`, without a component file beside them.
    pub fn unpaired(&self) -> &[ContentFile] {
        &self.unpaired
    }

    /// `package.xml` and the destructive-changes files, in the order of their folders. They may be
    /// outside of the package directories, such as in `manifest/`, where the Salesforce CLI puts
    /// them.
    pub fn manifests(&self) -> &[ManifestFile] {
        &self.manifests
    }

    /// The layout of the files; `None` when no file shows it. One file in the source format, or an
    /// `sfdx-project.json`, makes it the source format.
    pub fn layout(&self) -> Option<Layout> {
        self.layout
    }

    /// The package directories that `sfdx-project.json` names, in its order.
    pub(crate) fn package_directories(&self) -> &[PackageDirectory] {
        &self.package_directories
    }

    /// The namespace of the project's packages, as `sfdx-project.json` gives it.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// A name without the namespace of the project's own packages: `acme__Billing` is the project's
    /// `Billing` where `sfdx-project.json` has the namespace `acme`.
    pub fn own_name<'a>(&self, name: &'a str) -> &'a str {
        let namespace = self.namespace().filter(|namespace| !namespace.is_empty());
        let rest = namespace.and_then(|namespace| name.strip_prefix(namespace));
        rest.and_then(|rest| rest.strip_prefix("__"))
            .unwrap_or(name)
    }

    /// Whether a file goes into a package: it lies in a package directory of a package, or
    /// `sfdx-project.json` names no packages.
    pub fn is_in_package(&self, path: &str) -> bool {
        let directories = &self.package_directories;
        if !directories.iter().any(|directory| directory.has_package) {
            return true;
        }
        // The innermost directory counts.
        let layer = self.layer(path);
        layer.is_some_and(|index| directories[index].has_package)
    }

    /// The index of the innermost package directory that a file lies in.
    pub(crate) fn layer(&self, path: &str) -> Option<usize> {
        let directories = self.package_directories.iter().enumerate();
        let holding = directories.filter(|(_, directory)| {
            let folder = directory
                .path
                .trim_start_matches("./")
                .trim_end_matches('/');
            path.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        });
        let innermost = holding.max_by_key(|(_, directory)| directory.path.len());
        innermost.map(|(index, _)| index)
    }

    /// Whether this is a whole project, with an `sfdx-project.json` or a manifest, and not a few
    /// files of one.
    pub fn is_whole(&self) -> bool {
        !self.package_directories.is_empty() || !self.manifests.is_empty()
    }

    /// The API version of a package of this project: that of the project, or else the oldest from
    /// [`ApiVersion::NEWEST_CHECKED`] on that has every type and member.
    pub fn package_version(&self) -> ApiVersion {
        let needed = || {
            let components = self.components.iter();
            components.map(Component::needed_version).max()
        };
        let oldest = ApiVersion::NEWEST_CHECKED;
        self.api_version
            .unwrap_or_else(|| needed().unwrap_or(oldest).max(oldest))
    }

    /// The API version that the project is written for: `sourceApiVersion` of `sfdx-project.json`,
    /// or the manifest's.
    pub fn api_version(&self) -> Option<ApiVersion> {
        self.api_version
    }

    /// The part of the project whose paths are selected. The API version is kept.
    #[must_use]
    pub fn select(mut self, is_selected: impl Fn(&str) -> bool) -> Self {
        self.components
            .retain(|component| is_selected(component.path()));
        self.unreadable.retain(|file| is_selected(&file.path));
        self.duplicates.retain(|file| is_selected(&file.path));
        self.suspicious.retain(|file| is_selected(&file.path));
        self.unpaired.retain(|file| is_selected(&file.path));
        self.manifests.retain(|file| is_selected(&file.path));
        self
    }
}
