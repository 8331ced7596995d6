//! Maps files of a package to files of the project.

use std::collections::BTreeMap;
use std::sync::Arc;

use eca_model::{ComponentName, Project, layout};
use serde::Serialize;

use crate::package::certificate_pair::CertificatePair;
use crate::package::report::{PackageEntry, PackagedFile};

/// A location in a file of the project or the package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FilePlace {
    /// The path in the project or the package.
    pub path: String,
    /// 1-based line, if known.
    pub line: Option<u32>,
    /// 1-based column, if known.
    pub column: Option<u32>,
}

impl std::fmt::Display for FilePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        Ok(())
    }
}

/// Maps each packaged file to its local file, and its lines to local lines where fields were
/// removed. Contains paths and line numbers, no content.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    /// Sorted by path in the package.
    files: Arc<[PackagedFile]>,
    /// By index: for each line of the packaged file the local one.
    moved: Arc<BTreeMap<usize, Vec<u32>>>,
    /// Certificates that are not in the project: path in the package, local path.
    others: BTreeMap<String, String>,
}

impl SourceMap {
    /// The map of a project whose files are packaged unchanged, to follow a deploy that another
    /// process packaged.
    pub fn from_project(project: &Project) -> Self {
        let mut files = Vec::new();
        for component in project.components() {
            let content = component.content();
            let content = content.map(|file| (file.path.as_str(), PackageEntry::Content));
            let metadata = (component.path(), PackageEntry::Metadata);
            for (local, entry) in content.into_iter().chain([metadata]) {
                files.push(PackagedFile::new(component.name(), entry, local, 0));
            }
        }
        files.sort_unstable_by(|a, b| a.package_path().cmp(b.package_path()));
        Self::new(files.into(), BTreeMap::new())
    }

    pub(super) fn new(files: Arc<[PackagedFile]>, moved: BTreeMap<usize, Vec<u32>>) -> Self {
        Self {
            files,
            moved: Arc::new(moved),
            others: BTreeMap::new(),
        }
    }

    pub(super) fn add_certificate(&mut self, certificate: &CertificatePair) {
        let [(content, _), (meta, _)] = certificate.files();
        let local = &certificate.local_path;
        self.others.insert(content, local.clone());
        self.others.insert(meta, format!("{local}-meta.xml"));
    }

    /// The local location of an org's message. The file name may have the org's prefix
    /// (`unpackaged/`). If it is unknown, the component's name decides.
    pub fn locate(
        &self,
        file_name: &str,
        component: Option<&ComponentName>,
        line: Option<u32>,
        column: Option<u32>,
    ) -> Option<FilePlace> {
        let by_file = self
            .local(file_name)
            .or_else(|| self.local(file_name.split_once('/')?.1));
        let (path, moved) = by_file.or_else(|| self.local(&layout::package_path(component?)?))?;
        let line = line.map(|line| match line.checked_sub(1) {
            Some(index) => moved
                .and_then(|lines| lines.get(index as usize))
                .copied()
                .unwrap_or(line),
            None => line,
        });
        Some(FilePlace {
            path: path.to_owned(),
            line,
            column,
        })
    }

    /// The local file of a packaged one, and the line map if lines moved.
    fn local(&self, package_path: &str) -> Option<(&str, Option<&Vec<u32>>)> {
        let index = self
            .files
            .binary_search_by(|file| file.package_path().cmp(package_path));
        match index {
            Ok(index) => Some((&self.files[index].local_path, self.moved.get(&index))),
            Err(_) => self.others.get(package_path).map(|path| (&**path, None)),
        }
    }
}

/// The line in `before` for each line of `after`. Edits only remove lines or shorten one, so the
/// next equal line is the same line; a line without an equal one follows the last. Empty if nothing
/// changed.
pub(super) fn align(before: &str, after: &str) -> Vec<u32> {
    if before == after {
        return Vec::new();
    }
    let before: Vec<&str> = before.lines().collect();
    let mut next = 0;
    after
        .lines()
        .map(|line| {
            if let Some(skipped) = before[next..]
                .iter()
                .position(|candidate| *candidate == line)
            {
                next += skipped + 1;
                return u32::try_from(next).unwrap_or(u32::MAX);
            }
            u32::try_from(next + 1).unwrap_or(u32::MAX)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_after_a_removed_one_map_to_their_local_number() {
        assert_eq!(align("a\nb\nc\nd\n", "a\nc\nd\n"), [1, 3, 4]);
        assert_eq!(align("a\nb<x/>y\nc\n", "a\nby\nc\n"), [1, 2, 3]);
        assert_eq!(align("a\nb\n", ""), [] as [u32; 0]);
    }
}
