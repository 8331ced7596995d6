//! The changelog has a place for the next change.

use super::problem::Problem;
use super::tree::Tree;

const PATH: &str = "CHANGELOG.md";
const HEADING: &str = "## [Unreleased]";

/// Checks the changelog of the tree.
pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    match tree.entry(PATH).and_then(|entry| entry.text()) {
        Some(text) => check_text(text),
        None => vec![Problem::of_file(PATH, "not there")],
    }
}

fn check_text(text: &str) -> Vec<Problem> {
    let mut headings = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with("## "))
        .peekable();
    let mut problems = match headings.peek() {
        Some((_, line)) if line.trim_end() == HEADING => Vec::new(),
        Some((index, _)) => {
            vec![Problem::at(
                PATH,
                *index,
                format!("the first section is not `{HEADING}`"),
            )]
        }
        None => vec![Problem::of_file(PATH, format!("no section `{HEADING}`"))],
    };
    problems.extend(
        headings
            .skip(1)
            .filter(|(_, line)| line.trim_end() == HEADING)
            .map(|(index, _)| Problem::at(PATH, index, format!("a second `{HEADING}`"))),
    );
    problems
}

#[cfg(test)]
mod tests {
    use super::super::problem::lines;
    use super::*;

    #[test]
    fn unreleased_comes_first_and_once() {
        for (text, expected) in [
            ("# Changelog\n\n## [Unreleased]\n\n## [0.1.0]\n", vec![]),
            (
                "## [0.1.0]\n",
                vec!["CHANGELOG.md:1: the first section is not `## [Unreleased]`"],
            ),
            (
                "## [Unreleased]\n## [Unreleased]\n",
                vec!["CHANGELOG.md:2: a second `## [Unreleased]`"],
            ),
            ("", vec!["CHANGELOG.md: no section `## [Unreleased]`"]),
        ] {
            assert_eq!(lines(&check_text(text)), expected, "{text:?}");
        }
    }

    #[test]
    fn a_missing_changelog_is_named() {
        assert_eq!(lines(&check(&Tree::default())), ["CHANGELOG.md: not there"]);
    }
}
