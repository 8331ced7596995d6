//! The public API of the libraries against that of the last release.
//!
//! `cargo-semver-checks` says what a level of release does not allow; `cargo-public-api` lists what changed, for a
//! person to read. Both are foreign programs.

use std::path::Path;

use crate::ci::{End, tool};
use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::program;
use crate::workspace::Crate;

/// The last release's tag; none before the first release, and none where there is no git.
pub(crate) fn last_tag(root: &Path) -> Option<String> {
    let arguments = ["tag", "--list", "v*", "--sort=-version:refname"];
    let tags = program::output(root, "git", &arguments).ok()?;
    let first = tags.text.lines().next().filter(|_| tags.success)?;
    Some(first.to_owned())
}

/// Asks cargo-semver-checks whether the versions in the manifests are great enough for what changed.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn compare(root: &Path) -> Result<End, Failure> {
    let Some(tag) = last_tag(root) else {
        eprintln!("semver: no release is tagged yet, so there is no API to compare with");
        return Ok(End::Passed);
    };
    if !tool::SEMVER_CHECKS.is_installed(root) {
        return Ok(End::Missing(tool::SEMVER_CHECKS));
    }
    let check = Invocation::cargo(&format!("semver-checks --workspace --baseline-rev {tag}"));
    let held = check.run(root)?.success();
    let problem = format!("the API broke since {tag}; repeat: {check}");
    Ok(End::of(held, &problem))
}

/// Prints what changed in each library's public API since the last release. It never fails a release: what changed
/// is for a person to read.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn show_changes(root: &Path, crates: &[Crate]) -> Result<End, Failure> {
    let Some(tag) = last_tag(root) else {
        return Ok(End::Passed);
    };
    if !tool::PUBLIC_API.is_installed(root) {
        return Ok(End::Missing(tool::PUBLIC_API));
    }
    for krate in crates.iter().filter(|krate| krate.library) {
        // It reads rustdoc's JSON, which the stable compiler writes only when told to act as a nightly one.
        let diff = Invocation::cargo(&format!(
            "public-api --package {} --all-features diff {tag}",
            krate.name
        ))
        .with("RUSTC_BOOTSTRAP", "1");
        let status = diff.run(root)?;
        if !status.success() {
            return Ok(End::Skipped(format!("`{diff}` failed: {status}")));
        }
    }
    Ok(End::Passed)
}
