//! From text to tree.

use crate::values::position::Position;
use crate::xml::declaration;
use crate::xml::node::Node;
use crate::xml::scanner::{Fault, Scanner, malformed};
use crate::xml::{SyntaxError, SyntaxErrorKind};

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The longest text: 16 MiB. The largest profiles in use are a few MiB. Ranges are stored as
/// `u32`, so the limit must stay below 4 GiB.
const MAX_BYTES: usize = 16 << 20;

/// The deepest nesting of elements. Metadata needs about ten levels.
const MAX_DEPTH: usize = 64;

/// The most elements: a tree of so many takes 100 MB while it is read and checked. A profile of 16
/// MiB has 450,000, as an org writes it (four for a field, 150 bytes).
const MAX_ELEMENTS: usize = 500_000;

/// The elements of a text, and whether all of them are in the namespace that the root's tag
/// declares, without a prefix.
pub(super) fn parse(text: &str) -> Result<(Vec<Node>, bool), SyntaxError> {
    let read = || {
        if text.len() > MAX_BYTES {
            let limit = MAX_BYTES;
            return Err((SyntaxErrorKind::TooLarge { limit }, 0));
        }
        forbid_control_characters(text)?;
        let mut builder = TreeBuilder {
            scanner: Scanner::new(text),
            nodes: Vec::with_capacity(text.len() / 48),
            open: Vec::new(),
            prefixes: Vec::new(),
            one_namespace: true,
        };
        builder.build()?;
        // One tag per 48 bytes is an estimate, and a project keeps its trees.
        builder.nodes.shrink_to_fit();
        Ok((builder.nodes, builder.one_namespace))
    };
    read().map_err(|(kind, offset)| {
        let position = match kind {
            SyntaxErrorKind::TooLarge { .. } => Position::START,
            _ => Position::from_offset(text, offset),
        };
        SyntaxError::new(kind, position)
    })
}

struct TreeBuilder<'a> {
    scanner: Scanner<'a>,
    nodes: Vec<Node>,
    /// Indices of the elements that are open, outermost first.
    open: Vec<u32>,
    /// The declared prefixes, each with the number of open elements around its tag.
    prefixes: Vec<(usize, &'a str)>,
    one_namespace: bool,
}

