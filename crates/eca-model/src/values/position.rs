//! Positions in a text.

use std::fmt;

/// A line and a column, both counted from 1. The column counts Unicode scalar values, as most
/// editors do.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl Position {
    /// The first character of a text.
    pub const START: Self = Self { line: 1, column: 1 };

    /// The position of byte `offset` in `text`. An offset past the end, or inside a character,
    /// counts as the nearest position before it. A byte order mark has no width.
    pub fn from_offset(text: &str, offset: usize) -> Self {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        Self::START.after(&text[..offset])
    }

    /// The byte offset of the position in `text`; the end of the text for one behind it.
    pub(crate) fn offset_in(self, text: &str) -> usize {
        let mut start = 0;
        for _ in 1..self.line {
            match memchr::memchr(b'\n', &text.as_bytes()[start..]) {
                Some(newline) => start += newline + 1,
                None => return text.len(),
            }
        }
        let columns = (self.column as usize).saturating_sub(1);
        let mut chars = text[start..]
            .char_indices()
            .filter(|(_, c)| *c != '\u{feff}');
        chars.nth(columns).map_or(text.len(), |(at, _)| start + at)
    }

    /// The position behind a piece of text that starts here.
    pub(crate) fn after(self, text: &str) -> Self {
        let line_start = memchr::memrchr(b'\n', text.as_bytes()).map(|newline| newline + 1);
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
        let columns = text[line_start.unwrap_or_default()..]
            .chars()
            .filter(|c| *c != '\u{feff}')
            .count();
        let columns = u32::try_from(columns).unwrap_or(u32::MAX);
        let column = if line_start.is_some() { 1 } else { self.column };
        Self {
            line: (self.line).saturating_add(u32::try_from(lines).unwrap_or(u32::MAX)),
            column: column.saturating_add(columns),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn places() {
        let text = "\u{feff}ab\r\nüx\n";
        for (offset, line, column) in [
            (0, 1, 1),
            (3, 1, 1),
            (4, 1, 2),
            (7, 2, 1),
            (8, 2, 1),
            (9, 2, 2),
            (99, 3, 1),
        ] {
            assert_eq!(
                Position::from_offset(text, offset),
                Position { line, column },
                "{offset}"
            );
        }
    }
}
