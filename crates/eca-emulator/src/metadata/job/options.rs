//! The options of a deploy.

use serde::{Deserialize, Serialize};

/// `DeployOptions` (WSDL 66.0), as far as they have an effect here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Options {
    pub(crate) allow_missing_files: bool,
    pub(crate) check_only: bool,
    pub(crate) ignore_warnings: bool,
    pub(crate) purge_on_delete: bool,
    pub(crate) rollback_on_error: bool,
    pub(crate) run_tests: Vec<String>,
    pub(crate) single_package: bool,
    pub(crate) test_level: Option<String>,
}

impl Options {
    /// `runTestsEnabled` of the result. The org has no Apex; it only returns the option.
    pub(crate) fn runs_tests(&self) -> bool {
        self.test_level
            .as_deref()
            .is_some_and(|level| level != "NoTestRun")
    }
}
