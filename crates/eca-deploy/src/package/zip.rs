//! Writes the zip of a package.

use std::io::{Cursor, Write as _};

use rayon::iter::ParallelIterator as _;
use rayon::slice::ParallelSlice as _;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// How a file of this many bytes is compressed. It is fixed, since anything else gives another zip.
///
/// Compressing even an empty file costs as much as reading and parsing it, and of these smallest
/// files it saves a fifth. Level 1 has the tables of its codes built in: for a small file, making
/// others takes twice the time and saves a tenth of the bytes.
fn compression(len: usize) -> (CompressionMethod, Option<i64>) {
    const SMALLEST: usize = 512;
    const SMALL: usize = 2048;
    match len {
        ..SMALLEST => (CompressionMethod::Stored, None),
        SMALLEST..=SMALL => (CompressionMethod::Deflated, Some(1)),
        _ => (CompressionMethod::Deflated, Some(6)),
    }
}

/// With fewer files, starting threads costs more than they save.
const MANY: usize = 256;

/// Writes files in the given order. The same input gives the same bytes, on any number of cores:
/// entries have a fixed time and owner, and folders have no entries.
///
/// # Errors
/// When a zip cannot contain a file, such as one with a name of over 65,535 bytes.
pub(super) fn write(files: &[(&str, &[u8])]) -> ZipResult<Vec<u8>> {
    let cores = if files.len() < MANY {
        1
    } else {
        rayon::current_num_threads()
    };
    write_parts(files, cores)
}

/// As [`write()`], in this many parts at a time.
fn write_parts(files: &[(&str, &[u8])], parts: usize) -> ZipResult<Vec<u8>> {
    let part = files.len().div_ceil(parts).max(1);
    let (first, rest) = files.split_at(part.min(files.len()));
    let rest = rest.par_chunks(part);
    let (zip, rest) = rayon::join(
        || write_part(first),
        || -> Vec<_> {
            rest.map(|part| write_part(part)?.finish_into_readable())
                .collect()
        },
    );
    let mut zip = zip?;
    for part in rest {
        // The compressed bytes are copied as they are.
        zip.merge_archive(part?)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn write_part(files: &[(&str, &[u8])]) -> ZipResult<ZipWriter<Cursor<Vec<u8>>>> {
    let options = SimpleFileOptions::default()
        .last_modified_time(DateTime::DEFAULT)
        .system(System::Unix)
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let (method, level) = compression(content.len());
        let options = options.compression_method(method).compression_level(level);
        zip.start_file(*name, options)?;
        zip.write_all(content)?;
    }
    Ok(zip)
}

#[cfg(test)]
mod tests {
    use super::{write, write_parts};

    #[test]
    fn parts_make_the_same_bytes_as_a_whole() {
        let files: Vec<_> = (0..=700)
            .map(|number| (format!("a/é{number}"), vec![b'x'; 4 * number]))
            .collect();
        for count in [0, 1, 2, 3, 256, 701] {
            let files: Vec<_> = files[..count]
                .iter()
                .map(|(name, content)| (name.as_str(), content.as_slice()))
                .collect();
            let whole = write_parts(&files, 1).unwrap();
            for parts in [2, 3, 16, 1000] {
                assert_eq!(
                    write_parts(&files, parts).unwrap(),
                    whole,
                    "{count}/{parts}"
                );
            }
            assert_eq!(write(&files).unwrap(), whole);
        }
    }
}
