//! From text to tree.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::document::{Limits, Node};
use super::{SyntaxError, SyntaxErrorKind};
use crate::Position;

const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(super) fn parse(text: &str, limits: Limits) -> Result<Vec<Node>, SyntaxError> {
    // Ranges are kept as u32: half the memory, and more than any metadata file holds.
    let max_bytes = limits.max_bytes.min(u32::MAX as usize);
    if text.len() > max_bytes {
        return Err(SyntaxError::new(
            SyntaxErrorKind::TooLarge {
                actual: text.len(),
                limit: max_bytes,
            },
            Position::START,
        ));
    }
    forbid_control_characters(text)?;
    // The reader swallows a byte order mark and counts from behind it.
    let base = if text.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    TreeBuilder {
        text,
        base,
        limits,
        nodes: Vec::with_capacity(text.len() / 48),
        open: Vec::new(),
    }
    .build()
}

struct TreeBuilder<'a> {
    text: &'a str,
    base: usize,
    limits: Limits,
    nodes: Vec<Node>,
    /// Indices of the elements that are open, outermost first.
    open: Vec<u32>,
}

impl TreeBuilder<'_> {
    fn build(mut self) -> Result<Vec<Node>, SyntaxError> {
        let mut reader = Reader::from_str(&self.text[self.base..]);
        reader.config_mut().check_comments = true;
        loop {
            let start = self.offset(reader.buffer_position());
            let event = reader.read_event().map_err(|error| {
                let offset = self.offset(reader.error_position());
                self.error(SyntaxErrorKind::NotWellFormed(error.to_string()), offset)
            })?;
            let range = start..self.offset(reader.buffer_position());
            match event {
                Event::Start(tag) => {
                    self.check_attributes(&tag, start)?;
                    self.start(range, tag.name().as_ref().len(), true)?;
                }
                Event::Empty(tag) => {
                    self.check_attributes(&tag, start)?;
                    self.start(range, tag.name().as_ref().len(), false)?;
                }
                Event::End(_) => self.end(range),
                Event::Text(text) => self.text(&text, start)?,
                Event::CData(_) if self.open.is_empty() => {
                    return Err(self.malformed("text outside the root element", start));
                }
                Event::GeneralRef(reference) => self.reference(&reference, start)?,
                Event::DocType(_) => return Err(self.error(SyntaxErrorKind::Dtd, start)),
                Event::Decl(_) if start != self.base => {
                    return Err(self.malformed("the XML declaration must come first", start));
                }
                Event::Eof => break,
                Event::CData(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
        if let Some(unclosed) = self.open.last() {
            let name = self.name(*unclosed);
            let message = format!("element `{name}` is never closed");
            return Err(self.malformed(&message, self.text.len()));
        }
        if self.nodes.is_empty() {
            return Err(self.error(SyntaxErrorKind::Empty, 0));
        }
        Ok(self.nodes)
    }

    fn start(
        &mut self,
        range: Range<usize>,
        name_length: usize,
        has_content: bool,
    ) -> Result<(), SyntaxError> {
        let index = to_u32(self.nodes.len());
        let name = to_u32(range.start + 1)..to_u32(range.start + 1 + name_length);
        let parent = if let Some(parent) = self.open.last() {
            *parent
        } else if self.nodes.is_empty() {
            index
        } else {
            let name = self.text[range.start + 1..range.start + 1 + name_length].to_owned();
            return Err(self.error(SyntaxErrorKind::SecondRoot(name), range.start));
        };
        let end = to_u32(range.end);
        self.nodes.push(Node {
            open: to_u32(range.start)..end,
            close: end..end,
            name,
            subtree_end: index + 1,
            parent,
        });
        if has_content {
            if self.open.len() >= self.limits.max_depth {
                return Err(
                    self.error(SyntaxErrorKind::TooDeep(self.limits.max_depth), range.start)
                );
            }
            self.open.push(index);
        }
        Ok(())
    }

    fn end(&mut self, range: Range<usize>) {
        // The reader has checked that the end tag fits the innermost open element.
        if let Some(index) = self.open.pop() {
            let end = to_u32(self.nodes.len());
            let node = &mut self.nodes[index as usize];
            node.close = to_u32(range.start)..to_u32(range.end);
            node.subtree_end = end;
        }
    }

    fn text(&self, text: &str, start: usize) -> Result<(), SyntaxError> {
        if self.open.is_empty() && !text.bytes().all(|b| b.is_ascii_whitespace()) {
            let place = start + (text.len() - text.trim_ascii_start().len());
            if self.nodes.is_empty() {
                return Err(self.error(SyntaxErrorKind::Empty, place));
            }
            return Err(self.malformed("text outside the root element", place));
        }
        if let Some(at) = text.find("]]>") {
            return Err(self.malformed("`]]>` must not stand in text", start + at));
        }
        Ok(())
    }

    fn reference(&self, name: &str, start: usize) -> Result<(), SyntaxError> {
        if self.open.is_empty() {
            return Err(self.malformed("text outside the root element", start));
        }
        if super::element::resolve_reference(name).is_none() {
            return Err(self.malformed(&format!("`&{name};` is not defined"), start));
        }
        Ok(())
    }

    /// The reader leaves attributes alone until they are asked for; XML does not.
    fn check_attributes(
        &self,
        tag: &quick_xml::events::BytesStart<'_>,
        start: usize,
    ) -> Result<(), SyntaxError> {
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| self.malformed(&error.to_string(), start))?;
            if attribute.value.contains('<') {
                return Err(self.malformed("`<` must not stand in an attribute", start));
            }
        }
        let name = tag.name();
        let name = name.as_ref();
        if is_name(name) {
            Ok(())
        } else {
            Err(self.malformed(&format!("`{name}` is not an element name"), start))
        }
    }

    fn name(&self, index: u32) -> &str {
        let name = &self.nodes[index as usize].name;
        &self.text[name.start as usize..name.end as usize]
    }

    fn offset(&self, position: u64) -> usize {
        self.base + usize::try_from(position).unwrap_or(usize::MAX - self.base)
    }

    fn malformed(&self, message: &str, offset: usize) -> SyntaxError {
        self.error(SyntaxErrorKind::NotWellFormed(message.to_owned()), offset)
    }

    fn error(&self, kind: SyntaxErrorKind, offset: usize) -> SyntaxError {
        SyntaxError::new(kind, Position::of(self.text, offset))
    }
}

/// XML 1.0 section 2.2: of the control characters only tab, line feed and carriage return.
fn forbid_control_characters(text: &str) -> Result<(), SyntaxError> {
    let bytes = text.as_bytes();
    let control = bytes
        .iter()
        .position(|byte| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r'));
    // U+FFFE and U+FFFF are the only others that can stand in a `str`.
    let noncharacter = text.find(['\u{fffe}', '\u{ffff}']);
    let Some(offset) = [control, noncharacter].into_iter().flatten().min() else {
        return Ok(());
    };
    let character = text[offset..].chars().next().map_or(0, u32::from);
    Err(SyntaxError::new(
        SyntaxErrorKind::ControlCharacter(character),
        Position::of(text, offset),
    ))
}

/// XML 1.0 section 2.3, for the names that can occur here: letters, digits, `.`, `-`, `_` and one prefix.
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

/// The text is at most `u32::MAX` bytes long, and it has fewer elements than bytes.
fn to_u32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
