//! Several files that change together.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::exit::Exit;
use crate::failure::Failure;

/// Writes every file, or none: every new content is on disk before the first file is replaced, and
/// what was replaced is put back when a later one fails.
pub(crate) fn all_or_none<'a>(
    files: impl IntoIterator<Item = (PathBuf, &'a [u8])>,
) -> Result<(), Failure> {
    let failed = |path: &Path, error: &io::Error| {
        let message = format!("cannot write {}; nothing was changed", path.display());
        Failure::caused_by(Exit::Usage, message, error)
    };
    let mut staged = Vec::new();
    for (path, content) in files {
        let file = stage(&path, content).map_err(|error| failed(&path, &error))?;
        let before = std::fs::read(&path).ok();
        staged.push((path, file, before));
    }
    let mut replaced: Vec<(PathBuf, Option<Vec<u8>>)> = Vec::new();
    for (path, file, before) in staged {
        if let Err(error) = file.persist(&path) {
            put_back(&replaced);
            return Err(failed(&path, &error.error));
        }
        replaced.push((path, before));
    }
    Ok(())
}

fn stage(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".eca-");
    let permissions = std::fs::metadata(path).map(|old| old.permissions()).ok();
    #[cfg(unix)]
    let permissions =
        permissions.or_else(|| Some(std::os::unix::fs::PermissionsExt::from_mode(0o644)));
    if let Some(permissions) = permissions {
        builder.permissions(permissions);
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn put_back(replaced: &[(PathBuf, Option<Vec<u8>>)]) {
    for (path, before) in replaced {
        // There is nothing left to be done about a second failure; the first one is reported.
        let _ = match before {
            Some(content) => eca_model::fs::write_file_atomically(path, content),
            None => std::fs::remove_file(path),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::all_or_none;

    #[test]
    fn a_file_that_cannot_be_replaced_leaves_all_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let [old, new, taken] = ["old", "new", "taken"].map(|name| folder.path().join(name));
        std::fs::write(&old, "before").unwrap();
        // A folder with something in it stands where the last file goes.
        std::fs::create_dir_all(taken.join("full")).unwrap();
        let files = [&old, &new, &taken].map(|path| (path.clone(), b"after".as_slice()));
        all_or_none(files.clone()).unwrap_err();
        assert_eq!(std::fs::read_to_string(&old).unwrap(), "before");
        assert!(!new.exists());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);

        std::fs::remove_dir_all(&taken).unwrap();
        all_or_none(files).unwrap();
        for path in [&old, &new, &taken] {
            assert_eq!(std::fs::read_to_string(path).unwrap(), "after");
        }
    }
}
