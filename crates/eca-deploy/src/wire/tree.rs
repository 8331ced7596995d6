//! One tree for both formats of a response: SOAP's XML and REST's JSON.
//!
//! The WSDL and the REST resource give the same members the same names, so one reader of this tree
//! serves both. A JSON array becomes repeated nodes with the name of its member, like a repeated
//! element in XML.

use std::borrow::Cow;
use std::fmt;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

/// Deeper than any message of the Metadata API, and not too deep for the stack.
const MAX_DEPTH: usize = 64;
/// More members than any response has; a tree of so many takes up to 250 MB. The largest response
/// is that of a deploy. A deploy has at most 10,000 files (Metadata API Developer Guide, "Metadata
/// Limits"), and a file 16 members in the result (`DeployMessage`); a line of Apex that no test has
/// run has 5 (`CodeLocation`), and an org at most 6 MB of Apex.
const MAX_MEMBERS: usize = 1_000_000;

/// One member of a response.
#[derive(Default)]
pub(crate) struct Node<'a> {
    name: Cow<'a, str>,
    text: Cow<'a, str>,
    nil: bool,
    children: Vec<Node<'a>>,
}

/// Why a body is not a tree.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum TreeError {
    #[error("the body is not valid UTF-8")]
    Utf8(#[source] std::str::Utf8Error),
    #[error("the body is not well-formed XML at byte {offset}")]
    Xml {
        offset: u64,
        source: quick_xml::Error,
    },
    #[error("the XML has a document type declaration, which SOAP 1.1 forbids")]
    DocumentType,
    #[error("the XML uses the undefined entity &{name};")]
    Entity { name: String },
    #[error("the body has more than {MAX_MEMBERS} members")]
    TooManyMembers,
    #[error("the body is nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    #[error("the body ends before its root element does")]
    Incomplete,
    #[error("the body is not well-formed JSON")]
    Json(#[source] serde_json::Error),
}

impl<'a> Node<'a> {
    /// Reads an XML document. Names lose their prefixes, which servers choose freely.
    pub(crate) fn from_xml(body: &'a [u8]) -> Result<Self, TreeError> {
        if xml_members(body) > MAX_MEMBERS {
            return Err(TreeError::TooManyMembers);
        }
        let text = std::str::from_utf8(body).map_err(TreeError::Utf8)?;
        let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
        let mut open = vec![Node::default()];
        loop {
            let event = reader.read_event().map_err(|source| TreeError::Xml {
                offset: reader.error_position(),
                source,
            })?;
            match event {
                Event::Start(start) => {
                    if open.len() >= MAX_DEPTH {
                        return Err(TreeError::TooDeep);
                    }
                    open.push(Node::opening(&start));
                }
                Event::Empty(start) => close(&mut open, Node::opening(&start)),
                Event::End(_) => {
                    // The reader checks that end tags match; the root sentinel stays.
                    if open.len() > 1
                        && let Some(node) = open.pop()
                    {
                        close(&mut open, node);
                    }
                }
                Event::Text(text) => append(&mut open, text.into_inner()),
                Event::CData(text) => append(&mut open, text.into_inner()),
                Event::GeneralRef(entity) => {
                    let resolved = match entity.resolve_char_ref() {
                        Ok(Some(character)) => Some(character.to_string()),
                        Ok(None) => {
                            quick_xml::escape::resolve_predefined_entity(&entity).map(str::to_owned)
                        }
                        Err(_) => None,
                    };
                    match resolved {
                        Some(text) => append(&mut open, Cow::Owned(text)),
                        None => {
                            return Err(TreeError::Entity {
                                name: entity.chars().take(40).collect(),
                            });
                        }
                    }
                }
                Event::DocType(_) => return Err(TreeError::DocumentType),
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
        let mut open = open.into_iter();
        match (open.next(), open.next()) {
            (Some(mut document), None) if document.children.len() == 1 => {
                document.children.pop().ok_or(TreeError::Incomplete)
            }
            _ => Err(TreeError::Incomplete),
        }
    }

    /// Reads a JSON document, an object or an array, under a nameless root. The items of an array
    /// are children without a name. `serde_json` refuses more than 128 levels.
    pub(crate) fn from_json(body: &[u8]) -> Result<Self, TreeError> {
        if json_members(body) > MAX_MEMBERS {
            return Err(TreeError::TooManyMembers);
        }
        let mut root = Self::default();
        match serde_json::from_slice(body).map_err(TreeError::Json)? {
            Value::Object(members) => root.push_members(members),
            value => root.push_json("", value),
        }
        Ok(root)
    }

    fn push_json(&mut self, name: &str, value: Value) {
        let mut node = Self {
            name: Cow::Owned(name.to_owned()),
            ..Self::default()
        };
        match value {
            Value::Null => node.nil = true,
            Value::Bool(value) => node.text = Cow::Owned(value.to_string()),
            Value::Number(value) => node.text = Cow::Owned(value.to_string()),
            Value::String(value) => node.text = Cow::Owned(value),
            Value::Object(members) => node.push_members(members),
            Value::Array(items) => {
                for item in items {
                    self.push_json(name, item);
                }
                return;
            }
        }
        self.children.push(node);
    }

    fn push_members(&mut self, members: Map<String, Value>) {
        for (name, value) in members {
            self.push_json(&name, value);
        }
    }

    fn opening(start: &BytesStart<'a>) -> Self {
        let name = start.local_name().into_inner().to_owned();
        let nil = start.attributes().map_while(Result::ok).any(|attribute| {
            attribute.key.local_name().into_inner() == "nil"
                && matches!(attribute.value.as_ref(), "true" | "1")
        });
        Self {
            name: Cow::Owned(name),
            nil,
            ..Self::default()
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn children(&self) -> &[Node<'a>] {
        &self.children
    }

    /// The first child that has one of the names, in the order of the names.
    pub(crate) fn child(&self, names: &[&str]) -> Option<&Node<'a>> {
        names
            .iter()
            .find_map(|name| self.children.iter().find(|child| child.name == *name))
    }

    /// The node at the end of a path of first children.
    pub(crate) fn into_descendant(mut self, path: &[&str]) -> Option<Node<'a>> {
        for name in path {
            let at = self.children.iter().position(|child| child.name == *name)?;
            self = self.children.swap_remove(at);
        }
        Some(self)
    }

    /// All children of that name that are not nil.
    pub(crate) fn all<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Node<'a>> {
        self.children
            .iter()
            .filter(move |child| child.name == name && !child.nil)
    }

    /// The text, unless the member is nil.
    pub(crate) fn text(&self) -> Option<&str> {
        (!self.nil).then_some(&*self.text)
    }

    /// A child's text; `None` if it is absent, nil or empty.
    pub(crate) fn text_of(&self, names: &[&str]) -> Option<&str> {
        self.child(names)
            .and_then(Node::text)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// A child's text, owned.
    pub(crate) fn string_of(&self, names: &[&str]) -> Option<String> {
        self.text_of(names).map(str::to_owned)
    }

    /// A child's boolean, sent as `true`, `"true"`, `1` or `"1"`.
    pub(crate) fn bool_of(&self, names: &[&str]) -> Option<bool> {
        match self.text_of(names)? {
            "1" => Some(true),
            "0" => Some(false),
            text if text.eq_ignore_ascii_case("true") => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// A child's whole number, sent as `7`, `"7"` or `7.0`.
    pub(crate) fn number_of(&self, names: &[&str]) -> Option<u64> {
        let text = self.text_of(names)?;
        let whole = text.split_once('.').map_or(text, |(whole, rest)| {
            if rest.bytes().all(|b| b == b'0') {
                whole
            } else {
                text
            }
        });
        whole.parse().ok()
    }

    /// A child's decimal number.
    pub(crate) fn decimal_of(&self, names: &[&str]) -> Option<f64> {
        self.text_of(names)?
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
    }

    /// As [`Self::number_of`], saturating at `u32::MAX`, for counters.
    pub(crate) fn count_of(&self, names: &[&str]) -> Option<u32> {
        self.number_of(names)
            .map(|number| u32::try_from(number).unwrap_or(u32::MAX))
    }
}

/// Names only: the response of a retrieve contains files.
impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("name", &self.name)
            .field("children", &self.children)
            .finish_non_exhaustive()
    }
}

/// The number of elements, or a few more, before any of them takes memory.
fn xml_members(body: &[u8]) -> usize {
    memchr::memchr_iter(b'<', body)
        .filter(|at| body.get(at + 1) != Some(&b'/'))
        .count()
}

/// The number of values, or a few more, before any of them takes memory: each comes behind a comma
/// or an opening bracket, but for the first.
fn json_members(body: &[u8]) -> usize {
    let mut members = 0;
    let mut is_string = false;
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => is_string = !is_string,
            b'\\' if is_string => drop(bytes.next()),
            b',' | b'[' | b'{' if !is_string => members += 1,
            _ => {}
        }
    }
    members
}

fn append<'a>(open: &mut [Node<'a>], text: Cow<'a, str>) {
    if let Some(node) = open.last_mut() {
        if node.text.is_empty() {
            node.text = text;
        } else {
            node.text.to_mut().push_str(&text);
        }
    }
}

