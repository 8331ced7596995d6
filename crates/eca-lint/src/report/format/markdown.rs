//! Markdown of GitHub and GitLab, for comments and summaries.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::engine::finding::Finding;
use crate::severity::Severity;

/// A comment of GitHub has at most 65,536 characters. This is a limit of bytes, with room for a
/// line of the caller.
pub const MAX_COMMENT: usize = 65_000;

/// The most characters of one foreign text.
const MAX_CODE: usize = 400;

/// Foreign text as code that cannot end its table cell or its line, and in which no service looks
/// for mentions, issues or links. Long text is cut.
///
/// Source: CommonMark, "Entity and numeric character references"; GitHub Flavored Markdown,
/// "Tables". Mentions are not looked for in `<code>`.
pub fn code(text: &str) -> String {
    let mut code = String::from("<code>");
    for (index, character) in text.chars().enumerate() {
        if index == MAX_CODE {
            code.push('…');
            break;
        }
        match character {
            ' ' | ',' | '-' | '/' | '(' | ')' | '"' | '\'' | '=' | '%' | '+' => {
                code.push(character);
            }
            // As a space: one entry is one line.
            '\n' | '\r' | '\t' => code.push(' '),
            other if other.is_ascii_alphanumeric() => code.push(other),
            // Also characters without width, which could hide a part of the text.
            other if other.is_alphanumeric() => code.push(other),
            other if other.is_ascii_graphic() => {
                // Writing to a string cannot fail.
                let _ = write!(code, "&#{};", u32::from(other));
            }
            other => {
                let _ = write!(code, "&#92;u&#123;{:x}&#125;", u32::from(other));
            }
        }
    }
    code + "</code>"
}

/// A table, as far as its rows leave the text below [`MAX_COMMENT`], then how many are left out.
pub fn push_table(
    comment: &mut String,
    head: [&str; 3],
    rows: impl ExactSizeIterator<Item = [String; 3]>,
) {
    let total = rows.len();
    let _ = write!(comment, "\n| {} |\n|---|---|---|\n", head.join(" | "));
    for (index, row) in rows.enumerate() {
        let row = format!("| {} |\n", row.join(" | "));
        if comment.len() + row.len() > MAX_COMMENT {
            let _ = writeln!(comment, "\n{} more are not shown.", total - index);
            return;
        }
        comment.push_str(&row);
    }
}

/// The number of findings, a table by rule, and a table of the findings, the gravest first.
pub(super) fn render(findings: &[&Finding]) -> String {
    let count = |severity| {
        let found = findings.iter().filter(|found| found.severity == severity);
        found.count()
    };
    let counts = [
        (count(Severity::Error), "error"),
        (count(Severity::Warning), "warning"),
        (count(Severity::Info), "info"),
    ];
    let counts = counts.map(|(count, what)| {
        let ending = if count == 1 { "" } else { "s" };
        format!("{count} {what}{ending}")
    });
    let mut comment = format!("### eca lint: {}\n", counts.join(", "));
    if findings.is_empty() {
        comment.pop();
        return comment;
    }
    let mut rules: BTreeMap<_, (Severity, usize)> = BTreeMap::new();
    for finding in findings {
        let entry = rules
            .entry(finding.rule.to_string())
            .or_insert((finding.severity, 0));
        *entry = (entry.0.max(finding.severity), entry.1 + 1);
    }
    let rules = rules.into_iter();
    let rules =
        rules.map(|(rule, (severity, count))| [rule, severity.to_string(), count.to_string()]);
    push_table(&mut comment, ["Rule", "Severity", "Findings"], rules);
    let mut gravest = findings.to_vec();
    gravest.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let rows = gravest.into_iter().map(|finding| {
        let Finding {
            rule,
            severity,
            path,
            position,
            message,
            help,
            ..
        } = finding;
        let help = help
            .as_ref()
            .map_or_else(String::new, |help| format!("<br>{}", code(help)));
        [
            code(&format!("{path}:{position}")),
            format!("{severity} {rule}"),
            code(message) + &help,
        ]
    });
    push_table(&mut comment, ["Place", "Rule", "Finding"], rows);
    comment.pop();
    comment
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn foreign_text_is_only_text() {
        for (text, expected) in [
            ("a/b-c.eca", "<code>a/b-c&#46;eca</code>"),
            (
                "@all #1 | `x`",
                "<code>&#64;all &#35;1 &#124; &#96;x&#96;</code>",
            ),
            ("</code><b>", "<code>&#60;/code&#62;&#60;b&#62;</code>"),
            ("a\n| b\r\n", "<code>a &#124; b  </code>"),
            (
                "é\u{202e}\u{1b}",
                "<code>é&#92;u&#123;202e&#125;&#92;u&#123;1b&#125;</code>",
            ),
        ] {
            assert_eq!(code(text), expected, "{text:?}");
        }
        assert!(code(&"@".repeat(1000)).chars().count() < 400 * 5 + 20);
    }
}
