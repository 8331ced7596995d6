//! From a file in a package back to the file of the project.

use std::collections::HashMap;

use eca_model::{Component, ComponentId, Project, layout};
use serde::Serialize;

use super::certificate_pair::CertificatePair;

/// A place in a file: of the project, or of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FilePlace {
    /// The file, as the project or the package names it.
    pub path: String,
    /// 1-based line, if the org named one.
    pub line: Option<u32>,
    /// 1-based column, if the org named one.
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

/// Knows for each packaged file which local file it came from, and how its lines moved where members were taken
/// out. Holds paths and line numbers, no content.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: HashMap<String, Source>,
    names: HashMap<(String, String), String>,
}

#[derive(Debug, Clone)]
struct Source {
    path: String,
    /// For each line of the packaged file the local one; empty when nothing moved.
    lines: Vec<u32>,
}

impl SourceMap {
    /// The map of a project whose files go into the package as they are: for following a deploy that another
    /// process packaged.
    pub fn of(project: &Project) -> Self {
        let mut map = Self::default();
        for component in project.components() {
            map.add(component, component);
        }
        map
    }

    pub(crate) fn add(&mut self, local: &Component, packaged: &Component) {
        let (before, after) = (local.file().text(), packaged.file().text());
        let lines = if before == after {
            Vec::new()
        } else {
            align(before, after)
        };
        let package_path = packaged.package_path();
        let ComponentId { kind, name } = local.id();
        self.names
            .insert((kind.name().to_owned(), name.clone()), package_path.clone());
        let content_path = layout::content_path(local.id());
        if let (Some(content), Some(package_path)) = (local.content(), content_path) {
            let source = Source {
                path: content.path.clone(),
                lines: Vec::new(),
            };
            self.files.insert(package_path, source);
        }
        self.files.insert(
            package_path,
            Source {
                path: local.path().to_owned(),
                lines,
            },
        );
    }

    pub(crate) fn add_certificate(&mut self, certificate: &CertificatePair) {
        let [(content, _), (meta, _)] = certificate.files();
        let source = |path| Source {
            path,
            lines: Vec::new(),
        };
        let names = ("Certificate".to_owned(), certificate.name().to_owned());
        self.names.insert(names, content.clone());
        let local = &certificate.local_path;
        self.files.insert(content, source(local.clone()));
        self.files.insert(meta, source(format!("{local}-meta.xml")));
    }

    /// Where a message of the org belongs. Its file name comes with or without the folder that the org puts in
    /// front (`unpackaged/`); without a usable one the component's type and name decide.
    pub fn locate(
        &self,
        file_name: &str,
        component: Option<(&str, &str)>,
        line: Option<u32>,
        column: Option<u32>,
    ) -> Option<FilePlace> {
        let by_file = self
            .files
            .get(file_name)
            .or_else(|| self.files.get(file_name.split_once('/')?.1));
        let source = by_file.or_else(|| {
            let (kind, name) = component?;
            self.files
                .get(self.names.get(&(kind.to_owned(), name.to_owned()))?)
        })?;
        let line = line.map(|line| match line.checked_sub(1) {
            Some(index) => source.lines.get(index as usize).copied().unwrap_or(line),
            None => line,
        });
        Some(FilePlace {
            path: source.path.clone(),
            line,
            column,
        })
    }
}

/// For each line of `after` its line in `before`. Edits only take lines out or shorten one, so the next equal
/// line is the same line; a line without an equal stays where the last one was.
fn align(before: &str, after: &str) -> Vec<u32> {
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
    fn lines_after_a_removed_one_keep_their_number() {
        assert_eq!(align("a\nb\nc\nd\n", "a\nc\nd\n"), [1, 3, 4]);
        assert_eq!(align("a\nb<x/>y\nc\n", "a\nby\nc\n"), [1, 2, 3]);
        assert_eq!(align("a\nb\n", ""), [] as [u32; 0]);
    }
}
