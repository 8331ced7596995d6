//! Indexes that make positions and element paths cheap in long files.
//!
//! A position needs the number of lines before it, and a path the number of siblings of the same
//! name. Without an index, a file with n findings would take quadratic time.

use std::collections::HashMap;

use crate::values::position::Position;
use crate::xml::node::Node;

/// A text with more bytes gets a [`LineIndex`].
pub(super) const LINE_INDEX_THRESHOLD: usize = 8192;
/// The bytes between two entries of a [`LineIndex`].
const STEP: usize = 512;
/// A tree with more nodes gets a [`SiblingIndex`].
pub(super) const SIBLING_INDEX_THRESHOLD: usize = 128;

/// The positions of a text, one per [`STEP`] bytes.
#[derive(Clone)]
pub(super) struct LineIndex {
    /// Byte offset and position.
    entries: Vec<(usize, Position)>,
}

impl LineIndex {
    pub(super) fn new(text: &str) -> Self {
        let mut entries = vec![(0, Position::START)];
        let mut last = (0, Position::START);
        while last.0 + STEP < text.len() {
            let mut next = last.0 + STEP;
            while !text.is_char_boundary(next) {
                next -= 1;
            }
            last = (next, last.1.after(&text[last.0..next]));
            entries.push(last);
        }
        Self { entries }
    }

    pub(super) fn position(&self, text: &str, offset: usize) -> Position {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let behind = self.entries.partition_point(|(entry, _)| *entry <= offset);
        let (from, position) = self.entries[behind.saturating_sub(1)];
        position.after(&text[from..offset])
    }
}

/// The index of each node among the siblings of its name.
#[derive(Clone)]
pub(super) struct SiblingIndex(Vec<Ordinal>);

#[derive(Clone, Copy)]
pub(super) struct Ordinal {
    /// From 0.
    pub(super) number: u32,
    /// Whether it is the only one.
    pub(super) alone: bool,
}

impl SiblingIndex {
    pub(super) fn new(text: &str, nodes: &[Node]) -> Self {
        let key = |node: &Node| (node.parent, node.local_name(text));
        let mut counts: HashMap<_, u32> = HashMap::new();
        let numbers: Vec<u32> = nodes
            .iter()
            .map(|node| {
                let count = counts.entry(key(node)).or_default();
                *count += 1;
                *count - 1
            })
            .collect();
        let ordinals = nodes.iter().zip(numbers).map(|(node, number)| Ordinal {
            number,
            alone: counts.get(&key(node)) == Some(&1),
        });
        Self(ordinals.collect())
    }

    pub(super) fn get(&self, index: u32) -> Ordinal {
        self.0[index as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_counting_from_the_start() {
        let text = format!(
            "\u{feff}{}{}",
            "aé😀\r\n\n".repeat(150),
            "é\u{feff}x".repeat(500)
        );
        let index = LineIndex::new(&text);
        assert!(index.entries.len() > 3);
        for offset in 0..=text.len() + 1 {
            let expected = Position::from_offset(&text, offset);
            assert_eq!(index.position(&text, offset), expected, "{offset}");
        }
    }
}
