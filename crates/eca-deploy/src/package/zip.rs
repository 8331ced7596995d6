//! Writes the zip of a package.

use std::io::{Cursor, Write as _};

use rayon::iter::ParallelIterator as _;
use rayon::slice::ParallelSlice as _;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{DateTime, System, ZipArchive, ZipWriter};

/// The compression level for a file of this many bytes. It is fixed, since another one gives
/// another zip. Level 1 has the tables of its codes built in. For a small file, making others takes
/// twice the time and saves a tenth of the bytes.
fn level(len: usize) -> i64 {
    const SMALL: usize = 2048;
    if len <= SMALL { 1 } else { 6 }
}

/// The files that one core compresses at a time.
const PART: usize = 256;

/// Writes files in the given order. The same input gives the same bytes, on any number of cores:
/// entries have a fixed time and owner, and folders have no entries.
///
/// # Errors
/// When a zip cannot contain a file, such as one with a name of over 65,535 bytes.
pub(super) fn write(files: &[(&str, &[u8])]) -> ZipResult<Vec<u8>> {
    if files.len() <= PART {
        return write_part(files);
    }
    let parts: Vec<_> = files.par_chunks(PART).map(write_part).collect();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for part in parts {
        // The compressed bytes are copied as they are.
        zip.merge_archive(ZipArchive::new(Cursor::new(part?))?)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn write_part(files: &[(&str, &[u8])]) -> ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .last_modified_time(DateTime::DEFAULT)
        .system(System::Unix)
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let level = level(content.len());
        zip.start_file(*name, options.compression_level(Some(level)))?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::{PART, write, write_part};

    #[test]
    fn parts_make_the_same_bytes_as_a_whole() {
        let files: Vec<_> = (0..=3 * PART)
            .map(|number| (format!("a/é{number}"), vec![b'x'; 4 * number]))
            .collect();
        for count in [0, 1, PART, PART + 1, 3 * PART + 1] {
            let files: Vec<_> = files[..count]
                .iter()
                .map(|(name, content)| (name.as_str(), content.as_slice()))
                .collect();
            assert_eq!(write(&files).unwrap(), write_part(&files).unwrap());
        }
    }
}
