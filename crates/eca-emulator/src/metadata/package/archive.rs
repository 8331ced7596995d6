//! Zip archives of deploys and retrieves.

use std::collections::BTreeSet;
use std::io::{Cursor, Read as _, Write as _};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The largest zip in bytes, before base64 (Metadata API Developer Guide, "Metadata API Usage
/// Limits").
pub(crate) const MAX_ZIP: usize = 39 * 1024 * 1024;
/// The largest total size of its files, in bytes.
pub(crate) const MAX_UNZIPPED: u64 = 629_145_600;
/// The largest number of files.
pub(crate) const MAX_FILES: usize = 10_000;

/// Why a zip is refused. `Display` is the `errorMessage` of the deploy; Salesforce publishes only
/// the wording of the file limit, the rest is this org's own.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
pub(crate) enum ArchiveError {
    #[error("Maximum size of request reached. Maximum size of request is {MAX_ZIP} bytes")]
    TooLarge,
    #[error("The zip file is not valid: {0}")]
    Invalid(String),
    #[error("The zip file has more than {MAX_FILES} files")]
    TooManyFiles,
    #[error("The files in the zip have more than {MAX_UNZIPPED} bytes")]
    TooManyBytes,
    #[error("The zip file has an entry outside its root: {0}")]
    Escapes(String),
    #[error("The zip file has two entries whose names differ only in case: {0}")]
    Ambiguous(String),
    #[error("The zip file has two entries with the same name")]
    Duplicate,
}

impl ArchiveError {
    /// The `errorStatusCode` of the deploy.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::TooLarge | Self::TooManyFiles | Self::TooManyBytes => "LIMIT_EXCEEDED",
            Self::Invalid(_) | Self::Escapes(_) | Self::Ambiguous(_) | Self::Duplicate => {
                "INVALID_OPERATION"
            }
        }
    }
}

/// One file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

/// Unpacks a zip. Folders are left out.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Vec<Entry>, ArchiveError> {
    unpack_within(bytes, MAX_UNZIPPED)
}

fn unpack_within(bytes: &[u8], mut left: u64) -> Result<Vec<Entry>, ArchiveError> {
    if bytes.len() > MAX_ZIP {
        return Err(ArchiveError::TooLarge);
    }
    let invalid = |error: &dyn std::fmt::Display| ArchiveError::Invalid(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| invalid(&error))?;
    // The reader keeps only one of several entries with the same name.
    if archive.has_duplicate_names() {
        return Err(ArchiveError::Duplicate);
    }
    // Folders are entries too.
    if archive.len() > MAX_FILES * 2 {
        return Err(ArchiveError::TooManyFiles);
    }
    let mut entries = Vec::new();
    let mut names = BTreeSet::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(|error| invalid(&error))?;
        let path = file.name().map_err(|error| invalid(&error))?.into_owned();
        if !is_inside(&path) {
            return Err(ArchiveError::Escapes(path));
        }
        if !names.insert(path.to_lowercase()) {
            return Err(ArchiveError::Ambiguous(path));
        }
        if path.ends_with('/') {
            continue;
        }
        if entries.len() == MAX_FILES {
            return Err(ArchiveError::TooManyFiles);
        }
        // The size in the header may be wrong, so the read bytes are counted.
        let mut content = Vec::new();
        let read = file
            .by_ref()
            .take(left + 1)
            .read_to_end(&mut content)
            .map_err(|error| invalid(&error))?;
        left = left
            .checked_sub(read as u64)
            .ok_or(ArchiveError::TooManyBytes)?;
        entries.push(Entry {
            path,
            bytes: content,
        });
    }
    Ok(entries)
}

/// Packs files, in this order, without times: the same files give the same bytes.
pub(crate) fn pack(entries: &[Entry]) -> Result<Vec<u8>, ArchiveError> {
    let invalid = |error: &dyn std::fmt::Display| ArchiveError::Invalid(error.to_string());
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for entry in entries {
        writer
            .start_file(entry.path.as_str(), options)
            .map_err(|error| invalid(&error))?;
        writer
            .write_all(&entry.bytes)
            .map_err(|error| invalid(&error))?;
    }
    writer
        .finish()
        .map(Cursor::into_inner)
        .map_err(|error| invalid(&error))
}

fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with('/')
        && !path.contains(['\\', '\0', ':'])
        && path
            .trim_end_matches('/')
            .split('/')
            .all(|segment| !matches!(segment, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str) -> Entry {
        Entry {
            path: path.to_owned(),
            bytes: path.as_bytes().to_vec(),
        }
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        let entries = [entry("package.xml"), entry("externalClientApps/A.eca")];
        let bytes = pack(&entries).unwrap();
        assert_eq!(unpack(&bytes).unwrap(), entries);
        assert_eq!(pack(&entries).unwrap(), bytes);
    }

    #[test]
    fn names_that_leave_the_root_are_refused() {
        for path in ["../a", "/a", "a/../../b", "a\\b", "C:/a", "a//b", "./a"] {
            let bytes = pack(&[entry(path)]).unwrap();
            assert_eq!(unpack(&bytes), Err(ArchiveError::Escapes(path.to_owned())));
        }
    }

    #[test]
    fn names_that_differ_only_in_case_are_refused() {
        let bytes = pack(&[entry("a/B"), entry("A/b")]).unwrap();
        assert_eq!(
            unpack(&bytes),
            Err(ArchiveError::Ambiguous("A/b".to_owned()))
        );
    }

    #[test]
    fn a_zip_bomb_is_refused_by_what_comes_out_of_it() {
        let entries = ["a", "b"].map(|path| Entry {
            path: path.to_owned(),
            bytes: vec![0; 600_000],
        });
        let bomb = pack(&entries).unwrap();
        assert!(bomb.len() < 5_000, "{}", bomb.len());
        assert_eq!(
            unpack_within(&bomb, 1_199_999),
            Err(ArchiveError::TooManyBytes)
        );
        assert_eq!(unpack_within(&bomb, 1_200_000).unwrap(), entries);
    }

    #[test]
    fn more_files_than_allowed_are_refused() {
        let entries: Vec<_> = (0..=MAX_FILES).map(|n| entry(&format!("f/{n}"))).collect();
        let bytes = pack(&entries).unwrap();
        assert_eq!(unpack(&bytes), Err(ArchiveError::TooManyFiles));
    }

    proptest::proptest! {
        #[test]
        fn no_input_panics(bytes: Vec<u8>, place in 0_usize..200, byte: u8) {
            let _ = unpack(&bytes);
            let mut zip = pack(&[entry("package.xml"), entry("a/b")]).unwrap();
            let place = place % zip.len();
            zip[place] = byte;
            let _ = unpack(&zip);
        }
    }

    #[test]
    fn names_that_come_twice_are_refused() {
        let mut zip = pack(&[entry("a/b1"), entry("a/b2")]).unwrap();
        // The writer refuses to do this; an attacker does not.
        for place in 0..zip.len() - 3 {
            if &zip[place..place + 4] == b"a/b2" {
                zip[place + 3] = b'1';
            }
        }
        assert_eq!(unpack(&zip), Err(ArchiveError::Duplicate));
    }

    #[test]
    fn what_is_no_zip_is_refused() {
        assert!(matches!(unpack(b"hello"), Err(ArchiveError::Invalid(_))));
        let bytes = pack(&[entry("a")]).unwrap();
        assert!(unpack(&bytes[..bytes.len() / 2]).is_err());
    }
}
