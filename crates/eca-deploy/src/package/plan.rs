//! What goes into a package, file by file, before it is put into order.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use eca_model::Component;

use crate::package::contents::Origin;
use crate::package::error::PackageError;
use crate::package::recipe::Recipe;
use crate::package::report::{PackageEntry, PackagedFile};
use crate::package::source::PackageSource;
use crate::package::source_map;

/// Files of the project on their way into a package. Columns instead of records: there may be tens
/// of thousands of files, of most of which there is little to say.
pub(super) struct Plan {
    /// Each with its number, by which the other columns know it.
    files: Vec<(PackagedFile, usize)>,
    recipes: Vec<Recipe>,
    /// What each file is in the package, while all of it together is small.
    kept: Option<Vec<Box<[u8]>>>,
    /// How many bytes more may be kept.
    room: u64,
    /// For each line in the package the local one; of the files where lines moved.
    moved: BTreeMap<usize, Vec<u32>>,
}

/// What is planned, sorted by the path in the package.
pub(super) struct Sorted {
    pub(super) files: Arc<[PackagedFile]>,
    pub(super) origin: Origin,
    /// As in the plan, by index.
    pub(super) moved: BTreeMap<usize, Vec<u32>>,
}

impl Plan {
    /// `room` is how many bytes of content may be kept.
    pub(super) fn new(room: u64) -> Self {
        Self {
            files: Vec::new(),
            recipes: Vec::new(),
            kept: Some(Vec::new()),
            room,
            moved: BTreeMap::new(),
        }
    }

    /// Adds a component as it is or as it was edited for the package, with the other file of a
    /// pair.
    pub(super) fn add(&mut self, local: &Component, packaged: Option<&Component>) {
        let before = local.file().text();
        let after = packaged.map_or(before, |packaged| packaged.file().text());
        let lines = source_map::align(before, after);
        if !lines.is_empty() {
            self.moved.insert(self.files.len(), lines);
        }
        let recipe = if before == after {
            Recipe::copy(before.as_bytes())
        } else {
            Recipe::edit(before, after)
        };
        let file = |entry, path: &str, content: &[u8]| PackagedFile {
            component: local.id().clone(),
            entry,
            local_path: path.to_owned(),
            bytes: content.len() as u64,
        };
        let after = after.as_bytes();
        self.push(
            file(PackageEntry::Metadata, local.path(), after),
            recipe,
            after,
        );
        if let Some(content) = local.content() {
            let recipe = Recipe::copy(&content.bytes);
            let file = file(PackageEntry::Content, &content.path, &content.bytes);
            self.push(file, recipe, &content.bytes);
        }
    }

    fn push(&mut self, file: PackagedFile, recipe: Recipe, content: &[u8]) {
        match self.room.checked_sub(file.bytes) {
            Some(left) => self.room = left,
            None => self.kept = None,
        }
        if let Some(kept) = &mut self.kept {
            kept.push(content.into());
        }
        self.files.push((file, self.files.len()));
        self.recipes.push(recipe);
    }

    pub(super) fn sorted(mut self, source: PackageSource<'_>) -> Result<Sorted, PackageError> {
        // Within a type they are in order already, which a stable sort makes use of.
        self.files.sort_by(|(a, _), (b, _)| a.cmp_path(b));
        self.refuse_case_clash()?;
        let numbers: Vec<_> = self.files.iter().map(|(_, number)| *number).collect();
        let moved = numbers.iter().enumerate();
        let moved = moved.filter_map(|(index, number)| Some((index, self.moved.remove(number)?)));
        let moved = moved.collect();
        let origin = match (self.kept, source) {
            (None, PackageSource::Folder(folder)) => Origin::Disk {
                root: folder.root().into(),
                recipes: in_order(&numbers, self.recipes),
            },
            (kept, _) => Origin::Memory(in_order(&numbers, kept.unwrap_or_default())),
        };
        Ok(Sorted {
            files: self.files.into_iter().map(|(file, _)| file).collect(),
            origin,
            moved,
        })
    }

    /// Two files that are one to the org, which does not tell upper from lower case.
    fn refuse_case_clash(&self) -> Result<(), PackageError> {
        // Digests instead of names, which would double what a package of many files holds here.
        let (mut seen, hasher) = (HashSet::with_capacity(self.files.len()), RandomState::new());
        let mut name = String::new();
        for (file, _) in &self.files {
            name.clear();
            file.push_path(&mut name);
            lowercase(&mut name);
            if seen.insert(hasher.hash_one(&name)) {
                continue;
            }
            let same = |other: &&PackagedFile| {
                other.package_path().to_lowercase() == name && other.local_path != file.local_path
            };
            if let Some(first) = self.files.iter().map(|(file, _)| file).find(same) {
                return Err(PackageError::Duplicate {
                    component: file.component.clone(),
                    first: first.local_path.clone(),
                    second: file.local_path.clone(),
                });
            }
        }
        Ok(())
    }
}

fn lowercase(name: &mut String) {
    if name.is_ascii() {
        name.make_ascii_lowercase();
    } else {
        *name = name.to_lowercase();
    }
}

/// A column in another order.
fn in_order<T: Default>(numbers: &[usize], mut column: Vec<T>) -> Vec<T> {
    let take = |number: &usize| column.get_mut(*number).map(std::mem::take);
    numbers.iter().filter_map(take).collect()
}
