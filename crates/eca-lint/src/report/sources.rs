//! The source lines in a report, without secrets.

use std::collections::BTreeMap;
use std::ops::Range;

use eca_attest::EmbeddedKey;
use eca_model::schema::FieldKind;
use eca_model::{Component, Position, Project};

use crate::engine::walk::{Step, walk};
use crate::knowledge::tokens;

/// The texts of the files with findings. Secrets in them are overwritten; a file with a private key
/// is not shown at all. `Debug` shows no content.
#[derive(Default)]
pub struct Sources(BTreeMap<String, Source>);

/// A text and the offsets of its lines, so that each line is looked up once.
struct Source {
    text: String,
    lines: Vec<Line>,
}

/// A line of a text, without its end and without a byte order mark.
struct Line {
    range: Range<usize>,
    /// The offset of every [`STRIDE`]th column; `None` where each character is one byte. A file
    /// can be one long line with thousands of findings, each of which would otherwise count
    /// its columns from the start.
    marks: Option<Vec<usize>>,
}

const STRIDE: usize = 256;

/// The shown part of a line, and which of its bytes are underlined.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
    /// Whether a part of the line is left out.
    pub(crate) cut: bool,
}

/// How many characters of a long line are shown before the finding, and from its start on.
const BEFORE: usize = 40;
const FROM: usize = 100;

impl Sources {
    /// The texts of the files with findings.
    pub fn new<'a>(project: &Project, paths: impl IntoIterator<Item = &'a str>) -> Self {
        let wanted: std::collections::BTreeSet<_> = paths.into_iter().collect();
        let components = project.components().iter();
        let components = components
            .filter(|component| wanted.contains(component.path()))
            .map(|component| {
                let on_disk = component.on_disk();
                let text = on_disk.file().text();
                (component.path(), masked(text, secrets(&on_disk)))
            });
        let manifests = project.manifests().iter();
        let manifests = manifests
            .filter(|manifest| wanted.contains(manifest.path.as_str()))
            .map(|manifest| {
                let text = manifest.file.text();
                (manifest.path.as_str(), masked(text, Vec::new()))
            });
        let shown = components.chain(manifests);
        Self(
            shown
                .filter_map(|(path, text)| Some((path.to_owned(), Source::new(text?))))
                .collect(),
        )
    }

    /// The line at a position of a file, if it may be shown.
    pub(crate) fn excerpt(&self, path: &str, position: Position) -> Option<Excerpt> {
        Some(self.0.get(path)?.excerpt(position))
    }
}

impl Source {
    fn new(text: String) -> Self {
        let (mut start, mut lines) = (0, Vec::new());
        for line in text.split('\n') {
            lines.push(Line::new(start, line));
            start += line.len() + 1;
        }
        Self { text, lines }
    }

    /// A line, cut to the part around the finding when it is long. Carets are below the element at
    /// the position, as far as it is shown.
    fn excerpt(&self, position: Position) -> Excerpt {
        let line = self.lines.get(position.line.saturating_sub(1) as usize);
        let (text, from) = line.map_or(("", 0), |line| {
            let text = &self.text[line.range.clone()];
            (
                text,
                line.offset(text, position.column.saturating_sub(1) as usize),
            )
        });
        let (before, rest) = text.split_at(from);
        let is_long = text.chars().nth(BEFORE + FROM).is_some();
        let (before, rest) = if is_long {
            (last(before, BEFORE), first(rest, FROM))
        } else {
            (before.to_owned(), rest.to_owned())
        };
        let span = before.len()..before.len() + under(&rest);
        Excerpt {
            text: before + &rest,
            span,
            cut: is_long,
        }
    }
}

impl Line {
    /// A line that begins at `start` in the text.
    fn new(start: usize, line: &str) -> Self {
        let shown = line.trim_end_matches('\r');
        let text = shown.strip_prefix(BYTE_ORDER_MARK).unwrap_or(shown);
        let range = start + shown.len() - text.len()..start + shown.len();
        let marks = || columns(text).step_by(STRIDE).collect();
        Self {
            range,
            marks: (!text.is_ascii()).then(marks),
        }
    }

