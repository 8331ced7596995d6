//! The README of each published crate is its documentation and names the minimum Rust version. A
//! library has a table of its features and an example program.

use toml::{Table, Value};

use crate::workspace::Crate;

use crate::tidy::problem::Problem;
use crate::tidy::tree::Tree;

/// Checks the READMEs of the published crates.
pub(crate) fn check(tree: &Tree, crates: &[Crate]) -> Vec<Problem> {
    let oldest = oldest_rust(tree).unwrap_or_default();
    let published = crates.iter().filter(|krate| krate.published);
    published
        .flat_map(|krate| check_crate(tree, krate, &oldest))
        .collect()
}

fn check_crate(tree: &Tree, krate: &Crate, oldest: &str) -> Vec<Problem> {
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
        None => problem("README.md", "missing".to_owned()),
        Some(readme) => {
            let sentence = format!("The minimum Rust version is {oldest}");
            if !readme.contains(&sentence) {
                problem("README.md", format!("missing: \"{sentence}\""));
            }
        }
    }
    let name = if krate.library {
        "src/lib.rs"
    } else {
        "src/main.rs"
    };
    let root = text(name).unwrap_or_default();
    if !root.contains("include_str!(\"../README.md\")") {
        problem(
            name,
            "missing: #![doc = include_str!(\"../README.md\")]".to_owned(),
        );
    }
    if !krate.library {
        return problems;
    }
    if !krate.features.is_empty() && !root.contains("document_features!") {
        problem("src/lib.rs", "no table of the features".to_owned());
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

    fn check(readme: &str, root: &str, krate: Crate) -> Vec<String> {
        let name = if krate.library { "lib" } else { "main" };
        let tree = Tree::new([
            Entry::new("Cargo.toml", MANIFEST),
            Entry::new("crates/core/README.md", readme),
            Entry::new(format!("crates/core/src/{name}.rs"), root),
        ]);
        lines(&super::check(&tree, &[krate]))
    }

    fn krate(library: bool, features: &[&str], examples: &[&str]) -> Crate {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Crate {
            library,
            features: owned(features),
            examples: owned(examples),
            ..Crate::named("core")
        }
    }

    #[test]
    fn missing_parts_of_a_library_are_reported() {
        let good = "The minimum Rust version is 1.95.";
        assert_eq!(check(good, INCLUDED, krate(true, &[], &["look"])), [""; 0]);
        assert_eq!(check(good, INCLUDED, krate(false, &["net"], &[])), [""; 0]);
        assert_eq!(
            check(good, "", krate(false, &[], &[])),
            ["crates/core/src/main.rs: missing: #![doc = include_str!(\"../README.md\")]"]
        );
        assert_eq!(
            check("", "", krate(true, &["net"], &[])),
            [
                "crates/core/README.md: missing: \"The minimum Rust version is 1.95\"",
                "crates/core/src/lib.rs: missing: #![doc = include_str!(\"../README.md\")]",
                "crates/core/src/lib.rs: no table of the features",
                "crates/core/Cargo.toml: no program in examples/",
            ]
        );
    }
}
