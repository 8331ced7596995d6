//! What the zip of a package is made of.

use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::package::error::PackageError;
use crate::package::recipe::Recipe;
use crate::package::report::PackagedFile;
use crate::package::source;
use crate::package::zip_writer::{Entries, ZipChunks};
use crate::retrieve::archive::ZipFailure;
use crate::wire::zip::Zip;

/// The files of a zip, in the zip's order: manifests first, then all others by path.
#[derive(Debug)]
pub(super) struct Contents {
    /// Name and content of what is made up for the package.
    made: Vec<(String, Bytes)>,
    /// The files of the project, sorted by their path in the package.
    files: Arc<[PackagedFile]>,
    /// For each of them.
    origin: Origin,
    /// Where each entry of the zip is found.
    order: Vec<Place>,
}

/// Where the contents of the project's files come from.
pub(super) enum Origin {
    /// They are here.
    Memory(Vec<Box<[u8]>>),
    /// They are read when they are needed.
    Disk {
        root: Box<Path>,
        recipes: Vec<Recipe>,
    },
}

/// Shows no content, which may be a secret that was supplied.
impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Memory(_) => "Memory",
            Self::Disk { .. } => "Disk",
        })
    }
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Made(u32),
    File(u32),
}

impl Contents {
    pub(super) fn new(
        manifests: Vec<(String, Bytes)>,
        mut others: Vec<(String, Bytes)>,
        files: Arc<[PackagedFile]>,
        origin: Origin,
    ) -> Self {
        others.sort_unstable();
        let first = manifests.len();
        let made: Vec<_> = manifests.into_iter().chain(others).collect();
        Self {
            order: order(&made, first, &files),
            made,
            files,
            origin,
        }
    }

    /// How many files there are, and how many bytes they have together.
    pub(super) fn size(&self) -> (u64, u64) {
        let made = self.made.iter().map(|(_, content)| content.len() as u64);
        let sum = made.chain(self.files.iter().map(|file| file.bytes)).sum();
        (self.order.len() as u64, sum)
    }

    /// The zip: of contents in memory all of it; of others one that is made again from the files
    /// each time.
    pub(super) fn into_zip(self) -> Result<Zip, PackageError> {
        let contents = Arc::new(self);
        let open = {
            let contents = Arc::clone(&contents);
            move || ZipChunks::new(Arc::clone(&contents))
        };
        match contents.origin {
            Origin::Memory(_) => open().whole().map(Zip::from),
            Origin::Disk { .. } => Zip::measure(move || Box::new(open())),
        }
        .map_err(|error| PackageError::Zip(ZipFailure::new(error)))
    }
}

/// Two sorted lists become one, behind the `first` ones of those that were made up.
fn order(made: &[(String, Bytes)], first: usize, files: &[PackagedFile]) -> Vec<Place> {
    let (mut made, mut files) = ((0_u32..).zip(made), (0_u32..).zip(files).peekable());
    let mut order = Vec::with_capacity(made.size_hint().0 + files.size_hint().0);
    order.extend(
        made.by_ref()
            .take(first)
            .map(|(index, _)| Place::Made(index)),
    );
    for (index, (name, _)) in made {
        let before = |file: &&PackagedFile| file.cmp_path_to(name).is_lt();
        while let Some((file, _)) = files.next_if(|(_, file)| before(file)) {
            order.push(Place::File(file));
        }
        order.push(Place::Made(index));
    }
    order.extend(files.map(|(file, _)| Place::File(file)));
    order
}

impl Entries for Arc<Contents> {
    fn count(&self) -> usize {
        self.order.len()
    }

    fn name(&self, index: usize, into: &mut String) {
        match self.order[index] {
            Place::Made(index) => into.push_str(&self.made[index as usize].0),
            Place::File(index) => self.files[index as usize].push_path(into),
        }
    }

    fn content(&self, index: usize) -> io::Result<Cow<'_, [u8]>> {
        let index = match self.order[index] {
            Place::Made(index) => return Ok(self.made[index as usize].1.as_ref().into()),
            Place::File(index) => index as usize,
        };
        match &self.origin {
            Origin::Memory(contents) => Ok(contents[index].as_ref().into()),
            Origin::Disk { root, recipes } => {
                let file = &self.files[index];
                let content = source::read(root, file)?;
                Ok(recipes[index].make(&file.local_path, content)?.into())
            }
        }
    }
}
