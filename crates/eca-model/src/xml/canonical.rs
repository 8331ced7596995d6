//! The canonical form: that of an org's retrieve.

use std::cmp::Ordering;

use crate::xml::element::Element;
use crate::xml::member::{Content, Member};
use crate::xml::{Document, METADATA_NAMESPACE, XSI_NAMESPACE};

pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
pub(super) const INDENT: &str = "    ";

/// Writes a document as an org's retrieve would: UTF-8, line feeds, four spaces a level, members in
/// Salesforce's order at every level, no comments, the five entities escaped, one final newline.
pub fn canonical(document: &Document) -> String {
    let root = document.root();
    let mut text = String::with_capacity(document.text().len() + 64);
    open_root(&mut text, root.name(), has_nil(root));
    let mut children: Vec<_> = root.children().collect();
    sort(&mut children);
    if children.is_empty() {
        close_empty_root(&mut text);
        return text;
    }
    text.push_str(">\n");
    for child in children {
        write_element(&mut text, child, 1);
    }
    close(&mut text, root.name(), 0);
    text
}

/// Writes the members of a value as a canonical file.
pub(crate) fn write_document(root: &str, members: &[Member]) -> String {
    let mut text = String::new();
    open_root(&mut text, root, false);
    if members.is_empty() {
        close_empty_root(&mut text);
        return text;
    }
    text.push_str(">\n");
    let style = Style {
        newline: "\n",
        unit: INDENT,
        prefix: "",
    };
    for member in members {
        text.push_str(INDENT);
        write_member(&mut text, member.name, &member.content, INDENT, style);
        text.push('\n');
    }
    close(&mut text, root, 0);
    text
}

/// The style of new lines, as in the file that they are added to.
#[derive(Clone, Copy)]
pub(super) struct Style<'a> {
    pub(super) newline: &'a str,
    pub(super) unit: &'a str,
    /// The namespace prefix with its colon; empty without a prefix.
    pub(super) prefix: &'a str,
}

/// Writes one element; `indent` is the indentation of its line, which is already written.
pub(super) fn write_member(
    text: &mut String,
    name: &str,
    content: &Content,
    indent: &str,
    style: Style<'_>,
) {
    let prefix = style.prefix;
    match content {
        Content::Text(value) => {
            text.extend(["<", prefix, name, ">"]);
            escape(text, value);
        }
        Content::Members(members) if members.is_empty() => {
            text.extend(["<", prefix, name, ">"]);
        }
        Content::Members(members) => {
            text.extend(["<", prefix, name, ">", style.newline]);
            let deeper = format!("{indent}{}", style.unit);
            for member in members {
                text.push_str(&deeper);
                write_member(text, member.name, &member.content, &deeper, style);
                text.push_str(style.newline);
            }
            text.push_str(indent);
        }
    }
    text.extend(["</", prefix, name, ">"]);
}

/// Escapes character data as an org does, quotes included. Unlike `quick_xml::escape`, it keeps a
/// carriage return, which an XML reader would otherwise turn into a line feed.
pub(crate) fn escape(text: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '\'' => text.push_str("&apos;"),
            '"' => text.push_str("&quot;"),
            '\r' => text.push_str("&#xD;"),
            other => text.push(other),
        }
    }
}

/// Salesforce's order: the inherited `fullName` first, then ASCII code points.
pub(super) fn order(a: &str, b: &str) -> Ordering {
    let inherited = |name: &str| name != "fullName";
    inherited(a).cmp(&inherited(b)).then_with(|| a.cmp(b))
}

fn sort(children: &mut [Element<'_>]) {
    // Stable: repeated elements keep their order.
    children.sort_by(|a, b| order(a.name(), b.name()));
}

fn write_element(text: &mut String, element: Element<'_>, depth: usize) {
    let indent = INDENT.repeat(depth);
    let name = element.name();
    if element.is_nil() {
        text.extend([&indent, "<", name, " xsi:nil=\"true\"/>\n"]);
        return;
    }
    text.extend([&indent, "<", name]);
    for (key, value) in element.attributes() {
        if !key.starts_with("xmlns") {
            text.extend([" ", key, "=\"", &value.replace('"', "&quot;"), "\""]);
        }
    }
    let mut children: Vec<_> = element.children().collect();
    if children.is_empty() {
        text.push('>');
        escape(text, &element.text());
        text.extend(["</", name, ">\n"]);
        return;
    }
    sort(&mut children);
    text.push_str(">\n");
    for child in children {
        write_element(text, child, depth + 1);
    }
    close(text, name, depth);
}

fn open_root(text: &mut String, name: &str, nil: bool) {
    text.push_str(DECLARATION);
    text.extend(["<", name, " xmlns=\"", METADATA_NAMESPACE, "\""]);
    if nil {
        text.extend([" xmlns:xsi=\"", XSI_NAMESPACE, "\""]);
    }
}

fn close_empty_root(text: &mut String) {
    text.push_str("/>\n");
}

fn close(text: &mut String, name: &str, depth: usize) {
    text.extend([&INDENT.repeat(depth), "</", name, ">\n"]);
}

fn has_nil(element: Element<'_>) -> bool {
    element
        .children()
        .any(|child| child.is_nil() || has_nil(child))
}
