//! The rules of the repository that no compiler knows: each a pure check of texts, run here over
//! the whole tree.

mod arrows;
mod attributes;
mod changelog;
mod circles;
mod error_enums;
mod lengths;
mod links;
mod machine_paths;
mod manifests;
mod modules;
mod private_keys;
mod problem;
mod readmes;
mod tree;

use crate::failure::Failure;
use crate::workspace::Workspace;

use crate::tidy::problem::Problem;
use crate::tidy::tree::{Entry, Tree};

/// Checks the tree and prints every problem found, one a line. `false` when there is one.
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
    problems.extend(circles::check(tree, &workspace.crates));
    problems.extend(readmes::check(tree, &workspace.crates));
    problems.extend(changelog::check(tree, &workspace.root));
    for entry in tree.entries() {
        problems.extend(check_entry(entry, tree));
    }
    problems.sort();
    problems
}

fn check_entry(entry: &Entry, tree: &Tree) -> Vec<Problem> {
    let mut problems = private_keys::check(entry);
    // Registry data only: a checksum or a crate's name there is not ours to choose.
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
