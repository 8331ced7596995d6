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

/// What a zip is made of. A name is asked for twice, for the file's header and for the directory at
/// the end.
pub(crate) trait Entries {
    fn count(&self) -> usize;
    /// Appends the name of an entry, by its place in the zip.
    fn name(&self, index: usize, into: &mut String);
    /// Its content; asked for once.
    fn content(&self, index: usize) -> io::Result<Cow<'_, [u8]>>;
}

/// A zip (PKWARE's APPNOTE.TXT, sections 4.3 and 4.4), made chunk by chunk from its entries. In
/// memory are one entry, one chunk, and four numbers for each entry so far, where the zip library
/// that reads packages here would hold several hundred bytes.
///
/// Nothing of the machine goes in: neither time nor owner. There are no entries for folders, and no
/// zip64: a package that would need it is past every limit of an org.
pub(crate) struct ZipChunks<E> {
    entries: E,
    deflate: Compress,
    /// That of the entry at hand.
    name: String,
    ready: Vec<u8>,
    /// Bytes that were given out.
    given: u64,
    written: Vec<Written>,
    /// How many entries the directory has, and where it starts.
    listed: usize,
    directory: u32,
    /// Whether the zip is finished or broken.
    over: bool,
}

/// What the directory says about an entry, beside its name.
#[derive(Clone, Copy)]
struct Written {
    crc: u32,
    compressed: u32,
    size: u32,
    offset: u32,
}

impl<E: Entries> ZipChunks<E> {
    pub(crate) fn new(entries: E) -> Self {
        Self {
            deflate: Compress::new(Compression::new(LEVEL), false),
            name: String::new(),
            ready: Vec::new(),
            given: 0,
            written: Vec::with_capacity(entries.count()),
            listed: 0,
            directory: 0,
            over: false,
            entries,
        }
    }

    /// The whole zip at once.
    pub(crate) fn whole(mut self) -> io::Result<Vec<u8>> {
        while !self.over {
            self.step()?;
        }
        Ok(self.ready)
    }

    /// One entry more, or the end.
    fn step(&mut self) -> io::Result<()> {
        if self.written.len() < self.entries.count() {
            self.add(self.written.len())
        } else if let Some(written) = self.written.get(self.listed) {
            self.list(*written)
        } else {
            self.over = true;
            self.end()
        }
    }

    fn chunk(&mut self) -> io::Result<Option<Bytes>> {
        while !self.over {
            self.step()?;
            if self.ready.len() >= CHUNK || self.over {
                let next = Vec::with_capacity(if self.over { 0 } else { CHUNK });
                let chunk = std::mem::replace(&mut self.ready, next);
                self.given += chunk.len() as u64;
                return Ok(Some(chunk.into()));
            }
        }
        Ok(None)
    }

    /// Header and content of a file.
    fn add(&mut self, index: usize) -> io::Result<()> {
        small::<u16, _>(index + 1)?;
        let content = self.entries.content(index)?;
        let mut written = Written {
            crc: crc32fast::hash(&content),
            // Not known yet; put in below.
            compressed: 0,
            size: small(content.len())?,
            offset: small(self.given + self.ready.len() as u64)?,
        };
        let begin = self.ready.len();
        self.ready.extend_from_slice(b"PK\x03\x04");
        self.name.clear();
        self.entries.name(index, &mut self.name);
        describe(&mut self.ready, &self.name, written)?;
        self.ready.extend_from_slice(self.name.as_bytes());
        let data = self.ready.len();
        compress(&mut self.deflate, &content, &mut self.ready)?;
        written.compressed = small(self.ready.len() - data)?;
        self.ready[begin + 18..begin + 22].copy_from_slice(&written.compressed.to_le_bytes());
        self.written.push(written);
        Ok(())
    }

    /// An entry of the directory.
    fn list(&mut self, written: Written) -> io::Result<()> {
        if self.listed == 0 {
            self.directory = self.here()?;
        }
        self.ready.extend_from_slice(b"PK\x01\x02");
        put16(&mut self.ready, &[MADE_BY]);
        self.name.clear();
        self.entries.name(self.listed, &mut self.name);
        describe(&mut self.ready, &self.name, written)?;
        // No comment, the first disk, no attributes of the content.
        put16(&mut self.ready, &[0, 0, 0]);
        put32(&mut self.ready, &[MODE, written.offset]);
        self.ready.extend_from_slice(self.name.as_bytes());
        self.listed += 1;
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        let size = self.here()? - self.directory;
        let count = small(self.listed)?;
        self.ready.extend_from_slice(b"PK\x05\x06");
        put16(&mut self.ready, &[0, 0, count, count]);
        put32(&mut self.ready, &[size, self.directory]);
        put16(&mut self.ready, &[0]);
        Ok(())
    }

    /// Where in the zip the next byte will stand.
    fn here(&self) -> io::Result<u32> {
        small(self.given + self.ready.len() as u64)
    }
}

impl<E: Entries> Iterator for ZipChunks<E> {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let chunk = self.chunk();
        self.over |= chunk.is_err();
        chunk.transpose()
    }
}

/// What header and directory both say.
fn describe(into: &mut Vec<u8>, name: &str, written: Written) -> io::Result<()> {
    let flags = if name.is_ascii() { 0 } else { UTF8 };
    let [version, method] = DEFLATE;
    put16(into, &[version, flags, method]);
    put16(into, &TIME);
    put32(into, &[written.crc, written.compressed, written.size]);
    put16(into, &[small(name.len())?, 0]);
    Ok(())
}

fn compress(deflate: &mut Compress, content: &[u8], into: &mut Vec<u8>) -> io::Result<()> {
    deflate.reset();
    let mut rest = content;
    loop {
        // Room for what comes, not all that there is: it is overwritten with zeros first.
        let (from, room) = (into.len(), rest.len().clamp(1024, CHUNK));
        into.resize(from + room, 0);
        let (read, made) = (deflate.total_in(), deflate.total_out());
        let status = deflate.compress(rest, &mut into[from..], FlushCompress::Finish)?;
        let done = |before, now| usize::try_from(now - before).unwrap_or(usize::MAX);
        rest = &rest[done(read, deflate.total_in()).min(rest.len())..];
        into.truncate(from.saturating_add(done(made, deflate.total_out())));
        if status == Status::StreamEnd {
            return Ok(());
        }
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

    const GONE: &str = "gone";

    impl Entries for &[(String, Vec<u8>)] {
        fn count(&self) -> usize {
            self.len()
        }

        fn name(&self, index: usize, into: &mut String) {
            into.push_str(&self[index].0);
        }

        fn content(&self, index: usize) -> io::Result<Cow<'_, [u8]>> {
            match &self[index] {
                (name, _) if name == GONE => Err(io::Error::other(GONE)),
                (_, content) => Ok(content.into()),
            }
        }
    }

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
        let chunks: Vec<_> = ZipChunks::new(&files[..]).map(Result::unwrap).collect();
        assert!(chunks.len() > 2, "{}", chunks.len());
        let whole = ZipChunks::new(&files[..]).whole().unwrap();
        assert!(whole == chunks.concat());

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
        let entries = [("a".to_owned(), b"1".to_vec()), (GONE.to_owned(), vec![])];
        let mut chunks = ZipChunks::new(&entries[..]);
        assert_eq!(chunks.next().unwrap().unwrap_err().to_string(), "gone");
        assert!(chunks.next().is_none());
    }
}