fn close<'a>(open: &mut [Node<'a>], mut node: Node<'a>) {
    if !node.children.is_empty() {
        // Indentation between children.
        node.text = Cow::Borrowed("");
    }
    if let Some(parent) = open.last_mut() {
        parent.children.push(node);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_read_the_same() {
        let xml = br#"<?xml version="1.0"?><m:r xmlns:m="u"><m:done>true</m:done><m:n>7</m:n>
            <m:item>a &amp; b</m:item><m:item><![CDATA[<c>]]>&#33;</m:item><m:none xsi:nil="true"/></m:r>"#;
        let json = br#"{"done":"true","n":7.0,"item":["a & b","<c>!"],"none":null}"#;
        for node in [Node::from_xml(xml).unwrap(), Node::from_json(json).unwrap()] {
            assert_eq!(node.bool_of(&["isDone", "done"]), Some(true));
            assert_eq!(node.number_of(&["n"]), Some(7));
            let items: Vec<_> = node.all("item").filter_map(Node::text).collect();
            assert_eq!(items, ["a & b", "<c>!"]);
            assert_eq!(node.text_of(&["none"]), None);
        }
    }

    #[test]
    fn members_are_counted_before_they_are_read() {
        for (xml, count) in [
            ("<a/>", 1),
            ("<a><b>1</b><c/></a>", 3),
            ("<a>&lt;b&gt;</a>", 1),
        ] {
            assert_eq!(xml_members(xml.as_bytes()), count, "{xml}");
        }
        for (json, count) in [
            ("1", 0),
            (r#"{"b":1,"c":""}"#, 2),
            (r#"["<[{,\"\\",1]"#, 2),
            (r#"{"b":[[],{},"]"]}"#, 6),
        ] {
            assert_eq!(json_members(json.as_bytes()), count, "{json}");
        }
        let large = |start: &str, item: &str, count, end: &str| {
            [start, &item.repeat(count), end].concat().into_bytes()
        };
        for (count, is_refused) in [(MAX_MEMBERS - 2, false), (MAX_MEMBERS, true)] {
            let xml = large("<a>", "<b/>", count, "</a>");
            let json = large("{\"a\":[0", ",0", count, "]}");
            let results = [Node::from_xml(&xml).err(), Node::from_json(&json).err()];
            for error in results {
                let too_many = matches!(error, Some(TreeError::TooManyMembers));
                assert_eq!((too_many, error.is_some()), (is_refused, is_refused));
            }
        }
    }

    #[test]
    fn hostile_bodies_are_errors() {
        let deep = "<a>".repeat(500);
        for body in [
            "",
            "<a>",
            "<a></b>",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
            "<a>&x;</a>",
            "<a/><b/>",
            "</a>",
            &deep,
        ] {
            assert!(Node::from_xml(body.as_bytes()).is_err(), "{body:.40}");
        }
        assert!(Node::from_xml(b"<a>\xff</a>").is_err());
        let deep = "{\"a\":".repeat(200) + "1" + &"}".repeat(200);
        for body in ["", "{", "{\"a\":}", "{} {}", &"[".repeat(5000), &deep] {
            assert!(Node::from_json(body.as_bytes()).is_err(), "{body:.40}");
        }
    }
}
