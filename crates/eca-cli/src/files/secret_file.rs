//! Files with private keys and tokens: whether other users of the machine can change or read them.
//!
//! Windows has access lists instead of mode bits. There nothing is checked.

use std::path::Path;

use crate::failure::Failure;

/// Refuses a file that others than its owner can change, and warns of one that they can read.
/// Pipes and devices are not checked.
#[cfg(unix)]
pub(crate) fn check(path: &Path) -> Result<(), Failure> {
    use std::fs::Metadata;

    use crate::exit::Exit;
    use crate::files::{owner, shell};
    use crate::ui::output;

    let file = std::fs::metadata(path).ok();
    let Some(file) = file.filter(Metadata::is_file) else {
        // Reading it tells why.
        return Ok(());
    };
    let word = shell::word(&path.to_string_lossy());
    if let Some(problem) = owner::check_writers(&file) {
        let message = format!("{} is not used: {problem}", path.display());
        let hint = format!("{} {word}", problem.remedy());
        return Err(Failure::new(Exit::Usage, message).hint(hint));
    }
    if owner::is_readable_by_others(&file) {
        output::warning(format_args!(
            "other users of this machine can read {}: chmod go-r {word}",
            path.display()
        ));
    }
    Ok(())
}

/// Nothing.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the check of Unix can fail")]
pub(crate) fn check(_: &Path) -> Result<(), Failure> {
    Ok(())
}
