//! What the zip of a package is made of.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use super::error::PackageError;
use super::recipe::Recipe;
use super::report::PackagedFile;
use super::source::{self, PackageSource};
use super::zip_writer::{Entry, ZipChunks};
use crate::archive::ZipFailure;
use crate::wire::Zip;

/// The files of a zip, in the zip's order: manifests first, then all others by path.
#[derive(Debug)]
pub(super) struct Contents {
    /// Name and content of what is made up for the package.
    made: Vec<(String, Bytes)>,
    /// How many of those are manifests.
    manifests: usize,
    /// The files of the project, sorted by their path in the package.
    files: Arc<[PackagedFile]>,
    /// For each of them.
    recipes: Vec<Recipe>,
}

/// A file of the project on its way into a package.
pub(super) struct Planned {
    pub(super) file: PackagedFile,
    pub(super) recipe: Recipe,
    /// For each line in the package the local one; empty when nothing moved.
    pub(super) lines: Vec<u32>,
}

/// What is planned, sorted by the path in the package.
pub(super) struct Sorted {
    pub(super) files: Arc<[PackagedFile]>,
    /// For each file.
    pub(super) recipes: Vec<Recipe>,
    /// Of the files where lines moved, by index.
    pub(super) moved: BTreeMap<usize, Vec<u32>>,
}

pub(super) fn sorted(mut planned: Vec<Planned>) -> Result<Sorted, PackageError> {
    planned.sort_unstable_by(|a, b| a.file.package_path.cmp(&b.file.package_path));
    refuse_case_clash(&planned)?;
    let mut files = Vec::with_capacity(planned.len());
    let mut recipes = Vec::with_capacity(planned.len());
    let mut moved = BTreeMap::new();
    for (index, planned) in planned.into_iter().enumerate() {
        files.push(planned.file);
        recipes.push(planned.recipe);
        if !planned.lines.is_empty() {
            moved.insert(index, planned.lines);
        }
    }
    Ok(Sorted {
        files: files.into(),
        recipes,
        moved,
    })
}

/// Two files that are one to the org, which does not tell upper from lower case.
fn refuse_case_clash(planned: &[Planned]) -> Result<(), PackageError> {
    // Digests instead of names, which would double what a package of many files holds here.
    let (mut seen, hasher) = (HashSet::with_capacity(planned.len()), RandomState::new());
    for Planned { file, .. } in planned {
        let name = file.package_path.to_lowercase();
        if seen.insert(hasher.hash_one(&name)) {
            continue;
        }
        let same = |other: &&Planned| {
            let other = &other.file;
            other.package_path.to_lowercase() == name && other.local_path != file.local_path
        };
        if let Some(first) = planned.iter().find(same) {
            return Err(PackageError::Duplicate {
                component: file.component.clone(),
                first: first.file.local_path.clone(),
                second: file.local_path.clone(),
            });
        }
    }
    Ok(())
}

impl Contents {
    pub(super) fn new(
        manifests: Vec<(String, Bytes)>,
        mut others: Vec<(String, Bytes)>,
        files: Arc<[PackagedFile]>,
        recipes: Vec<Recipe>,
    ) -> Self {
        others.sort_unstable();
        Self {
            manifests: manifests.len(),
            made: manifests.into_iter().chain(others).collect(),
            files,
            recipes,
        }
    }

    /// How many files there are, and how many bytes they have together.
    pub(super) fn size(&self) -> (u64, u64) {
        let made = self.made.iter().map(|(_, content)| content.len() as u64);
        let sum = made.chain(self.files.iter().map(|file| file.bytes)).sum();
        ((self.made.len() + self.files.len()) as u64, sum)
    }

    /// The zip: of a project in memory all of it; of a folder one that is made again from the files each time.
    pub(super) fn into_zip(self, source: PackageSource<'_>) -> Result<Zip, PackageError> {
        let failed = |error: io::Error| PackageError::Zip(ZipFailure::new(error));
        match source {
            PackageSource::Project(_) => {
                let entries = self
                    .order()
                    .map(|at| self.entry(at, |file| source.content(file)));
                let mut zip = Vec::new();
                for chunk in ZipChunks::new(entries) {
                    zip.extend_from_slice(&chunk.map_err(failed)?);
                }
                Ok(Zip::from(zip))
            }
            PackageSource::Folder(folder) => {
                let root: Arc<Path> = folder.root().into();
                let contents = Arc::new(self);
                Zip::measure(move || {
                    let (contents, root) = (Arc::clone(&contents), Arc::clone(&root));
                    let entries = contents.order().map(move |at| {
                        let entry = contents.entry(at, |file| source::read(&root, file))?;
                        Ok((entry.0.into_owned().into(), entry.1.into_owned().into()))
                    });
                    Box::new(ZipChunks::new(entries))
                })
                .map_err(failed)
            }
        }
    }

    /// Where each entry is found, in the zip's order: two sorted lists become one.
    fn order(&self) -> impl Iterator<Item = Place> + Send + use<> {
        let mut order: Vec<_> = (0..self.manifests).map(Place::Made).collect();
        order.reserve_exact(self.made.len() - self.manifests + self.files.len());
        let mut next = self.manifests;
        for (index, file) in self.files.iter().enumerate() {
            while self
                .made
                .get(next)
                .is_some_and(|(name, _)| *name < file.package_path)
            {
                order.push(Place::Made(next));
                next += 1;
            }
            order.push(Place::File(index));
        }
        order.extend((next..self.made.len()).map(Place::Made));
        order.into_iter()
    }

    fn entry<'a>(
        &'a self,
        at: Place,
        content: impl FnOnce(&PackagedFile) -> io::Result<std::borrow::Cow<'a, [u8]>>,
    ) -> io::Result<Entry<'a>> {
        match at {
            Place::Made(index) => {
                let (name, content) = &self.made[index];
                Ok((name.into(), content.as_ref().into()))
            }
            Place::File(index) => {
                let file = &self.files[index];
                let content = self.recipes[index].make(&file.local_path, content(file)?)?;
                Ok((file.package_path.as_str().into(), content))
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Place {
    Made(usize),
    File(usize),
}
