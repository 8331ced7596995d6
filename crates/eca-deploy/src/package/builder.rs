//! Builds packages.

use std::collections::BTreeSet;

use bytes::Bytes;
use eca_model::text::SecretText;
use eca_model::{ApiVersion, Component, ComponentId, Manifest, layout};

use crate::limits::{Limit, Limits};
use crate::package::Package;
use crate::package::certificate_pair::CertificatePair;
use crate::package::component_set::ComponentSet;
use crate::package::contents::Contents;
use crate::package::error::PackageError;
use crate::package::field_policy::{ConsumerChoice, FieldPolicy, Secrets};
use crate::package::plan::{Plan, Sorted};
use crate::package::report::{PackageReport, SkippedFile};
use crate::package::rules::ROTATIONS;
use crate::package::source::PackageSource;
use crate::package::source_map::SourceMap;

/// The default of [`PackageBuilder::in_memory`]: some 20,000 files of External Client Apps.
const IN_MEMORY: u64 = 8 * 1024 * 1024;

/// Builds a [`Package`].
#[derive(Debug, Clone)]
#[must_use]
pub struct PackageBuilder<'a> {
    source: PackageSource<'a>,
    version: Option<ApiVersion>,
    components: Option<ComponentSet>,
    delete_before: ComponentSet,
    delete_after: ComponentSet,
    certificates: Vec<CertificatePair>,
    consumer: ConsumerChoice,
    secrets: Secrets,
    rotations: BTreeSet<ComponentId>,
    limits: Limits,
    in_memory: u64,
}

impl<'a> PackageBuilder<'a> {
    pub(super) fn new(source: PackageSource<'a>) -> Self {
        Self {
            source,
            version: None,
            components: None,
            delete_before: ComponentSet::new(),
            delete_after: ComponentSet::new(),
            certificates: Vec::new(),
            consumer: ConsumerChoice::default(),
            secrets: Secrets::new(),
            rotations: BTreeSet::new(),
            limits: Limits::default(),
            in_memory: IN_MEMORY,
        }
    }

    /// The API version in `package.xml`. Default: the project's, or else
    /// [`ApiVersion::NEWEST_CHECKED`].
    pub fn api_version(mut self, version: ApiVersion) -> Self {
        self.version = Some(version);
        self
    }

    /// Allows `shouldRotateConsumerKey` and `shouldRotateConsumerSecret` to be true in this
    /// component.
    pub fn allow_rotation(mut self, component: ComponentId) -> Self {
        self.rotations.insert(component);
        self
    }

    /// Up to how many bytes of a folder's files are kept, unzipped, and then as a zip: of so small
    /// a package each file is read and compressed once, and what is sent is what was looked at.
    /// A larger one is made from the files again each time that it is sent. Default 8 MiB; a
    /// project in memory counts as small.
    pub fn in_memory(mut self, bytes: u64) -> Self {
        self.in_memory = bytes;
        self
    }

    /// Other limits, for orgs with an exception.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Only these components. Headers are still read from the whole project, since an app's header
    /// determines whether it is local.
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

    /// Adds a certificate that is not in the project.
    pub fn certificate(mut self, certificate: CertificatePair) -> Self {
        self.certificates.push(certificate);
        self
    }

    /// Which consumer local apps use. Default [`ConsumerChoice::OwnPerOrg`].
    pub fn consumer(mut self, choice: ConsumerChoice) -> Self {
        self.consumer = choice;
        self
    }

    /// Injects a secret, in place of any value in the file. Secrets get into a package only this
    /// way.
    pub fn secret(mut self, component: ComponentId, element: &str, secret: SecretText) -> Self {
        let key = (component, element.to_owned());
        self.secrets.insert(key, secret);
        self
    }

    /// Builds the package. The same project and settings give the same bytes.
    ///
    /// # Errors
    /// See [`PackageError`].
    pub fn build(self) -> Result<Package, PackageError> {
        let version = self
            .version
            .or_else(|| self.source.api_version())
            .unwrap_or(ApiVersion::NEWEST_CHECKED);
        let mut report = PackageReport::new(version);
        let (plan, mut manifest) = self.plan(version, &mut report)?;
        let Sorted {
            files,
            origin,
            moved,
        } = plan.sorted(self.source)?;
        report.files = files.clone();
        let mut source_map = SourceMap::new(files.clone(), moved);
        let mut others = Vec::new();
        for certificate in &self.certificates {
            if manifest.lists("Certificate", certificate.name()) {
                return Err(PackageError::DuplicateCertificate {
                    name: certificate.name().to_owned(),
                });
            }
            manifest.insert("Certificate", certificate.name());
            report.certificates.push(certificate.local_path.clone());
            source_map.add_certificate(certificate);
            others.extend(
                certificate
                    .files()
                    .map(|(path, bytes)| (path, bytes.clone())),
            );
        }
        self.refuse_contradictions(&manifest)?;
        // The manifest of a package that only deletes has just the version (Metadata API Developer
        // Guide, "Deleting Components from an Organization").
        if manifest.types.is_empty()
            && self.delete_before.is_empty()
            && self.delete_after.is_empty()
        {
            return Err(PackageError::Empty);
        }
        let contents = Contents::new(self.manifests(&manifest), others, files, origin);
        let (count, unzipped) = contents.size();
        report.unzipped_bytes = unzipped;
        self.check(Limit::Files, count, &mut report)?;
        self.check(Limit::UnzippedBytes, unzipped, &mut report)?;
        let zip = contents.into_zip()?;
        report.zip_bytes = zip.length();
        self.check(Limit::ZipBytes, report.zip_bytes, &mut report)?;
        report.deleted_before = self.delete_before;
        report.deleted_after = self.delete_after;
        Ok(Package {
            zip,
            manifest,
            report,
            source_map,
        })
    }

