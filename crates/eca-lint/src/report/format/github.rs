//! Workflow commands of GitHub Actions.

use crate::engine::finding::Finding;
use crate::report::format::annotation::Annotation;

/// One annotation per finding.
pub(super) fn render(findings: &[&Finding]) -> String {
    let lines = findings.iter().map(|finding| {
        let help = finding
            .help
            .as_ref()
            .map_or_else(String::new, |help| format!("\n{help}"));
        let annotation = Annotation {
            severity: finding.severity,
            path: Some(&finding.path),
            line: Some(finding.position.line),
            column: Some(finding.position.column),
            title: &finding.rule.to_string(),
            message: &format!("{}{help}", finding.message),
        };
        annotation.to_string()
    });
    lines.collect::<Vec<_>>().join("\n")
}
