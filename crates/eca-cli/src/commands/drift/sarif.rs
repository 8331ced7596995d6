//! Drift as SARIF 2.1.0, for code scanning.

use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::commands::drift::entry::{Entry, Kind};
use crate::commands::drift::report::{Report, sentence};

/// Each kind with its sentence and level.
const RULES: [(Kind, &str, &str); 5] = [
    (
        Kind::Changed,
        "A member has another value in the org than was applied",
        "warning",
    ),
    (
        Kind::Missing,
        "The org does not have a component",
        "warning",
    ),
    (
        Kind::RefreshLifetime,
        "Refresh tokens live another time in the org than the files say",
        "warning",
    ),
    (
        Kind::Unreadable,
        "A component cannot be read, so that nothing is known of drift in it",
        "warning",
    ),
    (
        Kind::OnlyInOrg,
        "Only the org has a value or a component",
        "note",
    ),
];

/// Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0". The id of the
/// run keeps the alerts of orgs apart.
pub(super) fn render(report: &Report<'_>) -> String {
    let rule = |(kind, text, level): &(Kind, &str, &str)| {
        json!({
            "id": kind.rule(),
            "shortDescription": { "text": text },
            "defaultConfiguration": { "level": level },
        })
    };
    let results: Vec<_> = report
        .entries
        .iter()
        .map(|entry| result(report, entry))
        .collect();
    let sarif = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "automationDetails": { "id": format!("eca-drift/{}/", org(report)) },
            "tool": { "driver": {
                "name": "eca",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": RULES.iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{sarif:#}")
}

/// The name of the org, or else its id.
fn org<'a>(report: &'a Report<'_>) -> &'a str {
    let planning = report.planning;
    let id = planning.org_id.as_deref();
    planning
        .target
        .name()
        .or(id)
        .unwrap_or_else(|| planning.org())
}

fn result(report: &Report<'_>, entry: &Entry) -> Value {
    let index = RULES.iter().position(|(kind, ..)| *kind == entry.kind);
    let level = index.map(|index| RULES[index].2);
    let path = entry.path.as_ref().map(ToString::to_string);
    let identity = format!(
        "{}\n{}\n{}\n{}",
        org(report),
        entry.component,
        path.unwrap_or_default(),
        entry.kind.rule()
    );
    let mut fingerprint = String::new();
    for byte in Sha256::digest(identity.as_bytes()).iter().take(16) {
        // Writing to a String cannot fail.
        let _ = write!(fingerprint, "{byte:02x}");
    }
    let mut result = json!({
        "ruleId": entry.kind.rule(),
        "ruleIndex": index,
        "level": level,
        "message": { "text": format!("{}: {}", entry.component, sentence(entry)) },
        "partialFingerprints": { "eca-drift/v1": fingerprint },
    });
    if let (Some(path), Some(place)) = (report.path(entry), &entry.place) {
        let (line, column) = (place.position.line, place.position.column);
        result["locations"] = json!([{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&path), "uriBaseId": "%SRCROOT%" },
            "region": { "startLine": line, "startColumn": column },
        }}]);
    }
    result
}

/// A path as a URI reference (RFC 3986, section 3.3), relative to the repository.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
