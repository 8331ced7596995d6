//! What a package says about itself before it is sent.

use eca_model::{ApiVersion, ComponentId, Position};

use super::rules::DropReason;
use crate::limits::NearLimit;

/// What went into a package and what did not. Nothing is left out silently: it is listed here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PackageReport {
    /// The API version in `package.xml`.
    pub api_version: ApiVersion,
    /// The files, in the zip's order, without `package.xml`.
    pub files: Vec<PackagedFile>,
    /// Members that were taken out.
    pub dropped: Vec<Dropped>,
    /// Org-bound members that stay in.
    pub kept: Vec<Kept>,
    /// Limits of which more than 80 % are used.
    pub near_limits: Vec<NearLimit>,
    /// Size of the zip in bytes.
    pub zip_bytes: u64,
    /// Size of all files together in bytes, `package.xml` included.
    pub unzipped_bytes: u64,
}

/// One file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PackagedFile {
    /// What it is.
    pub component: ComponentId,
    /// Its path in the zip.
    pub package_path: String,
    /// The file of the project that it came from.
    pub local_path: String,
    /// Size in bytes, unzipped.
    pub bytes: u64,
}

/// A member that a package leaves out. Its value is not kept here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// The component that has it.
    pub component: ComponentId,
    /// The local file.
    pub local_path: String,
    /// The element's name.
    pub element: &'static str,
    /// Where it stands in the local file.
    pub position: Position,
    /// Why it is left out.
    pub reason: DropReason,
}

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{}: {} is left out: {}",
            self.local_path, self.position, self.element, self.reason
        )
    }
}

/// An org-bound member that stays in the package.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kept {
    /// The component that has it.
    pub component: ComponentId,
    /// The local file.
    pub local_path: String,
    /// The element's name.
    pub element: &'static str,
    /// Where it stands in the local file.
    pub position: Position,
    /// The app's `distributionState`; `None` if its header file is not in the project, so that nothing says
    /// that the app is a local one.
    pub distribution_state: Option<String>,
}

impl std::fmt::Display for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{}: {} stays in: ",
            self.local_path, self.position, self.element
        )?;
        match &self.distribution_state {
            Some(state) => write!(f, "the app is {state}"),
            None => f.write_str("the project has no header file that says that the app is Local"),
        }
    }
}
