//! Zip archives of deploys and retrieves.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write as _};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zip::read::ZipFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::metadata::package::entry_name::{self, BadName};
use crate::metadata::package::local_header::LocalHeader;

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
    #[error("The zip file has the entry {path:?}, whose name {problem}")]
    Name { path: String, problem: BadName },
    #[error("The zip file has the entries {0:?} and {1:?}, which are one file on some systems")]
    Ambiguous(String, String),
    #[error("The zip file has the entry {path:?}, whose headers differ in {what}")]
    Headers { path: String, what: String },
    #[error("The zip file has two entries with the same name")]
    Duplicate,
}

impl ArchiveError {
    /// The `errorStatusCode` of the deploy.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::TooLarge | Self::TooManyFiles | Self::TooManyBytes => "LIMIT_EXCEEDED",
            Self::Invalid(_)
            | Self::Escapes(_)
            | Self::Name { .. }
            | Self::Ambiguous(..)
            | Self::Headers { .. }
            | Self::Duplicate => "INVALID_OPERATION",
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
    let mut names = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(|error| invalid(&error))?;
        let path = file.name().map_err(|error| invalid(&error))?.into_owned();
        if !is_inside(&path) {
            return Err(ArchiveError::Escapes(path));
        }
        if let Some(problem) = BadName::find(&path) {
            return Err(ArchiveError::Name { path, problem });
        }
        if let Some(what) = disagreement(bytes, &file) {
            let what = what.to_owned();
            return Err(ArchiveError::Headers { path, what });
        }
        if let Some(other) = names.insert(entry_name::identity(&path), path.clone()) {
            return Err(ArchiveError::Ambiguous(other, path));
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

/// In what the header before an entry differs from the zip's directory.
fn disagreement<R: Read>(zip: &[u8], file: &ZipFile<'_, R>) -> Option<&'static str> {
    let at = |offset: u64| zip.get(usize::try_from(offset).ok()?..);
    let Some(header) = at(file.header_start()).and_then(LocalHeader::read) else {
        return Some("their place");
    };
    let central = at(file.central_header_start()).unwrap_or_default();
    let listed =
        |offset: usize, local: u16| central.get(offset..offset + 2) == Some(&local.to_le_bytes());
    let differs =
        |local: Option<u32>, central: u64| local.is_some_and(|local| u64::from(local) != central);
    Some(if header.name != file.name_raw() {
        "the name"
    } else if !listed(8, header.flags) {
        "the flags"
    } else if !listed(10, header.method) {
        "the compression method"
    } else if differs(header.checksum, u64::from(file.crc32())) {
        "the checksum"
    } else if differs(header.compressed_size, file.compressed_size())
        || differs(header.size, file.size())
    {
        "the size"
    } else {
        return None;
    })
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
    fn names_that_are_one_file_are_refused() {
        for (first, second) in [
            ("a/B", "A/b"),
            ("a/\u{e9}", "a/e\u{301}"),
            ("\u{c9}/x", "e\u{301}/X"),
            ("stra\u{df}e", "STRASSE"),
            ("\u{1e9e}", "ss"),
            ("\u{212a}", "k"),
            ("\u{ac00}", "\u{1100}\u{1161}"),
        ] {
            let bytes = pack(&[entry(first), entry(second)]).unwrap();
            let expected = ArchiveError::Ambiguous(first.to_owned(), second.to_owned());
            assert_eq!(unpack(&bytes), Err(expected));
        }
        let apart = [entry("a/e"), entry("a/\u{e9}"), entry("a/s"), entry("a/ss")];
        assert_eq!(unpack(&pack(&apart).unwrap()).unwrap(), apart);
    }

    #[test]
    fn names_that_some_systems_change_are_refused() {
        for (path, problem) in [
            ("a/\u{202e}ace.b", BadName::Unseen),
            ("a\u{200b}/b", BadName::Unseen),
            ("a/b\u{feff}", BadName::Unseen),
            ("a/\u{1b}[2J", BadName::Unseen),
            ("a/\u{85}", BadName::Unseen),
            ("a/b.", BadName::LastCharacter),
            ("a./b", BadName::LastCharacter),
            ("a/b ", BadName::LastCharacter),
            ("CON", BadName::Reserved),
            ("a/nul.eca", BadName::Reserved),
            ("Com1.a.b", BadName::Reserved),
            ("lpt\u{b9} .b", BadName::Reserved),
            ("aux/b", BadName::Reserved),
        ] {
            let bytes = pack(&[entry(path)]).unwrap();
            let path = path.to_owned();
            assert_eq!(unpack(&bytes), Err(ArchiveError::Name { path, problem }));
        }
        let fine = ["a/console", "com10", "com", "a/.b", "a b.c", "a/\u{fc}"].map(entry);
        assert_eq!(unpack(&pack(&fine).unwrap()).unwrap(), fine);
    }

    #[test]
    fn headers_that_differ_are_refused() {
        for (at, value, what) in [
            (30, b'b', "the name"),
            (7, 0xff, "the flags"),
            (6, 1, "the flags"),
            (8, 0, "the compression method"),
            (14, 0xff, "the checksum"),
            (18, 0xff, "the size"),
            (22, 0xff, "the size"),
        ] {
            let mut zip = pack(&[entry("a")]).unwrap();
            zip[at] = value;
            let (path, what) = ("a".to_owned(), what.to_owned());
            assert_eq!(unpack(&zip), Err(ArchiveError::Headers { path, what }));
        }
    }

    /// A writer of streams knows sizes and checksum only behind the content.
    #[test]
    fn headers_without_sizes_are_read() {
        let mut writer = ZipWriter::new_stream(Vec::new());
        writer
            .start_file("a", SimpleFileOptions::default())
            .unwrap();
        writer.write_all(b"a").unwrap();
        let zip = writer.finish().unwrap().into_inner();
        assert_eq!(zip[6] & 8, 8);
        assert_eq!(unpack(&zip).unwrap(), [entry("a")]);
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
