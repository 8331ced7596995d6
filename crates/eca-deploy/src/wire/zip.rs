//! The zip of a deploy.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

/// The end of central directory record without a comment (APPNOTE.TXT 6.3.10, section 4.3.16): its
/// size, and its signature. The last two bytes are the length of the comment.
const END_RECORD: usize = 22;
const END_SIGNATURE: &[u8] = b"PK\x05\x06";
/// The content of a comment. Its length is the information, so that every byte is the same one, and
/// none is part of a signature.
const COMMENT_FILLER: u8 = b' ';

/// The start of a boundary; a number follows.
const BOUNDARY: &[u8] = b"eca-deploy-";
/// The digits of that number that are compared: more than any boundary here has.
const DIGITS: usize = 16;

/// The zip of a deploy. An org accepts at most 39 MB, so it is in memory.
///
/// Cloning is cheap. `Debug` shows the size, not the content, which may be secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Zip(Bytes);

impl Zip {
    /// The size in bytes.
    pub fn length(&self) -> u64 {
        self.0.len() as u64
    }

    /// The content.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same zip with a comment of this length after its last record. Readers of zips skip it;
    /// that includes Java's, which an org is assumed to use.
    ///
    /// `None` when the zip has a comment already, or does not end with such a record.
    pub(crate) fn with_comment(&self, length: u16) -> Option<Self> {
        let start = self.0.len().checked_sub(END_RECORD)?;
        let (before_length, no_comment) = self.0.split_at(self.0.len() - 2);
        if !self.0[start..].starts_with(END_SIGNATURE) || no_comment != [0, 0] {
            return None;
        }
        let mut zip = Vec::with_capacity(self.0.len() + usize::from(length));
        zip.extend_from_slice(before_length);
        zip.extend_from_slice(&length.to_le_bytes());
        zip.resize(self.0.len() + usize::from(length), COMMENT_FILLER);
        Some(Self::from(zip))
    }

    /// A multipart boundary that occurs neither in the zip nor in `other`. The same input gives the
    /// same boundary.
    pub(super) fn boundary(&self, other: &[u8]) -> String {
        let number = unused_number(&self.0).max(unused_number(other));
        format!("{}{number:08x}", String::from_utf8_lossy(BOUNDARY))
    }

    /// Appends the zip in base64 (RFC 4648 section 4).
    pub(super) fn push_base64(&self, text: &mut String) {
        text.reserve(self.0.len().div_ceil(3) * 4);
        STANDARD.encode_string(&self.0, text);
    }
}

impl<B: Into<Bytes>> From<B> for Zip {
    fn from(bytes: B) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Debug for Zip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zip({} bytes)", self.length())
    }
}

/// A number higher than each one after [`BOUNDARY`] in these bytes. As text, it cannot be the start
/// of one of those either.
fn unused_number(bytes: &[u8]) -> u64 {
    memchr::memmem::find_iter(bytes, BOUNDARY)
        .map(|at| {
            let digits = bytes[at + BOUNDARY.len()..].iter().take(DIGITS);
            digits
                .map_while(|byte| char::from(*byte).to_digit(16))
                .fold(0_u64, |number, digit| number << 4 | u64::from(digit))
                .saturating_add(1)
        })
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_boundary_is_in_no_part() {
        let zip = b"PK eca-deploy-00000000 eca-deploy-00000001";
        assert_eq!(Zip::from(&zip[..]).boundary(b"{}"), "eca-deploy-00000002");
        let options = b"eca-deploy-000000ff";
        assert_eq!(Zip::from(&zip[..]).boundary(options), "eca-deploy-00000100");
    }

    proptest! {
        #[test]
        fn the_boundary_is_unused(
            parts in prop::collection::vec(prop_oneof!["eca-deploy-[0-9a-f]{0,20}", ".{0,9}"], 0..9),
        ) {
            let text = parts.concat();
            let boundary = Zip::from(text.clone()).boundary(b"");
            prop_assert!(!text.contains(&boundary));
        }
    }
}
