//! What Apex tests and their coverage gave.

use serde::Serialize;

use crate::wire::tree::Node;

/// What Apex tests gave (WSDL 66.0, `RunTestsResult`).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RunTestsResult {
    /// The log of the tests, if one was asked for.
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
    /// How much of each class the tests ran.
    pub code_coverage: Vec<CodeCoverage>,
    /// Complaints about Apex coverage; they fail a deploy though no test failed.
    pub code_coverage_warnings: Vec<CoverageWarning>,
    /// How much of each flow the tests ran.
    pub flow_coverage: Vec<FlowCoverage>,
    /// Complaints about flow coverage.
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
    /// Method, where the failure is of one.
    pub method_name: Option<String>,
    /// Namespace of the class.
    pub namespace: Option<String>,
    /// Package of the class.
    pub package_name: Option<String>,
    /// What the class is.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Salesforce's words.
    pub message: String,
    /// Apex stack.
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

/// How much of one class or trigger the tests ran (WSDL 66.0, `CodeCoverageResult`).
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
    /// Places that can be run.
    pub num_locations: u32,
    /// Places that were not.
    pub num_locations_not_covered: u32,
    /// Which.
    pub locations_not_covered: Vec<CodeLocation>,
    /// Statements that write records.
    pub dml_info: Vec<CodeLocation>,
    /// Methods.
    pub method_info: Vec<CodeLocation>,
    /// Queries.
    pub soql_info: Vec<CodeLocation>,
    /// Searches.
    pub sosl_info: Vec<CodeLocation>,
}

/// A place in Apex code (WSDL 66.0, `CodeLocation`).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CodeLocation {
    /// 1-based.
    pub line: u32,
    /// 1-based; 0 where the org gives none.
    pub column: u32,
    /// How often it ran.
    pub num_executions: u32,
    /// Milliseconds in all.
    pub time: Option<f64>,
}

/// How much of one flow the tests ran (WSDL 66.0, `FlowCoverageResult`).
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
    /// What kind of flow it is.
    pub process_type: Option<String>,
    /// Its elements.
    pub num_elements: u32,
    /// Those that were not run.
    pub num_elements_not_covered: u32,
    /// Which.
    pub elements_not_covered: Vec<String>,
}

/// A complaint about coverage (WSDL 66.0, `CodeCoverageWarning`, `FlowCoverageWarning`).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CoverageWarning {
    /// Id of the class or flow.
    pub id: Option<String>,
    /// Class or flow; `None` when it is about the org as a whole.
    pub name: Option<String>,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Salesforce's words.
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
