//! Public error enums gain variants, so they must be open.

use super::problem::Problem;

/// Every `pub enum …Error` without `#[non_exhaustive]`.
pub(crate) fn check(path: &str, text: &str) -> Vec<Problem> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut problems = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = error_enum(line) else {
            continue;
        };
        let open = lines[..index]
            .iter()
            .rev()
            .take_while(|above| belongs_below(above))
            .any(|above| *above == "#[non_exhaustive]");
        if !open {
            problems.push(Problem::at(
                path,
                index,
                format!("{name} is public and gains variants: mark it #[non_exhaustive]"),
            ));
        }
    }
    problems
}

/// The name, when the line opens a public enum of errors.
fn error_enum(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub enum ")?;
    let end = rest
        .find(|c: char| c != '_' && !c.is_alphanumeric())
        .unwrap_or(rest.len());
    let name = &rest[..end];
    name.ends_with("Error").then_some(name)
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
    fn the_mark_of_another_item_does_not_count() {
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
        ] {
            assert_eq!(check(text), [""; 0], "{text}");
        }
    }
}
