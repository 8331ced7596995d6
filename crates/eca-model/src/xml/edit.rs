//! Edits that touch only their own lines.
//!
//! An edit is the difference between the members of the old value and those of the new one, turned
//! into splices of the text. Unchanged members are not rewritten, whatever their formatting.

use std::collections::HashSet;
use std::ops::Range;

use similar::DiffOp;

use crate::xml::canonical::{Style, order, write_member};
use crate::xml::element::Element;
use crate::xml::member::{Content, Member};
use crate::xml::{Document, SyntaxError};

/// An edit that cannot be written into the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// A new text holds a character that XML 1.0 cannot carry.
    #[error(
        "the new value of `{element}` holds control character U+{character:04X}, which XML cannot carry"
    )]
    ControlCharacter {
        /// The element's name.
        element: String,
        /// The character's code point.
        character: u32,
    },
    /// The edited text could not be read back.
    #[error("the edited file could not be read back")]
    Unreadable(#[source] SyntaxError),
    /// The edited text reads back as a different value than requested.
    #[error("the new value reads back as a different one after it is written to a file")]
    NotRepresentable,
    /// The file holds another metadata type than the edit is for.
    #[error("the file holds {found}, the edit is for {expected}")]
    OtherType {
        /// The type in the file.
        found: String,
        /// The type that the edit is for.
        expected: String,
    },
}

/// The text of `document` after its root's members changed from `old` to `new`.
pub(crate) fn apply(
    document: &Document,
    old: &[Member],
    new: &[Member],
) -> Result<String, EditError> {
    for member in new {
        forbid_control_characters(member.name, &member.content)?;
    }
    let mut splices = Splices::new(document);
    splices.members(document.root(), old, new);
    Ok(splices.apply())
}

/// One edit by element.
pub(crate) enum ElementEdit<'a> {
    /// The element goes, with its lines.
    Remove(Element<'a>),
    /// These elements of a parent become members with these contents.
    Replace(Element<'a>, &'static str, Vec<Element<'a>>, Vec<Content>),
}

/// The text of `document` after edits of some of its elements, none inside another.
pub(crate) fn edit_element(
    document: &Document,
    edits: &[ElementEdit<'_>],
) -> Result<String, EditError> {
    let mut splices = Splices::new(document);
    for edit in edits {
        match edit {
            ElementEdit::Remove(element) => splices.remove(*element),
            ElementEdit::Replace(parent, name, present, contents) => {
                for content in contents {
                    forbid_control_characters(name, content)?;
                }
                let content = |element: &Element<'_>| {
                    if element.is_nil() {
                        // Not equal to any text.
                        Content::Members(Vec::new())
                    } else {
                        Content::Text(element.text().into_owned())
                    }
                };
                let before: Vec<_> = present.iter().map(content).collect();
                if before == *contents {
                    continue;
                }
                let mut inserted = Vec::new();
                splices.list_items(name, present, &before, contents, &mut inserted);
                splices.insert_all(*parent, &inserted);
            }
        }
    }
    Ok(splices.apply())
}

struct Splices<'a> {
    text: &'a str,
    list: Vec<(Range<usize>, String)>,
    /// Starts of removed elements; nothing is anchored to them.
    removed: HashSet<usize>,
}

impl<'a> Splices<'a> {
    fn new(document: &'a Document) -> Self {
        Self {
            text: document.text(),
            list: Vec::new(),
            removed: HashSet::new(),
        }
    }

    fn apply(mut self) -> String {
        // Stable, so that several insertions at one place keep their order.
        self.list.sort_by_key(|(range, _)| (range.start, range.end));
        let mut edited = String::with_capacity(self.text.len() + 256);
        let mut from = 0;
        for (range, replacement) in &self.list {
            edited.push_str(&self.text[from..range.start]);
            edited.push_str(replacement);
            from = range.end;
        }
        edited.push_str(&self.text[from..]);
        edited
    }

    fn members(&mut self, parent: Element<'a>, old: &[Member], new: &[Member]) {
        let mut names: Vec<&'static str> =
            old.iter().chain(new).map(|member| member.name).collect();
        names.sort_by(|a, b| order(a, b));
        names.dedup();
        let mut inserted = Vec::new();
        for name in names {
            let contents = |members: &[Member]| -> Vec<Content> {
                let items = members.iter().filter(|member| member.name == name);
                items.map(|member| member.content.clone()).collect()
            };
            let (before, after) = (contents(old), contents(new));
            if before == after {
                continue;
            }
            let list = old
                .iter()
                .chain(new)
                .any(|member| member.name == name && member.list);
            let present: Vec<_> = parent.children_named(name).collect();
            if list && present.len() == before.len() {
                self.list_items(name, &present, &before, &after, &mut inserted);
            } else {
                self.scalar(name, &present, before.first(), after.first(), &mut inserted);
            }
        }
        // Last, when it is known which neighbours stay.
        self.insert_all(parent, &inserted);
    }

