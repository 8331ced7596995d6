//! Builds packages.

use std::collections::BTreeSet;
use std::sync::Arc;

use eca_model::text::SecretText;
use eca_model::{
    ApiVersion, Component, ComponentName, FieldPath, Manifest, MetadataType, Position, Project,
    Suspicion, layout,
};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use crate::limits::{Limit, Limits};
use crate::package::Package;
use crate::package::certificate_pair::CertificatePair;
use crate::package::component_set::ComponentSet;
use crate::package::entry::{self, Entry};
use crate::package::error::PackageError;
use crate::package::field_policy::{
    Applied, ConsumerChoice, FieldPolicy, Outcome, Secrets, refuse_private_key,
};
use crate::package::report::{PackageReport, SkippedFile};
use crate::package::source_map::SourceMap;
use crate::package::zip;
use crate::retrieve::archive::ZipFailure;
use crate::wire::zip::Zip;

/// With fewer components, starting threads costs more than they save.
const MANY: usize = 64;

/// Builds a [`Package`].
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
    rotations: BTreeSet<ComponentName>,
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

    /// The API version in `package.xml`. Default: [`Project::package_version`].
    pub fn api_version(mut self, version: ApiVersion) -> Self {
        self.version = Some(version);
        self
    }

    /// Allows `shouldRotateConsumerKey` and `shouldRotateConsumerSecret` to be true in this
    /// component.
    pub fn allow_rotation(mut self, component: ComponentName) -> Self {
        self.rotations.insert(component);
        self
    }

    /// Sets other limits, for orgs with an exception.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Packages only these components. Headers are still read from the whole project, since an
    /// app's header determines whether it is local.
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
    pub fn secret(mut self, component: ComponentName, path: FieldPath, secret: SecretText) -> Self {
        self.secrets.insert((component, path), secret);
        self
    }

    /// Builds the package. The same project and settings give the same bytes.
    ///
    /// # Errors
    /// See [`PackageError`].
    pub fn build(self) -> Result<Package, PackageError> {
        let version = self.version;
        let version = version.unwrap_or_else(|| self.project.package_version());
        let mut report = PackageReport::new(version);
        let (mut entries, mut manifest) = self.entries(version, &mut report)?;
        entry::sort(&mut entries)?;
        let moved = entry::moved_lines(&entries);
        let (packaged, contents): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .map(|entry| (entry.file, entry.content))
            .unzip();
        report.files = packaged.into();
        let mut source_map = SourceMap::new(report.files.clone(), moved);
        for certificate in &self.certificates {
            let name = ComponentName::new(MetadataType::Certificate, certificate.name());
            if manifest.lists(&name) {
                return Err(PackageError::DuplicateCertificate {
                    name: certificate.name().to_owned(),
                });
            }
            refuse_private_key(&certificate.local_path, &certificate.content)?;
            let meta = format!("{}-meta.xml", certificate.local_path);
            refuse_private_key(&meta, &certificate.meta)?;
            manifest.insert(&name);
            report.certificates.push(certificate.local_path.clone());
            source_map.add_certificate(certificate);
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
        let manifests = self.manifests(&manifest);
        let certificates: Vec<_> = self
            .certificates
            .iter()
            .flat_map(CertificatePair::files)
            .collect();
        let packaged = Arc::clone(&report.files);
        let mut files: Vec<(&str, &[u8])> = packaged
            .iter()
            .zip(&contents)
            .map(|(file, content)| (file.package_path(), &content[..]))
            .chain(
                certificates
                    .iter()
                    .map(|(path, content)| (&**path, &content[..])),
            )
            .collect();
        files.sort_unstable();
        let manifests = manifests.iter().map(|(name, xml)| (*name, xml.as_bytes()));
        files.splice(..0, manifests);
        report.unzipped_bytes = files.iter().map(|(_, content)| content.len() as u64).sum();
        self.check(Limit::Files, files.len() as u64, &mut report)?;
        self.check(Limit::UnzippedBytes, report.unzipped_bytes, &mut report)?;
        let zip = zip::write(&files).map_err(|error| PackageError::Zip(ZipFailure::new(error)))?;
        let zip = Zip::from(zip);
        report.zip_bytes = zip.length();
        self.check(Limit::ZipBytes, report.zip_bytes, &mut report)?;
        report.deleted_before = self.delete_before;
        report.deleted_after = self.delete_after;
        Ok(Package {
            zip,
            zip_limit: self.limits.zip_bytes,
            manifest,
            report,
            source_map,
        })
    }

    /// The files of the selected components, with the field policy applied.
    fn entries(
        &self,
        version: ApiVersion,
        report: &mut PackageReport,
    ) -> Result<(Vec<Entry>, Manifest), PackageError> {
        // Unreadable files may cause any other error, so they come first.
        self.refuse_unreadable()?;
        self.refuse_left_out()?;
        self.refuse_duplicate()?;
        self.refuse_invalid_sets()?;
        let mut policy = FieldPolicy::new(self.consumer, &self.secrets);
        let mut selected = Vec::new();
        // Headers come first, by the order of the types.
        for local in self.project.components() {
            policy.read_header(local);
            if !self.selects(local.name()) {
                continue;
            }
            if policy.skips(local) {
                report.skipped.push(SkippedFile {
                    component: local.name().clone(),
                    local_path: local.path().to_owned(),
                });
                continue;
            }
            selected.push(local);
        }
        let package = |local: &&Component| self.package(local, &policy);
        let packaged: Vec<_> = if selected.len() < MANY {
            selected.iter().map(package).collect()
        } else {
            selected.par_iter().map(package).collect()
        };
        let (mut entries, mut manifest) = (Vec::new(), Manifest::new(version));
        let mut outcome = Outcome::default();
        for (local, packaged) in selected.into_iter().zip(packaged) {
            let (files, applied) = packaged?;
            outcome.add(local, applied, report)?;
            entries.extend(files);
            manifest.insert(local.name());
        }
        policy.finish(&outcome)?;
        Ok((entries, manifest))
    }

    /// The files of a component, and what the field policy did to them.
    fn package<'b>(
        &self,
        local: &Component,
        policy: &FieldPolicy<'b>,
    ) -> Result<(Vec<Entry>, Applied<'b>), PackageError> {
        self.refuse_rotation(local)?;
        refuse_missing_content(local)?;
        if let Some(content) = local.content() {
            refuse_private_key(&content.path, &content.bytes)?;
        }
        let applied = policy.apply(local)?;
        self.refuse_unfilled(local, applied.edited.as_ref().unwrap_or(local))?;
        let files = Entry::from_component(local, applied.edited.as_ref());
        Ok((files.collect(), applied))
    }

    /// `package.xml` and the destructive changes.
    fn manifests(&self, manifest: &Manifest) -> Vec<(&'static str, String)> {
        let mut manifests = vec![("package.xml", manifest.to_xml())];
        for (name, set) in [
            ("destructiveChangesPost.xml", &self.delete_after),
            ("destructiveChangesPre.xml", &self.delete_before),
        ] {
            if !set.is_empty() {
                let xml = set.to_manifest(manifest.version).to_xml();
                manifests.push((name, xml));
            }
        }
        manifests
    }

    fn selects(&self, name: &ComponentName) -> bool {
        let chosen = self.components.as_ref();
        chosen.is_none_or(|components| components.contains(name))
    }

    fn refuse_invalid_sets(&self) -> Result<(), PackageError> {
        if let Some(selected) = &self.components {
            let components = selected
                .clone()
                .difference(&ComponentSet::from_project(self.project));
            if !components.is_empty() {
                return Err(PackageError::NotInProject { components });
            }
        }
        let mut deleted = self.delete_before.iter().chain(self.delete_after.iter());
        if let Some(wildcard) = deleted.find(|component| component.name == "*") {
            return Err(PackageError::DestructiveWildcard {
                kind: wildcard.kind.to_string(),
            });
        }
        Ok(())
    }

    fn refuse_contradictions(&self, manifest: &Manifest) -> Result<(), PackageError> {
        let both = |component: &ComponentName| manifest.lists(component);
        let components = self.delete_after.clone().filter(both);
        if components.is_empty() {
            return Ok(());
        }
        Err(PackageError::DeployedAndDeleted { components })
    }

    fn refuse_unreadable(&self) -> Result<(), PackageError> {
        let selected = self.project.unreadable().iter().filter(|file| {
            // A manifest is no component: a package makes its own.
            layout::component_of(&file.path).is_some_and(|name| self.selects(&name))
        });
        let files: Vec<_> = selected.cloned().collect();
        if files.is_empty() {
            return Ok(());
        }
        Err(PackageError::Unreadable { files })
    }

    /// Without a selection, the package has everything that the project has.
    fn refuse_left_out(&self) -> Result<(), PackageError> {
        let mut files = self.project.suspicious().iter();
        // A file in another folder is packaged into that of its type.
        let left_out = files.find(|file| !matches!(file.suspicion, Suspicion::Folder { .. }));
        match left_out.filter(|_| self.components.is_none()) {
            Some(file) => Err(PackageError::LeftOut(file.clone())),
            None => Ok(()),
        }
    }

    fn refuse_duplicate(&self) -> Result<(), PackageError> {
        let mut duplicates = self.project.duplicates().iter();
        match duplicates
            .find(|duplicate| !duplicate.is_layered && self.selects(&duplicate.component))
        {
            None => Ok(()),
            Some(duplicate) => Err(PackageError::Duplicate {
                component: duplicate.component.clone(),
                first: duplicate.first.clone(),
                second: duplicate.path.clone(),
            }),
        }
    }

    /// A placeholder in the package would be a value in the org.
    fn refuse_unfilled(&self, local: &Component, packaged: &Component) -> Result<(), PackageError> {
        let Some((_, value)) = self.project.unfilled(packaged).into_iter().next() else {
            return Ok(());
        };
        let places = self.project.unfilled(local);
        let place = places.into_iter().find(|(_, other)| *other == value);
        let position = place.map_or(Position::START, |(position, _)| position);
        Err(PackageError::Unfilled {
            path: local.path().to_owned(),
            position: local.source_position(position),
            value,
        })
    }

    fn refuse_rotation(&self, component: &Component) -> Result<(), PackageError> {
        if self.rotations.contains(component.name()) {
            return Ok(());
        }
        let root = component.file().document().root();
        let fields = component.kind().schema().record.fields.iter();
        for element in fields
            .filter(|field| field.action)
            .map(|field| field.element)
        {
            // The text, not the typed value: an org may accept more spellings of true.
            for child in root.children_named(element) {
                if !matches!(child.text().trim(), "" | "false" | "0") {
                    return Err(PackageError::Rotation {
                        component: component.name().clone(),
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
fn refuse_missing_content(component: &Component) -> Result<(), PackageError> {
    if !layout::has_content(component.kind()) || component.content().is_some() {
        return Ok(());
    }
    let path = component.path();
    Err(PackageError::NoContent {
        component: component.name().clone(),
        path: path.to_owned(),
        expected: path.strip_suffix("-meta.xml").unwrap_or(path).to_owned(),
    })
}
