//! What a deploy is asked to do.

use std::fmt::Write as _;

use serde::Serialize;

use crate::wire::soap::headers::Debugging;
use crate::wire::xml::element;

/// The options of a deploy (WSDL 66.0, `DeployOptions`), members in the WSDL's order.
///
/// The reserved members (`autoUpdatePackage`, `performRetrieve`) are always sent as false.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeployOptions {
    /// Components that `package.xml` names need not be in the zip.
    pub allow_missing_files: bool,
    #[serde(rename = "autoUpdatePackage")]
    reserved_auto_update_package: bool,
    /// Validate only: nothing is saved.
    pub check_only: bool,
    /// Deploy although components have warnings. Without it a warning counts as an error.
    pub ignore_warnings: bool,
    #[serde(rename = "performRetrieve")]
    reserved_perform_retrieve: bool,
    /// Deleted components skip the recycle bin. Not for production orgs.
    pub purge_on_delete: bool,
    /// All or nothing. Production orgs demand it.
    pub rollback_on_error: bool,
    /// Apex test classes for [`TestLevel::RunSpecifiedTests`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub run_tests: Vec<String>,
    /// The zip holds one package, its `package.xml` at the root. Packages of this crate always do.
    pub single_package: bool,
    /// Which Apex tests run. `None` leaves the choice to the org (a production org runs the local
    /// tests when Apex is in the package, others run none); a SOAP request without it is not
    /// valid against the WSDL to the letter, though orgs accept it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_level: Option<TestLevel>,
    /// What the org should log. A SOAP header, so deploys over REST cannot ask for it.
    #[serde(skip)]
    pub debugging: Option<Debugging>,
}

/// All or nothing, one package, no warnings tolerated, tests as the org decides.
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
    /// The default options, but nothing is saved in the org.
    pub fn check_only() -> Self {
        Self {
            check_only: true,
            ..Self::default()
        }
    }

    /// The members of a SOAP `DeployOptions`, in the WSDL's order.
    pub(crate) fn write_soap(&self, xml: &mut String) {
        let mut flag = |name: &str, value: bool| {
            // Writing to a String cannot fail.
            let _ = write!(xml, "<{name}>{value}</{name}>");
        };
        flag("allowMissingFiles", self.allow_missing_files);
        flag("autoUpdatePackage", self.reserved_auto_update_package);
        flag("checkOnly", self.check_only);
        flag("ignoreWarnings", self.ignore_warnings);
        flag("performRetrieve", self.reserved_perform_retrieve);
        flag("purgeOnDelete", self.purge_on_delete);
        flag("rollbackOnError", self.rollback_on_error);
        for test in &self.run_tests {
            element(xml, "runTests", test);
        }
        element(
            xml,
            "singlePackage",
            if self.single_package { "true" } else { "false" },
        );
        if let Some(level) = self.test_level {
            element(xml, "testLevel", level.as_str());
        }
    }
}

/// Which Apex tests a deploy runs (WSDL 66.0, `TestLevel`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum TestLevel {
    /// None; not for production orgs when Apex is deployed.
    NoTestRun,
    /// Those in [`DeployOptions::run_tests`].
    RunSpecifiedTests,
    /// All but those of managed packages.
    RunLocalTests,
    /// All.
    RunAllTestsInOrg,
    /// Those that concern the package (beta, API 66.0 and later).
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
