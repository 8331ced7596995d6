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
        let (mut added, mut removed) = (0, 0);
        for &(start, before, after) in &self.parts {
            let start_in_result = start + added - removed;
            if result < start_in_result {
                break;
            }
            if result < start_in_result + after {
                return start;
            }
            added += after;
            removed += before;
        }
        result + removed - added
    }

    /// Replaces ranges of the current result.
    pub(crate) fn replace(&mut self, result: &str, ranges: &[Range<usize>], value: &str) -> String {
        let mut text = String::with_capacity(result.len());
        let mut end = 0;
        let mut parts = Vec::new();
        for range in ranges {
            text.push_str(&result[end..range.start]);
            text.push_str(value);
            end = range.end;
            let start = self.offset(range.start);
            let source_end = self.offset(range.end).max(start);
            parts.push((start, source_end - start, value.len()));
        }
        text.push_str(&result[end..]);
        self.parts.extend(parts);
        self.parts.sort_unstable();
        text
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
