//! Fixes: changes of a file that resolve a finding.

use std::collections::BTreeMap;
use std::ops::Range;

use eca_model::{Component, EditError, Element, FieldPath, FieldValue, Position, Typed};
use serde::{Serialize, Serializer};

/// A change of one file that resolves a finding. A rule has a fix only where there is one sensible
/// change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Fix {
    /// A description, such as `set isPkceRequired to true`.
    pub title: String,
    /// The file, as in [`Finding::path`](crate::engine::finding::Finding::path).
    pub path: String,
    /// The bytes of the file's text that are replaced.
    pub range: Range<usize>,
    /// The position of their start.
    #[serde(serialize_with = "position")]
    pub start: Position,
    /// The position of their end.
    #[serde(serialize_with = "position")]
    pub end: Position,
    /// The new text.
    pub replacement: String,
}

impl Fix {
    /// The fix for an edit of a component's typed value; `None` when the edit is impossible or
    /// changes nothing.
    pub(crate) fn edit<T: Typed>(
        component: &Component,
        title: impl Into<String>,
        change: impl FnOnce(&mut T),
    ) -> Option<Self> {
        let edited: Result<Component, EditError> = component.edit(change);
        Self::between(component, title, edited.ok()?.file().text())
    }

    /// The fix that gives the member at a path another value.
    pub(crate) fn set(
        component: &Component,
        title: impl Into<String>,
        path: &FieldPath,
        value: FieldValue,
    ) -> Option<Self> {
        let edited = component.set(path, value).ok()?;
        Self::between(component, title, edited.file().text())
    }

    /// The fix that renames an element, in its start and end tag.
    pub(crate) fn rename(component: &Component, element: Element<'_>, name: &str) -> Option<Self> {
        let title = format!("rename {} to {name}", element.name());
        let before = component.file().text();
        let range = element.range();
        let old = element.qualified_name();
        let new = match old.split_once(':') {
            Some((prefix, _)) => format!("{prefix}:{name}"),
            None => name.to_owned(),
        };
        let tags = &before[range.clone()];
        let rest = tags.strip_prefix('<')?.strip_prefix(old)?;
        let renamed = match rest.rsplit_once("</") {
            Some((content, close)) => format!("<{new}{content}</{}", close.replacen(old, &new, 1)),
            None => format!("<{new}{rest}"),
        };
        let after = [&before[..range.start], &renamed, &before[range.end..]].concat();
        Self::between(component, title, &after)
    }

    /// The fix that writes the elements of a file in the order of an org.
    pub(crate) fn sorted(component: &Component) -> Option<Self> {
        let sorted = eca_model::xml::format(component.file().document());
        Self::between(component, "sort the elements, as eca fmt does", &sorted)
    }

    fn between(component: &Component, title: impl Into<String>, after: &str) -> Option<Self> {
        let before = component.file().text();
        let (range, replacement) = splice(before, after)?;
        Some(Self {
            title: title.into(),
            path: component.path().to_owned(),
            start: Position::from_offset(before, range.start),
            end: Position::from_offset(before, range.end),
            range,
            replacement,
        })
    }
}

/// As `[line, column]`.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn position<S: Serializer>(position: &Position, serializer: S) -> Result<S::Ok, S::Error> {
    [position.line, position.column].serialize(serializer)
}

/// The single replacement that turns one text into another: the part between their longest common
/// prefix and suffix.
fn splice(before: &str, after: &str) -> Option<(Range<usize>, String)> {
    if before == after {
        return None;
    }
    let mut start = before
        .bytes()
        .zip(after.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    while !before.is_char_boundary(start) {
        start -= 1;
    }
    let mut tail = before[start..]
        .bytes()
        .rev()
        .zip(after[start..].bytes().rev())
        .take_while(|(a, b)| a == b)
        .count();
    while !before.is_char_boundary(before.len() - tail) {
        tail -= 1;
    }
    let range = start..before.len() - tail;
    Some((range, after[start..after.len() - tail].to_owned()))
}

/// The text of one file after the fixes of some findings, and the number of applied fixes.
///
/// Of fixes that touch each other the first is applied; the others wait for the next round.
pub(crate) fn apply<'a>(text: &str, fixes: impl IntoIterator<Item = &'a Fix>) -> (String, usize) {
    let mut by_start = BTreeMap::new();
    for fix in fixes {
        by_start.entry(fix.range.start).or_insert(fix);
    }
    let (mut output, mut from, mut applied) = (String::with_capacity(text.len()), 0, 0);
    for fix in by_start.into_values() {
        let Range { start, end } = fix.range;
        let touches = applied > 0 && start <= from;
        let Some(kept) = text.get(from..start).filter(|_| !touches) else {
            continue;
        };
        if text.get(start..end).is_none() {
            continue;
        }
        output.push_str(kept);
        output.push_str(&fix.replacement);
        from = end;
        applied += 1;
    }
    output.push_str(&text[from..]);
    (output, applied)
}

/// Fixes, grouped by file.
pub(crate) fn by_file<'a>(
    fixes: impl IntoIterator<Item = &'a Fix>,
) -> BTreeMap<&'a str, Vec<&'a Fix>> {
    let mut paths: BTreeMap<&str, Vec<&Fix>> = BTreeMap::new();
    for fix in fixes {
        paths.entry(&fix.path).or_default().push(fix);
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::{Fix, apply, splice};

    fn fix(range: std::ops::Range<usize>, replacement: &str) -> Fix {
        Fix {
            title: String::new(),
            path: String::new(),
            range,
            start: eca_model::Position::START,
            end: eca_model::Position::START,
            replacement: replacement.to_owned(),
        }
    }

    #[test]
    fn one_replacement() {
        for (before, after, range, text) in [
            ("<a>true</a>", "<a>false</a>", 3..6, "fals"),
            ("abc", "ac", 1..2, ""),
            ("aa", "aaa", 2..2, "a"),
            ("ä", "ö", 0..2, "ö"),
        ] {
            assert_eq!(splice(before, after), Some((range, text.to_owned())));
        }
        assert_eq!(splice("a", "a"), None);
    }

    #[test]
    fn fixes_that_touch_wait() {
        let fixes = [
            fix(4..5, "E"),
            fix(0..2, "X"),
            fix(2..3, "Y"),
            fix(9..9, "!"),
        ];
        assert_eq!(apply("abcde", &fixes), ("XcdE".to_owned(), 2));
        assert_eq!(apply("abcde", &[]), ("abcde".to_owned(), 0));
        // Ranges that do not fit the text.
        assert_eq!(apply("ü", &[fix(1..2, "X")]), ("ü".to_owned(), 0));
    }

    proptest::proptest! {
        #[test]
        fn a_splice_makes_the_other_text(before in "[abü<>\n]{0,12}", after in "[abü<>\n]{0,12}") {
            let fix = splice(&before, &after).map(|(range, text)| fix(range, &text));
            assert_eq!(apply(&before, &fix).0, after);
        }

        #[test]
        fn any_fixes_apply_or_wait(text in "[abü]{0,9}", ranges in proptest::collection::vec((0..12_usize, 0..4_usize), 0..6)) {
            let fixes: Vec<_> = ranges.iter().map(|(start, len)| fix(*start..start + len, "-")).collect();
            let (_, applied) = apply(&text, &fixes);
            assert!(applied <= fixes.len());
        }
    }
}
