//! The files of a package, before they are zipped.

use std::collections::{BTreeMap, HashMap};

use eca_model::Component;

use crate::package::error::PackageError;
use crate::package::report::{PackageEntry, PackagedFile};
use crate::package::source_map::align;

/// A file of the project, as it is packaged. No `Debug`: the content may have an injected secret.
pub(super) struct Entry {
    pub(super) file: PackagedFile,
    pub(super) content: Vec<u8>,
    /// The local line of each packaged line; empty if no line moved.
    pub(super) lines: Vec<u32>,
}

impl Entry {
    /// The files of a component: its metadata as edited for the package, and its content file if
    /// it has one.
    pub(super) fn from_component(
        local: &Component,
        packaged: Option<&Component>,
    ) -> impl Iterator<Item = Self> {
        let entry = |part, path: &str, content: &[u8], lines| Self {
            file: PackagedFile::new(local.name(), part, path, content.len()),
            content: content.to_vec(),
            lines,
        };
        let before = local.file().text();
        let after = packaged.map_or(before, |packaged| packaged.file().text());
        let metadata = entry(
            PackageEntry::Metadata,
            local.path(),
            after.as_bytes(),
            align(local.source_file().text(), after),
        );
        let content = local.content().map(|content| {
            let bytes = &content.bytes;
            entry(PackageEntry::Content, &content.path, bytes, Vec::new())
        });
        [metadata].into_iter().chain(content)
    }
}

/// Sorts by the path in the package.
///
/// # Errors
/// [`PackageError::Duplicate`] when two paths differ in case only: an org does not distinguish it.
pub(super) fn sort(entries: &mut [Entry]) -> Result<(), PackageError> {
    entries.sort_by(|a, b| a.file.package_path().cmp(b.file.package_path()));
    let mut seen: HashMap<String, &PackagedFile> = HashMap::with_capacity(entries.len());
    for Entry { file, .. } in &*entries {
        if let Some(first) = seen.insert(file.package_path().to_lowercase(), file) {
            return Err(PackageError::Duplicate {
                component: file.component.clone(),
                first: first.local_path.clone(),
                second: file.local_path.clone(),
            });
        }
    }
    Ok(())
}

/// The line maps of the files whose lines moved, by index.
pub(super) fn moved_lines(entries: &[Entry]) -> BTreeMap<usize, Vec<u32>> {
    let moved = entries.iter().enumerate();
    let moved = moved.filter(|(_, entry)| !entry.lines.is_empty());
    moved
        .map(|(index, entry)| (index, entry.lines.clone()))
        .collect()
}
