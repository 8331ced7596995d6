//! Packages: a project as the zip that a deploy carries.

mod application;
mod builder;
mod certificate_pair;
mod component_set;
mod error;
mod redact;
mod report;
mod rules;
mod source_map;
mod zip_writer;

pub use application::ConsumerChoice;
pub use builder::PackageBuilder;
pub use certificate_pair::{CertificatePair, CertificatePairError};
pub use component_set::{ComponentSet, SetError};
pub use error::PackageError;
pub use report::{Dropped, Kept, Omitted, PackageReport, PackagedFile, Supplied};
pub use rules::DropReason;
pub use source_map::{FilePlace, SourceMap};

use std::fmt;

use bytes::Bytes;
use eca_model::{Manifest, Project};

/// A package, ready to be sent: the zip, what is in it, and the way back to the local files.
///
/// `Debug` shows the report, not the bytes.
#[derive(Clone)]
pub struct Package {
    zip: Bytes,
    manifest: Manifest,
    report: PackageReport,
    source_map: SourceMap,
}

impl Package {
    /// Starts a package of everything in the project.
    pub fn builder(project: &Project) -> PackageBuilder<'_> {
        PackageBuilder::new(project)
    }

    /// The zip: `package.xml` first, then the files in the order of their paths. The same project gives the same
    /// bytes.
    pub fn zip(&self) -> &Bytes {
        &self.zip
    }

    /// What `package.xml` names.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What went in, what was left out, and why.
    pub fn report(&self) -> &PackageReport {
        &self.report
    }

    /// The way from the org's messages back to the local files.
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
