//! Python environments with libraries from PyPI, made once in `target/interop`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program;

/// The Python of the environment with this name and these libraries; `None` without Python or PyPI.
/// `libraries` has the versions. An environment with other versions is updated.
pub(super) fn environment(
    root: &Path,
    name: &str,
    python: &str,
    libraries: &[&str],
) -> Option<PathBuf> {
    let folder = root.join("target/interop").join(name);
    let interpreter = folder.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let marker = folder.join("installed");
    let wanted = libraries.join(" ");
    let (folder, program) = (folder.to_str()?, interpreter.to_str()?);
    // An environment does not start after its Python was removed.
    let is_there = fs::read_to_string(&marker).is_ok_and(|found| found == wanted)
        && program::succeeds(root, program, &["--version"]);
    if is_there {
        return Some(interpreter);
    }
    let pip = [&["-m", "pip", "install", "--quiet"], libraries].concat();
    let made = program::succeeds(root, python, &["-m", "venv", folder])
        && program::succeeds(root, program, &pip);
    (made && fs::write(marker, wanted).is_ok()).then_some(interpreter)
}
