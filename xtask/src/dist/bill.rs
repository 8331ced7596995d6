//! The bill of materials in the form of CycloneDX, by `cargo-cyclonedx`.
//!
//! It lists the crates of the whole workspace's resolution, so a feature that another member turns
//! on can add a crate that the program does not link.

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::workspace::Workspace;
use fs_err as fs;

/// The manifest of the program.
const MANIFEST: &str = "crates/eca-cli/Cargo.toml";
/// The name, without its ending, of the files that the tool writes.
const FILE: &str = "eca-bill-of-materials";

/// The bill as JSON. It depends on the lock file and on `time` (in seconds of the Unix epoch)
/// alone: no serial number, no path of this machine.
///
/// # Errors
/// When the tool fails, or its files cannot be read or removed.
pub(super) fn bill(workspace: &Workspace, time: u64) -> Result<String, Failure> {
    let root = &workspace.root;
    let call = Invocation::cargo(&format!(
        "cyclonedx --quiet --manifest-path {MANIFEST} --format json --spec-version 1.5 \
         --override-filename {FILE}"
    ))
    .with("SOURCE_DATE_EPOCH", time.to_string());
    let status = call.run(root)?;
    if !status.success() {
        return Err(Failure::Ended {
            command: call.to_string(),
            status,
        });
    }
    let file = |manifest: &str| {
        let name = format!("{FILE}.json");
        root.join(manifest).with_file_name(name)
    };
    let bill = fs::read_to_string(file(MANIFEST))?;
    // The tool writes one file for each member, beside its manifest.
    for krate in &workspace.crates {
        let path = file(&krate.manifest);
        fs::remove_file(&path)?;
    }
    Ok(bill.replace(&root.display().to_string(), "/eca"))
}
