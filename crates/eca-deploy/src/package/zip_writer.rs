//! The zip of a package: same input, same bytes.

use std::borrow::Cow;
use std::io;

use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress, Status};

/// The one compression level; another one would be another zip.
const LEVEL: u32 = 6;
/// A chunk is given out when it has this many bytes.
const CHUNK: usize = 64 * 1024;
/// 1980-01-01 00:00, the zip format's zero: time and date.
const TIME: [u16; 2] = [0, 0x21];
/// The names are UTF-8 (general purpose bit 11); said only where it makes a difference.
const UTF8: u16 = 1 << 11;
/// The version that knows deflate, and the method's number.
const DEFLATE: [u16; 2] = [20, 8];
/// Made by: Unix, by a writer that knows as much.
const MADE_BY: u16 = 3 << 8 | DEFLATE[0];
/// An ordinary file with mode 0644, in the upper half.
const MODE: u32 = 0o100_644 << 16;

/// A zip (PKWARE's APPNOTE.TXT, sections 4.3 and 4.4), made chunk by chunk from its entries in the order given. In
/// memory are one entry, one chunk, and the bytes of the zip's directory so far: a hundred or so for each entry,
/// where the zip library that reads packages here would hold several hundred.
///
/// Nothing of the machine goes in: neither time nor owner. There are no entries for folders, and no zip64: a package
/// that would need it is past every limit of an org.
pub(crate) struct ZipChunks<I> {
    /// `None` once the zip is finished or broken.
    entries: Option<I>,
    deflate: Compress,
    ready: Vec<u8>,
    /// Bytes that were given out.
    given: u64,
    directory: Vec<u8>,
    count: u16,
}

/// Name and content of a file in a zip.
pub(crate) type Entry<'a> = (Cow<'a, str>, Cow<'a, [u8]>);

impl<'a, I: Iterator<Item = io::Result<Entry<'a>>>> ZipChunks<I> {
    pub(crate) fn new(entries: I) -> Self {
        Self {
            entries: Some(entries),
            deflate: Compress::new(Compression::new(LEVEL), false),
            ready: Vec::new(),
            given: 0,
            directory: Vec::new(),
            count: 0,
        }
    }

    fn chunk(&mut self) -> io::Result<Option<Bytes>> {
        while let Some(entries) = &mut self.entries {
            if let Some(entry) = entries.next() {
                let (name, content) = entry?;
                self.add(&name, &content)?;
            } else {
                self.entries = None;
                self.end()?;
            }
            if self.ready.len() >= CHUNK {
                let chunk = std::mem::take(&mut self.ready);
                self.given += chunk.len() as u64;
                return Ok(Some(chunk.into()));
            }
        }
        // The rest of the last files, then the directory as it stands, without a copy of it.
        let rest = [&mut self.ready, &mut self.directory];
        let rest = rest.into_iter().find(|rest| !rest.is_empty());
        Ok(rest.map(|rest| std::mem::take(rest).into()))
    }

    fn add(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let offset = small::<u32, _>(self.given + self.ready.len() as u64)?;
        let flags = if name.is_ascii() { 0 } else { UTF8 };
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let size = small::<u32, _>(content.len())?;
        let name_length = small::<u16, _>(name.len())?;
        // What header and directory both say, but for the compressed size, which is not known yet.
        let begin = self.ready.len();
        self.ready.extend_from_slice(b"PK\x03\x04");
        let [version, method] = DEFLATE;
        put16(&mut self.ready, &[version, flags, method]);
        put16(&mut self.ready, &TIME);
        put32(&mut self.ready, &[crc.sum(), 0, size]);
        put16(&mut self.ready, &[name_length, 0]);
        self.ready.extend_from_slice(name.as_bytes());
        let data = self.ready.len();
        self.compress(content)?;
        let compressed = small::<u32, _>(self.ready.len() - data)?;
        self.ready[begin + 18..begin + 22].copy_from_slice(&compressed.to_le_bytes());

        self.count = self.count.checked_add(1).ok_or_else(too_large)?;
        self.directory.extend_from_slice(b"PK\x01\x02");
        put16(&mut self.directory, &[MADE_BY]);
        // From the version on as in the header, up to the length of the extra field.
        self.directory
            .extend_from_slice(&self.ready[begin + 4..begin + 30]);
        // No comment, the first disk, no attributes of the content.
        put16(&mut self.directory, &[0, 0, 0]);
        put32(&mut self.directory, &[MODE, offset]);
        self.directory.extend_from_slice(name.as_bytes());
        Ok(())
    }

