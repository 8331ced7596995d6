//! Workflow commands of GitHub Actions.

use std::fmt::Write as _;

use crate::engine::finding::Finding;
use crate::report::format::level;

/// One command per finding.
///
/// Source: GitHub Docs, "Workflow commands for GitHub Actions".
pub(super) fn render(findings: &[&Finding]) -> String {
    let mut lines = String::new();
    for finding in findings {
        let Finding {
            path,
            position,
            message,
            rule,
            help,
            ..
        } = finding;
        let help = help
            .as_ref()
            .map_or_else(String::new, |help| format!("\n{help}"));
        let [_, command, _] = level(finding);
        // Writing to a string cannot fail.
        let _ = writeln!(
            lines,
            "::{command} file={},line={},col={},title={}::{}",
            property(path),
            position.line,
            position.column,
            property(&rule.to_string()),
            data(&format!("{message}{help}")),
        );
    }
    lines.pop();
    lines
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
