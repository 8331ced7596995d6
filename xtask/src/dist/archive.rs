//! A reproducible archive.

use std::io::{self, Write as _};

use flate2::{Compression, GzBuilder};

/// A file of the archive.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct File {
    /// The path in the archive.
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
    /// Whether it can be run.
    pub(super) is_program: bool,
}

/// A gzipped tar of these files, sorted by path, without an owner, all with one time (in seconds
/// of the Unix epoch).
///
/// # Errors
/// When a path is too long for a tar file.
pub(super) fn pack(mut files: Vec<File>, time: u64) -> io::Result<Vec<u8>> {
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let mut tar = tar::Builder::new(Vec::new());
    for file in &files {
        let mut header = tar::Header::new_gnu();
        header.set_size(file.bytes.len() as u64);
        header.set_mode(if file.is_program { 0o755 } else { 0o644 });
        header.set_mtime(time);
        header.set_uid(0);
        header.set_gid(0);
        tar.append_data(&mut header, &file.path, file.bytes.as_slice())?;
    }
    let tar = tar.into_inner()?;
    // The default header has no time and no name. The operating system is set, because the default
    // is that of this machine.
    let mut packed = GzBuilder::new()
        .operating_system(255)
        .write(Vec::new(), Compression::best());
    packed.write_all(&tar)?;
    packed.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, is_program: bool) -> File {
        File {
            path: path.to_owned(),
            bytes: path.as_bytes().to_vec(),
            is_program,
        }
    }

    #[test]
    fn the_order_of_the_files_does_not_matter() {
        let one = pack(vec![file("a/eca", true), file("a/README.md", false)], 1).unwrap();
        let other = pack(vec![file("a/README.md", false), file("a/eca", true)], 1).unwrap();
        assert_eq!(one, other);
        assert_ne!(one, pack(vec![file("a/eca", true)], 1).unwrap());
    }

    #[test]
    fn files_are_unpacked_unchanged() {
        let packed = pack(vec![file("a/eca", true), file("a/README.md", false)], 7).unwrap();
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(packed.as_slice()));
        let entries = archive.entries().unwrap().map(|entry| {
            let entry = entry.unwrap();
            let header = entry.header();
            let path = entry.path().unwrap().display().to_string();
            (path, header.mode().unwrap(), header.mtime().unwrap())
        });
        assert_eq!(
            entries.collect::<Vec<_>>(),
            [
                ("a/README.md".to_owned(), 0o644, 7),
                ("a/eca".to_owned(), 0o755, 7)
            ]
        );
    }
}
