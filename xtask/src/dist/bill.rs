//! The bill of materials in the form of CycloneDX, by `cargo-cyclonedx`.
//!
//! It lists the crates of the whole workspace's resolution, so a feature that another member turns
//! on can add a crate that the program does not link.

use std::path::Path;

use fs_err as fs;

use crate::copy;
use crate::failure::Failure;
use crate::invocation::Invocation;

/// The manifest of the program.
const MANIFEST: &str = "crates/eca-cli/Cargo.toml";
/// The name, without its ending, of the files that the tool writes.
const FILE: &str = "eca-bill-of-materials";

/// The bill as JSON. It depends on the lock file and on `time` (in seconds of the Unix epoch)
/// alone: no serial number, no path of this machine.
///
/// The tool writes a file beside the manifest of each member, so it works on a copy of the
/// repository in `folder`.
///
/// # Errors
/// When the repository cannot be copied, the tool fails, or its file cannot be read.
pub(super) fn bill(root: &Path, folder: &Path, time: u64) -> Result<String, Failure> {
    if !copy::tree(root, folder)? {
        let command = "git ls-files".to_owned();
        return Err(Failure::NoOutput { command });
    }
    let call = Invocation::cargo(&format!(
        "cyclonedx --quiet --manifest-path {MANIFEST} --format json --spec-version 1.5 \
         --override-filename {FILE}"
    ))
    .with("SOURCE_DATE_EPOCH", time.to_string());
    let status = call.run(folder)?;
    if !status.success() {
        return Err(Failure::Ended {
            command: call.to_string(),
            status,
        });
    }
    let file = folder.join(MANIFEST).with_file_name(format!("{FILE}.json"));
    let bill = fs::read_to_string(file)?;
    Ok(bill.replace(&folder.display().to_string(), "/eca"))
}
