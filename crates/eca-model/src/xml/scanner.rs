//! The lexical part of reading.
//!
//! The crate has its own scanner, because the tree needs only byte ranges: one pass over the text
//! finds them and checks the rules of XML 1.0 that apply to metadata files. Section numbers are
//! those of XML 1.0 (fifth edition).

use memchr::{memchr, memmem};

use crate::xml::SyntaxErrorKind;

/// A failure and its byte offset.
pub(super) type Fault = (SyntaxErrorKind, usize);

/// A start tag.
pub(super) struct Tag {
    /// Where the name without its prefix starts.
    pub(super) local_name: usize,
    /// Behind the name, which starts one byte behind the tag.
    pub(super) name_end: usize,
    /// Behind the tag.
    pub(super) end: usize,
    /// Whether it is written `<a/>`.
    pub(super) closes_itself: bool,
}

/// The text, and a buffer for the attribute names of one tag.
pub(super) struct Scanner<'a> {
    pub(super) text: &'a str,
    bytes: &'a [u8],
    attributes: Vec<&'a str>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            attributes: Vec::new(),
        }
    }

    /// The names of the attributes of the last start tag.
    pub(super) fn attributes(&self) -> &[&'a str] {
        &self.attributes
    }

    /// The byte at an offset; behind the end a zero byte, which no valid text contains.
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or_default()
    }

    /// The end of the character data at `at`, which is checked (section 2.4).
    pub(super) fn character_data(&self, mut at: usize) -> Result<usize, Fault> {
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'<' => break,
                b'&' => at = self.reference(at)?,
                b']' if self.bytes[at..].starts_with(b"]]>") => {
                    return Err(malformed("`]]>` is not allowed in text", at));
                }
                _ => at += 1,
            }
        }
        Ok(at)
    }

    /// The end of the reference at `at` (section 4.1): a character, or one of the five entities
    /// that need no DTD.
    fn reference(&self, at: usize) -> Result<usize, Fault> {
        // No defined name is longer.
        let end = self.bytes.len().min(at + 32);
        let Some(length) = memchr(b';', &self.bytes[at..end]) else {
            return Err(malformed("`&` must be written `&amp;`", at));
        };
        let name = &self.text[at + 1..at + length];
        if crate::xml::text::resolve_reference(name).is_none() {
            return Err(malformed(&format!("`&{name};` is not defined"), at));
        }
        Ok(at + length + 1)
    }

    /// The start tag at `at` (section 3.1).
    pub(super) fn start_tag(&mut self, at: usize) -> Result<Tag, Fault> {
        let name_end = self.name(at + 1);
        let name = &self.text[at + 1..name_end];
        let plain = |byte: &u8| byte.is_ascii() && *byte != b':';
        let plain = self.byte(at + 1).is_ascii_alphabetic() && name.as_bytes().iter().all(plain);
        if !plain && !is_name(name) {
            let kind = if name.is_empty() {
                "`<` must be written `&lt;`, unless a tag begins".to_owned()
            } else {
                format!("`{name}` is not an element name")
            };
            return Err(malformed(&kind, at));
        }
        let (end, closes_itself) = match self.byte(name_end) {
            b'>' => {
                self.attributes.clear();
                (name_end + 1, false)
            }
            _ => self.read_attributes(at, name_end)?,
        };
        let prefix = if plain { None } else { name.find(':') };
        let local_name = at + 1 + prefix.map_or(0, |colon| colon + 1);
        Ok(Tag {
            local_name,
            name_end,
            end,
            closes_itself,
        })
    }

    /// The end of the tag at `tag`, and whether the tag closes itself.
    fn read_attributes(&mut self, tag: usize, mut at: usize) -> Result<(usize, bool), Fault> {
        self.attributes.clear();
        loop {
            let next = self.white_space(at);
            match self.byte(next) {
                b'>' => {
                    at = next + 1;
                    break self.forbid_duplicates(tag).map(|()| (at, false));
                }
                b'/' if self.byte(next + 1) == b'>' => {
                    at = next + 2;
                    break self.forbid_duplicates(tag).map(|()| (at, true));
                }
                0 => return Err(malformed("a tag has no end", tag)),
                _ if next == at => {
                    return Err(malformed("white space is missing in a tag", next));
                }
                _ => at = self.attribute(next)?,
            }
        }
    }

    /// The end of the attribute at `start`.
    fn attribute(&mut self, start: usize) -> Result<usize, Fault> {
        let name_end = self.name(start);
        let name = &self.text[start..name_end];
        if !is_name(name) {
            return Err(malformed("an attribute must begin with a name", start));
        }
        let equals = self.white_space(name_end);
        let quote = self.white_space(equals + 1);
        if self.byte(equals) != b'=' || !matches!(self.byte(quote), b'"' | b'\'') {
            let message = format!("attribute `{name}` must have a value in quotes");
            return Err(malformed(&message, start));
        }
        let value = quote + 1;
        let Some(length) = memchr(self.byte(quote), &self.bytes[value..]) else {
            let message = format!("the value of attribute `{name}` has no end");
            return Err(malformed(&message, start));
        };
        let end = value + length;
        if let Some(at) = memchr(b'<', &self.bytes[value..end]) {
            let message = "`<` is not allowed in an attribute";
            return Err(malformed(message, value + at));
        }
        let mut at = value;
        while let Some(next) = memchr(b'&', &self.bytes[at..end]) {
            at = self.reference(at + next)?;
            if at > end {
                return Err(malformed("`&` must be written `&amp;`", value + next));
            }
        }
        self.attributes.push(name);
        Ok(end + 1)
    }

    fn forbid_duplicates(&mut self, tag: usize) -> Result<(), Fault> {
        self.attributes.sort_unstable();
        match self.attributes.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => {
                let message = format!("attribute `{}` occurs twice in a tag", pair[0]);
                Err(malformed(&message, tag))
            }
            None => Ok(()),
        }
    }

    /// The end of the end tag at `at`, which must be that of the element `name`.
    pub(super) fn end_tag(&self, at: usize, name: &str) -> Result<usize, Fault> {
        let end = at + 2 + name.len();
        let fits = self.bytes[at + 2..].starts_with(name.as_bytes());
        if fits && self.byte(end) == b'>' {
            return Ok(end + 1);
        }
        let after = self.white_space(end.min(self.bytes.len()));
        if fits && self.byte(after) == b'>' {
            return Ok(after + 1);
        }
        let found = &self.text[at + 2..self.name(at + 2)];
        let message = format!("found end tag `</{found}>`, expected `</{name}>`");
        Err(malformed(&message, at))
    }

    /// The end of the comment at `at` (section 2.5).
    pub(super) fn comment(&self, at: usize) -> Result<usize, Fault> {
        let inside = at + "<!--".len();
        match memmem::find(&self.bytes[inside..], b"--") {
            None => Err(malformed("a comment has no end", at)),
            Some(length) if self.byte(inside + length + 2) == b'>' => Ok(inside + length + 3),
            Some(length) => {
                let message = "`--` is not allowed in a comment";
                Err(malformed(message, inside + length))
            }
        }
    }

    /// The end of the CDATA section at `at` (section 2.7).
    pub(super) fn cdata(&self, at: usize) -> Result<usize, Fault> {
        self.behind("]]>", at + "<![CDATA[".len())
            .ok_or_else(|| malformed("a CDATA section has no end", at))
    }

    /// The end of the processing instruction at `at` (section 2.6), and whether it is an XML
    /// declaration.
    pub(super) fn instruction(&self, at: usize) -> Result<(usize, bool), Fault> {
        let target_end = self.name(at + 2);
        let target = &self.text[at + 2..target_end];
        let followed = self.bytes[target_end..].starts_with(b"?>")
            || self.white_space(target_end) > target_end;
        if !is_name(target) || !followed {
            return Err(malformed("`<?` must be followed by a name", at));
        }
        let end = self
            .behind("?>", target_end)
            .ok_or_else(|| malformed("a processing instruction has no end", at))?;
        Ok((end, target.eq_ignore_ascii_case("xml")))
    }

    pub(super) fn starts_with(&self, at: usize, text: &str) -> bool {
        self.bytes[at..].starts_with(text.as_bytes())
    }

    /// The end of the name at `at`; names are checked where they are used.
    fn name(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let length = rest.iter().position(|byte| !NAME_BYTES[usize::from(*byte)]);
        at + length.unwrap_or(rest.len())
    }

    /// The end of the white space at `at` (section 2.3).
    fn white_space(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\t' | b'\r' | b'\n') {
            at += 1;
        }
        at
    }

    fn behind(&self, end: &str, from: usize) -> Option<usize> {
        let found = memmem::find(&self.bytes[from..], end.as_bytes())?;
        Some(from + found + end.len())
    }
}

/// The bytes that can be part of a name.
const NAME_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte: u8 = 0;
    loop {
        let in_name = byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
        table[byte as usize] = in_name || !byte.is_ascii();
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

/// Section 2.3, for the names that can occur here: letters, digits, `.`, `-`, `_` and one prefix.
fn is_name(name: &str) -> bool {
    let mut parts = name.split(':');
    let valid = |part: &str| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '\u{b7}'))
    };
    parts.next().is_some_and(valid) && parts.next().is_none_or(valid) && parts.next().is_none()
}

pub(super) fn malformed(message: &str, offset: usize) -> Fault {
    (SyntaxErrorKind::NotWellFormed(message.to_owned()), offset)
}
