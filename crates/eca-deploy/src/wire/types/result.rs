//! The status of a deploy.

use eca_model::ComponentName;
use serde::Serialize;

use crate::id::DeployId;
use crate::wire::tree::Node;
use crate::wire::types::status::DeployStatus;
use crate::wire::types::test_result::RunTestsResult;

/// A deploy as the org describes it (WSDL 66.0, `DeployResult`), over SOAP or REST.
///
/// Dates are as the org writes them (ISO 8601).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeployResult {
    /// The id, if the response has one.
    pub id: Option<DeployId>,
    /// The status.
    pub status: DeployStatus,
    /// Whether it has ended. Decides, whatever the status is.
    pub done: bool,
    /// Whether it succeeded.
    pub success: bool,
    /// Whether it only validates.
    pub check_only: bool,
    /// As in the options.
    pub ignore_warnings: bool,
    /// As in the options.
    pub rollback_on_error: bool,
    /// Whether Apex tests are part of it.
    pub run_tests_enabled: bool,
    /// The code of a failure of the deploy as a whole.
    pub error_status_code: Option<String>,
    /// The message of a failure of the deploy as a whole.
    pub error_message: Option<String>,
    /// What the org is doing (`Processing Type: ExternalClientApplication`).
    pub state_detail: Option<String>,
    /// Components with errors, so far.
    pub number_component_errors: u32,
    /// Components done, so far.
    pub number_components_deployed: u32,
    /// Components in all; 0 until the org has read the package.
    pub number_components_total: u32,
    /// Files in the zip (recent versions).
    pub number_files: Option<u32>,
    /// Tests with errors, so far.
    pub number_test_errors: u32,
    /// Tests done, so far.
    pub number_tests_completed: u32,
    /// Tests in all.
    pub number_tests_total: u32,
    /// Size of the zip in bytes (recent versions).
    pub zip_size: Option<u64>,
    /// When it was requested.
    pub created_date: Option<String>,
    /// When it started.
    pub start_date: Option<String>,
    /// When it last changed.
    pub last_modified_date: Option<String>,
    /// When it ended.
    pub completed_date: Option<String>,
    /// User id of its creator.
    pub created_by: Option<String>,
    /// Name of its creator.
    pub created_by_name: Option<String>,
    /// The validation whose package this quick deploy deploys; over REST only.
    pub validated_deploy_request_id: Option<DeployId>,
    /// Which Apex tests were requested, in the spelling of [`TestLevel`](crate::TestLevel); over
    /// REST only.
    pub test_level: Option<String>,
    /// The Apex test classes that were requested; over REST only.
    pub run_tests: Option<Vec<String>>,
    /// User id of the user who cancelled it.
    pub canceled_by: Option<String>,
    /// Name of the user who cancelled it.
    pub canceled_by_name: Option<String>,
    /// Per component and per test; empty unless requested.
    pub details: DeployDetails,
    /// The log that [`Debugging`](crate::Debugging) requested; over SOAP only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debug_log: Option<String>,
}

/// The components and tests of a deploy (WSDL 66.0, `DeployDetails`).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeployDetails {
    /// Components with an error.
    pub component_failures: Vec<DeployMessage>,
    /// Components without an error, possibly with warnings. `package.xml` is among them, without a
    /// type.
    pub component_successes: Vec<DeployMessage>,
    /// Apex tests.
    pub run_test_result: Option<RunTestsResult>,
}

/// The result for one component (WSDL 66.0, `DeployMessage`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeployMessage {
    /// Metadata type; `None` for `package.xml`.
    pub component_type: Option<String>,
    /// Name of the component.
    pub full_name: String,
    /// File in the zip.
    pub file_name: String,
    /// The component's id in the org.
    pub id: Option<String>,
    /// Whether it was deployed.
    pub success: bool,
    /// Whether the org was changed.
    pub changed: bool,
    /// Whether it is new in the org.
    pub created: bool,
    /// Whether it was deleted.
    pub deleted: bool,
    /// When it was deployed, ISO 8601.
    pub created_date: Option<String>,
    /// Salesforce's message about a problem.
    pub problem: Option<String>,
    /// `Error`, `Warning` or `Info`.
    pub problem_type: Option<String>,
    /// Line in the packaged file, 1-based.
    pub line_number: Option<u32>,
    /// Column in that line, 1-based.
    pub column_number: Option<u32>,
}

