//! The options of a deploy.

use serde::Serialize;

use crate::wire::soap::headers::Debugging;
use crate::wire::xml::{element, flag};

/// The options of a deploy (WSDL 66.0, `DeployOptions`), in the WSDL's order.
///
/// The reserved members (`autoUpdatePackage`, `performRetrieve`) are always sent as false.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeployOptions {
    /// Components of `package.xml` may be missing in the zip.
    pub allow_missing_files: bool,
    #[serde(rename = "autoUpdatePackage")]
    reserved_auto_update_package: bool,
    /// Validate only.
    pub check_only: bool,
    /// Deploy components with warnings. Otherwise a warning counts as an error.
    pub ignore_warnings: bool,
    #[serde(rename = "performRetrieve")]
    reserved_perform_retrieve: bool,
    /// Deleted components skip the recycle bin. Not available in production orgs.
    pub purge_on_delete: bool,
    /// All or nothing. Required in production orgs.
    pub rollback_on_error: bool,
    /// Apex test classes for [`TestLevel::RunSpecifiedTests`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub run_tests: Vec<String>,
    /// The zip is one package, with `package.xml` at the root, as all packages of this crate.
    pub single_package: bool,
    /// Which Apex tests run. `None` leaves the choice to the org: a production org runs the local
    /// tests if the package contains Apex, others run none. The WSDL requires it, but orgs accept
    /// SOAP requests without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_level: Option<TestLevel>,
    /// What the org logs. A SOAP header: ignored over REST.
    #[serde(skip)]
    pub debugging: Option<Debugging>,
}

/// All or nothing, one package, warnings are errors, tests as the org decides.
impl Default for DeployOptions {
    fn default() -> Self {
        Self {
            allow_missing_files: false,
            reserved_auto_update_package: false,
            check_only: false,
            ignore_warnings: false,
            reserved_perform_retrieve: false,
            purge_on_delete: false,
            rollback_on_error: true,
            run_tests: Vec::new(),
            single_package: true,
            test_level: None,
            debugging: None,
        }
    }
}

impl DeployOptions {
    /// The default options with `checkOnly`.
    pub fn check_only() -> Self {
        Self {
            check_only: true,
            ..Self::default()
        }
    }

    /// The elements of a SOAP `DeployOptions`.
    pub(crate) fn write_soap(&self, xml: &mut String) {
        let mut option = |name, value| element(xml, name, flag(value));
        option("allowMissingFiles", self.allow_missing_files);
        option("autoUpdatePackage", self.reserved_auto_update_package);
        option("checkOnly", self.check_only);
        option("ignoreWarnings", self.ignore_warnings);
        option("performRetrieve", self.reserved_perform_retrieve);
        option("purgeOnDelete", self.purge_on_delete);
        option("rollbackOnError", self.rollback_on_error);
        for test in &self.run_tests {
            element(xml, "runTests", test);
        }
        element(xml, "singlePackage", flag(self.single_package));
        if let Some(level) = self.test_level {
            element(xml, "testLevel", level.as_str());
        }
    }
}

/// Which Apex tests a deploy runs (WSDL 66.0, `TestLevel`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum TestLevel {
    /// None. Not available in production orgs if the package contains Apex.
    NoTestRun,
    /// Those in [`DeployOptions::run_tests`].
    RunSpecifiedTests,
    /// All but those of managed packages.
    RunLocalTests,
    /// All.
    RunAllTestsInOrg,
    /// Those relevant to the package (beta, API 66.0 and later).
    RunRelevantTests,
}

impl TestLevel {
    /// The WSDL's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoTestRun => "NoTestRun",
            Self::RunSpecifiedTests => "RunSpecifiedTests",
            Self::RunLocalTests => "RunLocalTests",
            Self::RunAllTestsInOrg => "RunAllTestsInOrg",
            Self::RunRelevantTests => "RunRelevantTests",
        }
    }
}
