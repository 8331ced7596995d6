//! Reads untrusted zips.

use std::collections::HashMap;
use std::fmt;
use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use crate::limits::{Limit, Limits};
use crate::retrieve::entry_name;
use crate::retrieve::headers;

/// The files of a zip, in its order, and checked: no name leaves the folder it is unpacked to, is a
/// device on Windows or looks like another name; no two names are the same file on any file system;
/// both headers of a file say the same; and the sizes are within [`Limits`].
///
/// `Debug` shows names and sizes, no content.
#[derive(Clone, PartialEq, Eq)]
pub struct Archive {
    entries: Vec<(String, Vec<u8>)>,
}

/// Why a zip is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// Not a zip, or a damaged one.
    #[error("the zip cannot be read")]
    NotAZip(#[source] ZipFailure),
    /// One file cannot be unpacked.
    #[error("{name:?} in the zip cannot be unpacked")]
    Entry {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: ZipFailure,
    },
    /// A name that leaves the folder, or that differs in meaning between systems.
    #[error("the zip has the file name {name:?}, which is refused: {why}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Two entries with one name.
    #[error("the zip has two entries with one name")]
    Duplicate,
    /// Two entries that share bytes, as in a zip bomb.
    #[error("the zip stores two files in the same bytes")]
    Overlap,
    /// Two names that differ only in case or in their Unicode normalization, so that they are one
    /// file on some file systems.
    #[error("the zip has both {first:?} and {second:?}, which are one file on Windows or macOS")]
    SameFile {
        /// One name.
        first: String,
        /// The other name.
        second: String,
    },
    /// A file whose header before its content differs from the one in the zip's directory, so that
    /// programs read different files.
    #[error("{name:?} in the zip is refused: its two headers have different {what}")]
    Headers {
        /// Its name in the directory.
        name: String,
        /// What differs.
        what: &'static str,
    },
    /// A link, a device, an encrypted file.
    #[error("{name:?} in the zip is refused: it is {what}")]
    Kind {
        /// Its name.
        name: String,
        /// The kind of entry.
        what: &'static str,
    },
    /// Above a limit, before or while unpacking.
    #[error("the zip has more than the {allowed} {limit} allowed")]
    TooLarge {
        /// The limit.
        limit: Limit,
        /// Its value.
        allowed: u64,
    },
}

/// An opaque error of the zip library.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ZipFailure(Box<dyn std::error::Error + Send + Sync>);

impl ZipFailure {
    pub(crate) fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

impl Archive {
    /// Unpacks a zip. Entries for folders are skipped.
    ///
    /// # Errors
    /// See [`ArchiveError`]. Memory stays within `limits`, whatever sizes the zip claims.
    pub fn read(zip: &[u8], limits: &Limits) -> Result<Self, ArchiveError> {
        let too_large = |limit| ArchiveError::TooLarge {
            limit,
            allowed: limits.allowed(limit),
        };
        if zip.len() as u64 > limits.zip_bytes {
            return Err(too_large(Limit::ZipBytes));
        }
        let not_a_zip =
            |error: zip::result::ZipError| ArchiveError::NotAZip(ZipFailure::new(error));
        let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(not_a_zip)?;
        if archive.len() as u64 > limits.files {
            return Err(too_large(Limit::Files));
        }
        if archive.has_duplicate_names() {
            return Err(ArchiveError::Duplicate);
        }
        if archive.has_overlapping_files().map_err(not_a_zip)? {
            return Err(ArchiveError::Overlap);
        }
        let mut entries = Vec::with_capacity(archive.len());
        let mut seen = HashMap::new();
        let mut remaining = limits.unzipped_bytes;
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).map_err(not_a_zip)?;
            let name = std::str::from_utf8(file.name_raw())
                .map_err(|_| ArchiveError::Name {
                    name: String::from_utf8_lossy(file.name_raw()).into_owned(),
                    why: "it is not UTF-8",
                })?
                .to_owned();
            if let Some(why) = entry_name::problem(&name) {
                return Err(ArchiveError::Name { name, why });
            }
            if let Some(what) =
                headers::difference(zip, file.central_header_start(), file.header_start())
            {
                return Err(ArchiveError::Headers { name, what });
            }
            if file.is_symlink() {
                return Err(ArchiveError::Kind {
                    name,
                    what: "a symbolic link",
                });
            }
            if file.encrypted() {
                return Err(ArchiveError::Kind {
                    name,
                    what: "encrypted",
                });
            }
            let folded = entry_name::folded(name.trim_end_matches('/'));
            if let Some(first) = seen.insert(folded, name.clone()) {
                return Err(
                    if first.trim_end_matches('/') == name.trim_end_matches('/') {
                        ArchiveError::Duplicate
                    } else {
                        ArchiveError::SameFile {
                            first,
                            second: name,
                        }
                    },
                );
            }
            if file.is_dir() {
                continue;
            }
            if file.size() > remaining {
                return Err(too_large(Limit::UnzippedBytes));
            }
            // The size in the header may be wrong: read at most one byte more than allowed.
            let mut content = Vec::new();
            (&mut file)
                .take(remaining.saturating_add(1))
                .read_to_end(&mut content)
                .map_err(|error| ArchiveError::Entry {
                    name: name.clone(),
                    source: ZipFailure::new(error),
                })?;
            remaining = remaining
                .checked_sub(content.len() as u64)
                .ok_or_else(|| too_large(Limit::UnzippedBytes))?;
            entries.push((name, content));
        }
        Ok(Self { entries })
    }

    /// The names and contents.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.entries
            .iter()
            .map(|(name, content)| (&**name, &**content))
    }

    /// The content of one file.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.entries()
            .find_map(|(entry, content)| (entry == name).then_some(content))
    }

    /// The names and contents, for [`eca_model::Project::from_entries`].
    pub fn into_entries(self) -> Vec<(String, Vec<u8>)> {
        self.entries
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.entries().map(|(name, content)| (name, content.len())))
            .finish()
    }
}
