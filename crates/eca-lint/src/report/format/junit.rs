//! `JUnit` XML.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::engine::finding::Finding;

/// A test case a file with findings, and a failure a finding, in the form that build servers agree
/// on.
pub(super) fn render(findings: &[&Finding]) -> String {
    let mut files: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        files.entry(&finding.path).or_default().push(finding);
    }
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (tests, failures) = (files.len().max(1), findings.len());
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"");
    // Writing to a string cannot fail.
    let _ = writeln!(xml, "<testsuites name=\"eca lint\" {counts}>");
    let _ = writeln!(xml, "  <testsuite name=\"eca lint\" {counts}>");
    if files.is_empty() {
        xml.push_str("    <testcase name=\"all files\" classname=\"eca lint\"/>\n");
    }
    for (path, findings) in files {
        let _ = writeln!(
            xml,
            "    <testcase name=\"{}\" classname=\"eca lint\">",
            escape(path)
        );
        for finding in findings {
            let _ = writeln!(
                xml,
                "      <failure type=\"{}\" message=\"{}\">{}</failure>",
                escape(&finding.rule.to_string()),
                escape(&finding.message),
                escape(&format!("{finding:#}")),
            );
        }
        xml.push_str("    </testcase>\n");
    }
    xml.push_str("  </testsuite>\n</testsuites>");
    xml
}

/// XML 1.0 cannot carry control characters.
fn escape(text: &str) -> String {
    let printable = text.replace(|c: char| c.is_control() && c != '\n', " ");
    quick_xml::escape::escape(printable).into_owned()
}
