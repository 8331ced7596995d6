//! The lines that a report shows, without the secrets in them.

use std::collections::BTreeMap;
use std::ops::Range;

use eca_model::schema::FieldKind;
use eca_model::{Component, Position, Project};

use crate::tokens;
use crate::walk::{Step, walk};

/// The texts that findings point into. Secrets in them are overwritten; a file with a private key is
/// not shown at all. `Debug` shows no content.
#[derive(Default)]
pub struct Sources(BTreeMap<String, String>);

impl Sources {
    /// The texts of the files that findings are in.
    pub fn of<'a>(project: &Project, paths: impl IntoIterator<Item = &'a str>) -> Self {
        let wanted: std::collections::BTreeSet<_> = paths.into_iter().collect();
        let components = project.components().iter();
        let components = components
            .filter(|component| wanted.contains(component.path()))
            .map(|component| {
                let text = component.file().text();
                (component.path(), masked(text, secrets(component)))
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
                .filter_map(|(path, text)| Some((path.to_owned(), text?)))
                .collect(),
        )
    }

    /// The text of a file, where it may be shown.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// Where the secret members of a component stand.
fn secrets(component: &Component) -> Vec<Range<usize>> {
    let text = component.file().text();
    let mut secret = Vec::new();
    walk(component, &mut |step| {
        let Step::Field(element, field) = step else {
            return;
        };
        if field.secret && !matches!(field.kind, FieldKind::Record(_)) {
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
    if tokens::find_key(text).is_some() {
        return None;
    }
    secret.extend(tokens::find(text).into_iter().map(|(start, _)| {
        let rest = &text[start..];
        let end = rest.find(|c: char| c.is_whitespace() || "<\"'".contains(c));
        start..end.map_or(text.len(), |end| start + end)
    }));
    let hides = |at: usize| secret.iter().any(|range| range.contains(&at));
    let mask = |(at, c): (usize, char)| {
        if hides(at) && !c.is_whitespace() {
            '*'
        } else {
            c
        }
    };
    Some(text.char_indices().map(mask).collect())
}

/// The bytes of a text that carets go under: the element at a place as far as it is on that line.
pub(crate) fn span(text: &str, position: Position) -> Range<usize> {
    let mut start = 0;
    for _ in 1..position.line {
        start += text[start..]
            .find('\n')
            .map_or(text.len() - start, |at| at + 1);
    }
    let line = &text[start..];
    let line = &line[..line.find(['\r', '\n']).unwrap_or(line.len())];
    let columns = line.char_indices().filter(|(_, c)| *c != '\u{feff}');
    let column = position.column.saturating_sub(1) as usize;
    let from = columns.map(|(at, _)| at).nth(column).unwrap_or(line.len());
    let rest = &line[from..];
    let name = rest.strip_prefix('<').map(|rest| {
        let end = rest.find(|c: char| c.is_whitespace() || "/>".contains(c));
        &rest[..end.unwrap_or(rest.len())]
    });
    let length = name.and_then(|name| {
        let close = format!("</{name}>");
        let whole = rest.find(&close).map(|at| at + close.len());
        whole.or_else(|| rest.find('>').map(|at| at + 1))
    });
    let end = from + length.unwrap_or(rest.trim_end().len());
    start + from..start + end
}

#[cfg(test)]
mod tests {
    use super::span;
    use eca_model::Position;

    #[test]
    fn carets_go_under_the_element() {
        let text = "\u{feff}<?xml?>\n<a>\n    <b>ü</b> <c/>\n    <d>\n";
        for (line, column, under) in [
            (1, 1, "<?xml?>"),
            (2, 1, "<a>"),
            (3, 5, "<b>ü</b>"),
            (3, 14, "<c/>"),
            (4, 5, "<d>"),
            (9, 9, ""),
        ] {
            assert_eq!(&text[span(text, Position { line, column })], under);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_place_is_in_the_text(text in "(\\PC|\n|\r|<a>|</a>){0,20}", line in 0..9_u32, column in 0..9_u32) {
            assert!(text.get(span(&text, Position { line, column })).is_some());
        }
    }
}
