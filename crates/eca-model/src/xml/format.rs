//! Salesforce's order and indentation for files that people edit: comments stay.

use crate::xml::Document;
use crate::xml::canonical::{DECLARATION, INDENT, escape, order};
use crate::xml::element::Element;

/// Writes a document in Salesforce's order, with line feeds and four spaces a level, as
/// [`canonical`](super::canonical) does, but keeps more: comments and processing instructions stay
/// with the element that they precede (or follow on its line), attributes and prefixes stay
/// unchanged.
///
/// Elements that mix text with child elements, which metadata does not have, are kept unchanged.
/// Formatting is idempotent.
pub fn format(document: &Document) -> String {
    let (text, root) = (document.text(), document.root());
    let mut writer = Writer {
        source: text,
        text: String::with_capacity(text.len() + 64),
    };
    writer.text.push_str(DECLARATION);
    for remark in remarks(&text[..root.offset()]).unwrap_or_default() {
        if !is_declaration(remark.text) {
            writer.remark_line(remark.text, 0);
        }
    }
    let after = remarks(&text[root.end()..]).unwrap_or_default();
    let same_line = after
        .iter()
        .take_while(|remark| !remark.after_newline)
        .count();
    writer.element(root, 0);
    writer.trailing(&after[..same_line]);
    for remark in &after[same_line..] {
        writer.remark_line(remark.text, 0);
    }
    writer.text
}

/// `<?xml version="1.0"?>`, and not `<?xml-stylesheet …?>`.
fn is_declaration(instruction: &str) -> bool {
    let target = instruction.strip_prefix("<?xml");
    target.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_whitespace()))
}

/// The characters that can end a line; a lone carriage return is a line end too (XML 1.0 section
/// 2.11).
const LINE_ENDS: [char; 2] = ['\n', '\r'];

/// A comment or processing instruction between elements.
struct Remark<'a> {
    text: &'a str,
    /// Whether it starts on a new line.
    after_newline: bool,
}

/// The comments and processing instructions of a piece of text; `None` when it contains character
/// data.
fn remarks(gap: &str) -> Option<Vec<Remark<'_>>> {
    let mut found = Vec::new();
    let mut rest = gap;
    loop {
        // A byte order mark is not character data.
        let start = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\u{feff}');
        let after_newline = rest[..rest.len() - start.len()].contains(LINE_ENDS);
        let end = match start {
            "" => return Some(found),
            comment if comment.starts_with("<!--") => comment.find("-->")? + "-->".len(),
            instruction if instruction.starts_with("<?") => instruction.find("?>")? + "?>".len(),
            _ => return None,
        };
        found.push(Remark {
            text: &start[..end],
            after_newline,
        });
        rest = &start[end..];
    }
}

/// A child element with its comments and processing instructions.
struct Child<'a> {
    leading: Vec<Remark<'a>>,
    element: Element<'a>,
    trailing: Vec<Remark<'a>>,
}

/// The children of an element and the remarks behind the last one; `None` when there is character
/// data between them.
fn children<'a>(source: &'a str, parent: Element<'a>) -> Option<(Vec<Child<'a>>, Vec<Remark<'a>>)> {
    let mut children: Vec<Child<'a>> = Vec::new();
    let mut from = parent.content_range().start;
    for element in parent.children() {
        let leading = gap(&source[from..element.offset()], false, children.last_mut())?;
        children.push(Child {
            leading,
            element,
            trailing: Vec::new(),
        });
        from = element.end();
    }
    let dangling = gap(
        &source[from..parent.content_range().end],
        true,
        children.last_mut(),
    )?;
    Some((children, dangling))
}

/// Gives the element before a gap the remarks that end its line, and returns the others.
fn gap<'a>(text: &'a str, last: bool, previous: Option<&mut Child<'a>>) -> Option<Vec<Remark<'a>>> {
    let mut found = remarks(text)?;
    if let Some(previous) = previous {
        let run = found
            .iter()
            .take_while(|remark| !remark.after_newline)
            .count();
        let line_ends = match found.get(run) {
            Some(_) => true,
            None => {
                last || found
                    .last()
                    .is_some_and(|remark| ends_line(text, remark.text))
            }
        };
        if line_ends {
            let rest = found.split_off(run);
            previous.trailing = found;
            found = rest;
        }
    }
    Some(found)
}

/// Whether a line ends behind the last remark of a gap.
fn ends_line(gap: &str, last: &str) -> bool {
    let at = gap.rfind(last).map_or(gap.len(), |at| at + last.len());
    gap[at..].contains(LINE_ENDS)
}

struct Writer<'a> {
    source: &'a str,
    text: String,
}

impl<'a> Writer<'a> {
    /// An element with its line end.
    fn element(&mut self, element: Element<'a>, depth: usize) {
        self.indent(depth);
        self.element_without_line_end(element, depth);
        self.text.push('\n');
    }

    fn element_without_line_end(&mut self, element: Element<'a>, depth: usize) {
        let has_children = element.children().next().is_some();
        if !has_children && depth > 0 {
            self.leaf(element);
            return;
        }
        let Some((mut children, dangling)) = children(self.source, element) else {
            self.verbatim(&self.source[element.range()]);
            return;
        };
        self.open_tag(element);
        if children.is_empty() && dangling.is_empty() {
            self.text.push_str("/>");
            return;
        }
        self.text.push_str(">\n");
        // Stable: repeated elements keep their order.
        children.sort_by(|a, b| order(a.element.name(), b.element.name()));
        for child in children {
            for remark in &child.leading {
                self.remark_line(remark.text, depth + 1);
            }
            self.element(child.element, depth + 1);
            self.trailing(&child.trailing);
        }
        for remark in dangling {
            self.remark_line(remark.text, depth + 1);
        }
        self.indent(depth);
        self.text.extend(["</", element.qualified_name(), ">"]);
    }

    /// An element without child elements.
    fn leaf(&mut self, element: Element<'a>) {
        self.open_tag(element);
        let raw = &self.source[element.content_range()];
        if element.is_nil() && raw.trim_ascii().is_empty() {
            self.text.push_str("/>");
            return;
        }
        self.text.push('>');
        if raw.contains("<!--") || raw.contains("<?") {
            self.verbatim(raw);
        } else {
            escape(&mut self.text, &element.text());
        }
        self.text.extend(["</", element.qualified_name(), ">"]);
    }

    fn open_tag(&mut self, element: Element<'a>) {
        self.text.extend(["<", element.qualified_name()]);
        for (name, value) in element.attributes() {
            let value = value.replace('"', "&quot;");
            self.text.extend([" ", name, "=\"", &value, "\""]);
        }
    }

    /// Remarks at the end of the line that was just written.
    fn trailing(&mut self, remarks: &[Remark<'_>]) {
        if remarks.is_empty() {
            return;
        }
        self.text.pop();
        for remark in remarks {
            self.text.push(' ');
            self.verbatim(remark.text);
        }
        self.text.push('\n');
    }

    fn remark_line(&mut self, remark: &str, depth: usize) {
        self.indent(depth);
        self.verbatim(remark);
        self.text.push('\n');
    }

    /// A piece of the source, with line feeds as line ends, as every XML reader normalizes them
    /// (XML 1.0 section 2.11).
    fn verbatim(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        self.text.push_str(&text);
    }

    fn indent(&mut self, depth: usize) {
        for _ in 0..depth {
            self.text.push_str(INDENT);
        }
    }
}
