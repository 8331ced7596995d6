//! Packages: a project as the zip of a deploy.

mod builder;
pub(crate) mod certificate_pair;
pub(crate) mod component_set;
mod entry;
pub(crate) mod error;
pub(crate) mod field_policy;
mod redact;
pub(crate) mod report;
pub(crate) mod rules;
pub(crate) mod source_map;
mod zip;

pub use builder::PackageBuilder;
pub use certificate_pair::{CertificatePair, CertificatePairError};
pub use component_set::{ComponentSet, ComponentSetError};
pub use error::PackageError;
pub use field_policy::ConsumerChoice;
pub use report::{
    InjectedSecret, PackageEntry, PackageReport, PackagedFile, RemovedField, RetainedField,
    SkippedFile,
};
pub use rules::RemovalReason;
pub use source_map::{FilePlace, SourceMap};

use std::fmt;

use eca_model::{Manifest, Project};

use crate::wire::zip::Zip;

/// A package to deploy: the zip, a report on its contents, and a map back to the local files.
///
/// `Debug` shows the report, not the bytes.
#[derive(Clone)]
pub struct Package {
    zip: Zip,
    zip_limit: u64,
    manifest: Manifest,
    report: PackageReport,
    source_map: SourceMap,
}

impl Package {
    /// A package of the whole project, with the builder's defaults.
    ///
    /// # Errors
    /// See [`PackageError`].
    pub fn of(project: &Project) -> Result<Self, PackageError> {
        Self::builder(project).build()
    }

    /// Builds a package of a project.
    pub fn builder(project: &Project) -> PackageBuilder<'_> {
        PackageBuilder::new(project)
    }

    /// The zip: `package.xml` first, then the files in the order of their paths. The same project
    /// gives the same bytes.
    pub fn zip(&self) -> &Zip {
        &self.zip
    }

    /// The limit of the zip's size in bytes.
    pub(crate) fn zip_limit(&self) -> u64 {
        self.zip_limit
    }

    /// The content of `package.xml`.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The contents of the package, and the removed and skipped parts with the reasons.
    pub fn report(&self) -> &PackageReport {
        &self.report
    }

    /// The map from the org's messages to the local files.
    pub fn source_map(&self) -> &SourceMap {
        &self.source_map
    }
}

impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Package")
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}
