//! Where `eca.toml` is looked for.

use std::path::{Path, PathBuf};

/// The folders to look in, nearest first: upwards from `start` to the root of the repository, the
/// user's home folder or the root of the file system (a mount), each included.
pub(super) fn folders(start: &Path) -> Vec<PathBuf> {
    let start = start
        .canonicalize()
        .or_else(|_| std::path::absolute(start))
        .unwrap_or_else(|_| start.to_owned());
    let home = etcetera::home_dir().ok();
    let home = home.and_then(|home| home.canonicalize().ok());
    let is_last = |folder: &Path| {
        folder.join(".git").exists() || home.as_deref() == Some(folder) || is_mount(folder)
    };
    up_to(&start, is_last)
}

fn up_to(start: &Path, is_last: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for folder in start.ancestors() {
        folders.push(folder.to_owned());
        if is_last(folder) {
            break;
        }
    }
    folders
}

/// Whether the folder above is on another file system.
#[cfg(unix)]
fn is_mount(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let device = |folder: &Path| folder.metadata().map(|metadata| metadata.dev()).ok();
    folder
        .parent()
        .is_some_and(|above| device(above) != device(folder))
}

#[cfg(not(unix))]
fn is_mount(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_ends() {
        for (last, expected) in [
            ("/a/b/c", &["/a/b/c"][..]),
            ("/a/b", &["/a/b/c", "/a/b"]),
            ("/elsewhere", &["/a/b/c", "/a/b", "/a", "/"]),
        ] {
            let found = up_to(Path::new("/a/b/c"), |folder| folder == Path::new(last));
            let found: Vec<_> = found
                .iter()
                .map(|folder| folder.to_str().unwrap())
                .collect();
            assert_eq!(found, expected, "{last}");
        }
    }

    #[test]
    fn a_repository_is_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let project = root.join("repo/project");
        std::fs::create_dir_all(&project).unwrap();
        assert!(folders(&project).contains(&root));
        // A worktree has a file there.
        std::fs::write(root.join("repo/.git"), "gitdir: x").unwrap();
        assert_eq!(folders(&project), [project.clone(), root.join("repo")]);
    }
}
