//! Public error enums gain variants and must be `#[non_exhaustive]`.

use crate::tidy::problem::Problem;

/// Every public enum that is an error, by its name or by a derived `Error`, without
/// `#[non_exhaustive]`.
pub(crate) fn check(path: &str, text: &str) -> Vec<Problem> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut problems = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = public_enum(line) else {
            continue;
        };
        let above = || {
            let above = lines[..index].iter().rev();
            above.take_while(|line| belongs_below(line))
        };
        let is_error = name.ends_with("Error") || above().any(|line| derives_error(line));
        if is_error && !above().any(|line| *line == "#[non_exhaustive]") {
            problems.push(Problem::at(
                path,
                index,
                format!("{name} is public and gains variants: mark it #[non_exhaustive]"),
            ));
        }
    }
    problems
}

/// The name, when the line opens a public enum.
fn public_enum(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub enum ")?;
    let end = rest
        .find(|c: char| c != '_' && !c.is_alphanumeric())
        .unwrap_or(rest.len());
    Some(&rest[..end])
}

/// Whether a line of a `derive` has `Error`, of any crate. A long list has one line for each item.
fn derives_error(line: &str) -> bool {
    let list = line.strip_prefix("#[derive(").unwrap_or(line);
    !line.starts_with("//")
        && list
            .split([',', ')'])
            .any(|item| item.trim().rsplit("::").next() == Some("Error"))
}

/// Whether the line is part of the attributes and docs of the item below it: those of the item
/// before end in a brace, a semicolon or an empty line.
fn belongs_below(line: &str) -> bool {
    line.starts_with("//") || !(line.is_empty() || line.ends_with(['}', '{', ';']))
}

#[cfg(test)]
mod tests {
    use super::super::problem::lines;

    fn check(text: &str) -> Vec<String> {
        lines(&super::check("a.rs", text))
    }

    #[test]
    fn a_closed_error_enum_is_found() {
        assert_eq!(
            check("/// Why.\n#[derive(Debug)]\npub enum ReadError {\n}\n"),
            ["a.rs:3: ReadError is public and gains variants: mark it #[non_exhaustive]"]
        );
    }

    #[test]
    fn an_enum_that_derives_error_is_an_error() {
        for derive in [
            "#[derive(Debug, thiserror::Error)]",
            "#[derive(Error)]",
            "#[derive(\n    Debug,\n    thiserror::Error,\n)]",
        ] {
            let text = format!("{derive}\npub enum Refused {{\n}}\n");
            assert_eq!(check(&text).len(), 1, "{derive}");
        }
    }

    #[test]
    fn the_attribute_of_another_item_does_not_count() {
        let text = "#[non_exhaustive]\npub enum AError {\n}\npub enum BError {\n}\n";
        assert_eq!(check(text).len(), 1);
    }

    #[test]
    fn open_private_and_other_enums_pass() {
        for text in [
            "#[non_exhaustive]\npub enum ReadError {\n}\n",
            "#[non_exhaustive]\n/// Why it failed;\n#[derive(\n    Debug,\n)]\npub enum ReadError {\n}\n",
            "pub(crate) enum ReadError {\n}\n",
            "pub enum Errors {\n}\n",
            "/// No Error, but a word of it.\n#[derive(Debug, ErrorKind)]\npub enum Kind {\n}\n",
        ] {
            assert_eq!(check(text), [""; 0], "{text}");
        }
    }
}
