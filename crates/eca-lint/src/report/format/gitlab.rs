//! The code quality report of GitLab.

use serde_json::{Value, json};

use crate::engine::finding::Finding;
use crate::report::fingerprint::fingerprints;
use crate::report::format::{level, pretty};

/// Source: GitLab Docs, "Code Quality" ("Code Quality report format").
pub(super) fn render(findings: &[&Finding]) -> String {
    let issues: Vec<Value> = findings
        .iter()
        .zip(fingerprints(findings))
        .map(|(finding, fingerprint)| {
            let [_, severity] = level(finding);
            json!({
                "description": finding.message,
                "check_name": finding.rule.to_string(),
                "fingerprint": fingerprint,
                "severity": severity,
                "location": {
                    "path": finding.path,
                    "lines": { "begin": finding.position.line },
                },
            })
        })
        .collect();
    pretty(&issues)
}
