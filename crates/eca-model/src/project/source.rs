//! A file whose parts were replaced, and the way back to the disk.

use std::ops::Range;

use crate::field::FieldPath;
use crate::file::File;
use crate::values::origin::Origin;

/// The file on the disk of a component with another text.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) file: File,
    replaced: Vec<Part>,
    /// Where values are written that are not the file's own.
    pub(crate) origins: Vec<(FieldPath, Origin)>,
}

/// A replaced part. Parts are sorted, and apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    /// Where it was in the source.
    start: usize,
    /// How long it was there, and is now.
    before: usize,
    after: usize,
}

impl Source {
    /// A file in which nothing is replaced yet.
    pub(crate) fn new(file: File) -> Self {
        Self {
            file,
            replaced: Vec::new(),
            origins: Vec::new(),
        }
    }

    /// The place in the source of an offset in the text.
    pub(crate) fn offset(&self, text: usize) -> usize {
        let mut moved = Moved::default();
        for part in &self.replaced {
            let start = moved.to_text(part.start);
            if text < start {
                break;
            }
            if text < start + part.after {
                return part.start;
            }
            moved.pass(*part);
        }
        moved.to_source(text)
    }

    /// The text with a value in the place of these ranges, which are sorted and apart.
    pub(crate) fn replace(&mut self, text: &str, ranges: &[Range<usize>], value: &str) -> String {
        let mut replaced = String::with_capacity(text.len());
        let mut end = 0;
        for range in ranges {
            replaced.push_str(&text[end..range.start]);
            replaced.push_str(value);
            end = range.end;
        }
        replaced.push_str(&text[end..]);
        self.replaced = composed(&self.replaced, ranges, value.len());
        replaced
    }

    /// Takes an edit of the text over: what differs was replaced.
    pub(crate) fn edited(&mut self, before: &str, after: &str) {
        let (range, value) = difference(before, after);
        self.replaced = composed(&self.replaced, &[range], value.len());
    }
}

/// How far the text is from the source, after some of the parts.
#[derive(Default)]
struct Moved {
    added: usize,
    removed: usize,
}

impl Moved {
    fn pass(&mut self, part: Part) {
        self.added += part.after;
        self.removed += part.before;
    }

    fn to_text(&self, source: usize) -> usize {
        source + self.added - self.removed
    }

    fn to_source(&self, text: usize) -> usize {
        text + self.removed - self.added
    }
}

/// A stretch of the text: how long it was in the source, and is after the replacement.
struct Stretch {
    text: Range<usize>,
    before: usize,
    after: usize,
}

/// The parts after `ranges` of the text were replaced by something of this length. What overlaps
/// becomes one part.
fn composed(parts: &[Part], ranges: &[Range<usize>], length: usize) -> Vec<Part> {
    let mut moved = Moved::default();
    let parts = parts.iter().map(|part| {
        let start = moved.to_text(part.start);
        moved.pass(*part);
        Stretch {
            text: start..start + part.after,
            before: part.before,
            after: part.after,
        }
    });
    let ranges = ranges.iter().map(|range| Stretch {
        text: range.clone(),
        before: range.len(),
        after: length,
    });
    let mut all: Vec<_> = parts.chain(ranges).collect();
    all.sort_by_key(|stretch| (stretch.text.start, stretch.text.end));
    let mut joined: Vec<Stretch> = Vec::with_capacity(all.len());
    for next in all {
        match joined.last_mut() {
            Some(last) if next.text.start < last.text.end => {
                // What both have is counted once.
                let end = last.text.end.max(next.text.end);
                let both = last.text.len() + next.text.len() - (end - last.text.start);
                last.before = last.before + next.before - both;
                last.after = last.after + next.after - both;
                last.text.end = end;
            }
            _ => joined.push(next),
        }
    }
    let (mut added, mut removed) = (0, 0);
    let part = |stretch: Stretch| {
        let start = stretch.text.start + added - removed;
        added += stretch.before;
        removed += stretch.text.len();
        Part {
            start,
            before: stretch.before,
            after: stretch.after,
        }
    };
    joined.into_iter().map(part).collect()
}

