//! `cargo xtask tidy`: the rules of the repository that the compiler does not check. Each rule is a
//! pure check of texts.

mod arrows;
mod attributes;
mod changelog;
mod circles;
mod copies;
mod error_enums;
mod folders;
mod lengths;
mod links;
mod machine_paths;
mod manifests;
mod modules;
mod portable_names;
mod private_keys;
mod problem;
mod readmes;
mod tree;

use crate::failure::Failure;
use crate::workspace::Workspace;

use crate::tidy::modules::Modules;
use crate::tidy::problem::Problem;
use crate::tidy::tree::{Entry, Tree};

/// Checks the tree and prints each problem on a line. `false` when there is one.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn run(workspace: &Workspace) -> Result<bool, Failure> {
    let tree = Tree::read(&workspace.root)?;
    let problems = problems(&tree, workspace);
    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => eprintln!("tidy: {} files, no problem", tree.entries().len()),
        1 => eprintln!("tidy: 1 problem"),
        more => eprintln!("tidy: {more} problems"),
    }
    Ok(problems.is_empty())
}

fn problems(tree: &Tree, workspace: &Workspace) -> Vec<Problem> {
    let mut problems = arrows::check(&workspace.crates);
    problems.extend(manifests::check(tree, &workspace.crates));
    problems.extend(lengths::check(tree));
    problems.extend(folders::check(tree));
    for krate in &workspace.crates {
        problems.extend(check_modules(
            &krate.manifest.replace("Cargo.toml", "src"),
            tree,
        ));
    }
    problems.extend(readmes::check(tree, &workspace.crates));
    problems.extend(changelog::check(tree, &workspace.root));
    problems.extend(copies::check(tree));
    problems.extend(portable_names::check(tree));
    for entry in tree.entries() {
        problems.extend(check_entry(entry, tree));
    }
    problems.sort();
    problems
}

/// The modules of a crate, whose files are in the folder `source`.
fn check_modules(source: &str, tree: &Tree) -> Vec<Problem> {
    let below = format!("{source}/");
    let entries = tree.entries().iter();
    let files = entries
        .filter(|entry| entry.path().starts_with(&below) && entry.has_extension("rs"))
        .filter_map(|entry| Some((entry.path(), entry.text()?)));
    let (modules, broken) = Modules::read(source, files);
    let mut problems = circles::check(source, &modules);
    problems.extend(
        broken
            .into_iter()
            .map(|(file, error)| Problem::of_file(file, format!("not valid Rust: {error}"))),
    );
    problems.extend(modules.facade_imports().into_iter().map(|(file, path)| {
        Problem::of_file(
            file,
            format!("{path} is a re-export of the crate's root: import it from its module"),
        )
    }));
    problems
}

fn check_entry(entry: &Entry, tree: &Tree) -> Vec<Problem> {
    let mut problems = private_keys::check(entry);
    // Data of the registry: its names and checksums cannot be changed here.
    if entry.path() == "Cargo.lock" {
        return problems;
    }
    if let Some(text) = entry.text() {
        problems.extend(machine_paths::check(entry.path(), text));
        if entry.has_extension("rs") {
            problems.extend(attributes::check(entry.path(), text));
            problems.extend(error_enums::check(entry.path(), text));
        }
        if entry.has_extension("md") {
            problems.extend(links::check(entry.path(), text, tree));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::problem::lines;
    use super::*;

    fn check(files: &[(&str, &str)]) -> Vec<String> {
        let entries = files.iter().map(|&(path, text)| Entry::new(path, text));
        lines(&check_modules("src", &Tree::new(entries)))
    }

    #[test]
    fn invalid_rust_is_reported() {
        let problems = check(&[("src/a.rs", "fn {")]);
        assert!(
            problems[0].starts_with("src/a.rs: not valid Rust: "),
            "{problems:?}"
        );
    }

    #[test]
    fn modules_import_each_other_by_path() {
        let root = (
            "src/lib.rs",
            "mod a; mod b; pub use b::{B, b, c::C as Z}; use b::B as P; pub const D: u8 = 1; type T = crate::B;",
        );
        let refused = |path: &str| {
            format!(
                "src/a.rs: {path} is a re-export of the crate's root: import it from its module"
            )
        };
        for (text, expected) in [
            (
                "use crate::b::{B, c::C}; use crate::D; use crate::P;",
                vec![],
            ),
            ("#[cfg(test)] mod tests { use crate::B; }", vec![]),
            ("use other::B; use self::B;", vec![]),
            ("use crate::{B, b};", vec![refused("crate::B")]),
            ("struct B; mod inner { use super::B; }", vec![]),
            (
                "mod inner { use super::super::B; }",
                vec![refused("self::super::B")],
            ),
            ("fn f(z: super::Z) {}", vec![refused("super::Z")]),
            ("pub use crate::B as Other;", vec![refused("crate::B")]),
            ("fn f() { crate::B::new() }", vec![refused("crate::B::new")]),
        ] {
            let files = [root, ("src/a.rs", text), ("src/b.rs", "")];
            assert_eq!(check(&files), expected, "{text}");
        }
    }
}
