//! Checks that the workspace builds with the oldest direct dependencies that the manifests allow.

use std::path::Path;

use crate::copy;
use crate::failure::Failure;
use crate::invocation::Invocation;
use fs_err as fs;

use crate::ci::end::End;

/// The folders of the copy and of its build, below `target`.
const COPY: &str = "target/minimal-versions/copy";
const BUILT: &str = "target/minimal-versions/target";

/// Resolves a copy of the tree with `-Z direct-minimal-versions` and checks every target of it.
///
/// The flag is unstable; `RUSTC_BOOTSTRAP` makes the stable cargo accept it.
///
/// # Errors
/// When a file cannot be copied or cargo cannot be started.
pub(super) fn run(root: &Path) -> Result<End, Failure> {
    let copy = root.join(COPY);
    if !copy::tree(root, &copy)? {
        return Ok(End::Skipped("git cannot list the files to copy".to_owned()));
    }
    fs::remove_file(copy.join("Cargo.lock"))?;
    let update =
        Invocation::cargo("update --quiet -Z direct-minimal-versions").with("RUSTC_BOOTSTRAP", "1");
    if !update.run(&copy)?.success() {
        let problem = "a lower bound in Cargo.toml is too low for another crate of the tree";
        return Ok(End::Failed(problem.to_owned()));
    }
    let built = root.join(BUILT).display().to_string();
    let check = Invocation::cargo("check --workspace --all-features --locked")
        .with("CARGO_TARGET_DIR", built);
    let problem = "a lower bound in Cargo.toml is too low for the code of the workspace";
    Ok(End::new(check.run(&copy)?.success(), problem))
}
