//! Incorrect and correct files, as examples of a rule.
//!
//! Each rule has a pair of tiny projects in `pairs/`, which its tests run: in the section `fires`
//! the rule has one finding, at the position marked `$0`, in `quiet` none; both have the files of
//! `both`. The examples in the documentation are taken from the pairs, so they are tested.

use serde::Serialize;

/// The longest line of a file in an example, in characters.
const WIDTH: usize = 120;

/// A file that breaks a rule, and one that does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Example {
    /// The file with the finding.
    pub before: ExampleFile,
    /// The corrected file, or the one that was missing; `None` where the correction is to remove a
    /// file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<ExampleFile>,
}

/// A file of an [`Example`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ExampleFile {
    /// The path inside a project.
    pub path: String,
    /// The content, without the XML declaration and the namespace. Certificates and lines of more
    /// than 120 characters are truncated.
    pub text: String,
}

impl Example {
    /// The example from a pair of projects.
    pub(crate) fn from_pair(pair: &str) -> Self {
        let fires: Vec<_> = files(pair, "both").chain(files(pair, "fires")).collect();
        let marked = fires.iter().find(|(_, text)| text.contains("$0"));
        let before = marked.map_or_else(|| show("", ""), |(path, text)| show(path, text));
        // The corrected file, or else the first one that is new in the other project.
        let mut quiet: Vec<_> = files(pair, "quiet").collect();
        quiet.sort_by_key(|(path, _)| *path != before.path);
        let after = quiet
            .into_iter()
            .map(|(path, text)| show(path, text))
            .find(|file| !fires.iter().any(|(path, text)| show(path, text) == *file));
        Self { before, after }
    }
}

/// The files of one section of a pair, each with its path.
fn files<'a>(pair: &'a str, section: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let titled = parts(pair, "== ");
    let found = titled.filter(move |(title, _)| *title == section);
    found.flat_map(|(_, files)| parts(files, "-- "))
}

/// The parts of a text that begin with a line `<mark><title>`: the title and the text below that
/// line.
fn parts<'a>(text: &'a str, mark: &'static str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let starts = text
        .match_indices(mark)
        .map(|(at, _)| at)
        .filter(move |at| *at == 0 || text[..*at].ends_with('\n'));
    let starts: Vec<_> = starts.chain([text.len()]).collect();
    let ranges: Vec<_> = starts.windows(2).map(|pair| pair[0]..pair[1]).collect();
    let of = move |range: std::ops::Range<usize>| text[range].strip_prefix(mark)?.split_once('\n');
    ranges.into_iter().filter_map(of)
}

fn show(path: &str, text: &str) -> ExampleFile {
    let mut text = text.replace("$0", "");
    // `@cert:NAME@` stands for the base64 text of a certificate.
    while let Some((before, rest)) = text.split_once("@cert:") {
        let (name, after) = rest.split_once('@').unwrap_or((rest, ""));
        text = format!("{before}MII… ({name}){after}");
    }
    let lines = text
        .trim()
        .lines()
        .map(|line| match line.char_indices().nth(WIDTH) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line.to_owned(),
        });
    ExampleFile {
        path: path.to_owned(),
        text: lines.collect::<Vec<_>>().join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::Example;
    use crate::rules::RULES;

    #[test]
    fn every_rule_has_one() {
        for rule in RULES {
            let Example { before, after } = rule.example();
            assert!(!before.path.is_empty(), "{rule}");
            assert!(before.text.contains('<'), "{rule}: {}", before.text);
            assert!(after.is_none_or(|after| after != before), "{rule}");
        }
    }
}
