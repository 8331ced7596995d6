//! The report on a package.

use std::sync::Arc;

use eca_model::{ApiVersion, ComponentName, FieldPath, Position, layout};

use crate::limits::NearLimit;
use crate::package::component_set::ComponentSet;
use crate::package::rules::RemovalReason;

/// The report on a package. Every removed field and every skipped file has an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PackageReport {
    /// The API version in `package.xml`.
    pub api_version: ApiVersion,
    /// The files of the project, in the zip's order.
    pub files: Arc<[PackagedFile]>,
    /// Fields that were removed.
    pub removed: Vec<RemovedField>,
    /// Org-bound fields that were retained.
    pub retained: Vec<RetainedField>,
    /// Secrets that were injected with [`PackageBuilder::secret`](crate::PackageBuilder::secret).
    pub injected: Vec<InjectedSecret>,
    /// Files that were skipped, because the consumer that they describe is shared.
    pub skipped: Vec<SkippedFile>,
    /// The local files of certificates outside of the project, each with a `-meta.xml` beside it.
    pub certificates: Vec<String>,
    /// Components to delete before the deploy.
    pub deleted_before: ComponentSet,
    /// Components to delete after the deploy.
    pub deleted_after: ComponentSet,
    /// Limits that are used by more than 80 %.
    pub near_limits: Vec<NearLimit>,
    /// Size of the zip in bytes.
    pub zip_bytes: u64,
    /// Size of all files together in bytes, including `package.xml`.
    pub unzipped_bytes: u64,
}

impl PackageReport {
    pub(super) fn new(api_version: ApiVersion) -> Self {
        Self {
            api_version,
            files: Arc::default(),
            removed: Vec::new(),
            retained: Vec::new(),
            injected: Vec::new(),
            skipped: Vec::new(),
            certificates: Vec::new(),
            deleted_before: ComponentSet::new(),
            deleted_after: ComponentSet::new(),
            near_limits: Vec::new(),
            zip_bytes: 0,
            unzipped_bytes: 0,
        }
    }
}

/// One file of a package; a certificate has two.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PackagedFile {
    /// The component.
    pub component: ComponentName,
    /// Which of the component's files.
    pub entry: PackageEntry,
    package_path: String,
    /// The file of the project.
    pub local_path: String,
    /// Size in bytes, unzipped.
    pub bytes: u64,
}

/// The kind of a component's file. Most components have one file, a certificate has two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PackageEntry {
    /// The metadata.
    Metadata,
    /// The content beside it.
    Content,
}

impl PackagedFile {
    pub(super) fn new(
        component: &ComponentName,
        entry: PackageEntry,
        local_path: &str,
        bytes: usize,
    ) -> Self {
        let path = match entry {
            PackageEntry::Metadata => layout::package_path(component),
            PackageEntry::Content => layout::content_path(component),
        };
        Self {
            component: component.clone(),
            entry,
            package_path: path.unwrap_or_default(),
            local_path: local_path.to_owned(),
            bytes: bytes as u64,
        }
    }

    /// The path in the zip.
    pub fn package_path(&self) -> &str {
        &self.package_path
    }
}

/// A field that was removed. Its value is not stored here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemovedField {
    /// The component.
    pub component: ComponentName,
    /// The local file.
    pub local_path: String,
    /// The member.
    pub element: FieldPath,
    /// The position in the local file.
    pub position: Position,
    /// Why it was removed.
    pub reason: RemovalReason,
}

impl std::fmt::Display for RemovedField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{}: {} removed: {}",
            self.local_path, self.position, self.element, self.reason
        )
    }
}

/// An org-bound field that was retained.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetainedField {
    /// The component.
    pub component: ComponentName,
    /// The local file.
    pub local_path: String,
    /// The member.
    pub element: FieldPath,
    /// The position in the local file.
    pub position: Position,
    /// The app's `distributionState`; `None` if its header file is not in the project, so that the
    /// app is not known to be local.
    pub distribution_state: Option<String>,
    /// Whether it was retained because the consumer is shared.
    pub shared: bool,
}

/// A secret in the package that is not in the local file. Its value is not stored here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InjectedSecret {
    /// The component.
    pub component: ComponentName,
    /// The local file.
    pub local_path: String,
    /// The member.
    pub element: FieldPath,
}

impl std::fmt::Display for InjectedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            local_path,
            element,
            ..
        } = self;
        write!(f, "{local_path}: {element} set from a secret source")
    }
}

/// A file that was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedFile {
    /// The component.
    pub component: ComponentName,
    /// The local file.
    pub local_path: String,
}

impl std::fmt::Display for SkippedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: component skipped: the app shares the consumer of its source org",
            self.local_path
        )
    }
}

impl std::fmt::Display for RetainedField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{}: {} retained: ",
            self.local_path, self.position, self.element
        )?;
        if self.shared {
            return f.write_str("the app shares the consumer of its source org");
        }
        match &self.distribution_state {
            Some(state) => write!(f, "the app is {state}"),
            None => f.write_str("the project has no header file that sets the app to Local"),
        }
    }
}
