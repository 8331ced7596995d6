//! Finds private keys in files that should have none: metadata, certificates, anything.

use std::fmt;

use memchr::memmem;

use crate::file::detect::Format;
use crate::file::pem;

/// A private key, or a store of keys, somewhere in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EmbeddedKey {
    /// Where it begins, in bytes. In UTF-16 text it is 0.
    pub offset: usize,
    /// Its format; `None` for a PEM block of a kind that this crate does not know, such as
    /// `PGP PRIVATE KEY BLOCK`.
    pub format: Option<Format>,
}

impl EmbeddedKey {
    /// Finds every private key in a file of any kind:
    ///
    /// - PEM blocks whose label has `PRIVATE KEY`, also encrypted ones, anywhere in the text;
    /// - PuTTY keys, and JSON Web Keys with the member `d` (RFC 7518, section 6);
    /// - PKCS#8, PKCS#1, SEC1, encrypted PKCS#8 and PKCS#12 in base64 without PEM lines, where the
    ///   base64 begins with them;
    /// - files that begin with one of these in DER, or with a Java key store.
    ///
    /// The result is in the order of the offsets. Only the beginning of a key is read, so a damaged
    /// or cut key counts too; a key in a compressed file or in pieces is not found.
    pub fn find_all(content: &[u8]) -> Vec<Self> {
        if let Some(text) = from_utf16(content) {
            let keys = Self::find_all(text.as_bytes());
            return keys.into_iter().map(|key| key.at(0)).collect();
        }
        let mut keys: Vec<_> = binary(content).into_iter().collect();
        keys.extend(pem_blocks(content));
        keys.extend(putty(content));
        keys.extend(json_web_keys(content));
        keys.extend(base64(content));
        keys.sort_by_key(|key| key.offset);
        // The base64 of a PEM block begins right behind its label.
        keys.dedup_by(|key, before| key.offset < before.offset + LONGEST_LABEL);
        keys
    }

    /// Whether it is a store (PKCS#12, JKS or JCEKS). A store may have certificates only, which
    /// cannot be told without its password.
    pub fn is_store(self) -> bool {
        matches!(
            self.format,
            Some(Format::Pkcs12 | Format::Jks | Format::Jceks)
        )
    }

    fn new(offset: usize, format: impl Into<Option<Format>>) -> Self {
        let format = format.into();
        Self { offset, format }
    }

    fn at(self, offset: usize) -> Self {
        Self { offset, ..self }
    }
}

/// As in "a …": `PKCS#8 private key`.
impl fmt::Display for EmbeddedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.format {
            Some(Format::Jwk) => f.write_str("JSON Web Key with its private part"),
            Some(format) => format.fmt(f),
            None => f.write_str("private key"),
        }
    }
}

/// A PEM label with its hyphens is shorter.
const LONGEST_LABEL: usize = 64;

fn pem_blocks(content: &[u8]) -> impl Iterator<Item = EmbeddedKey> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    memmem::find_iter(content, b"PRIVATE KEY").filter_map(|at| {
        let before = &content[at.saturating_sub(LONGEST_LABEL)..at];
        let offset = at - (before.len() - memmem::rfind(before, BEGIN)?);
        let label = &content[offset + BEGIN.len()..];
        let label = &label[..label.len().min(LONGEST_LABEL)];
        let end = memmem::find(label, b"-----")?;
        let headers = &content[offset + BEGIN.len() + end..];
        let headers = &headers[..headers.len().min(LONGEST_LABEL)];
        let label = str::from_utf8(&label[..end]).ok()?;
        // Else the words are behind the label.
        label.contains("PRIVATE KEY").then(|| {
            let is_encrypted = memmem::find(headers, b"ENCRYPTED").is_some();
            EmbeddedKey::new(offset, Format::from_label(label, is_encrypted))
        })
    })
}

fn putty(content: &[u8]) -> impl Iterator<Item = EmbeddedKey> {
    let found = memmem::find_iter(content, b"PuTTY-User-Key-File-");
    found.map(|offset| EmbeddedKey::new(offset, Format::Putty))
}

/// Objects with `kty` and `d`. Their quotes may be entities of XML.
fn json_web_keys(content: &[u8]) -> impl Iterator<Item = EmbeddedKey> {
    memchr::memchr_iter(b'{', content).filter_map(|offset| {
        let members = &content[offset + 1..];
        let members = &members[..memchr::memchr2(b'{', b'}', members).unwrap_or(members.len())];
        memmem::find(members, b"kty")?;
        let members = String::from_utf8_lossy(members).replace("&quot;", "\"");
        let has_value = |rest: &str| {
            let value = rest.trim_start().strip_prefix(':').map(str::trim_start);
            value.is_some_and(|value| value.starts_with('"') && !value.starts_with("\"\""))
        };
        let is_key = members.contains("\"kty\"") && members.split("\"d\"").skip(1).any(has_value);
        is_key.then(|| EmbeddedKey::new(offset, Format::Jwk))
    })
}

