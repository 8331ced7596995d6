//! The results of Apex tests, and their coverage.

use serde::Serialize;

use crate::wire::tree::Node;

/// The results of Apex tests (WSDL 66.0, `RunTestsResult`).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RunTestsResult {
    /// The log of the tests, if requested.
    pub apex_log_id: Option<String>,
    /// Tests that ran.
    pub num_tests_run: u32,
    /// Tests that failed.
    pub num_failures: u32,
    /// Milliseconds in all.
    pub total_time: Option<f64>,
    /// The failed ones.
    pub failures: Vec<TestFailure>,
    /// The ones that passed.
    pub successes: Vec<TestSuccess>,
    /// Coverage per class and trigger.
    pub code_coverage: Vec<CodeCoverage>,
    /// Warnings about Apex coverage. They can fail a deploy although no test failed.
    pub code_coverage_warnings: Vec<CoverageWarning>,
    /// Coverage per flow.
    pub flow_coverage: Vec<FlowCoverage>,
    /// Warnings about flow coverage.
    pub flow_coverage_warnings: Vec<CoverageWarning>,
}

/// A failed Apex test (WSDL 66.0, `RunTestFailure`).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TestFailure {
    /// Id of the class.
    pub id: Option<String>,
    /// Class.
    pub name: String,
    /// Method, if the failure is in one.
    pub method_name: Option<String>,
    /// Namespace of the class.
    pub namespace: Option<String>,
    /// Package of the class.
    pub package_name: Option<String>,
    /// `Class`, …
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Salesforce's message.
    pub message: String,
    /// Apex stack trace.
    pub stack_trace: Option<String>,
    /// Whether the test sees the org's data.
    pub see_all_data: Option<bool>,
    /// Milliseconds.
    pub time: Option<f64>,
}

/// An Apex test that passed (WSDL 66.0, `RunTestSuccess`).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TestSuccess {
    /// Id of the class.
    pub id: Option<String>,
    /// Class.
    pub name: String,
    /// Method.
    pub method_name: String,
    /// Namespace of the class.
    pub namespace: Option<String>,
    /// Whether the test sees the org's data.
    pub see_all_data: Option<bool>,
    /// Milliseconds.
    pub time: Option<f64>,
}

/// Coverage of one class or trigger (WSDL 66.0, `CodeCoverageResult`).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CodeCoverage {
    /// Id of the class.
    pub id: Option<String>,
    /// Class or trigger.
    pub name: String,
    /// Its namespace.
    pub namespace: Option<String>,
    /// `Class` or `Trigger`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Executable locations.
    pub num_locations: u32,
    /// Executable locations that did not run.
    pub num_locations_not_covered: u32,
    /// The locations that did not run.
    pub locations_not_covered: Vec<CodeLocation>,
    /// DML statements.
    pub dml_info: Vec<CodeLocation>,
    /// Methods.
    pub method_info: Vec<CodeLocation>,
    /// SOQL queries.
    pub soql_info: Vec<CodeLocation>,
    /// SOSL searches.
    pub sosl_info: Vec<CodeLocation>,
}

/// A location in Apex code (WSDL 66.0, `CodeLocation`).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CodeLocation {
    /// 1-based.
    pub line: u32,
    /// 1-based; 0 if unknown.
    pub column: u32,
    /// How often it ran.
    pub num_executions: u32,
    /// Milliseconds in all.
    pub time: Option<f64>,
}

/// Coverage of one flow (WSDL 66.0, `FlowCoverageResult`).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FlowCoverage {
    /// Id of the flow's version.
    pub flow_id: Option<String>,
    /// The flow.
    pub flow_name: String,
    /// Its namespace.
    pub flow_namespace: Option<String>,
    /// The type of flow.
    pub process_type: Option<String>,
    /// Number of elements.
    pub num_elements: u32,
    /// Number of elements that did not run.
    pub num_elements_not_covered: u32,
    /// The elements that did not run.
    pub elements_not_covered: Vec<String>,
}

/// A warning about coverage (WSDL 66.0, `CodeCoverageWarning`, `FlowCoverageWarning`).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CoverageWarning {
    /// Id of the class or flow.
    pub id: Option<String>,
    /// Class or flow; `None` for the org as a whole.
    pub name: Option<String>,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Salesforce's message.
    pub message: String,
}

