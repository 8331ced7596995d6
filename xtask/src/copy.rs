//! A copy of the repository, for commands that would write beside its files.

use std::path::Path;

use fs_err as fs;

use crate::failure::Failure;
use crate::program;

/// Replaces the folder `to` by a copy of the files that git tracks or would add; `false` where git
/// cannot list them.
///
/// # Errors
/// When a file cannot be copied.
pub(crate) fn tree(root: &Path, to: &Path) -> Result<bool, Failure> {
    if to.exists() {
        fs::remove_dir_all(to)?;
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
        _ => return Ok(false),
    };
    for name in files.split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (root.join(name), to.join(name));
        // Git lists a file that was deleted but not yet committed.
        if !from.is_file() {
            continue;
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&from, &to)?;
    }
    Ok(true)
}
