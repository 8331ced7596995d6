//! From a project to a package.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use eca_model::types::{ExternalClientApplication, ExtlClntAppDistState};
use eca_model::{
    ApiVersion, Component, ComponentId, EditError, Element, Manifest, Position, Project,
    UnreadableFile,
};

use super::report::{Dropped, Kept, PackageReport, PackagedFile};
use super::rules::{DropReason, ROTATIONS, RULES};
use super::source_map::SourceMap;
use super::{Package, zip_writer};
use crate::archive::ZipFailure;
use crate::limits::{Limit, Limits, NearLimit};

/// Settings of a package that is about to be made.
#[derive(Debug, Clone)]
#[must_use]
pub struct PackageBuilder<'a> {
    project: &'a Project,
    version: Option<ApiVersion>,
    rotations: BTreeSet<ComponentId>,
    limits: Limits,
}

/// Why there is no package.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// Files of the project cannot be read, so a package would be incomplete.
    #[error("{}", Unreadable(.files))]
    Unreadable {
        /// At least one.
        files: Vec<UnreadableFile>,
    },
    /// Nothing to deploy.
    #[error("the project has no metadata that can be deployed")]
    Empty,
    /// Two files of one component: whichever went in, the other one would be lost.
    #[error(
        "{first} and {second} are both {component}; Salesforce's names do not tell upper from lower case"
    )]
    Duplicate {
        /// The component.
        component: ComponentId,
        /// The one file.
        first: String,
        /// The other file.
        second: String,
    },
    /// A deploy would replace a key or secret, and nobody asked for it by name.
    #[error(
        "{path}:{position}: {element} is true: deploying it makes the org replace what {component} holds now"
    )]
    Rotation {
        /// The component; what [`PackageBuilder::allow_rotation`] takes.
        component: ComponentId,
        /// The local file.
        path: String,
        /// Where the member stands.
        position: Position,
        /// The element's name.
        element: &'static str,
    },
    /// A member has to be left out and cannot be, such as when it stands there twice.
    #[error("{path}:{position}: {element}, {reason}, cannot be left out of the package")]
    CannotDrop {
        /// The local file.
        path: String,
        /// Where the member stands.
        position: Position,
        /// The element's name.
        element: &'static str,
        /// Why it would have to be left out.
        reason: DropReason,
        /// The editor's words, if it tried.
        #[source]
        source: Option<EditError>,
    },
    /// Past one of Salesforce's limits.
    #[error("the package has {} {}, more than the {} allowed", .0.used, .0.limit, .0.allowed)]
    TooLarge(NearLimit),
    /// The zip writer failed, such as on a file name longer than a zip can hold.
    #[error("the zip cannot be written")]
    Zip(#[source] ZipFailure),
}

struct Unreadable<'a>(&'a [UnreadableFile]);

impl fmt::Display for Unreadable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the project has files that cannot be read: ")?;
        for (index, file) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{file}")?;
        }
        Ok(())
    }
}

impl<'a> PackageBuilder<'a> {
    pub(super) fn new(project: &'a Project) -> Self {
        Self {
            project,
            version: None,
            rotations: BTreeSet::new(),
            limits: Limits::default(),
        }
    }

    /// The API version for `package.xml`. Without it the project's own counts, or else
    /// [`ApiVersion::NEWEST_CHECKED`].
    pub fn api_version(mut self, version: ApiVersion) -> Self {
        self.version = Some(version);
        self
    }

    /// Allows `shouldRotateConsumerKey` and `shouldRotateConsumerSecret` to be true in this component.
    pub fn allow_rotation(mut self, component: ComponentId) -> Self {
        self.rotations.insert(component);
        self
    }

    /// Other limits than Salesforce's, for orgs with an exception.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Makes the package. Pure: same project and settings, same bytes.
    ///
    /// # Errors
    /// See [`PackageError`].
    pub fn build(self) -> Result<Package, PackageError> {
        self.refuse_unreadable()?;
        if let Some(duplicate) = self.project.duplicates().first() {
            return Err(PackageError::Duplicate {
                component: duplicate.id.clone(),
                first: duplicate.kept.clone(),
                second: duplicate.path.clone(),
            });
        }
        if self.project.components().is_empty() {
            return Err(PackageError::Empty);
        }
        let version = self
            .version
            .or_else(|| self.project.api_version())
            .unwrap_or(ApiVersion::NEWEST_CHECKED);
        let manifest = Manifest::of(version, self.project.components().iter().map(Component::id));
        let manifest_xml = manifest.to_xml();

        let states = distribution_states(self.project);
        let mut report = PackageReport {
            api_version: version,
            files: Vec::new(),
            dropped: Vec::new(),
            kept: Vec::new(),
            near_limits: Vec::new(),
            zip_bytes: 0,
            unzipped_bytes: 0,
        };
        let mut source_map = SourceMap::default();
        let mut contents = BTreeMap::new();
        let mut seen: HashMap<String, &str> = HashMap::new();
        for local in self.project.components() {
            self.refuse_rotation(local)?;
            let packaged = apply_rules(local, &states, &mut report)?;
            let package_path = local.package_path();
            if let Some(first) = seen.insert(package_path.to_lowercase(), local.path()) {
                return Err(PackageError::Duplicate {
                    component: local.id().clone(),
                    first: first.to_owned(),
                    second: local.path().to_owned(),
                });
            }
            source_map.add(local, packaged.as_ref().unwrap_or(local));
            contents.insert(
                package_path,
                Packaged {
                    local,
                    edited: packaged,
                },
            );
        }

        let mut unzipped_bytes = manifest_xml.len() as u64;
        for (package_path, packaged) in &contents {
            let local = packaged.local;
            let bytes = packaged.text().len() as u64;
            unzipped_bytes += bytes;
            report.files.push(PackagedFile {
                component: local.id().clone(),
                package_path: package_path.clone(),
                local_path: local.path().to_owned(),
                bytes,
            });
        }
        report.unzipped_bytes = unzipped_bytes;
        self.check(Limit::Files, contents.len() as u64 + 1, &mut report)?;
        self.check(Limit::UnzippedBytes, unzipped_bytes, &mut report)?;
        let files = contents
            .iter()
            .map(|(path, packaged)| (path.as_str(), packaged.text().as_bytes()));
        let zip = zip_writer::write(
            std::iter::once(("package.xml", manifest_xml.as_bytes())).chain(files),
        )
        .map_err(|error| PackageError::Zip(ZipFailure::new(error)))?;
        report.zip_bytes = zip.len() as u64;
        self.check(Limit::ZipBytes, report.zip_bytes, &mut report)?;

        Ok(Package {
            zip,
            manifest,
            report,
            source_map,
        })
    }

