//! What makes places in long files cheap to tell.
//!
//! Telling a place means to count lines before it, and siblings of the same name. Where a file is
//! long, counting anew each time would take time in proportion to the square of its length, and
//! whoever writes the file decides how long.

use std::collections::HashMap;

use crate::values::position::Position;
use crate::xml::node::Node;

/// A longer text has its places noted.
pub(super) const LONG: usize = 8192;
/// One place in so many bytes.
const STEP: usize = 512;
/// In a larger tree each node's number among its siblings is noted.
pub(super) const FEW: usize = 128;

/// The places of a text.
pub(super) struct Places {
    /// Offset and place, one in each [`STEP`].
    noted: Vec<(usize, Position)>,
}

impl Places {
    pub(super) fn of(text: &str) -> Self {
        let mut noted = vec![(0, Position::START)];
        let mut last = (0, Position::START);
        while last.0 + STEP < text.len() {
            let mut next = last.0 + STEP;
            while !text.is_char_boundary(next) {
                next -= 1;
            }
            last = (next, last.1.after(&text[last.0..next]));
            noted.push(last);
        }
        Self { noted }
    }

    pub(super) fn position(&self, text: &str, offset: usize) -> Position {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let behind = self.noted.partition_point(|(noted, _)| *noted <= offset);
        let (from, position) = self.noted[behind.saturating_sub(1)];
        position.after(&text[from..offset])
    }
}

/// The number of each node among the siblings of its name.
pub(super) struct Ordinals(Vec<Ordinal>);

#[derive(Clone, Copy)]
pub(super) struct Ordinal {
    /// From 0.
    pub(super) number: u32,
    /// Whether it is the only one.
    pub(super) alone: bool,
}

impl Ordinals {
    pub(super) fn of(text: &str, nodes: &[Node]) -> Self {
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

    /// Noted places are those that counting from the start finds, at every byte.
    #[test]
    fn places_are_the_same() {
        let text = format!(
            "\u{feff}{}{}",
            "aé😀\r\n\n".repeat(150),
            "é\u{feff}x".repeat(500)
        );
        let places = Places::of(&text);
        assert!(places.noted.len() > 3);
        for offset in 0..=text.len() + 1 {
            let expected = Position::of(&text, offset);
            assert_eq!(places.position(&text, offset), expected, "{offset}");
        }
    }
}
