//! `JUnit` XML.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::engine::finding::Finding;
use crate::severity::Severity;

/// A suite for each file with findings, and a test case for each finding: failed from this severity
/// on, below it skipped.
pub(super) fn render(findings: &[&Finding], deny: Severity) -> String {
    let mut files: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        files.entry(&finding.path).or_default().push(finding);
    }
    let mut report = Report::new("eca lint");
    if files.is_empty() {
        let mut suite = TestSuite::new("eca lint");
        suite.add_test_case(TestCase::new("all files", TestCaseStatus::success()));
        report.add_test_suite(suite);
    }
    for (path, findings) in files {
        let mut suite = TestSuite::new(path);
        let cases = findings.into_iter().map(|finding| test_case(finding, deny));
        suite.add_test_cases(cases);
        report.add_test_suite(suite);
    }
    // Writing to memory cannot fail.
    let xml = report.to_string().unwrap_or_default();
    xml.trim_end().to_owned()
}

fn test_case(finding: &Finding, deny: Severity) -> TestCase {
    let mut status = if finding.severity >= deny {
        TestCaseStatus::non_success(NonSuccessKind::Failure)
    } else {
        TestCaseStatus::skipped()
    };
    status
        .set_type(finding.rule.to_string())
        .set_message(finding.message.as_str())
        .set_description(format!("{finding:#}"));
    let name = format!("{} at {}", finding.rule, finding.position);
    let mut case = TestCase::new(name, status);
    case.set_classname(finding.path.as_str());
    case
}