impl RunTestsResult {
    pub(crate) fn read(node: &Node<'_>) -> Self {
        Self {
            apex_log_id: node.string_of(&["apexLogId"]),
            num_tests_run: node.count_of(&["numTestsRun", "numRun"]).unwrap_or(0),
            num_failures: node.count_of(&["numFailures"]).unwrap_or(0),
            total_time: node.decimal_of(&["totalTime"]),
            failures: node.all("failures").map(TestFailure::read).collect(),
            successes: node.all("successes").map(TestSuccess::read).collect(),
            code_coverage: node.all("codeCoverage").map(CodeCoverage::read).collect(),
            code_coverage_warnings: node
                .all("codeCoverageWarnings")
                .map(CoverageWarning::read)
                .collect(),
            flow_coverage: node.all("flowCoverage").map(FlowCoverage::read).collect(),
            flow_coverage_warnings: node
                .all("flowCoverageWarnings")
                .map(CoverageWarning::read)
                .collect(),
        }
    }
}

impl TestFailure {
    pub(crate) fn read(node: &Node<'_>) -> Self {
        Self {
            id: node.string_of(&["id"]),
            name: node.string_of(&["name"]).unwrap_or_default(),
            method_name: node.string_of(&["methodName"]),
            namespace: node.string_of(&["namespace"]),
            package_name: node.string_of(&["packageName"]),
            kind: node.string_of(&["type"]),
            message: node.string_of(&["message"]).unwrap_or_default(),
            stack_trace: node.string_of(&["stackTrace"]),
            see_all_data: node.bool_of(&["seeAllData"]),
            time: node.decimal_of(&["time"]),
        }
    }
}

impl TestSuccess {
    pub(crate) fn read(node: &Node<'_>) -> Self {
        Self {
            id: node.string_of(&["id"]),
            name: node.string_of(&["name"]).unwrap_or_default(),
            method_name: node.string_of(&["methodName"]).unwrap_or_default(),
            namespace: node.string_of(&["namespace"]),
            see_all_data: node.bool_of(&["seeAllData"]),
            time: node.decimal_of(&["time"]),
        }
    }
}

impl CodeCoverage {
    pub(crate) fn read(node: &Node<'_>) -> Self {
        Self {
            id: node.string_of(&["id"]),
            name: node.string_of(&["name"]).unwrap_or_default(),
            namespace: node.string_of(&["namespace"]),
            kind: node.string_of(&["type"]),
            num_locations: node.count_of(&["numLocations"]).unwrap_or(0),
            num_locations_not_covered: node.count_of(&["numLocationsNotCovered"]).unwrap_or(0),
            locations_not_covered: node
                .all("locationsNotCovered")
                .map(CodeLocation::read)
                .collect(),
            dml_info: node.all("dmlInfo").map(CodeLocation::read).collect(),
            method_info: node.all("methodInfo").map(CodeLocation::read).collect(),
            soql_info: node.all("soqlInfo").map(CodeLocation::read).collect(),
            sosl_info: node.all("soslInfo").map(CodeLocation::read).collect(),
        }
    }
}

impl CodeLocation {
    pub(crate) fn read(node: &Node<'_>) -> Self {
        Self {
            line: node.count_of(&["line"]).unwrap_or(0),
            column: node.count_of(&["column"]).unwrap_or(0),
            num_executions: node.count_of(&["numExecutions"]).unwrap_or(0),
            time: node.decimal_of(&["time"]),
        }
    }
}

impl FlowCoverage {
    pub(crate) fn read(node: &Node<'_>) -> Self {
        Self {
            flow_id: node.string_of(&["flowId"]),
            flow_name: node.string_of(&["flowName"]).unwrap_or_default(),
            flow_namespace: node.string_of(&["flowNamespace"]),
            process_type: node.string_of(&["processType"]),
            num_elements: node.count_of(&["numElements"]).unwrap_or(0),
            num_elements_not_covered: node.count_of(&["numElementsNotCovered"]).unwrap_or(0),
            elements_not_covered: node
                .all("elementsNotCovered")
                .filter_map(|item| item.text().map(str::to_owned))
                .collect(),
        }
    }
}

impl CoverageWarning {
    pub(crate) fn read(node: &Node<'_>) -> Self {
        Self {
            id: node.string_of(&["id", "flowId"]),
            name: node.string_of(&["name", "flowName"]),
            namespace: node.string_of(&["namespace", "flowNamespace"]),
            message: node.string_of(&["message"]).unwrap_or_default(),
        }
    }
}
