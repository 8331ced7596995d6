//! Rust files that are too long.

use crate::tidy::problem::Problem;
use crate::tidy::tree::Tree;

/// The most lines of a Rust file.
const LIMIT: usize = 600;

/// Every Rust file over the limit.
pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let files = tree.entries().iter();
    let files = files.filter(|entry| entry.has_extension("rs"));
    files
        .filter_map(|entry| {
            let lines = entry.text().map_or(0, |text| text.lines().count());
            let message = format!("{lines} lines; over {LIMIT}: split it by noun");
            (lines > LIMIT).then(|| Problem::of_file(entry.path(), message))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::problem::lines;
    use super::super::tree::Entry;
    use super::*;

    #[test]
    fn only_rust_files_over_the_limit_are_reported() {
        let file = |path, lines| Entry::new(path, "x\n".repeat(lines));
        let tree = Tree::new([file("a.rs", 600), file("long.md", 9000), file("b.rs", 601)]);
        assert_eq!(
            lines(&check(&tree)),
            ["b.rs: 601 lines; over 600: split it by noun"]
        );
    }
}
