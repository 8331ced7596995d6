//! The zip of a package: same input, same bytes.

use std::io::{Cursor, Write as _};

use bytes::Bytes;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// The one compression level; another one would be another zip.
const LEVEL: i64 = 6;

/// Writes the entries in the order given.
///
/// Nothing of the machine goes in: the time of every entry is 1980-01-01 00:00, the zip format's zero, and its
/// system is Unix with mode 0644. There are no entries for folders.
pub(crate) fn write<'a>(
    entries: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<Bytes, zip::result::ZipError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        .last_modified_time(DateTime::DEFAULT)
        .system(System::Unix)
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(name, options)?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner().into())
}
