//! The zip of a deploy on its way into a request.

use std::{fmt, io};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use eca_http::{Body, Chunks};

/// What a boundary starts with; a number follows.
const BOUNDARY: &[u8] = b"eca-deploy-";
/// As many digits of that number are looked at, which is more than any boundary here has.
const DIGITS: usize = 16;

/// The zip that a deploy carries: bytes at hand, or chunks that are made while they are sent, and
/// again for each attempt.
///
/// It has been run through once: its length is known, so that a request can announce it, and so is
/// a text that it does not contain, which separates the parts of a REST deploy.
#[derive(Clone)]
pub struct Zip {
    body: Body,
    length: u64,
    boundary: u64,
}

impl Zip {
    /// Runs through a zip once. `open` must give the same chunks each time.
    ///
    /// # Errors
    /// What making the chunks failed with.
    pub fn measure(open: impl Fn() -> Chunks + Clone + Send + Sync + 'static) -> io::Result<Self> {
        let mut scan = Scan::default();
        for chunk in open() {
            scan.feed(&chunk?);
        }
        Ok(Self {
            body: Body::stream(Some(scan.length), open),
            length: scan.length,
            boundary: scan.unused(),
        })
    }

    /// How many bytes the zip has.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The zip from its start, chunk by chunk; making them may block and fail, as when a file has
    /// changed.
    pub fn chunks(&self) -> Chunks {
        self.body.chunks()
    }

    /// The whole zip in memory.
    ///
    /// # Errors
    /// What making the chunks failed with.
    pub fn collect(&self) -> io::Result<Bytes> {
        self.body.collect()
    }

    /// A text that is neither in the zip nor in these other bytes. The same input gives the same
    /// text.
    pub(super) fn boundary(&self, beside: &[u8]) -> String {
        let mut scan = Scan::default();
        scan.feed(beside);
        let number = scan.unused().max(self.boundary);
        format!("{}{number:08x}", String::from_utf8_lossy(BOUNDARY))
    }

    pub(super) fn body(&self) -> Body {
        self.body.clone()
    }

    /// The zip in base64 (RFC 4648 section 4), made chunk by chunk as well.
    pub(super) fn base64(&self) -> Body {
        let zip = self.body.clone();
        let length = self.length.div_ceil(3).checked_mul(4);
        Body::stream(length, move || {
            Box::new(Base64 {
                chunks: zip.chunks(),
                rest: Vec::with_capacity(2),
                over: false,
            })
        })
    }
}

impl<B: Into<Bytes>> From<B> for Zip {
    fn from(bytes: B) -> Self {
        let bytes = bytes.into();
        let mut scan = Scan::default();
        scan.feed(&bytes);
        Self {
            length: scan.length,
            boundary: scan.unused(),
            body: bytes.into(),
        }
    }
}

/// Shows no content: a zip may carry secrets.
impl fmt::Debug for Zip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zip({} bytes)", self.length)
    }
}

/// Counts bytes, and looks for the highest number after [`BOUNDARY`] in them.
#[derive(Default)]
struct Scan {
    length: u64,
    highest: Option<u64>,
    /// The end of what was seen, as long as a find that goes on in the next chunk can be.
    carry: Vec<u8>,
}

impl Scan {
    fn feed(&mut self, chunk: &[u8]) {
        self.length += chunk.len() as u64;
        let reach = BOUNDARY.len() + DIGITS;
        // What crosses the seam first, then the chunk itself, without a copy of it.
        self.carry
            .extend_from_slice(&chunk[..reach.min(chunk.len())]);
        let seam = std::mem::take(&mut self.carry);
        self.search(&seam);
        self.search(chunk);
        let all = if chunk.len() < reach { &seam } else { chunk };
        self.carry = all[all.len().saturating_sub(reach)..].to_vec();
    }

    fn search(&mut self, bytes: &[u8]) {
        for at in memchr::memmem::find_iter(bytes, BOUNDARY) {
            let digits = bytes[at + BOUNDARY.len()..].iter().take(DIGITS);
            let number = digits
                .map_while(|byte| char::from(*byte).to_digit(16))
                .fold(0, |number, digit| number << 4 | u64::from(digit));
            self.highest = self.highest.max(Some(number));
        }
    }

    /// A number higher than any that was seen: written out, it cannot be the start of one of those
    /// either.
    fn unused(&self) -> u64 {
        self.highest.map_or(0, |highest| highest.saturating_add(1))
    }
}

/// Base64 of chunks whose lengths are no multiples of three.
struct Base64 {
    chunks: Chunks,
    /// At most two bytes that wait for a third.
    rest: Vec<u8>,
    over: bool,
}

impl Iterator for Base64 {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        match self.chunks.next() {
            Some(Ok(chunk)) => {
                let (rest, chunk) = (std::mem::take(&mut self.rest), &chunk[..]);
                let all = [&rest, chunk].concat();
                let (whole, rest) = all.split_at(all.len() - all.len() % 3);
                self.rest = rest.to_vec();
                Some(Ok(STANDARD.encode(whole).into()))
            }
            Some(Err(error)) => {
                self.over = true;
                Some(Err(error))
            }
            None => {
                self.over = true;
                Some(Ok(STANDARD.encode(&self.rest).into()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn in_pieces(bytes: &[u8], size: usize) -> Zip {
        let pieces: Vec<_> = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
        Zip::measure(move || Box::new(pieces.clone().into_iter().map(Ok))).unwrap()
    }

    #[test]
    fn the_boundary_is_in_no_part() {
        let zip = b"PK eca-deploy-00000000 eca-deploy-00000001";
        assert_eq!(Zip::from(&zip[..]).boundary(b"{}"), "eca-deploy-00000002");
        let options = b"eca-deploy-000000ff";
        assert_eq!(Zip::from(&zip[..]).boundary(options), "eca-deploy-00000100");
        for size in 1..zip.len() {
            assert_eq!(in_pieces(zip, size).boundary(b""), "eca-deploy-00000002");
        }
    }

    proptest! {
        /// However the zip is cut into chunks: same length, same base64, and a boundary that is not in it.
        #[test]
        fn chunks_do_not_matter(
            parts in prop::collection::vec(prop_oneof!["eca-deploy-[0-9a-f]{0,20}", ".{0,9}"], 0..9),
            size in 1_usize..40,
        ) {
            let bytes = parts.concat().into_bytes();
            let (whole, pieces) = (Zip::from(bytes.clone()), in_pieces(&bytes, size));
            let boundary = whole.boundary(b"");
            prop_assert!(!parts.concat().contains(&boundary));
            prop_assert_eq!(pieces.boundary(b""), boundary);
            prop_assert_eq!(pieces.length(), bytes.len() as u64);
            let base64 = pieces.base64();
            prop_assert_eq!(base64.collect().unwrap(), STANDARD.encode(&bytes));
            prop_assert_eq!(base64.length(), Some(STANDARD.encode(&bytes).len() as u64));
        }
    }
}