    fn refuse_unreadable(&self) -> Result<(), PackageError> {
        let files = self.project.unreadable();
        if files.is_empty() {
            return Ok(());
        }
        Err(PackageError::Unreadable {
            files: files.to_vec(),
        })
    }

    fn refuse_rotation(&self, component: &Component) -> Result<(), PackageError> {
        if self.rotations.contains(component.id()) {
            return Ok(());
        }
        let root = component.file().document().root();
        for element in ROTATIONS {
            // The text, not the typed value: an org may read more spellings as true than we do.
            for found in root.children_named(element) {
                if !matches!(found.text().trim(), "" | "false" | "0") {
                    return Err(PackageError::Rotation {
                        component: component.id().clone(),
                        path: component.path().to_owned(),
                        position: found.position(),
                        element,
                    });
                }
            }
        }
        Ok(())
    }

    fn check(
        &self,
        limit: Limit,
        used: u64,
        report: &mut PackageReport,
    ) -> Result<(), PackageError> {
        let near = self
            .limits
            .check(limit, used)
            .map_err(PackageError::TooLarge)?;
        report.near_limits.extend(near);
        Ok(())
    }
}

/// A component on its way into the zip: as it is, or without some members.
struct Packaged<'a> {
    local: &'a Component,
    edited: Option<Component>,
}

impl Packaged<'_> {
    fn text(&self) -> &str {
        self.edited.as_ref().unwrap_or(self.local).file().text()
    }
}

/// The `distributionState` of each app whose header is in the project.
fn distribution_states(project: &Project) -> HashMap<&str, Option<&ExtlClntAppDistState>> {
    project
        .of_type::<ExternalClientApplication>()
        .map(|(component, app)| {
            (
                component.id().name.as_str(),
                app.distribution_state.as_ref(),
            )
        })
        .collect()
}

/// Takes out what does not travel. An app without a `distributionState` is a local one; only of an app without a
/// header in the project is nothing known, and then org-bound members stay: a wrong one fails the deploy in plain
/// words, while a missing one would silently give a packaged app another consumer.
fn apply_rules(
    local: &Component,
    states: &HashMap<&str, Option<&ExtlClntAppDistState>>,
    report: &mut PackageReport,
) -> Result<Option<Component>, PackageError> {
    let mut edited: Option<Component> = None;
    for rule in RULES.iter().filter(|rule| rule.kind == local.id().kind) {
        let Some(position) = find(local, rule.element) else {
            continue;
        };
        if rule.reason == DropReason::OrgBound {
            let state = local.app().and_then(|app| states.get(app));
            let is_local = matches!(state, Some(None | Some(ExtlClntAppDistState::Local)));
            if !is_local {
                report.kept.push(Kept {
                    component: local.id().clone(),
                    local_path: local.path().to_owned(),
                    element: rule.element,
                    position,
                    distribution_state: state
                        .and_then(|state| state.map(|state| state.as_str().to_owned())),
                });
                continue;
            }
        }
        let cannot_drop = |position, source| PackageError::CannotDrop {
            path: local.path().to_owned(),
            position,
            element: rule.element,
            reason: rule.reason,
            source,
        };
        let cleared = (rule.clear)(edited.as_ref().unwrap_or(local))
            .map_err(|source| cannot_drop(position, Some(source)))?;
        // A value that the schema cannot read, or a second one, is not touched by a typed edit.
        if let Some(left) = find(&cleared, rule.element) {
            return Err(cannot_drop(left, None));
        }
        edited = Some(cleared);
        report.dropped.push(Dropped {
            component: local.id().clone(),
            local_path: local.path().to_owned(),
            element: rule.element,
            position,
            reason: rule.reason,
        });
    }
    Ok(edited)
}

/// The first element at a path below the root, whichever of several parents it stands in.
fn find(component: &Component, path: &str) -> Option<Position> {
    let root = component.file().document().root();
    let mut elements = vec![root];
    for name in path.split('.') {
        elements = elements
            .iter()
            .flat_map(|element| element.children_named(name))
            .collect();
    }
    elements.first().copied().map(Element::position)
}
