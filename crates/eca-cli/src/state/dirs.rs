//! The folder of the program's state, by the XDG Base Directory Specification.

use std::path::{Path, PathBuf};

use eca_model::fs::{Access, WriteError, remove_leftovers, write_atomic};
use etcetera::base_strategy::{BaseStrategy as _, Xdg};

/// `$XDG_STATE_HOME/eca`, by default `~/.local/state/eca`. `None` where the user has no home
/// folder.
pub(crate) fn state_dir() -> Option<PathBuf> {
    let state = Xdg::new().ok()?.state_dir()?;
    state.is_absolute().then(|| state.join("eca"))
}

/// Replaces a file that only its owner can read, and creates its folder.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    if let Some(folder) = path.parent() {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // When this fails, the write fails too and names the file.
        drop(builder.create(folder));
        remove_leftovers(folder);
    }
    write_atomic(path, content, Access::Owner)
}