/// The range of a text that an edit replaced, and by what. Whole lines where their number changed:
/// a new line may begin and end as its neighbours do.
fn difference<'a>(before: &str, after: &'a str) -> (Range<usize>, &'a str) {
    let breaks = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
    let in_lines = breaks(before) != breaks(after);
    let pairs = before.bytes().zip(after.bytes());
    let same = pairs.take_while(|(a, b)| a == b).count();
    let mut start = before.floor_char_boundary(same);
    if in_lines {
        start = before[..start].rfind('\n').map_or(0, |at| at + 1);
    }
    let pairs = before[start..].bytes().rev();
    let pairs = pairs.zip(after[start..].bytes().rev());
    let same = pairs.take_while(|(a, b)| a == b).count();
    let mut end = before.ceil_char_boundary(before.len() - same);
    if in_lines && end > 0 && !before[..end].ends_with('\n') {
        let line = before[end..].find('\n');
        end = line.map_or(before.len(), |at| end + at + 1);
    }
    let value = &after[start..after.len() - (before.len() - end)];
    // An element that became longer is still at its place.
    let indents = |(a, b): &(char, char)| a == b && a.is_ascii_whitespace();
    let pairs = before[start..end].chars().zip(value.chars());
    let indent = pairs.take_while(indents).count();
    (start + indent..end, &value[indent..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn source() -> Source {
        let file =
            r#"<ExternalClientApplication xmlns="http://soap.sforce.com/2006/04/metadata"/>"#;
        Source::new(File::from_bytes(file.into()).unwrap())
    }

    #[test]
    fn offsets_lead_to_the_source() {
        let mut source = source();
        let first = source.replace("a %X% b %Y% c", std::slice::from_ref(&(2..5)), "long value");
        assert_eq!(first, "a long value b %Y% c");
        let second = source.replace(&first, std::slice::from_ref(&(15..18)), "");
        assert_eq!(second, "a long value b  c");
        for (result, expected) in [(0, 0), (2, 2), (7, 2), (12, 5), (14, 7), (15, 11), (16, 12)] {
            assert_eq!(source.offset(result), expected, "{result}");
        }
        // A replacement inside of a value, and one that has all of it.
        let third = source.replace(&second, std::slice::from_ref(&(7..12)), "");
        assert_eq!(third, "a long  b  c");
        assert_eq!([6, 7, 8].map(|at| source.offset(at)), [2, 5, 6]);
        let last = source.replace(&third, std::slice::from_ref(&(1..9)), "+");
        assert_eq!(last, "a+  c");
        assert_eq!(
            [0, 1, 2, 3, 4].map(|at| source.offset(at)),
            [0, 1, 7, 11, 12]
        );
    }

    #[test]
    fn an_edit_is_what_differs() {
        for (before, after, range, value) in [
            ("", "", 0..0, ""),
            ("<a>old</a>", "<a>new</a>", 3..6, "new"),
            ("<a>\u{e4}</a>", "<a>\u{e5}</a>", 3..5, "\u{e5}"),
            // A line like its neighbours.
            ("A\n  <b/>\n", "A\n  <x/>\n  <b/>\n", 2..2, "  <x/>\n"),
            ("A\n  <b/>\n", "A\n  <b/>\n  <b2/>\n", 9..9, "  <b2/>\n"),
            ("A\n  <x/>\n  <b/>\n", "A\n  <b/>\n", 2..9, ""),
            (
                "A\n  <b>1</b>\n",
                "A\n  <b>1\n2</b>\n",
                4..13,
                "<b>1\n2</b>\n",
            ),
            ("<a/><b/>", "<a/>\n<c/><b/>", 0..8, "<a/>\n<c/><b/>"),
        ] {
            assert_eq!(
                difference(before, after),
                (range, value),
                "{before} {after}"
            );
        }
    }

    proptest! {
        /// Whatever was edited, a character that is still the source's own leads to its place.
        #[test]
        fn what_stays_is_found(
            edits in proptest::collection::vec((0usize..30, 0usize..8, 0usize..4), 0..8),
        ) {
            let before: Vec<usize> = (0..20).collect();
            // Each character is its place in the source, or none.
            let mut own: Vec<Option<usize>> = before.iter().copied().map(Some).collect();
            let mut source = source();
            for (start, length, new) in edits {
                let start = start.min(own.len());
                let end = (start + length).min(own.len());
                let text = "x".repeat(own.len());
                source.replace(&text, std::slice::from_ref(&(start..end)), &"y".repeat(new));
                own.splice(start..end, std::iter::repeat_n(None, new));
            }
            for (at, place) in own.iter().enumerate() {
                let Some(place) = *place else { continue };
                let found = source.offset(at);
                let is_around = |part: &Part| {
                    part.start == found && (found..found + part.before).contains(&place)
                };
                prop_assert!(found == place || source.replaced.iter().any(is_around));
            }
        }
    }
}