impl DeployResult {
    /// `None` if there is no status.
    pub(crate) fn read(node: &Node<'_>) -> Option<Self> {
        let Ok(status) = node.text_of(&["status"])?.parse::<DeployStatus>();
        let details = node
            .child(&["details"])
            .map(DeployDetails::read)
            .unwrap_or_default();
        let count = |names: &[&str]| node.count_of(names).unwrap_or(0);
        let flag = |names: &[&str]| node.bool_of(names).unwrap_or(false);
        Some(Self {
            id: node.text_of(&["id"]).and_then(|id| id.parse().ok()),
            done: node
                .bool_of(&["done", "isDone"])
                .unwrap_or_else(|| status.looks_final()),
            success: node
                .bool_of(&["success", "isSuccess"])
                .unwrap_or(status == DeployStatus::Succeeded),
            check_only: flag(&["checkOnly", "isCheckOnly"]),
            ignore_warnings: flag(&["ignoreWarnings", "isIgnoreWarnings"]),
            rollback_on_error: flag(&["rollbackOnError", "isRollbackOnError"]),
            run_tests_enabled: flag(&["runTestsEnabled", "isRunTestsEnabled"]),
            error_status_code: node.string_of(&["errorStatusCode"]),
            error_message: node.string_of(&["errorMessage"]),
            state_detail: node.string_of(&["stateDetail"]),
            number_component_errors: count(&["numberComponentErrors"]),
            number_components_deployed: count(&["numberComponentsDeployed"]),
            number_components_total: count(&["numberComponentsTotal"]),
            number_files: node.count_of(&["numberFiles"]),
            number_test_errors: count(&["numberTestErrors"]),
            number_tests_completed: count(&["numberTestsCompleted"]),
            number_tests_total: count(&["numberTestsTotal"]),
            zip_size: node.number_of(&["zipSize"]),
            created_date: node.string_of(&["createdDate"]),
            start_date: node.string_of(&["startDate"]),
            last_modified_date: node.string_of(&["lastModifiedDate"]),
            completed_date: node.string_of(&["completedDate"]),
            created_by: node.string_of(&["createdBy"]),
            created_by_name: node.string_of(&["createdByName"]),
            validated_deploy_request_id: None,
            test_level: None,
            run_tests: None,
            canceled_by: node.string_of(&["canceledBy"]),
            canceled_by_name: node.string_of(&["canceledByName"]),
            status,
            details,
            debug_log: None,
        })
    }
}

impl DeployDetails {
    fn read(node: &Node<'_>) -> Self {
        Self {
            component_failures: node
                .all("componentFailures")
                .map(DeployMessage::read)
                .collect(),
            component_successes: node
                .all("componentSuccesses")
                .map(DeployMessage::read)
                .collect(),
            run_test_result: node
                .child(&["runTestResult", "runTestResults", "runTestsResult"])
                .filter(|tests| !tests.children().is_empty())
                .map(RunTestsResult::read),
        }
    }
}

impl DeployMessage {
    /// The component; `None` for `package.xml`.
    pub fn component(&self) -> Option<ComponentName> {
        let kind = self.component_type.as_deref()?;
        Some(ComponentName::new(kind, self.full_name.as_str()))
    }

    fn read(node: &Node<'_>) -> Self {
        let flag = |names: &[&str]| node.bool_of(names).unwrap_or(false);
        Self {
            component_type: node.string_of(&["componentType"]),
            full_name: node.string_of(&["fullName"]).unwrap_or_default(),
            file_name: node.string_of(&["fileName"]).unwrap_or_default(),
            id: node.string_of(&["id"]),
            success: flag(&["success", "isSuccess"]),
            changed: flag(&["changed", "isChanged"]),
            created: flag(&["created", "isCreated"]),
            deleted: flag(&["deleted", "isDeleted"]),
            created_date: node.string_of(&["createdDate"]),
            problem: node.string_of(&["problem"]),
            problem_type: node.string_of(&["problemType"]),
            line_number: node.count_of(&["lineNumber"]).filter(|line| *line > 0),
            column_number: node
                .count_of(&["columnNumber"])
                .filter(|column| *column > 0),
        }
    }
}
