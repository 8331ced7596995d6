//! The public API of the libraries against that of the last release.
//!
//! `cargo-semver-checks` says what a level of release does not allow; `cargo-public-api` lists what
//! changed, for a person to read. Both are foreign programs.

use std::path::Path;

use crate::ci::{End, tool};
use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::program;
use crate::release::changelog;
use crate::workspace::Crate;
use fs_err as fs;

/// The last release's tag; none before the first release, and none where there is no git.
fn last_tag(root: &Path) -> Option<String> {
    let arguments = ["tag", "--list", "v*", "--sort=-version:refname"];
    let tags = program::output(root, "git", &arguments).ok()?;
    let first = tags.text.lines().next().filter(|_| tags.success)?;
    Some(first.to_owned())
}

/// The check between two releases, when the manifests still have the last version: whatever breaks
/// the API has to be announced in the changelog.
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
        "{problem}; take it back, or say so in CHANGELOG.md: `- **Breaking:** …`"
    )))
}

/// Whether the versions in the manifests are great enough for what changed since a release.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn compare(root: &Path, tag: &str) -> Result<End, Failure> {
    semver_checks(root, tag, "")
}

/// Asks cargo-semver-checks.
fn semver_checks(root: &Path, tag: &str, options: &str) -> Result<End, Failure> {
    if !tool::SEMVER_CHECKS.is_installed(root) {
        return Ok(End::Missing(tool::SEMVER_CHECKS));
    }
    let check = Invocation::cargo(&format!(
        "semver-checks --workspace --baseline-rev {tag}{options}"
    ));
    let is_allowed = check.run(root)?.success();
    let problem =
        format!("the API broke since {tag}, or could not be compared; it says which above");
    Ok(End::new(is_allowed, &problem))
}

/// Prints what changed in each library's public API since a release. It never fails a release: what
/// changed is for a person to read. The program checks out one commit after the other where it is
/// run, so this is for clones; and it reads rustdoc's JSON, for which it needs a nightly compiler.
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
