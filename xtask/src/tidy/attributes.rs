//! Tests that do not run. Clippy refuses an `#[allow]` without a reason.

use crate::tidy::problem::Problem;

/// Every `#[ignore]`.
///
/// Attributes are found at the start of a line, where rustfmt puts them.
pub(crate) fn check(path: &str, text: &str) -> Vec<Problem> {
    let message = "a test that does not run: fix or remove it";
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| ignores(line.trim_start()))
        .map(|(index, _)| Problem::at(path, index, message))
        .collect()
}

fn ignores(line: &str) -> bool {
    let Some(inner) = line.strip_prefix("#[") else {
        return false;
    };
    let attribute = match inner.strip_prefix("cfg_attr(") {
        Some(rest) => rest
            .split_once(',')
            .map_or("", |(_, rest)| rest.trim_start()),
        None => inner,
    };
    let rest = attribute.strip_prefix("ignore");
    rest.is_some_and(|rest| rest.starts_with([']', ')', ' ', ',']))
}

#[cfg(test)]
mod tests {
    use super::super::problem::lines;
    use super::*;

    #[test]
    fn ignored_tests_are_found() {
        let ignored = ["a.rs:2: a test that does not run: fix or remove it"];
        for (attribute, expected) in [
            ("#[ignore]", &ignored[..]),
            ("  #[ignore = \"slow\"]", &ignored),
            ("#[cfg_attr(windows, ignore)]", &ignored),
            ("#[cfg_attr(test, derive(PartialEq))]", &[]),
            ("#[ignored_by_others]", &[]),
            ("// never #[ignore]", &[]),
            ("#[", &[]),
        ] {
            let text = format!("#[test]\n{attribute}\nfn a() {{}}\n");
            assert_eq!(lines(&check("a.rs", &text)), expected, "{attribute}");
        }
    }
}
