//! Files that have grown too long to be read in one sitting.

use crate::tidy::problem::Problem;
use crate::tidy::tree::Tree;

/// The longest that a Rust file may be, in lines.
const LIMIT: usize = 600;

/// Files that may be longer, with the reason why they are better in one piece.
const LONG: &[(&str, &str)] = &[];

/// Every Rust file over the limit, and every exception that is no longer needed.
pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    compare(tree, LONG)
}

fn compare(tree: &Tree, long: &[(&str, &str)]) -> Vec<Problem> {
    let excepted = |path: &str| long.iter().any(|(own, _)| *own == path);
    let mut problems = Vec::new();
    for entry in tree
        .entries()
        .iter()
        .filter(|entry| entry.has_extension("rs"))
    {
        let lines = entry.text().map_or(0, |text| text.lines().count());
        match (lines > LIMIT, excepted(entry.path())) {
            (true, false) => problems.push(Problem::of_file(
                entry.path(),
                format!("{lines} lines; over {LIMIT}: split it by noun, or list it with a reason"),
            )),
            (false, true) => problems.push(Problem::of_file(
                entry.path(),
                format!("{lines} lines; no longer over {LIMIT}: take it out of the list"),
            )),
            _ => {}
        }
    }
    for (path, _) in long.iter().filter(|(path, _)| tree.entry(path).is_none()) {
        problems.push(Problem::of_file(
            path,
            "listed as a long file, but not there",
        ));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::problem::lines;
    use super::super::tree::Entry;
    use super::*;

    fn check(files: &[(&str, usize)], long: &[(&str, &str)]) -> Vec<String> {
        let entries = files
            .iter()
            .map(|&(path, lines)| Entry::new(path, "x\n".repeat(lines)));
        lines(&compare(&Tree::of(entries), long))
    }

    #[test]
    fn the_limit_itself_is_fine() {
        assert_eq!(check(&[("a.rs", 600), ("long.md", 9000)], &[]), [""; 0]);
    }

    #[test]
    fn one_line_more_is_not() {
        assert_eq!(
            check(&[("a.rs", 601)], &[]),
            ["a.rs: 601 lines; over 600: split it by noun, or list it with a reason"]
        );
        assert_eq!(check(&[("a.rs", 601)], &[("a.rs", "one table")]), [""; 0]);
    }

    #[test]
    fn exceptions_do_not_outlive_their_reason() {
        assert_eq!(
            check(
                &[("a.rs", 10)],
                &[("a.rs", "one table"), ("gone.rs", "one table")]
            ),
            [
                "a.rs: 10 lines; no longer over 600: take it out of the list",
                "gone.rs: listed as a long file, but not there",
            ]
        );
    }
}
