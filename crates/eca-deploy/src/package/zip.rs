//! Writes the zip of a package.

use std::io::{Cursor, Write as _};

use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{DateTime, System, ZipWriter};

/// The compression level. It is fixed, since another one gives another zip.
const LEVEL: i64 = 6;

/// Writes files in the given order. The same input gives the same bytes: entries have a fixed time
/// and owner, and folders have no entries.
///
/// # Errors
/// When a zip cannot contain a file, such as one with a name of over 65,535 bytes.
pub(super) fn write<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_level(Some(LEVEL))
        .last_modified_time(DateTime::DEFAULT)
        .system(System::Unix)
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name, options)?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner())
}
