//! Files that are in the repository twice are the same.

use crate::tidy::problem::Problem;
use crate::tidy::tree::{Entry, Tree};

/// A folder and its copy. A published crate has only the files of its own folder, and a symbolic
/// link does not work on Windows.
const COPIES: [(&str, &str); 1] = [("examples/storefront/", "crates/eca-cli/storefront/")];

/// Files that describe or configure the original and are not copied.
const NOT_COPIED: [&str; 2] = ["README.md", ".gitignore"];

/// Every file that is missing in a copy, differs from the original, or has none.
pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let copies = COPIES.iter();
    copies
        .flat_map(|(original, copy)| check_copy(tree, original, copy))
        .collect()
}

fn check_copy(tree: &Tree, original: &str, copy: &str) -> Vec<Problem> {
    let below = |folder| {
        let entries = tree.entries().iter();
        entries.filter_map(move |entry| Some((entry.path().strip_prefix(folder)?, entry)))
    };
    let mut problems = Vec::new();
    for (name, entry) in below(original).filter(|(name, _)| !NOT_COPIED.contains(name)) {
        let path = format!("{copy}{name}");
        if tree.entry(&path).map(Entry::bytes) != Some(entry.bytes()) {
            let message = format!("not a copy of {original}{name}: copy it");
            problems.push(Problem::of_file(&path, message));
        }
    }
    for (name, entry) in below(copy) {
        if tree.entry(&format!("{original}{name}")).is_none() {
            let message = format!("not in {original}: remove it");
            problems.push(Problem::of_file(entry.path(), message));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::problem::lines;
    use super::*;

    #[test]
    fn a_copy_has_the_files_of_the_original() {
        let tree = Tree::new([
            Entry::new("one/README.md", "about"),
            Entry::new("one/same", "1"),
            Entry::new("one/changed", "1"),
            Entry::new("one/missing", "1"),
            Entry::new("two/same", "1"),
            Entry::new("two/changed", "2"),
            Entry::new("two/surplus", "1"),
        ]);
        assert_eq!(
            lines(&check_copy(&tree, "one/", "two/")),
            [
                "two/changed: not a copy of one/changed: copy it",
                "two/missing: not a copy of one/missing: copy it",
                "two/surplus: not in one/: remove it",
            ]
        );
    }
}
