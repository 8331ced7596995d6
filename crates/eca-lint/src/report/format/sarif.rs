//! SARIF 2.1.0.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::engine::finding::Finding;
use crate::engine::fix::Fix;
use crate::report::fingerprint::fingerprints;
use crate::report::format::{level, pretty};
use crate::rule::Rule;
use crate::rules::RULES;
use crate::severity::Severity;

/// Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
pub(super) fn render(findings: &[&Finding]) -> String {
    let rules: Vec<Value> = RULES.iter().map(|rule| descriptor(rule)).collect();
    let results: Vec<Value> = findings
        .iter()
        .zip(fingerprints(findings))
        .map(|(finding, fingerprint)| result(finding, &fingerprint))
        .collect();
    pretty(&json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "eca",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

fn descriptor(rule: &Rule) -> Value {
    let level = match rule.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let tags: Vec<_> = rule
        .profiles()
        .iter()
        .map(|profile| profile.as_str())
        .collect();
    json!({
        "id": rule.id(),
        "name": rule.name(),
        "shortDescription": { "text": rule.summary() },
        "fullDescription": { "text": rule.explanation() },
        "help": { "text": format!("{} Source: {}.", rule.explanation(), rule.source()) },
        "defaultConfiguration": { "level": level },
        "properties": { "tags": tags },
    })
}

fn result(finding: &Finding, fingerprint: &str) -> Value {
    let [level, _] = level(finding);
    let help = finding
        .help
        .as_ref()
        .map_or_else(String::new, |help| format!(" ({help})"));
    let mut result = json!({
        "ruleId": finding.rule.id(),
        "ruleIndex": RULES.iter().position(|rule| *rule == finding.rule),
        "level": level,
        "message": { "text": format!("{}{help}", finding.message) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": location(&finding.path),
            "region": { "startLine": finding.position.line, "startColumn": finding.position.column },
        }}],
        "partialFingerprints": { "eca/v1": fingerprint },
    });
    if let Some(fix) = &finding.fix {
        result["fixes"] = json!([change(fix)]);
    }
    result
}

fn change(fix: &Fix) -> Value {
    json!({
        "description": { "text": fix.title },
        "artifactChanges": [{
            "artifactLocation": location(&fix.path),
            "replacements": [{
                "deletedRegion": {
                    "startLine": fix.start.line, "startColumn": fix.start.column,
                    "endLine": fix.end.line, "endColumn": fix.end.column,
                },
                "insertedContent": { "text": fix.replacement },
            }],
        }],
    })
}

/// A path as a URI reference (RFC 3986, section 3.3), relative to the repository.
fn location(path: &str) -> Value {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    json!({ "uri": uri, "uriBaseId": "%SRCROOT%" })
}