fn base64(content: &[u8]) -> impl Iterator<Item = EmbeddedKey> {
    // A DER sequence in base64 begins with M, and its length with A to I.
    memchr::memchr_iter(b'M', content).filter_map(|offset| {
        let is_length = content
            .get(offset + 1)
            .is_some_and(|byte| (b'A'..=b'I').contains(byte));
        let is_inside = |before: usize| is_base64(content[before]);
        if !is_length || offset.checked_sub(1).is_some_and(is_inside) {
            return None;
        }
        let mut start: Vec<u8> = content[offset..]
            .iter()
            .take(2 * PREFIX)
            .copied()
            .filter(|byte| !byte.is_ascii_whitespace())
            .take_while(|byte| is_base64(*byte))
            .take(PREFIX)
            .collect();
        start.truncate(start.len() / 4 * 4);
        let der = pem::decode_base64(&start)?;
        der_prefix(&der).map(|format| EmbeddedKey::new(offset, format))
    })
}

/// Characters of base64 that are enough to know the format. A multiple of 4.
const PREFIX: usize = 96;

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

fn binary(content: &[u8]) -> Option<EmbeddedKey> {
    let format = match content {
        [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 1 | 2, ..] => Format::Jks,
        [0xce, 0xce, 0xce, 0xce, 0, 0, 0, 1 | 2, ..] => Format::Jceks,
        _ => der_prefix(content)?,
    };
    Some(EmbeddedKey::new(0, format))
}

/// The format of a private key or PKCS#12 store by its first members (RFC 5208, RFC 8017, RFC 5915,
/// RFC 7292).
fn der_prefix(bytes: &[u8]) -> Option<Format> {
    const PKCS7: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7];
    const PBES: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5];
    const PKCS12_PBE: &[u8] = &[0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1];
    const OID: u8 = 0x06;
    let (_, members) = header(bytes, 0x30)?;
    if let Some((_, algorithm)) = header(members, 0x30) {
        let is_password_based = algorithm.starts_with(PBES) || algorithm.starts_with(PKCS12_PBE);
        return is_password_based.then_some(Format::EncryptedPkcs8);
    }
    let [0x02, 0x01, version, rest @ ..] = members else {
        return None;
    };
    if let Some((length, algorithm)) = header(rest, 0x30) {
        return match version {
            3 => algorithm.starts_with(PKCS7).then_some(Format::Pkcs12),
            0 | 1 => {
                // The private key is an octet string behind the algorithm.
                let is_key = algorithm.get(length).is_none_or(|tag| *tag == 0x04);
                (algorithm.first() == Some(&OID) && is_key).then_some(Format::Pkcs8)
            }
            _ => None,
        };
    }
    if let Some((length, _)) = header(rest, 0x02) {
        // A modulus of at least 512 bits.
        return (*version <= 1 && length >= 64).then_some(Format::Pkcs1);
    }
    let (length, _) = header(rest, 0x04)?;
    (*version == 1 && (20..=66).contains(&length)).then_some(Format::Sec1)
}

/// The length of a value with this tag, and what follows its header. The value may be cut. The
/// indefinite length of BER is the longest one.
fn header(bytes: &[u8], tag: u8) -> Option<(usize, &[u8])> {
    match bytes {
        [first, ..] if *first != tag => None,
        [_, 0x80, rest @ ..] => Some((usize::MAX, rest)),
        [_, length @ ..=0x7f, rest @ ..] | [_, 0x81, length, rest @ ..] => {
            Some((usize::from(*length), rest))
        }
        [_, 0x82, a, b, rest @ ..] => Some((usize::from(u16::from_be_bytes([*a, *b])), rest)),
        _ => None,
    }
}

/// Text in UTF-16, as Windows PowerShell's `>` writes it.
fn from_utf16(content: &[u8]) -> Option<String> {
    let (text, unit): (_, fn([u8; 2]) -> u16) = match content {
        [0xff, 0xfe, text @ ..] => (text, u16::from_le_bytes),
        [0xfe, 0xff, text @ ..] => (text, u16::from_be_bytes),
        _ => return None,
    };
    let pairs = text.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text = char::decode_utf16(pairs).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
    Some(text.collect())
}
