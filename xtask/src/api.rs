//! The public API of the libraries against that of the last release.
//!
//! `cargo-semver-checks` finds what a level of release does not allow. `cargo-public-api` lists the
//! changes for a person to read.

use std::path::Path;

use crate::ci::{End, tool};
use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::program;
use crate::release::changelog;
use crate::workspace::Crate;
use fs_err as fs;

/// The tag of the last release; none before the first release or without git.
fn last_tag(root: &Path) -> Option<String> {
    let arguments = ["tag", "--list", "v*", "--sort=-version:refname"];
    let tags = program::output(root, "git", &arguments).ok()?;
    let first = tags.text.lines().next().filter(|_| tags.success)?;
    Some(first.to_owned())
}

/// The check between two releases, while the manifests have the version of the last one: the
/// changelog has to announce a breaking change.
///
/// # Errors
/// When cargo cannot be started or the changelog cannot be read.
pub(crate) fn check(root: &Path) -> Result<End, Failure> {
    let Some(tag) = last_tag(root) else {
        let reason = "no release is tagged here, so there is no API to compare with";
        return Ok(End::Skipped(reason.to_owned()));
    };
    let problem = match semver_checks(root, &tag, " --release-type minor")? {
        End::Failed(problem) => problem,
        other => return Ok(other),
    };
    let path = root.join("CHANGELOG.md");
    let text = fs::read_to_string(&path)?;
    if changelog::announces_a_break(&text) {
        eprintln!("semver: the changelog announces it");
        return Ok(End::Passed);
    }
    Ok(End::Failed(format!(
        "{problem}; revert it, or announce it in CHANGELOG.md: `- **Breaking:** …`"
    )))
}

/// Whether the versions in the manifests allow the changes since a release.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn compare(root: &Path, tag: &str) -> Result<End, Failure> {
    semver_checks(root, tag, "")
}

/// Runs cargo-semver-checks.
fn semver_checks(root: &Path, tag: &str, options: &str) -> Result<End, Failure> {
    if !tool::SEMVER_CHECKS.is_installed(root) {
        return Ok(End::Missing(tool::SEMVER_CHECKS));
    }
    let check = Invocation::cargo(&format!(
        "semver-checks --workspace --baseline-rev {tag}{options}"
    ));
    let is_allowed = check.run(root)?.success();
    let problem =
        format!("the API has breaking changes since {tag}, or could not be compared; see above");
    Ok(End::new(is_allowed, &problem))
}

/// Prints the changes of each library's public API since a release, for a person to read. It never
/// fails a release. The program checks out one commit after the other in its folder, so run it in a
/// clone. It reads rustdoc's JSON and needs a nightly compiler for that.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn show_changes(root: &Path, tag: &str, crates: &[Crate]) -> Result<End, Failure> {
    if !tool::PUBLIC_API.is_installed(root) {
        return Ok(End::Missing(tool::PUBLIC_API));
    }
    for krate in crates.iter().filter(|krate| krate.library) {
        let diff = Invocation::cargo(&format!(
            "public-api --package {} --all-features diff {tag}..HEAD",
            krate.name
        ));
        let status = diff.run(root)?;
        if !status.success() {
            return Ok(End::Skipped(format!("`{diff}` failed: {status}")));
        }
    }
    Ok(End::Passed)
}