    /// The offset of a column, counted from 0; the end of the line when the line is shorter.
    fn offset(&self, text: &str, column: usize) -> usize {
        let Some(marks) = &self.marks else {
            return column.min(text.len());
        };
        let near = marks.get(column / STRIDE).copied();
        let found = near.and_then(|near| {
            let mut after = columns(text.get(near..)?);
            after.nth(column % STRIDE).map(|at| near + at)
        });
        found.unwrap_or(text.len())
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// The offsets of a line's columns: its characters, except byte order marks.
fn columns(text: &str) -> impl Iterator<Item = usize> {
    let counted = text.char_indices().filter(|(_, c)| *c != BYTE_ORDER_MARK);
    counted.map(|(at, _)| at)
}

/// The first characters of a text, with a mark for the rest.
fn first(text: &str, count: usize) -> String {
    match text.char_indices().nth(count) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The last characters of a text, with a mark for the rest.
fn last(text: &str, count: usize) -> String {
    match text.char_indices().nth_back(count) {
        Some((at, c)) => format!("…{}", &text[at + c.len_utf8()..]),
        None => text.to_owned(),
    }
}

/// The number of bytes of the element at the beginning of a text, or all bytes.
fn under(rest: &str) -> usize {
    let name = rest.strip_prefix('<').map(|rest| {
        let end = rest.find(|c: char| c.is_whitespace() || "/>".contains(c));
        &rest[..end.unwrap_or(rest.len())]
    });
    let length = name.and_then(|name| {
        let close = format!("</{name}>");
        let whole = rest.find(&close).map(|at| at + close.len());
        whole.or_else(|| rest.find('>').map(|at| at + 1))
    });
    length.unwrap_or(rest.trim_end().len())
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// The ranges of a component's secret members.
fn secrets(component: &Component) -> Vec<Range<usize>> {
    let text = component.file().text();
    let mut secret = Vec::new();
    walk(component, &mut |step| {
        let Step::Field(element, field) = step else {
            return;
        };
        if field.is_secret() && !matches!(field.kind, FieldKind::Record(_)) {
            let from = element.offset();
            let start = text[from..]
                .find('>')
                .map_or(text.len(), |at| from + at + 1);
            let close = format!("</{}", element.qualified_name());
            let end = text[start..].find(&close).map_or(start, |at| start + at);
            secret.push(start..end);
        }
    });
    secret
}

/// The text as it may be shown; `None` when it holds a private key.
fn masked(text: &str, mut secret: Vec<Range<usize>>) -> Option<String> {
    if !EmbeddedKey::find_all(text.as_bytes()).is_empty() {
        return None;
    }
    secret.extend(tokens::find(text).into_iter().map(|(start, _)| {
        let rest = &text[start..];
        let end = rest.find(|c: char| c.is_whitespace() || "<\"'".contains(c));
        start..end.map_or(text.len(), |end| start + end)
    }));
    secret.sort_by_key(|range| range.start);
    let mut secret = secret.into_iter().peekable();
    let mut end = 0;
    let mask = |(at, c): (usize, char)| {
        while let Some(range) = secret.next_if(|range| range.start <= at) {
            end = range.end.max(end);
        }
        if at < end && !c.is_whitespace() {
            '*'
        } else {
            c
        }
    };
    Some(text.char_indices().map(mask).collect())
}

#[cfg(test)]
mod tests {
    use super::{Excerpt, Line, Source};
    use eca_model::Position;

    #[test]
    fn carets_go_under_the_element() {
        let text = "\u{feff}<?xml?>\n<a>\n    <b>ü</b> <c/>\n    <d>\n";
        let source = Source::new(text.to_owned());
        for (line, column, under) in [
            (1, 1, "<?xml?>"),
            (2, 1, "<a>"),
            (3, 5, "<b>ü</b>"),
            (3, 14, "<c/>"),
            (4, 5, "<d>"),
            (9, 9, ""),
        ] {
            let Excerpt { text, span, .. } = source.excerpt(Position { line, column });
            assert_eq!(&text[span], under);
        }
    }

    #[test]
    fn long_lines_are_cut() {
        let text = format!("{}<b>x</b>{}", "ü".repeat(500), "y".repeat(500));
        let position = Position {
            line: 1,
            column: 501,
        };
        let Excerpt { text, span, .. } = Source::new(text).excerpt(position);
        let (before, after) = ("ü".repeat(40), "y".repeat(92));
        assert_eq!(&text[span], "<b>x</b>");
        assert_eq!(text, format!("…{before}<b>x</b>{after}…"));
    }

    proptest::proptest! {
        #[test]
        fn columns_are_characters(text in "(ü|x|\u{feff}){0,900}", column in 0..1000_usize) {
            let line = Line::new(0, &text);
            let shown = &text[line.range.clone()];
            let counted = shown.char_indices().filter(|(_, c)| *c != '\u{feff}');
            let expected = counted.map(|(at, _)| at).nth(column).unwrap_or(shown.len());
            assert_eq!(line.offset(shown, column), expected);
        }

        #[test]
        fn any_place_is_in_the_text(text in "(\\PC|\n|\r|<a>|</a>){0,20}", line in 0..9_u32, column in 0..9_u32) {
            let Excerpt { text, span, .. } = Source::new(text).excerpt(Position { line, column });
            assert!(text.get(span).is_some());
        }
    }
}
