//! Request bodies.

use std::sync::Arc;
use std::{fmt, io};

use bytes::Bytes;

/// The chunks of one run through a body.
pub type Chunks = Box<dyn Iterator<Item = io::Result<Bytes>> + Send>;

/// A request body: bytes in memory, or chunks that are made while they are sent.
///
/// Chunks are made anew for each attempt, so a retry needs no copy of them; they must be the same
/// each time. Making them may block (reading files, deflating): a transport does it on a thread for
/// blocking work, and only a few chunks ahead of the network.
///
/// Cloning is cheap. `Debug` shows the length and nothing else.
///
/// ```
/// use bytes::Bytes;
/// use eca_http::Body;
///
/// let numbers = Body::stream(Some(30), || {
///     Box::new((0..10).map(|number| Ok(Bytes::from(format!("{number},\n")))))
/// });
/// let whole = Body::concat([Body::from("[\n"), numbers, Body::from("]")]);
/// assert_eq!(whole.length(), Some(33));
/// assert!(whole.collect()?.ends_with(b"8,\n9,\n]"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Body(Kind);

#[derive(Clone)]
enum Kind {
    Whole(Bytes),
    Made {
        length: Option<u64>,
        open: Arc<dyn Fn() -> Chunks + Send + Sync>,
    },
}

impl Body {
    /// No bytes at all.
    pub fn empty() -> Self {
        Self::from(Bytes::new())
    }

    /// Chunks from `open`, which is called for each attempt to send them. With a `length` in bytes
    /// the request announces it, and chunks of any other total are an error; without one it is sent
    /// in chunked coding (RFC 9112 section 7.1).
    pub fn stream(length: Option<u64>, open: impl Fn() -> Chunks + Send + Sync + 'static) -> Self {
        let open = Arc::new(open);
        Self(Kind::Made { length, open })
    }

    /// One body after the other.
    pub fn concat(parts: impl IntoIterator<Item = Self>) -> Self {
        let parts: Arc<[Self]> = parts.into_iter().collect();
        let length = parts
            .iter()
            .try_fold(0_u64, |sum, part| sum.checked_add(part.length()?));
        Self::stream(length, move || {
            let parts = Arc::clone(&parts);
            Box::new((0..parts.len()).flat_map(move |index| parts[index].chunks()))
        })
    }

    /// The length in bytes, where it is known before they are made.
    pub fn length(&self) -> Option<u64> {
        match &self.0 {
            Kind::Whole(bytes) => Some(bytes.len() as u64),
            Kind::Made { length, .. } => *length,
        }
    }

    /// The bytes, where they are in memory.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Kind::Whole(bytes) => Some(bytes),
            Kind::Made { .. } => None,
        }
    }

    /// All of it from the start, chunk by chunk; may block. After an error there is nothing more.
    pub fn chunks(&self) -> Chunks {
        match &self.0 {
            Kind::Whole(bytes) => Box::new(std::iter::once(Ok(bytes.clone()))),
            Kind::Made { length: None, open } => open(),
            Kind::Made {
                length: Some(length),
                open,
            } => Box::new(Measured {
                chunks: open(),
                announced: *length,
                made: 0,
                over: false,
            }),
        }
    }

    /// All of it in memory; may block.
    ///
    /// # Errors
    ///
    /// When the chunks cannot be made, or are not of the announced length.
    pub fn collect(&self) -> io::Result<Bytes> {
        if let Kind::Whole(bytes) = &self.0 {
            return Ok(bytes.clone());
        }
        let mut whole = Vec::new();
        for chunk in self.chunks() {
            whole.extend_from_slice(&chunk?);
        }
        Ok(whole.into())
    }
}

/// Chunks with an announced total. With fewer bytes the server would wait for ever; with more it
/// would accept a truncated body as a whole one.
struct Measured {
    chunks: Chunks,
    announced: u64,
    made: u64,
    over: bool,
}

impl Iterator for Measured {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let chunk = self.chunks.next();
        self.over = !matches!(chunk, Some(Ok(_)));
        match &chunk {
            Some(Ok(bytes)) => self.made += bytes.len() as u64,
            Some(Err(_)) => return chunk,
            None => {}
        }
        if self.made < self.announced && !self.over {
            return chunk;
        }
        // The last bytes wait until nothing follows them: with them the request would be complete,
        // and a failure too late.
        while !self.over {
            match self.chunks.next() {
                Some(Ok(bytes)) => {
                    self.made += bytes.len() as u64;
                    self.over = self.made > self.announced;
                }
                Some(Err(error)) => {
                    self.over = true;
                    return Some(Err(error));
                }
                None => self.over = true,
            }
        }
        let (made, announced) = (self.made, self.announced);
        if made == announced {
            return chunk;
        }
        Some(Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("the body has {made} bytes, but {announced} were announced"),
        )))
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.length() {
            Some(length) => write!(f, "Body({length} bytes)"),
            None => f.write_str("Body(unknown length)"),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Whole(bytes))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}
