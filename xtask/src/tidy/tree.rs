//! The files of the repository.

use std::collections::BTreeSet;
use std::path::Path;

use crate::failure::Failure;
use fs_err as fs;

/// Generated folders.
const SKIPPED: [&str; 3] = [".git", "target", "node_modules"];

/// The files of the repository, sorted by path. They are read from the folder, not from git: a
/// build from an archive has no git, and a new file is checked before it is added.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    entries: Vec<Entry>,
    folders: BTreeSet<String>,
    links: Vec<String>,
}

/// One file.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    path: String,
    bytes: Vec<u8>,
}

impl Tree {
    /// Reads every file below `root`.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub(crate) fn read(root: &Path) -> Result<Self, Failure> {
        let (mut entries, mut links) = (Vec::new(), Vec::new());
        read_folder(root, "", &mut entries, &mut links)?;
        Ok(Self::new(entries).with_links(links))
    }

    /// The tree of these files.
    pub(crate) fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut entries: Vec<Entry> = entries.into_iter().collect();
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        let folders = entries
            .iter()
            .flat_map(|entry| {
                entry
                    .path
                    .match_indices('/')
                    .map(|(end, _)| &entry.path[..end])
            })
            .map(str::to_owned)
            .collect();
        Self {
            entries,
            folders,
            links: Vec::new(),
        }
    }

    /// The tree with symbolic links at these paths.
    pub(crate) fn with_links(mut self, mut links: Vec<String>) -> Self {
        links.sort();
        self.links = links;
        self
    }

    /// The paths of the symbolic links. They are not followed.
    pub(crate) fn links(&self) -> &[String] {
        &self.links
    }

    /// The paths of the folders, without the root.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().map(String::as_str)
    }

    /// Every file.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The file at this path.
    pub(crate) fn entry(&self, path: &str) -> Option<&Entry> {
        let index = self
            .entries
            .binary_search_by(|entry| entry.path.as_str().cmp(path))
            .ok()?;
        self.entries.get(index)
    }

    /// Whether there is a file or a folder at this path; the root is the empty path.
    pub(crate) fn has(&self, path: &str) -> bool {
        path.is_empty() || self.folders.contains(path) || self.entry(path).is_some()
    }
}

impl Entry {
    /// A file with this path (relative to the root, with `/`) and content.
    pub(crate) fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            bytes: bytes.into(),
        }
    }

    /// The path, relative to the root, with `/`.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The last part of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The content.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The content, unless it is not UTF-8.
    pub(crate) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    /// Whether the name ends in `.extension`, in any case.
    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        self.name()
            .rsplit_once('.')
            .is_some_and(|(_, end)| end.eq_ignore_ascii_case(extension))
    }
}

fn read_folder(
    folder: &Path,
    prefix: &str,
    entries: &mut Vec<Entry>,
    links: &mut Vec<String>,
) -> Result<(), Failure> {
    for item in fs::read_dir(folder)? {
        let item = item?;
        let kind = item.file_type()?;
        let name = item.file_name();
        let name = name.to_string_lossy();
        let path = format!("{prefix}{name}");
        // By name alone: in a linked worktree, `.git` is a file.
        if SKIPPED.contains(&name.as_ref()) {
            continue;
        }
        if kind.is_dir() {
            read_folder(&item.path(), &format!("{path}/"), entries, links)?;
        } else if kind.is_file() {
            let bytes = fs::read(item.path())?;
            entries.push(Entry::new(path, bytes));
        } else if kind.is_symlink() {
            links.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_files_folders_and_the_root() {
        let tree = Tree::new([Entry::new("docs/a/b.md", "x"), Entry::new("README.md", "y")]);
        for path in ["", "docs", "docs/a", "docs/a/b.md", "README.md"] {
            assert!(tree.has(path), "{path}");
        }
        for path in ["doc", "docs/a/b", "b.md"] {
            assert!(!tree.has(path), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("file"), "x").unwrap();
        std::os::unix::fs::symlink("file", root.path().join("link")).unwrap();
        std::os::unix::fs::symlink("..", root.path().join("up")).unwrap();
        let tree = Tree::read(root.path()).unwrap();
        assert_eq!(tree.links(), ["link", "up"]);
        assert!(tree.has("file") && !tree.has("link"));
    }

    #[test]
    fn names_and_extensions() {
        let entry = Entry::new("a/B.PEM", "");
        assert_eq!(entry.name(), "B.PEM");
        assert!(entry.has_extension("pem"));
        assert!(!Entry::new("pem", "").has_extension("pem"));
    }
}
