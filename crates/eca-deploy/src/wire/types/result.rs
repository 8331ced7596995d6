//! What a deploy says about itself.

use serde::Serialize;

use crate::id::DeployId;
use crate::wire::tree::Node;
use crate::wire::types::status::DeployStatus;
use crate::wire::types::test_result::RunTestsResult;

/// A deploy as the org describes it (WSDL 66.0, `DeployResult`), over SOAP or REST.
///
/// Dates are kept as the org writes them (ISO 8601).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeployResult {
    /// The id; absent in answers that leave it out.
    pub id: Option<DeployId>,
    /// Where the deploy is.
    pub status: DeployStatus,
    /// Whether it has ended: the only end mark.
    pub done: bool,
    /// Whether it ended well.
    pub success: bool,
    /// Whether nothing was to be saved.
    pub check_only: bool,
    /// As asked for.
    pub ignore_warnings: bool,
    /// As asked for.
    pub rollback_on_error: bool,
    /// Whether Apex tests are part of it.
    pub run_tests_enabled: bool,
    /// The code of a failure of the deploy as a whole.
    pub error_status_code: Option<String>,
    /// The words of a failure of the deploy as a whole.
    pub error_message: Option<String>,
    /// What the org is busy with (`Processing Type: ExternalClientApplication`).
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
    /// When it was asked for.
    pub created_date: Option<String>,
    /// When it began.
    pub start_date: Option<String>,
    /// When something last moved.
    pub last_modified_date: Option<String>,
    /// When it ended.
    pub completed_date: Option<String>,
    /// User id of who asked for it.
    pub created_by: Option<String>,
    /// Their name.
    pub created_by_name: Option<String>,
    /// User id of who cancelled it.
    pub canceled_by: Option<String>,
    /// Their name.
    pub canceled_by_name: Option<String>,
    /// Per component and per test; empty unless asked for.
    pub details: DeployDetails,
    /// The log that [`Debugging`](crate::Debugging) requested; over SOAP only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debug_log: Option<String>,
}

/// The parts of a deploy's result (WSDL 66.0, `DeployDetails`).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeployDetails {
    /// Components with an error.
    pub component_failures: Vec<DeployMessage>,
    /// Components without; `package.xml` is one of them, its type empty. They may carry warnings.
    pub component_successes: Vec<DeployMessage>,
    /// Apex tests.
    pub run_test_result: Option<RunTestsResult>,
}

/// What the org says about one component (WSDL 66.0, `DeployMessage`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeployMessage {
    /// Type in the WSDL's spelling; `None` for `package.xml`.
    pub component_type: Option<String>,
    /// Name of the component.
    pub full_name: String,
    /// File in the zip.
    pub file_name: String,
    /// The component's own id in the org.
    pub id: Option<String>,
    /// Whether it counts as deployed.
    pub success: bool,
    /// Whether the org was changed.
    pub changed: bool,
    /// Whether it is new in the org.
    pub created: bool,
    /// Whether it was deleted.
    pub deleted: bool,
    /// When the org took it, ISO 8601.
    pub created_date: Option<String>,
    /// Salesforce's words about a problem.
    pub problem: Option<String>,
    /// `Error`, `Warning`, `Info`, as the org spells it.
    pub problem_type: Option<String>,
    /// Line in the packaged file, 1-based.
    pub line_number: Option<u32>,
    /// Column in that line, 1-based.
    pub column_number: Option<u32>,
}

impl DeployResult {
    /// Reads a `DeployResult` leniently: stringly values, the spellings on which documents
    /// disagree, and members left out. `None` if there is not even a status.
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
