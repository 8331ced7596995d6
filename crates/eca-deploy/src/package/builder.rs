//! From a project to a package.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use eca_model::text::SecretText;
use eca_model::{
    ApiVersion, Component, ComponentId, Manifest, ManifestKind, Project, UnreadableFile, layout,
};

use super::application::{Application, ConsumerChoice, Secrets};
use super::certificate_pair::CertificatePair;
use super::component_set::ComponentSet;
use super::error::PackageError;
use super::report::{Omitted, PackageReport, PackagedFile};
use super::rules::ROTATIONS;
use super::source_map::SourceMap;
use super::{Package, zip_writer};
use crate::archive::ZipFailure;
use crate::limits::{Limit, Limits};

/// Settings of a package that is about to be made.
#[derive(Debug, Clone)]
#[must_use]
pub struct PackageBuilder<'a> {
    project: &'a Project,
    version: Option<ApiVersion>,
    components: Option<ComponentSet>,
    delete_before: ComponentSet,
    delete_after: ComponentSet,
    certificates: Vec<CertificatePair>,
    consumer: ConsumerChoice,
    secrets: Secrets,
    rotations: BTreeSet<ComponentId>,
    limits: Limits,
}

impl<'a> PackageBuilder<'a> {
    pub(super) fn new(project: &'a Project) -> Self {
        Self {
            project,
            version: None,
            components: None,
            delete_before: ComponentSet::new(),
            delete_after: ComponentSet::new(),
            certificates: Vec::new(),
            consumer: ConsumerChoice::default(),
            secrets: Secrets::new(),
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

    /// Only these components. What they belong to is still read from the whole project: whether an app is a local one
    /// stands in its header, which need not be among them.
    pub fn components(mut self, components: ComponentSet) -> Self {
        self.components = Some(components);
        self
    }

    /// Deletes these components before the others are deployed (`destructiveChangesPre.xml`).
    pub fn delete_before(mut self, components: ComponentSet) -> Self {
        self.delete_before = components;
        self
    }

    /// Deletes these components after the others were deployed (`destructiveChangesPost.xml`).
    pub fn delete_after(mut self, components: ComponentSet) -> Self {
        self.delete_after = components;
        self
    }

    /// Adds a certificate that is not in the project. Those of the project are in the package anyway.
    pub fn certificate(mut self, certificate: CertificatePair) -> Self {
        self.certificates.push(certificate);
        self
    }

    /// Whose consumer local apps use. Default [`ConsumerChoice::OwnPerOrg`].
    pub fn consumer(mut self, choice: ConsumerChoice) -> Self {
        self.consumer = choice;
        self
    }

    /// Puts a secret into the package, in place of whatever the file has. This is the only way for a secret to get
    /// into a package.
    pub fn secret(mut self, component: ComponentId, element: &str, secret: SecretText) -> Self {
        let key = (component, element.to_owned());
        self.secrets.insert(key, secret);
        self
    }

    /// Makes the package. Pure: same project and settings, same bytes.
    ///
    /// # Errors
    /// See [`PackageError`].
    pub fn build(self) -> Result<Package, PackageError> {
        self.refuse_unreadable()?;
        if let Some(duplicate) = self
            .project
            .duplicates()
            .iter()
            .find(|duplicate| self.wants(&duplicate.id))
        {
            return Err(PackageError::Duplicate {
                component: duplicate.id.clone(),
                first: duplicate.kept.clone(),
                second: duplicate.path.clone(),
            });
        }
        let version = self
            .version
            .or_else(|| self.project.api_version())
            .unwrap_or(ApiVersion::NEWEST_CHECKED);
        self.refuse_impossible_sets()?;

        let mut report = PackageReport::new(version);
        let mut source_map = SourceMap::default();
        let mut contents = BTreeMap::new();
        let mut seen: HashMap<String, &str> = HashMap::new();
        let mut rules = Application::new(self.project, self.consumer, &self.secrets);
        let mut deployed = ComponentSet::new();
        for local in self.project.components() {
            if !self.wants(local.id()) {
                continue;
            }
            if rules.omits(local) {
                report.omitted.push(Omitted {
                    component: local.id().clone(),
                    local_path: local.path().to_owned(),
                });
                continue;
            }
            self.refuse_rotation(local)?;
            refuse_half_a_pair(local)?;
            let packaged = rules.apply(local, &mut report)?;
            let package_path = local.package_path();
            if let Some(first) = seen.insert(package_path.to_lowercase(), local.path()) {
                return Err(PackageError::Duplicate {
                    component: local.id().clone(),
                    first: first.to_owned(),
                    second: local.path().to_owned(),
                });
            }
            source_map.add(local, packaged.as_ref().unwrap_or(local));
            deployed.insert(local.id().kind.name(), &local.id().name);
            contents.insert(
                package_path,
                Packaged {
                    local,
                    edited: packaged,
                },
            );
        }
        rules.finish()?;
        for certificate in &self.certificates {
            deployed.insert("Certificate", certificate.name());
            report.certificates.push(certificate.local_path.clone());
            source_map.add_certificate(certificate);
        }
        self.refuse_contradictions(&deployed)?;
        if deployed.is_empty() && self.delete_before.is_empty() && self.delete_after.is_empty() {
            return Err(PackageError::Empty);
        }
        // Of a package that only deletes, the manifest holds just the version (Metadata API Developer Guide,
        // "Deleting Components from an Organization").
        let manifest = deployed.to_manifest(version);
        let zip = self.write(&manifest, &contents, &mut report)?;
        report.deleted_before = self.delete_before;
        report.deleted_after = self.delete_after;
        Ok(Package {
            zip,
            manifest,
            report,
            source_map,
        })
    }

    /// The zip: the manifests first, then the files in the order of their paths.
    fn write(
        &self,
        manifest: &Manifest,
        contents: &BTreeMap<String, Packaged<'_>>,
        report: &mut PackageReport,
    ) -> Result<Bytes, PackageError> {
        let mut entries: BTreeMap<String, &[u8]> = BTreeMap::new();
        for (package_path, packaged) in contents {
            let (local, bytes) = (packaged.local, packaged.text().as_bytes());
            report.files.push(PackagedFile {
                component: local.id().clone(),
                package_path: package_path.clone(),
                local_path: local.path().to_owned(),
                bytes: bytes.len() as u64,
            });
            entries.insert(package_path.clone(), bytes);
            let content_path = layout::content_path(local.id());
            if let (Some(content), Some(package_path)) = (local.content(), content_path) {
                report.files.push(PackagedFile {
                    component: local.id().clone(),
                    package_path: package_path.clone(),
                    local_path: content.path.clone(),
                    bytes: content.bytes.len() as u64,
                });
                entries.insert(package_path, &content.bytes);
            }
        }
        report
            .files
            .sort_by(|a, b| a.package_path.cmp(&b.package_path));
        for certificate in &self.certificates {
            for (path, bytes) in certificate.files() {
                if entries.insert(path, bytes).is_some() {
                    return Err(PackageError::DuplicateCertificate {
                        name: certificate.name().to_owned(),
                    });
                }
            }
        }
        let destructive = |set: &ComponentSet| {
            (!set.is_empty()).then(|| set.to_manifest(manifest.version).to_xml())
        };
        let manifests = [
            ("package.xml", Some(manifest.to_xml())),
            (
                "destructiveChangesPost.xml",
                destructive(&self.delete_after),
            ),
            (
                "destructiveChangesPre.xml",
                destructive(&self.delete_before),
            ),
        ];
        let manifests = manifests
            .iter()
            .filter_map(|(name, content)| Some((*name, content.as_deref()?.as_bytes())));
        let files = entries.iter().map(|(path, bytes)| (path.as_str(), *bytes));
        let all = manifests.chain(files);
        let (files, unzipped) = all.clone().fold((0, 0), |(files, sum), (_, bytes)| {
            (files + 1, sum + bytes.len() as u64)
        });
        report.unzipped_bytes = unzipped;
        self.check(Limit::Files, files, report)?;
        self.check(Limit::UnzippedBytes, unzipped, report)?;
        let zip =
            zip_writer::write(all).map_err(|error| PackageError::Zip(ZipFailure::new(error)))?;
        report.zip_bytes = zip.len() as u64;
        self.check(Limit::ZipBytes, report.zip_bytes, report)?;
        Ok(zip)
    }

    fn wants(&self, id: &ComponentId) -> bool {
        let chosen = self.components.as_ref();
        chosen.is_none_or(|components| components.contains_id(id))
    }

    fn refuse_impossible_sets(&self) -> Result<(), PackageError> {
        if let Some(wanted) = &self.components {
            let components = wanted
                .clone()
                .minus(&ComponentSet::of_project(self.project));
            if !components.is_empty() {
                return Err(PackageError::NotInProject { components });
            }
        }
        let mut deleted = self.delete_before.iter().chain(self.delete_after.iter());
        if let Some((kind, _)) = deleted.find(|(_, name)| *name == "*") {
            return Err(PackageError::DestructiveWildcard {
                kind: kind.to_owned(),
            });
        }
        Ok(())
    }

    fn refuse_contradictions(&self, deployed: &ComponentSet) -> Result<(), PackageError> {
        let components = deployed.clone().intersection(&self.delete_after);
        if components.is_empty() {
            return Ok(());
        }
        Err(PackageError::DeployedAndDeleted { components })
    }

    fn refuse_unreadable(&self) -> Result<(), PackageError> {
        // A package makes its own manifests.
        let wanted = |file: &&UnreadableFile| {
            let is_manifest = ManifestKind::of_path(&file.path).is_some();
            !is_manifest && layout::component_of(&file.path).is_none_or(|id| self.wants(&id))
        };
        let files: Vec<_> = self
            .project
            .unreadable()
            .iter()
            .filter(wanted)
            .cloned()
            .collect();
        if files.is_empty() {
            return Ok(());
        }
        Err(PackageError::Unreadable { files })
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

/// An org takes a certificate only with both of its files (Metadata API Developer Guide, "Certificate").
fn refuse_half_a_pair(component: &Component) -> Result<(), PackageError> {
    if !layout::has_content(component.id().kind) || component.content().is_some() {
        return Ok(());
    }
    let path = component.path();
    Err(PackageError::NoContent {
        component: component.id().clone(),
        path: path.to_owned(),
        expected: path.strip_suffix("-meta.xml").unwrap_or(path).to_owned(),
    })
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