    fn scalar(
        &mut self,
        name: &'static str,
        present: &[Element<'a>],
        old: Option<&Content>,
        new: Option<&Content>,
        inserted: &mut Vec<(&'static str, Content)>,
    ) {
        match (present.first(), new) {
            (Some(element), Some(content)) => self.replace(*element, old, content),
            (None, Some(content)) => inserted.push((name, content.clone())),
            (_, None) => present.iter().for_each(|element| self.remove(*element)),
        }
    }

    /// Aligns the old items with the new ones, so that equal items keep their lines.
    fn list_items(
        &mut self,
        name: &'static str,
        present: &[Element<'a>],
        before: &[Content],
        after: &[Content],
        inserted: &mut Vec<(&'static str, Content)>,
    ) {
        let (mut at_old, mut at_new) = (0, 0);
        let mut anchor: Option<Element<'a>> = None;
        for (kept_old, kept_new) in common_subsequence(before, after)
            .into_iter()
            .chain([(before.len(), after.len())])
        {
            // Between two kept items: items on both sides are changed in place, the rest is removed
            // or added.
            while at_old < kept_old && at_new < kept_new {
                self.replace(present[at_old], Some(&before[at_old]), &after[at_new]);
                anchor = Some(present[at_old]);
                at_old += 1;
                at_new += 1;
            }
            for element in &present[at_old..kept_old] {
                self.remove(*element);
            }
            for content in &after[at_new..kept_new] {
                match (anchor, present.first()) {
                    (Some(anchor), _) => self.insert_after(anchor, name, content),
                    (None, Some(first)) => self.insert_before(*first, name, content),
                    (None, None) => inserted.push((name, content.clone())),
                }
            }
            if let Some(kept) = present.get(kept_old) {
                anchor = Some(*kept);
            }
            at_old = kept_old + 1;
            at_new = kept_new + 1;
        }
    }

    fn replace(&mut self, element: Element<'a>, old: Option<&Content>, new: &Content) {
        match (old, new) {
            (Some(Content::Members(old)), Content::Members(new))
                if !element.is_self_closed() || !old.is_empty() =>
            {
                self.members(element, old, new);
            }
            (_, Content::Text(value)) if !element.is_self_closed() && !element.is_nil() => {
                let mut escaped = String::new();
                crate::xml::escape(&mut escaped, value);
                self.list
                    .push((element.open_end()..element.close_start(), escaped));
            }
            _ => {
                let mut text = String::new();
                let indent = self.indent(element.offset()).unwrap_or_default();
                write_member(&mut text, element.name(), new, indent, self.style(element));
                self.list.push((element.offset()..element.end(), text));
            }
        }
    }

    /// Inserts new elements at their place in Salesforce's order, next to their neighbours'
    /// comments.
    fn insert_all(&mut self, parent: Element<'a>, inserted: &[(&'static str, Content)]) {
        if inserted.is_empty() {
            return;
        }
        let removed = std::mem::take(&mut self.removed);
        let stays = |child: &Element<'_>| !removed.contains(&child.offset());
        let neighbours: Vec<_> = parent.children().filter(stays).collect();
        if neighbours.is_empty() {
            self.insert_into_empty(parent, inserted);
        }
        for of_one_name in inserted.chunk_by(|(name, _), (next, _)| name == next) {
            let smaller = |child: &&Element<'_>| order(child.name(), of_one_name[0].0).is_le();
            let previous = neighbours.iter().rfind(smaller);
            for (name, content) in of_one_name {
                match (previous, neighbours.first()) {
                    (Some(previous), _) => self.insert_after(*previous, name, content),
                    (None, Some(first)) => self.insert_before(*first, name, content),
                    (None, None) => {}
                }
            }
        }
        self.removed = removed;
    }

    fn insert_after(&mut self, previous: Element<'a>, name: &str, content: &Content) {
        let mut text = String::new();
        let mut at = previous.end();
        if let Some(indent) = self.indent(previous.offset()) {
            at = self.end_of_remarks(at);
            text.push_str(self.newline());
            text.push_str(indent);
            write_member(&mut text, name, content, indent, self.style(previous));
        } else {
            write_member(&mut text, name, content, "", self.style(previous));
        }
        self.list.push((at..at, text));
    }

    /// Before the comments directly above `next`, which describe it.
    fn insert_before(&mut self, next: Element<'a>, name: &str, content: &Content) {
        let mut text = String::new();
        let mut at = next.offset();
        let indent = self.indent(at);
        write_member(
            &mut text,
            name,
            content,
            indent.unwrap_or_default(),
            self.style(next),
        );
        if let Some(indent) = indent {
            text.extend([self.newline(), indent]);
            while let Some(comment) = self.comment_above(at) {
                at = comment;
            }
        }
        self.list.push((at..at, text));
    }

    /// The start of the comment that ends on the line above `offset`, when it has its lines to
    /// itself.
    fn comment_above(&self, offset: usize) -> Option<usize> {
        let line = offset - self.indent(offset)?.len();
        let above = self.text[..line].strip_suffix('\n')?;
        let above = above.trim_end_matches(['\r', ' ', '\t']);
        let start = above.strip_suffix("-->")?.rfind("<!--")?;
        self.indent(start).map(|_| start)
    }

    /// New members of an element in which no child element stays.
    fn insert_into_empty(&mut self, parent: Element<'a>, inserted: &[(&'static str, Content)]) {
        let style = self.style(parent);
        let outer = self.indent(parent.offset()).unwrap_or_default();
        let indent = format!("{outer}{}", style.unit);
        let mut text = String::new();
        for (name, content) in inserted {
            text.extend([style.newline, &indent]);
            write_member(&mut text, name, content, &indent, style);
        }
        if parent.is_self_closed() {
            // `<a/>` or `<a />`: only the end of the tag changes.
            let open = &self.text[parent.offset()..parent.end()];
            let slash = open.trim_end_matches("/>").trim_end().len();
            let range = parent.offset() + slash..parent.end();
            let name = parent.qualified_name();
            let closed = format!(">{text}{}{outer}</{name}>", style.newline);
            self.list.push((range, closed));
        } else if parent.children().next().is_some() {
            // The removed elements leave the white space before the end tag.
            self.list.push((parent.open_end()..parent.open_end(), text));
        } else {
            let at = parent.open_end() + parent.inner().trim_end().len();
            text.extend([style.newline, outer]);
            self.list.push((at..parent.close_start(), text));
        }
    }

