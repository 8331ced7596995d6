//! A text whose parts were replaced, and the way back.

use std::ops::Range;

/// A text before and after replacements: the place of each replaced part in both.
#[derive(Debug, Clone)]
pub(crate) struct SourceText {
    pub(crate) text: String,
    /// Sorted: start and length in the source, and length in the result.
    parts: Vec<(usize, usize, usize)>,
}

impl SourceText {
    /// A text without replacements.
    pub(crate) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            parts: Vec::new(),
        }
    }

    /// The place in the source of an offset in the result.
    pub(crate) fn offset(&self, result: usize) -> usize {
        Places::new(&self.parts).at(result)
    }

    /// Replaces ranges of the current result, which are sorted and apart.
    pub(crate) fn replace(&mut self, result: &str, ranges: &[Range<usize>], value: &str) -> String {
        let mut text = String::with_capacity(result.len());
        let mut end = 0;
        let mut places = Places::new(&self.parts);
        let mut parts = Vec::with_capacity(ranges.len());
        for range in ranges {
            text.push_str(&result[end..range.start]);
            text.push_str(value);
            end = range.end;
            let start = places.at(range.start);
            let source_end = places.at(range.end).max(start);
            parts.push((start, source_end - start, value.len()));
        }
        text.push_str(&result[end..]);
        self.parts.extend(parts);
        self.parts.sort_unstable();
        text
    }
}

/// Finds the places in the source of growing offsets in the result, all in one pass.
struct Places<'a> {
    /// Those that end after the last offset.
    parts: &'a [(usize, usize, usize)],
    added: usize,
    removed: usize,
}

impl<'a> Places<'a> {
    fn new(parts: &'a [(usize, usize, usize)]) -> Self {
        Self {
            parts,
            added: 0,
            removed: 0,
        }
    }

    fn at(&mut self, result: usize) -> usize {
        while let [(start, before, after), rest @ ..] = self.parts {
            let start_in_result = start + self.added - self.removed;
            if result < start_in_result {
                break;
            }
            if result < start_in_result + after {
                return *start;
            }
            self.added += after;
            self.removed += before;
            self.parts = rest;
        }
        result + self.removed - self.added
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_lead_to_the_source() {
        let mut source = SourceText::new("a %X% b %Y% c");
        let first = source.replace("a %X% b %Y% c", std::slice::from_ref(&(2..5)), "long value");
        assert_eq!(first, "a long value b %Y% c");
        let second = source.replace(&first, std::slice::from_ref(&(15..18)), "");
        assert_eq!(second, "a long value b  c");
        for (result, expected) in [(0, 0), (2, 2), (7, 2), (12, 5), (14, 7), (15, 11), (16, 12)] {
            assert_eq!(source.offset(result), expected, "{result}");
        }
    }
}
