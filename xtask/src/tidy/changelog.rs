//! The changelog has a section for the next release, and a branch that changes a crate's sources
//! adds a line to it.

use std::path::Path;

use crate::program;

use crate::tidy::problem::Problem;
use crate::tidy::tree::Tree;

const PATH: &str = "CHANGELOG.md";
const HEADING: &str = "## [Unreleased]";

/// A branch is compared with the first of these that git knows.
const BASES: [&str; 2] = ["origin/main", "main"];

/// Checks the changelog of the tree, and the branch when git knows it.
pub(crate) fn check(tree: &Tree, root: &Path) -> Vec<Problem> {
    let mut problems = match tree.entry(PATH).and_then(|entry| entry.text()) {
        Some(text) => check_text(text),
        None => vec![Problem::of_file(PATH, "missing")],
    };
    match changed_since_base(root) {
        Ok(changed) => problems.extend(check_branch(&changed)),
        Err(reason) => {
            eprintln!("tidy: SKIPPED the check that this branch changes the changelog: {reason}");
        }
    }
    problems
}

/// Checks that a branch which changes a crate's sources also changes the changelog.
fn check_branch<T: AsRef<str>>(changed: &[T]) -> Option<Problem> {
    let is_source = |path: &&str| path.starts_with("crates/") && path.contains("/src/");
    let mut paths = changed.iter().map(AsRef::as_ref);
    let first = paths.clone().find(is_source)?;
    if paths.any(|path| path == PATH) {
        return None;
    }
    Some(Problem::of_file(
        PATH,
        format!("this branch changes {first}: add a line under [Unreleased]"),
    ))
}

/// The files that differ from the point where this branch left the main branch, or on the main
/// branch from its last commit. Uncommitted changes count. The error is the reason why git cannot
/// tell.
fn changed_since_base(root: &Path) -> Result<Vec<String>, String> {
    let git = |arguments: &[&str]| match program::output(root, "git", arguments) {
        Ok(output) if output.success => Ok(output.text.trim().to_owned()),
        Ok(output) => Err(output
            .text
            .lines()
            .next()
            .unwrap_or("git failed")
            .to_owned()),
        Err(error) => Err(error.chain()),
    };
    let head = git(&["rev-parse", "HEAD"])?;
    let forks = BASES
        .iter()
        .filter_map(|base| git(&["merge-base", "HEAD", base]).ok());
    let base = match forks.clone().find(|fork| *fork != head) {
        Some(fork) => fork,
        None if forks.count() == 0 => {
            return Err(format!("git knows none of {}", BASES.join(", ")));
        }
        // On the main branch: the uncommitted changes.
        None => head,
    };
    let changed = git(&["diff", "--name-only", &base])?;
    Ok(changed.lines().map(str::to_owned).collect())
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
    fn a_missing_changelog_is_reported() {
        // This folder is in no git repository.
        let nowhere = Path::new("/");
        assert_eq!(
            lines(&check(&Tree::default(), nowhere)),
            ["CHANGELOG.md: missing"]
        );
    }

    #[test]
    fn a_branch_that_changes_sources_changes_the_changelog() {
        let source = "crates/eca-model/src/lib.rs";
        let problem = check_branch(&[source, "README.md"]).unwrap();
        assert_eq!(
            problem.to_string(),
            "CHANGELOG.md: this branch changes crates/eca-model/src/lib.rs: add a line under [Unreleased]"
        );
        for quiet in [
            &[source, PATH][..],
            &["crates/eca-model/tests/it/main.rs", "xtask/src/main.rs"],
            &[],
        ] {
            assert_eq!(check_branch(quiet).map(|problem| problem.to_string()), None);
        }
    }
}
