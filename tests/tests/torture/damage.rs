//! Random damage to well-formed input.

use fastrand::Rng;

/// Text that parsers, terminals, shells and CIs often handle wrongly.
pub(crate) const WORDS: &[&str] = &[
    "\0",
    "\n::error::pwned\n",
    "\n##vso[task.setvariable variable=a]pwned\n",
    "\u{1b}]52;c;eA==\u{7}",
    "\u{1b}[31m",
    "\u{9b}31m",
    "\u{202e}",
    "\u{200b}",
    "\u{feff}",
    "\u{fffe}",
    "%00",
    "%2e%2e%2f",
    "../../../../etc/passwd",
    "/etc/passwd",
    "C:\\windows",
    "CON",
    "`id`",
    "$(id)",
    "; id #",
    "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>",
    "&b;",
    "&#0;",
    "&#x110000;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "<?xml version=\"1.1\" encoding=\"UTF-7\"?>",
    "<a>",
    "</a>",
    "{\"a\":",
    "[[[[[[[[",
    "null",
    "-1",
    "18446744073709551616",
    "1e999",
    "\r\n\r\n",
    "'",
    "\"",
    "--XX",
    "e\u{301}",
    "ß",
];

/// One word.
pub(crate) fn word(rng: &mut Rng) -> &'static str {
    WORDS[rng.usize(..WORDS.len())]
}

/// One of these.
pub(crate) fn one<'a, T: ?Sized>(rng: &mut Rng, of: &[&'a T]) -> &'a T {
    of[rng.usize(..of.len())]
}

/// One of these, or a word.
pub(crate) fn one_or_word<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    if rng.usize(..=of.len()) == of.len() {
        word(rng)
    } else {
        one(rng, of)
    }
}

/// Changes the bytes in one to four places.
pub(crate) fn damage(rng: &mut Rng, bytes: &mut Vec<u8>) {
    for _ in 0..rng.usize(1..=4) {
        let at = rng.usize(..=bytes.len());
        match rng.u8(..8) {
            0 | 1 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << rng.u8(..8);
                }
            }
            2 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = *one(rng, &[&0, &1, &0x7f, &0x80, &0xff, &b'<', &b'"', &b'\n']);
                }
            }
            3 => bytes.truncate(at),
            4 => {
                bytes.splice(at..at, word(rng).bytes());
            }
            5 => {
                // A length or an offset.
                let value: [u8; 4] =
                    one(rng, &[&u32::MAX, &0, &0x7fff_ffff, &0x0001_0000]).to_le_bytes();
                let end = bytes.len().min(at + 4);
                bytes[at..end].copy_from_slice(&value[..end - at]);
            }
            6 => {
                let end = rng.usize(at..=bytes.len()).min(at + 4096);
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            _ => {
                let end = rng.usize(at..=bytes.len()).min(at + 64);
                bytes.drain(at..end);
            }
        }
    }
}

/// As [`damage`], for text; what is no text any more is replaced.
pub(crate) fn damaged_text(rng: &mut Rng, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    damage(rng, &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
