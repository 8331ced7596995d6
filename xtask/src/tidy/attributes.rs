//! Attributes that hide something: ignored tests, lints allowed without a reason.

use crate::tidy::problem::Problem;

/// Every `#[ignore]`, and every `#[allow]` without a reason.
///
/// Attributes are found at the start of a line, where rustfmt puts them.
pub(crate) fn check(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut offset = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let attribute = line.trim_start();
        // An attribute may go on over several lines; a lint's reason is before its end.
        let start = offset + line.len() - attribute.len();
        offset += line.len();
        let Some(inner) = attribute
            .strip_prefix("#[")
            .or_else(|| attribute.strip_prefix("#!["))
        else {
            continue;
        };
        let whole = up_to_end(&text[start..]);
        let sets = |name| names(inner, name) || (names(inner, "cfg_attr") && lists(whole, name));
        if sets("ignore") {
            problems.push(Problem::at(
                path,
                index,
                "a test that does not run: mend or remove it",
            ));
        }
        if sets("allow") && !whole.contains("reason = ") {
            problems.push(Problem::at(
                path,
                index,
                "a bare allow: write `#[expect(lint, reason = \"…\")]`",
            ));
        }
    }
    problems
}

/// The text to the bracket that closes the attribute at its start.
fn up_to_end(text: &str) -> &str {
    let mut depth = 0_usize;
    for (index, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' if depth <= 1 => return &text[..index],
            ']' => depth -= 1,
            _ => {}
        }
    }
    text
}

/// Whether the attribute has this name.
fn names(inner: &str, name: &str) -> bool {
    inner
        .strip_prefix(name)
        .is_some_and(|rest| !rest.starts_with(is_word))
}

/// Whether `cfg_attr(condition, …)` sets this attribute.
fn lists(whole: &str, name: &str) -> bool {
    whole
        .split(',')
        .skip(1)
        .any(|item| names(item.trim_start(), name))
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::super::problem::lines;

    fn check(text: &str) -> Vec<String> {
        lines(&super::check("a.rs", text))
    }

    const IGNORED: &str = "a test that does not run: mend or remove it";
    const BARE: &str = "a bare allow: write `#[expect(lint, reason = \"…\")]`";

    #[test]
    fn ignored_tests_are_found() {
        for attribute in [
            "#[ignore]",
            "#[ignore = \"slow\"]",
            "#[cfg_attr(windows, ignore)]",
            "  #[ignore]",
        ] {
            assert_eq!(
                check(&format!("#[test]\n{attribute}\nfn a() {{}}\n")),
                [format!("a.rs:2: {IGNORED}")],
                "{attribute}"
            );
        }
    }

    #[test]
    fn bare_allows_are_found_wherever_their_end_is() {
        for attribute in [
            "#[allow(dead_code)]",
            "#![allow(dead_code)]",
            "#[allow(\n    dead_code,\n    unused\n)]\n#[expect(x, reason = \"y\")]",
            "#[cfg_attr(test, allow(dead_code))]",
        ] {
            assert_eq!(check(attribute), [format!("a.rs:1: {BARE}")], "{attribute}");
        }
    }

    #[test]
    fn what_has_a_reason_or_is_no_attribute_passes() {
        for text in [
            "#[expect(dead_code, reason = \"used by the macro\")]",
            "#[allow(\n    dead_code,\n    reason = \"used by the macro\"\n)]",
            "#[ignored_by_others]",
            "#[allowed(dead_code)]",
            "// never #[ignore]",
            "let text = \"#[allow(dead_code)]\";",
            "#[cfg_attr(test, derive(PartialEq))]",
            "#[",
        ] {
            assert_eq!(check(text), [""; 0], "{text}");
        }
    }
}