impl TreeBuilder<'_> {
    fn build(&mut self) -> Result<(), Fault> {
        let text = self.scanner.text;
        let start = if text.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        };
        let mut at = start;
        while at < text.len() {
            at = match (self.scanner.byte(at), self.scanner.byte(at + 1)) {
                (b'<', b'/') => self.end(at)?,
                (b'<', b'!') => self.markup(at)?,
                (b'<', b'?') => {
                    let (end, is_declaration) = self.scanner.instruction(at)?;
                    if is_declaration && at != start {
                        return Err(malformed("the XML declaration must come first", at));
                    }
                    if is_declaration {
                        declaration::check(&text[at..end], text).map_err(|kind| (kind, at))?;
                    }
                    end
                }
                (b'<', _) => self.start(at)?,
                _ if self.open.is_empty() => self.white_space(at)?,
                _ => self.scanner.character_data(at)?,
            };
        }
        if let Some(unclosed) = self.open.last() {
            let name = self.name(*unclosed);
            let message = format!("element `{name}` is never closed");
            return Err(malformed(&message, text.len()));
        }
        if self.nodes.is_empty() {
            return Err((SyntaxErrorKind::Empty, 0));
        }
        Ok(())
    }

    fn start(&mut self, at: usize) -> Result<usize, Fault> {
        if self.open.is_empty() && !self.nodes.is_empty() {
            let tag = self.scanner.start_tag(at)?;
            let name = self.scanner.text[at + 1..tag.name_end].to_owned();
            return Err((SyntaxErrorKind::SecondRoot(name), at));
        }
        let tag = self.scanner.start_tag(at)?;
        if self.nodes.len() == MAX_ELEMENTS {
            return Err((SyntaxErrorKind::TooManyElements(MAX_ELEMENTS), at));
        }
        if tag.local_name != at + 1 || !self.scanner.attributes().is_empty() {
            self.namespaces(at, tag.local_name)?;
        }
        let index = to_u32(self.nodes.len());
        let end = to_u32(tag.end);
        self.nodes.push(Node {
            open: to_u32(at)..end,
            close: end..end,
            name: to_u32(tag.local_name)..to_u32(tag.name_end),
            subtree_end: index + 1,
            // The root is its own parent.
            parent: self.open.last().copied().unwrap_or(index),
        });
        if !tag.closes_itself {
            if self.open.len() >= MAX_DEPTH {
                return Err((SyntaxErrorKind::TooDeep(MAX_DEPTH), at));
            }
            self.open.push(index);
        }
        Ok(tag.end)
    }

    /// Notes the prefixes that a tag declares, and checks those that it uses (Namespaces in XML
    /// 1.0, section 5).
    fn namespaces(&mut self, at: usize, local_name: usize) -> Result<(), Fault> {
        let depth = self.open.len();
        // Those of elements that were closed.
        while self
            .prefixes
            .pop_if(|(declared, _)| *declared >= depth)
            .is_some()
        {}
        let attributes = self.scanner.attributes();
        for name in attributes {
            let prefix = name.strip_prefix("xmlns:");
            self.prefixes.extend(prefix.map(|prefix| (depth, prefix)));
            if depth > 0 && (prefix.is_some() || *name == "xmlns") {
                self.one_namespace = false;
            }
        }
        let of_element = &self.scanner.text[at + 1..local_name];
        if !of_element.is_empty() {
            self.one_namespace = false;
        }
        let used = attributes.iter().filter_map(|name| name.split_once(':'));
        let used = used.map(|(prefix, _)| prefix);
        for prefix in used.chain(of_element.strip_suffix(':')) {
            let is_declared = self
                .prefixes
                .iter()
                .any(|(_, declared)| *declared == prefix);
            if !is_declared && !matches!(prefix, "xml" | "xmlns") {
                return Err(malformed(
                    &format!("the prefix `{prefix}` is not declared"),
                    at,
                ));
            }
        }
        Ok(())
    }

    fn end(&mut self, at: usize) -> Result<usize, Fault> {
        let Some(index) = self.open.pop() else {
            return Err(malformed("an end tag without a start tag", at));
        };
        let end = self.scanner.end_tag(at, self.name(index))?;
        let subtree_end = to_u32(self.nodes.len());
        let node = &mut self.nodes[index as usize];
        node.close = to_u32(at)..to_u32(end);
        node.subtree_end = subtree_end;
        Ok(end)
    }

    /// What begins with `<!`.
    fn markup(&self, at: usize) -> Result<usize, Fault> {
        if self.scanner.starts_with(at, "<!--") {
            self.scanner.comment(at)
        } else if !self.scanner.starts_with(at, "<![CDATA[") {
            // `<!DOCTYPE`, or its content.
            Err((SyntaxErrorKind::Dtd, at))
        } else if self.open.is_empty() {
            Err(malformed("text outside the root element", at))
        } else {
            self.scanner.cdata(at)
        }
    }

    /// Outside of the root element only white space is allowed.
    fn white_space(&self, at: usize) -> Result<usize, Fault> {
        let rest = &self.scanner.text.as_bytes()[at..];
        let length = rest.iter().position(|byte| !byte.is_ascii_whitespace());
        let end = at + length.unwrap_or(rest.len());
        match self.scanner.byte(end) {
            b'<' | 0 => Ok(end),
            _ if self.nodes.is_empty() => Err((SyntaxErrorKind::Empty, end)),
            _ => Err(malformed("text outside the root element", end)),
        }
    }

    fn name(&self, index: u32) -> &str {
        let node = &self.nodes[index as usize];
        &self.scanner.text[node.open.start as usize + 1..node.name.end as usize]
    }
}

/// XML 1.0 section 2.2: the only allowed control characters are tab, line feed and carriage return.
fn forbid_control_characters(text: &str) -> Result<(), Fault> {
    // No branches, so that the compiler can vectorize. U+FFFE and U+FFFF, the only other forbidden
    // characters that a `str` can hold, begin with 0xEF.
    let bytes = text.as_bytes();
    let is_not = |byte: u8, other: u8| u8::from(byte != other);
    let control = |byte: u8| {
        u8::from(byte < b' ') & is_not(byte, b'\n') & is_not(byte, b'\t') & is_not(byte, b'\r')
    };
    let found = bytes.iter().fold(0, |found, byte| found | control(*byte));
    if found == 0 && memchr::memchr(0xef, bytes).is_none() {
        return Ok(());
    }
    let forbidden = |c: char| {
        (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    match text.char_indices().find(|(_, c)| forbidden(*c)) {
        Some((offset, c)) => Err((SyntaxErrorKind::ControlCharacter(u32::from(c)), offset)),
        None => Ok(()),
    }
}

/// The text is at most `u32::MAX` bytes long, and it has fewer elements than bytes.
fn to_u32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