    /// Applies the field policy to each selected component.
    fn plan(
        &self,
        version: ApiVersion,
        report: &mut PackageReport,
    ) -> Result<(Plan, Manifest), PackageError> {
        let room = match self.source {
            PackageSource::Project(_) => u64::MAX,
            PackageSource::Folder(_) => self.in_memory,
        };
        let (mut plan, mut manifest) = (Plan::new(room), Manifest::new(version));
        let mut policy = FieldPolicy::new(self.consumer, &self.secrets);
        let processed = self.source.each(
            |id| self.selects(id),
            |local| {
                policy.learn(local);
                if !self.selects(local.id()) {
                    return Ok(());
                }
                if policy.skips(local) {
                    report.skipped.push(SkippedFile {
                        component: local.id().clone(),
                        local_path: local.path().to_owned(),
                    });
                    return Ok(());
                }
                self.refuse_rotation(local)?;
                refuse_half_a_pair(local)?;
                let packaged = policy.apply(local, report)?;
                plan.add(local, packaged.as_ref());
                manifest.insert(local.id().kind.name(), &local.id().name);
                Ok(())
            },
        );
        match processed {
            // Unreadable files may cause any other error.
            Err(unreadable @ PackageError::Unreadable { .. }) => return Err(unreadable),
            processed => {
                self.refuse_duplicate()?;
                self.refuse_impossible_sets()?;
                processed?;
            }
        }
        policy.finish()?;
        Ok((plan, manifest))
    }

    /// `package.xml` and the destructive changes.
    fn manifests(&self, manifest: &Manifest) -> Vec<(String, Bytes)> {
        let mut manifests = vec![("package.xml".to_owned(), manifest.to_xml().into())];
        for (name, set) in [
            ("destructiveChangesPost.xml", &self.delete_after),
            ("destructiveChangesPre.xml", &self.delete_before),
        ] {
            if !set.is_empty() {
                let xml = set.to_manifest(manifest.version).to_xml();
                manifests.push((name.to_owned(), xml.into()));
            }
        }
        manifests
    }

    fn selects(&self, id: &ComponentId) -> bool {
        let chosen = self.components.as_ref();
        chosen.is_none_or(|components| components.contains_id(id))
    }

    fn refuse_impossible_sets(&self) -> Result<(), PackageError> {
        if let Some(wanted) = &self.components {
            let components = wanted
                .clone()
                .difference(&ComponentSet::from_project(self.source));
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

    fn refuse_contradictions(&self, manifest: &Manifest) -> Result<(), PackageError> {
        let both = |kind: &str, name: &str| manifest.lists(kind, name);
        let components = self.delete_after.clone().filter(both);
        if components.is_empty() {
            return Ok(());
        }
        Err(PackageError::DeployedAndDeleted { components })
    }

    fn refuse_duplicate(&self) -> Result<(), PackageError> {
        match self.source.duplicate(|id| self.selects(id)) {
            None => Ok(()),
            Some(duplicate) => Err(PackageError::Duplicate {
                component: duplicate.id,
                first: duplicate.first,
                second: duplicate.path,
            }),
        }
    }

    fn refuse_rotation(&self, component: &Component) -> Result<(), PackageError> {
        if self.rotations.contains(component.id()) {
            return Ok(());
        }
        let root = component.file().document().root();
        for element in ROTATIONS {
            // The text, not the typed value: an org may accept more spellings of true.
            for child in root.children_named(element) {
                if !matches!(child.text().trim(), "" | "false" | "0") {
                    return Err(PackageError::Rotation {
                        component: component.id().clone(),
                        path: component.path().to_owned(),
                        position: child.position(),
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

/// An org accepts a certificate only with both files (Metadata API Developer Guide,
/// "Certificate").
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
