//! Each published library explains itself: its README is its documentation, names the oldest Rust, and there is a
//! program that shows it at work.

use toml::{Table, Value};

use crate::workspace::Crate;

use super::problem::Problem;
use super::tree::Tree;

/// Checks the READMEs of the libraries.
pub(crate) fn check(tree: &Tree, crates: &[Crate]) -> Vec<Problem> {
    let oldest = oldest_rust(tree).unwrap_or_default();
    let libraries = crates.iter().filter(|krate| krate.library);
    libraries
        .flat_map(|krate| check_library(tree, krate, &oldest))
        .collect()
}

fn check_library(tree: &Tree, krate: &Crate, oldest: &str) -> Vec<Problem> {
    let folder = krate.manifest.trim_end_matches("Cargo.toml");
    let text = |name: &str| {
        let entry = tree.entry(&format!("{folder}{name}"))?;
        entry.text()
    };
    let mut problems = Vec::new();
    let mut problem = |name: &str, message: String| {
        problems.push(Problem::of_file(&format!("{folder}{name}"), message));
    };
    match text("README.md") {
        None => problem("README.md", "not there".to_owned()),
        Some(readme) => {
            let sentence = format!("The oldest Rust that builds it is {oldest}");
            if !readme.contains(&sentence) {
                problem("README.md", format!("it does not say \"{sentence}\""));
            }
        }
    }
    let root = text("src/lib.rs").unwrap_or_default();
    if !root.contains("include_str!(\"../README.md\")") {
        problem(
            "src/lib.rs",
            "the README is not its documentation".to_owned(),
        );
    }
    if !krate.features.is_empty() && !root.contains("document_features!") {
        problem("src/lib.rs", "no table of its features".to_owned());
    }
    if krate.examples.is_empty() {
        problem("Cargo.toml", "no program in examples/".to_owned());
    }
    problems
}

fn oldest_rust(tree: &Tree) -> Option<String> {
    let manifest: Table = tree.entry("Cargo.toml")?.text()?.parse().ok()?;
    let package = manifest.get("workspace")?.get("package")?;
    let version = package.get("rust-version").and_then(Value::as_str)?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::problem::lines;
    use super::super::tree::Entry;
    use super::*;

    const MANIFEST: &str = "[workspace.package]\nrust-version = \"1.95\"\n";
    const INCLUDED: &str = "#![doc = include_str!(\"../README.md\")]\n";

    fn check(readme: &str, root: &str, features: &[&str], examples: &[&str]) -> Vec<String> {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let krate = Crate {
            features: owned(features),
            examples: owned(examples),
            ..Crate::named("core")
        };
        let tree = Tree::of([
            Entry::new("Cargo.toml", MANIFEST),
            Entry::new("crates/core/README.md", readme),
            Entry::new("crates/core/src/lib.rs", root),
        ]);
        lines(&super::check(&tree, &[krate]))
    }

    #[test]
    fn what_a_library_has_to_say() {
        let good = "The oldest Rust that builds it is 1.95.";
        assert_eq!(check(good, INCLUDED, &[], &["look"]), [""; 0]);
        assert_eq!(
            check("", "", &["net"], &[]),
            [
                "crates/core/README.md: it does not say \"The oldest Rust that builds it is 1.95\"",
                "crates/core/src/lib.rs: the README is not its documentation",
                "crates/core/src/lib.rs: no table of its features",
                "crates/core/Cargo.toml: no program in examples/",
            ]
        );
    }
}
