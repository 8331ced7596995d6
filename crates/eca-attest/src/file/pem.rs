//! Reads and writes PEM. Any line length, any line end and text around the blocks are accepted
//! (OpenSSL writes "Bag Attributes" there); base64 is strict.

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_STANDARD;
use base64::{Engine as _, alphabet};
use zeroize::Zeroizing;

const BEGIN: &[u8] = b"-----BEGIN ";
const DASHES: &[u8] = b"-----";
/// Longer than any label in use. It keeps a hostile label out of error messages.
const MAX_LABEL: usize = 64;
/// RFC 7468, section 2: generators wrap at 64 characters.
const LINE: usize = 64;

/// Not all tools write the padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A PEM file cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PemError {
    /// A `-----BEGIN` line without a valid label.
    #[error("a -----BEGIN line has no valid label")]
    Label,
    /// A block without its `-----END` line.
    #[error("the block {label:?} has no -----END line")]
    Unterminated {
        /// The label after `BEGIN`.
        label: String,
    },
    /// The body of a block is not base64.
    #[error("the block {label:?} is not base64")]
    NotBase64 {
        /// The label after `BEGIN`.
        label: String,
    },
}

/// One block between its BEGIN and END lines, still encoded.
#[derive(Clone, Copy)]
pub(crate) struct Block<'a> {
    label: &'a str,
    headers: &'a [u8],
    body: &'a [u8],
}

impl<'a> Block<'a> {
    pub(crate) fn label(&self) -> &'a str {
        self.label
    }

    /// Whether the RFC 1421 headers name OpenSSL's legacy encryption.
    pub(crate) fn is_encrypted(&self) -> bool {
        find(self.headers, b"ENCRYPTED").is_some()
    }

    pub(crate) fn decode(&self) -> Result<Zeroizing<Vec<u8>>, PemError> {
        decode_base64(self.body).ok_or_else(|| PemError::NotBase64 {
            label: self.label.to_owned(),
        })
    }
}

pub(crate) fn looks_like_pem(bytes: &[u8]) -> bool {
    find(bytes, BEGIN).is_some()
}

/// All blocks of a file in order. Text outside of blocks is skipped (RFC 7468, section 2).
pub(crate) fn blocks(bytes: &[u8]) -> Result<Vec<Block<'_>>, PemError> {
    let mut blocks = Vec::new();
    let mut rest = bytes;
    while let Some(start) = find(rest, BEGIN) {
        rest = &rest[start + BEGIN.len()..];
        let end_of_label = find(&rest[..rest.len().min(MAX_LABEL)], DASHES);
        let label = end_of_label
            .and_then(|end| std::str::from_utf8(&rest[..end]).ok())
            .filter(|label| {
                label
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b" #.".contains(&b))
            })
            .ok_or(PemError::Label)?;
        rest = &rest[label.len() + DASHES.len()..];
        let end_line = format!("-----END {label}-----");
        let end = find(rest, end_line.as_bytes()).ok_or_else(|| PemError::Unterminated {
            label: label.to_owned(),
        })?;
        let (headers, body) = split_headers(&rest[..end]);
        blocks.push(Block {
            label,
            headers,
            body,
        });
        rest = &rest[end + end_line.len()..];
    }
    Ok(blocks)
}

/// Decodes base64 with any line lengths, with or without padding. The two characters `\n` are also
/// a line break, since many CI variables hold PEM in this form.
pub(crate) fn decode_base64(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut compact = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if matches!(bytes.peek(), Some(b'n' | b'r')) => {
                bytes.next();
            }
            byte if byte.is_ascii_whitespace() => {}
            byte => compact.push(byte),
        }
    }
    LENIENT.decode(compact.as_slice()).ok().map(Zeroizing::new)
}

/// Writes one block, wrapped at 64 characters, with a final line end.
pub(crate) fn encode(label: &str, der: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(BASE64_STANDARD.encode(der));
    // Allocated once: growing would leave unwiped copies of a key in memory.
    let size = body.len() + body.len() / LINE + 2 * label.len() + 40;
    let mut out = Zeroizing::new(String::with_capacity(size));
    out.push_str("-----BEGIN ");
    out.push_str(label);
    out.push_str("-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(LINE));
        out.push_str(line);
        out.push('\n');
        rest = tail;
    }
    out.push_str("-----END ");
    out.push_str(label);
    out.push_str("-----\n");
    out
}

/// Splits RFC 1421 headers (`Proc-Type: …`, up to an empty line) from the base64 body.
fn split_headers(content: &[u8]) -> (&[u8], &[u8]) {
    if !content.contains(&b':') {
        return (&[], content);
    }
    let blank = [b"\n\n".as_slice(), b"\r\n\r\n", b"\\n\\n"]
        .into_iter()
        .filter_map(|mark| find(content, mark).map(|at| at + mark.len()))
        .min();
    content.split_at(blank.unwrap_or(content.len()))
}

pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_allocated_once() {
        for len in [0, 1, 47, 48, 49, 1218] {
            let text = encode("PRIVATE KEY", &vec![7; len]);
            let capacity = text.capacity();
            assert!(
                text.len() <= capacity && capacity < text.len() + 120,
                "{len}"
            );
            assert_eq!(
                blocks(text.as_bytes()).unwrap()[0].decode().unwrap().len(),
                len
            );
        }
    }
}