    fn compress(&mut self, content: &[u8]) -> io::Result<()> {
        self.deflate.reset();
        let mut rest = content;
        loop {
            self.ready.reserve(rest.len() / 2 + 64);
            let before = self.deflate.total_in();
            let status = self
                .deflate
                .compress_vec(rest, &mut self.ready, FlushCompress::Finish)?;
            let read = usize::try_from(self.deflate.total_in() - before).unwrap_or(rest.len());
            rest = &rest[read..];
            if status == Status::StreamEnd {
                return Ok(());
            }
        }
    }

    fn end(&mut self) -> io::Result<()> {
        let offset = small::<u32, _>(self.given + self.ready.len() as u64)?;
        let size = small::<u32, _>(self.directory.len())?;
        self.directory.extend_from_slice(b"PK\x05\x06");
        put16(&mut self.directory, &[0, 0, self.count, self.count]);
        put32(&mut self.directory, &[size, offset]);
        put16(&mut self.directory, &[0]);
        Ok(())
    }
}

impl<'a, I: Iterator<Item = io::Result<Entry<'a>>>> Iterator for ZipChunks<I> {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let chunk = self.chunk();
        if chunk.is_err() {
            self.entries = None;
            self.ready.clear();
            self.directory.clear();
        }
        chunk.transpose()
    }
}

fn put16(into: &mut Vec<u8>, numbers: &[u16]) {
    into.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn put32(into: &mut Vec<u8>, numbers: &[u32]) {
    into.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// A number that the format has this much room for.
fn small<T: TryFrom<N>, N>(number: N) -> io::Result<T> {
    T::try_from(number).map_err(|_| too_large())
}

fn too_large() -> io::Error {
    io::Error::other(
        "more than a zip without zip64 holds: 65,535 files, 4 GB, names of 65,535 bytes",
    )
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::write::SimpleFileOptions;
    use zip::{DateTime, System, ZipWriter};

    use super::*;

    /// To the byte what the zip library writes.
    #[test]
    fn chunks_make_the_same_zip() {
        let files: Vec<(String, Vec<u8>)> = (0..400_u32)
            .map(|number| {
                let noise = (0..number * 3).map(|byte| byte.wrapping_mul(number).to_le_bytes()[1]);
                (format!("folder/{number}.xml"), noise.collect())
            })
            .chain([
                ("mapp/größe.xml".to_owned(), vec![b'x'; 100_000]),
                ("empty".to_owned(), Vec::new()),
            ])
            .map(|(name, noise): (String, Vec<u8>)| (name, noise))
            .collect();
        let entries = files
            .iter()
            .map(|(name, content)| Ok((name.into(), content.into())));
        let chunks: Vec<_> = ZipChunks::new(entries).map(Result::unwrap).collect();
        assert!(chunks.len() > 2, "{}", chunks.len());

        let options = SimpleFileOptions::default()
            .compression_level(Some(LEVEL.into()))
            .last_modified_time(DateTime::DEFAULT)
            .system(System::Unix)
            .unix_permissions(0o644);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in &files {
            zip.start_file(name.as_str(), options).unwrap();
            zip.write_all(content).unwrap();
        }
        let (ours, theirs) = (chunks.concat(), zip.finish().unwrap().into_inner());
        let differs = ours.iter().zip(&theirs).position(|(a, b)| a != b);
        assert_eq!((ours.len(), differs), (theirs.len(), None));
    }

    #[test]
    fn a_failing_entry_ends_it() {
        let entries = [
            Ok(("a".into(), (&b"1"[..]).into())),
            Err(io::Error::other("gone")),
        ];
        let mut chunks = ZipChunks::new(entries.into_iter());
        assert_eq!(chunks.next().unwrap().unwrap_err().to_string(), "gone");
        assert!(chunks.next().is_none());
    }
}
