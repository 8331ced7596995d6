//! One style of module files, and no folder with too many files.

use std::collections::BTreeMap;

use crate::tidy::problem::Problem;
use crate::tidy::tree::Tree;

/// The most Rust files in a folder, subfolders not counted.
const LIMIT: usize = 20;

/// Folders that may have more, each with the reason.
const LARGE: &[(&str, &str)] = &[
    (
        "crates/eca-lint/src/rules",
        "one file for each area of rules",
    ),
    (
        "crates/eca-model/src/types",
        "one file for each metadata type",
    ),
];

/// Every module file beside its folder, every folder over the limit, and every exception that is no
/// longer needed.
pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    compare(tree, LARGE)
}

fn compare(tree: &Tree, large: &[(&str, &str)]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let files = tree.entries().iter();
    let files: Vec<_> = files.filter(|entry| entry.has_extension("rs")).collect();
    for entry in &files {
        let folder = entry.path().rsplit_once('/');
        *counts
            .entry(folder.map_or("", |(folder, _)| folder))
            .or_default() += 1;
    }
    for entry in files {
        let module = entry.path().trim_end_matches(".rs");
        if counts.contains_key(module) {
            let message = format!("beside the folder of this name: move it to {module}/mod.rs");
            problems.push(Problem::of_file(entry.path(), message));
        }
    }
    for (folder, count) in &counts {
        let is_listed = large.iter().any(|(listed, _)| listed == folder);
        if *count > LIMIT && !is_listed {
            let message =
                format!("{count} Rust files; over {LIMIT}: group them, or list it with a reason");
            problems.push(Problem::of_file(folder, message));
        }
    }
    for (folder, _) in large {
        let count = counts.get(folder).copied().unwrap_or_default();
        if count <= LIMIT {
            let message = format!("{count} Rust files; not over {LIMIT}: remove it from the list");
            problems.push(Problem::of_file(folder, message));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::problem::lines;
    use super::super::tree::Entry;
    use super::*;

    fn check(paths: &[&str], large: &[(&str, &str)]) -> Vec<String> {
        let entries = paths.iter().map(|&path| Entry::new(path, ""));
        lines(&compare(&Tree::new(entries), large))
    }

    #[test]
    fn a_module_with_children_is_mod_rs() {
        assert_eq!(
            check(&["a/mod.rs", "a/b.rs", "c.rs", "c/d.json"], &[]),
            [""; 0]
        );
        assert_eq!(
            check(&["a.rs", "a/b.rs"], &[]),
            ["a.rs: beside the folder of this name: move it to a/mod.rs"]
        );
    }

    #[test]
    fn a_folder_has_at_most_twenty_files() {
        let paths: Vec<_> = (0..21).map(|number| format!("src/m{number}.rs")).collect();
        let mut paths: Vec<_> = paths.iter().map(String::as_str).collect();
        assert_eq!(
            check(&paths, &[]),
            ["src: 21 Rust files; over 20: group them, or list it with a reason"]
        );
        assert_eq!(check(&paths, &[("src", "one for each type")]), [""; 0]);
        paths[20] = "src/below/mod.rs";
        assert_eq!(check(&paths, &[]), [""; 0]);
        assert_eq!(
            check(&paths, &[("src", "one for each type")]),
            ["src: 20 Rust files; not over 20: remove it from the list"]
        );
    }
}
