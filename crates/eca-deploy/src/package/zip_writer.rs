//! The zip of a package: same input, same bytes.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom, Write};

use bytes::Bytes;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// The one compression level; another one would be another zip.
const LEVEL: i64 = 6;
/// A chunk is given out when it has this many bytes.
const CHUNK: usize = 64 * 1024;

/// A zip, made chunk by chunk from its entries in the order given. In memory are one entry, one chunk, and what the
/// zip's directory will say about each entry.
///
/// Nothing of the machine goes in: the time of every entry is 1980-01-01 00:00, the zip format's zero, and its
/// system is Unix with mode 0644. There are no entries for folders.
pub(crate) struct ZipChunks<I> {
    entries: I,
    /// `None` once the zip is finished or broken.
    zip: Option<ZipWriter<Window>>,
}

/// Name and content of a file in a zip.
pub(crate) type Entry<'a> = (Cow<'a, str>, Cow<'a, [u8]>);

impl<'a, I: Iterator<Item = io::Result<Entry<'a>>>> ZipChunks<I> {
    pub(crate) fn new(entries: I) -> Self {
        let mut zip = ZipWriter::new(Window::default());
        // What is flushed is final: the writer comes back only to the header of the entry it is at.
        zip.set_flush_on_finish_file(true);
        Self {
            entries,
            zip: Some(zip),
        }
    }

    fn chunk(&mut self) -> io::Result<Option<Bytes>> {
        let Some(zip) = &mut self.zip else {
            return Ok(None);
        };
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .last_modified_time(DateTime::DEFAULT)
            .system(System::Unix)
            .unix_permissions(0o644);
        for entry in self.entries.by_ref() {
            let (name, content) = entry?;
            zip.start_file(name.as_ref(), options)?;
            zip.write_all(&content)?;
            let ready = zip.get_ref().and_then(Window::take_ready);
            if ready.is_some() {
                return Ok(ready);
            }
        }
        let Some(zip) = self.zip.take() else {
            return Ok(None);
        };
        Ok(Some(zip.finish()?.into_rest()))
    }
}

impl<'a, I: Iterator<Item = io::Result<Entry<'a>>>> Iterator for ZipChunks<I> {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let chunk = self.chunk();
        if chunk.is_err() {
            self.zip = None;
        }
        chunk.transpose()
    }
}

/// What was written lately: a file of which everything up to the last flush can be taken away.
#[derive(Default)]
struct Window {
    /// Bytes before `open`.
    start: u64,
    /// Bytes that may still be written over.
    open: Vec<u8>,
    /// Where the next write goes, counted from `start`.
    at: usize,
    /// Flushed, and not taken yet. In a cell because a zip writer shows what it writes to, but lends it to nobody.
    ready: RefCell<Vec<u8>>,
}

impl Window {
    /// What is flushed, when it is worth a chunk.
    fn take_ready(&self) -> Option<Bytes> {
        let mut ready = self.ready.borrow_mut();
        (ready.len() >= CHUNK).then(|| std::mem::take(&mut *ready).into())
    }

    fn into_rest(self) -> Bytes {
        let mut rest = self.ready.into_inner();
        rest.extend_from_slice(&self.open);
        rest.into()
    }
}

/// Asked for by the writer's setting to flush each entry; a zip that begins empty is never read.
impl Read for Window {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = (&self.open[self.at..]).read(into)?;
        self.at += count;
        Ok(count)
    }
}

impl Write for Window {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let over = bytes.len().min(self.open.len() - self.at);
        self.open[self.at..self.at + over].copy_from_slice(&bytes[..over]);
        self.open.extend_from_slice(&bytes[over..]);
        self.at += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.start += self.open.len() as u64;
        self.at = 0;
        self.ready.borrow_mut().append(&mut self.open);
        Ok(())
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let end = self.start + self.open.len() as u64;
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => end.checked_add_signed(offset),
            SeekFrom::Current(offset) => (self.start + self.at as u64).checked_add_signed(offset),
        };
        let at = place
            .filter(|place| *place <= end)
            .and_then(|place| place.checked_sub(self.start))
            .and_then(|at| usize::try_from(at).ok());
        match at {
            Some(at) => {
                self.at = at;
                Ok(self.start + at as u64)
            }
            None => Err(io::Error::other("that part of the zip is gone")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// Against the same library writing into memory, where it may seek as it likes.
    #[test]
    fn chunks_make_the_same_zip() {
        let files: Vec<(String, Vec<u8>)> = (0..400_u32)
            .map(|number| {
                let noise = (0..number * 3).map(|byte| byte.wrapping_mul(number).to_le_bytes()[1]);
                (format!("folder/{number}.xml"), noise.collect())
            })
            .collect();
        let entries = files
            .iter()
            .map(|(name, content)| Ok((name.into(), content.into())));
        let chunks: Vec<_> = ZipChunks::new(entries).map(Result::unwrap).collect();
        assert!(chunks.len() > 2, "{}", chunks.len());

        let options = SimpleFileOptions::default()
            .compression_level(Some(LEVEL))
            .last_modified_time(DateTime::DEFAULT)
            .system(System::Unix)
            .unix_permissions(0o644);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in &files {
            zip.start_file(name.as_str(), options).unwrap();
            zip.write_all(content).unwrap();
        }
        assert_eq!(chunks.concat(), zip.finish().unwrap().into_inner());
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
