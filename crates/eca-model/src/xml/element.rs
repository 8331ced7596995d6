//! One element of a document.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use crate::schema::ListInText;
use crate::values::position::Position;
use crate::xml::document::Document;
use crate::xml::index::Ordinal;
use crate::xml::node::Node;
use crate::xml::text::unescape;

/// One element of a [`Document`]; cheap to copy.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    document: &'a Document,
    index: u32,
}

impl<'a> Element<'a> {
    pub(super) fn new(document: &'a Document, index: u32) -> Self {
        Self { document, index }
    }

    /// The name without its prefix.
    pub fn name(self) -> &'a str {
        let node = self.node();
        if self.document.is_foreign(self.index) {
            // Only the tag as it is written tells it from an element of the wanted namespace.
            let tag = &self.document.text()[node.open.start as usize + 1..node.open.end as usize];
            return tag.trim_end_matches(['/', '>']).trim_end();
        }
        node.local_name(self.document.text())
    }

    /// The name as it is written.
    pub fn qualified_name(self) -> &'a str {
        let node = self.node();
        &self.document.text()[node.open.start as usize + 1..node.name.end as usize]
    }

    /// The namespace that this element's own tag declares for its prefix. Metadata files declare it
    /// on the root.
    pub fn declared_namespace(self) -> Option<Cow<'a, str>> {
        match self.qualified_name().split_once(':') {
            Some((prefix, _)) => self.attribute(&format!("xmlns:{prefix}")),
            None => self.attribute("xmlns"),
        }
    }

    /// The namespace; `None` without one.
    pub fn namespace(self) -> Option<Cow<'a, str>> {
        let declaration = match self.qualified_name().split_once(':') {
            Some((prefix, _)) => Cow::Owned(format!("xmlns:{prefix}")),
            None => Cow::Borrowed("xmlns"),
        };
        let mut around = std::iter::successors(Some(self), |element| element.parent());
        around.find_map(|element| element.attribute(&declaration))
    }

    /// The text between the child elements, unless it is white space or there are none.
    pub fn stray_text(self) -> Option<Cow<'a, str>> {
        self.children().next()?;
        let node = self.node();
        let text = self.document.text();
        let mut from = node.open.end as usize;
        let ends = self.children().map(|child| (child.offset(), child.end()));
        let end = node.close.start as usize;
        let is_space = |gap: &str| gap.bytes().all(|byte| byte.is_ascii_whitespace());
        let is_clean = ends.chain([(end, end)]).all(|(to, next)| {
            let is_clean = is_space(&text[from..to]);
            from = next;
            is_clean
        });
        if is_clean {
            return None;
        }
        // There may be comments.
        let text = self.text();
        (!is_space(&text)).then_some(text)
    }

    /// The value of an attribute, by its name as written.
    pub fn attribute(self, name: &str) -> Option<Cow<'a, str>> {
        self.attributes()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| unescape(value))
    }

    /// The attributes as written: name and raw value.
    pub(super) fn attributes(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        // The start tag is well-formed (checked on reading): name="value" or name='value', without
        // `<`.
        let node = self.node();
        let mut rest = &self.document.text()[node.name.end as usize..node.open.end as usize];
        std::iter::from_fn(move || {
            let (name, tail) = rest.split_once('=')?;
            let tail = tail.trim_start();
            let quote = tail.chars().next()?;
            let (value, tail) = tail.get(1..)?.split_once(quote)?;
            rest = tail;
            Some((name.trim(), value))
        })
    }

    /// Whether the element is marked `xsi:nil="true"`.
    pub fn is_nil(self) -> bool {
        let node = self.node();
        // Few elements have attributes, and this is checked for every element.
        node.open.end > node.name.end + 1
            && self.attributes().any(|(name, value)| {
                (name == "nil" || name.ends_with(":nil")) && matches!(value, "true" | "1")
            })
    }

    /// The child elements in document order.
    pub fn children(self) -> Children<'a> {
        Children {
            document: self.document,
            next: self.index + 1,
            end: self.node().subtree_end,
        }
    }

    /// The child elements with this name.
    pub fn children_named(self, name: &str) -> impl Iterator<Item = Element<'a>> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The first child element with this name.
    pub fn child(self, name: &str) -> Option<Element<'a>> {
        self.children().find(|child| child.name() == name)
    }

    /// The parent; `None` for the root.
    pub fn parent(self) -> Option<Element<'a>> {
        let parent = self.node().parent;
        (parent != self.index).then(|| Self::new(self.document, parent))
    }

    /// The character data of this element itself: references resolved, CDATA unwrapped, comments
    /// left out, line ends as line feeds (XML 1.0 section 2.11). Nothing is trimmed.
    pub fn text(self) -> Cow<'a, str> {
        if self.children().next().is_none() {
            return unescape(self.inner());
        }
        let mut text = String::new();
        let mut from = self.node().open.end as usize;
        for child in self.children() {
            text.push_str(&unescape(&self.document.text()[from..child.offset()]));
            from = child.end();
        }
        text.push_str(&unescape(
            &self.document.text()[from..self.node().close.start as usize],
        ));
        Cow::Owned(text)
    }

    /// The items of a list in one text, or the whole text as the only item: each with the byte
    /// offset at which it starts and without the white space around it. Empty items are left out.
    pub fn items(self, list: Option<ListInText>) -> Vec<(usize, String)> {
        let text = self.text();
        // Behind an entity or a comment, offsets in text and file differ; the start of the element
        // is used instead.
        let start = match &text {
            Cow::Borrowed(_) if !self.is_self_closed() => Some(self.open_end()),
            _ => None,
        };
        let entry = |item: &str| {
            // An item is a slice of the text.
            let inside = item.as_ptr().addr() - text.as_ptr().addr();
            let offset = start.map_or(self.offset(), |start| start + inside);
            (offset, item.to_owned())
        };
        if let Some(list) = list {
            return list.items(&text).map(entry).collect();
        }
        let item = text.trim();
        let filled = (!item.is_empty()).then(|| entry(item));
        filled.into_iter().collect()
    }

    /// The bytes of the whole element.
    pub fn range(self) -> Range<usize> {
        self.offset()..self.end()
    }

    /// The bytes between the tags; empty when the element closes itself.
    pub fn content_range(self) -> Range<usize> {
        self.open_end()..self.close_start()
    }

    /// Where the element starts, as a byte offset.
    pub fn offset(self) -> usize {
        self.node().open.start as usize
    }

    /// The position where the element starts.
    pub fn position(self) -> Position {
        self.document.position(self.offset())
    }

    /// The element path below the root, as [`File::position_of`](crate::file::File::position_of)
    /// takes it; empty for the root. Repeated elements carry their index from 0.
    pub fn path(self) -> String {
        let Some(parent) = self.parent() else {
            return String::new();
        };
        let name = self.name();
        let ordinal = self.ordinal(parent);
        let mut path = parent.path();
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
        if !ordinal.alone {
            path.extend(["[", &ordinal.number.to_string(), "]"]);
        }
        path
    }

    fn ordinal(self, parent: Self) -> Ordinal {
        if let Some(noted) = self.document.ordinal(self.index) {
            return noted;
        }
        let mut siblings = parent.children_named(self.name());
        let number = siblings
            .by_ref()
            .position(|sibling| sibling.index == self.index);
        let number = number.unwrap_or_default();
        Ordinal {
            number: u32::try_from(number).unwrap_or(u32::MAX),
            alone: number == 0 && siblings.next().is_none(),
        }
    }

    /// Behind the element.
    pub(super) fn end(self) -> usize {
        self.node().close.end as usize
    }

    /// Behind the start tag.
    pub(super) fn open_end(self) -> usize {
        self.node().open.end as usize
    }

    /// Before the end tag.
    pub(super) fn close_start(self) -> usize {
        self.node().close.start as usize
    }

    /// Whether the element is written `<a/>`.
    pub(super) fn is_self_closed(self) -> bool {
        self.node().close.is_empty()
    }

    pub(super) fn inner(self) -> &'a str {
        &self.document.text()[self.open_end()..self.close_start()]
    }

    /// The document that the element is part of.
    pub fn document(self) -> &'a Document {
        self.document
    }

    fn node(self) -> &'a Node {
        &self.document.nodes()[self.index as usize]
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<{}> at {}", self.name(), self.position())
    }
}

/// The child elements of one element.
pub struct Children<'a> {
    document: &'a Document,
    next: u32,
    end: u32,
}

impl<'a> Iterator for Children<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        if self.next >= self.end {
            return None;
        }
        let element = Element::new(self.document, self.next);
        self.next = element.node().subtree_end;
        Some(element)
    }
}
