//! Temporary files of killed processes.

use std::path::Path;
use std::time::{Duration, SystemTime};

/// How the names of the temporary files of `write_atomic` begin, and how long they are.
const PREFIX: &str = ".eca-";
const NAME_LENGTH: usize = PREFIX.len() + 6;
/// A younger file may be that of a process that is writing it.
const MIN_AGE: Duration = Duration::from_mins(1);

/// Removes the temporary files of [`write_atomic`](crate::fs::write_atomic) and its siblings in a
/// folder that a killed process has left; they may hold what the file would, such as a token. Those
/// of the last minute stay: another process may be writing them.
pub fn remove_leftovers(folder: &Path) {
    let now = SystemTime::now();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with(PREFIX) || name.len() != NAME_LENGTH {
            continue;
        }
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified
            .ok()
            .and_then(|modified| now.duration_since(modified).ok());
        if age.is_some_and(|age| age > MIN_AGE) {
            // The next run tries again.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_temporary_files_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let old = SystemTime::now() - Duration::from_hours(1);
        for (name, modified, is_kept) in [
            (".eca-aB3dE6", old, false),
            (".eca-aB3dE7", SystemTime::now(), true),
            (".eca-mine.json", old, true),
            ("Shop.eca-aB3dE6", old, true),
        ] {
            let path = folder.path().join(name);
            let file = std::fs::File::create(&path).unwrap();
            file.set_modified(modified).unwrap();
            remove_leftovers(folder.path());
            assert_eq!(path.exists(), is_kept, "{name}");
        }
    }
}