    /// Removes an element with its lines when nothing else is on them. The line end before it is
    /// removed and the one behind it stays, so that an insertion behind a neighbour does not
    /// overlap.
    fn remove(&mut self, element: Element<'a>) {
        self.removed.insert(element.offset());
        let (start, end) = (element.offset(), element.end());
        let rest = &self.text[end..];
        let tail = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let alone = rest[tail..].starts_with(['\n', '\r']);
        let range = match self.indent(start) {
            Some(indent) if alone => {
                let line = &self.text[..start - indent.len() - 1];
                line.strip_suffix('\r').unwrap_or(line).len()..end + tail
            }
            _ => start..end,
        };
        self.list.push((range, String::new()));
    }

    /// The white space before `offset`, when nothing else is before it on its line.
    fn indent(&self, offset: usize) -> Option<&'a str> {
        let line = self.text[..offset].rfind('\n')? + 1;
        let indent = &self.text[line..offset];
        indent
            .bytes()
            .all(|b| matches!(b, b' ' | b'\t'))
            .then_some(indent)
    }

    /// Behind the comments that follow on the same line, when nothing else follows them.
    fn end_of_remarks(&self, offset: usize) -> usize {
        let mut at = offset;
        loop {
            let rest = self.text[at..].trim_start_matches([' ', '\t']);
            let here = self.text.len() - rest.len();
            if rest.starts_with('\n') || rest.starts_with("\r\n") {
                return at;
            }
            let Some(comment) = rest.strip_prefix("<!--").and_then(|tail| tail.find("-->")) else {
                return offset;
            };
            at = here + "<!--".len() + comment + "-->".len();
        }
    }

    fn newline(&self) -> &'a str {
        match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }

    fn style(&self, near: Element<'a>) -> Style<'a> {
        let root = near.document().root();
        let first = root.children().next();
        let unit = first.and_then(|child| self.indent(child.offset()));
        let prefix = near.qualified_name();
        let prefix = &prefix[..prefix.len() - near.name().len()];
        Style {
            newline: self.newline(),
            unit: unit.filter(|unit| !unit.is_empty()).unwrap_or("    "),
            prefix,
        }
    }
}

/// The indices of items that stay, in both lists: a common subsequence, in linear space. Lists that
/// differ in thousands of places get one that is not the longest, since finding that takes
/// quadratic time.
fn common_subsequence(before: &[Content], after: &[Content]) -> Vec<(usize, usize)> {
    // Both ends first, so that of several equal items those stay that are in the same place.
    let prefix = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let (old, new) = (&before[prefix..], &after[prefix..]);
    let ends = old.iter().rev().zip(new.iter().rev());
    let suffix = ends.take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - suffix], &new[..new.len() - suffix]);
    let runs = similar::capture_diff_slices(similar::Algorithm::Myers, old, new);
    let pairs = runs.into_iter().flat_map(|run| match run {
        DiffOp::Equal {
            old_index,
            new_index,
            len,
        } => (old_index..old_index + len).zip(new_index..new_index + len),
        _ => (0..0).zip(0..0),
    });
    let pairs = pairs.map(|(old, new)| (prefix + old, prefix + new));
    let end = (before.len() - suffix..before.len()).zip(after.len() - suffix..after.len());
    (0..prefix).zip(0..prefix).chain(pairs).chain(end).collect()
}

fn forbid_control_characters(name: &str, content: &Content) -> Result<(), EditError> {
    match content {
        Content::Members(members) => members
            .iter()
            .try_for_each(|member| forbid_control_characters(member.name, &member.content)),
        Content::Text(text) => {
            let forbidden = |c: &char| {
                (*c < ' ' && !matches!(c, '\t' | '\n' | '\r'))
                    || matches!(c, '\u{fffe}' | '\u{ffff}')
            };
            match text.chars().find(forbidden) {
                None => Ok(()),
                Some(character) => Err(EditError::ControlCharacter {
                    element: name.to_owned(),
                    character: u32::from(character),
                }),
            }
        }
    }
}
