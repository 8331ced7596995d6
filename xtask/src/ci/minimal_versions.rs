//! The oldest direct dependencies that the manifests allow: whether the workspace really builds
//! with them.

use std::path::Path;

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::program;
use fs_err as fs;

use crate::ci::end::End;

/// The copy's own place and build folder, below `target`.
const COPY: &str = "target/minimal-versions/copy";
const BUILT: &str = "target/minimal-versions/target";

/// Resolves a copy of the tree with `-Z direct-minimal-versions` and checks every target of it.
///
/// The flag is unstable; `RUSTC_BOOTSTRAP` makes the stable cargo take it. The lock file of the
/// copy is its own.
///
/// # Errors
/// When a file cannot be copied or cargo cannot be started.
pub(super) fn run(root: &Path) -> Result<End, Failure> {
    let copy = root.join(COPY);
    if let Err(end) = clone(root, &copy)? {
        return Ok(end);
    }
    let update =
        Invocation::cargo("update --quiet -Z direct-minimal-versions").with("RUSTC_BOOTSTRAP", "1");
    if !update.run(&copy)?.success() {
        let problem = "a lower bound in Cargo.toml is too low for another crate of the tree";
        return Ok(End::Failed(problem.to_owned()));
    }
    let built = root.join(BUILT).display().to_string();
    let check = Invocation::cargo("check --workspace --all-features --locked")
        .with("CARGO_TARGET_DIR", built);
    let problem = "a lower bound in Cargo.toml is too low for our own code";
    Ok(End::of(check.run(&copy)?.success(), problem))
}

/// A copy of what git has or would add. Where there is no git there is nothing that could say what
/// belongs to it.
fn clone(root: &Path, copy: &Path) -> Result<Result<(), End>, Failure> {
    if copy.exists() {
        fs::remove_dir_all(copy)?;
    }
    let arguments = [
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ];
    let files = match program::output(root, "git", &arguments) {
        Ok(files) if files.success => files.text,
        _ => {
            let reason = "git cannot list the files to copy";
            return Ok(Err(End::Skipped(reason.to_owned())));
        }
    };
    for name in files.split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (root.join(name), copy.join(name));
        // Left out: the lock file, and what git has and the folder does not.
        if name == "Cargo.lock" || !(from.is_file() || from.is_symlink()) {
            continue;
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        let copied = if from.is_symlink() {
            link(&from, &to)
        } else {
            fs::copy(&from, &to).map(drop)
        };
        copied?;
    }
    Ok(Ok(()))
}

/// The same link in the copy; the program finds its example project by one.
#[cfg(unix)]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(fs::read_link(from)?, to)
}

/// Where links are rare, git checks them out as files.
#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::copy(from, to).map(drop)
}
