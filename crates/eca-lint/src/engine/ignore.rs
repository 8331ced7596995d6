//! Comments that suppress a finding, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use eca_model::{Document, Position, Project};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use crate::engine::context::is_large;
use crate::engine::finding::Finding;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::rules::explain;

const WORD: &str = "eca-ignore";

/// One `<!-- eca-ignore ECA1203, ECA1204: reason -->`.
pub(crate) struct Ignore {
    pub(crate) position: Position,
    pub(crate) content: Result<Vec<RuleId>, Mistake>,
    /// The lines that it covers: its own, and those of the element that follows it.
    first: u32,
    last: u32,
}

/// Why a comment suppresses nothing.
pub(crate) enum Mistake {
    NoReason,
    NoRule(String),
}

impl Ignore {
    /// The comments of a document.
    pub(crate) fn all(document: &Document) -> Vec<Self> {
        let text = document.text();
        let mut found = Vec::new();
        // Most files have no comment.
        if !text.contains("<!--") {
            return found;
        }
        for (start, _) in text.match_indices("<!--") {
            let Some(length) = text[start + 4..].find("-->") else {
                continue;
            };
            let end = start + 4 + length;
            let Some(content) = text[start + 4..end].trim().strip_prefix(WORD) else {
                continue;
            };
            let position = document.position(start);
            let last = element_after(document, end + 3).unwrap_or(end);
            found.push(Self {
                position,
                content: parse(content),
                first: position.line,
                last: document.position(last).line,
            });
        }
        found
    }
}

fn parse(content: &str) -> Result<Vec<RuleId>, Mistake> {
    let (rules, reason) = content.split_once(':').ok_or(Mistake::NoReason)?;
    if reason.trim().is_empty() {
        return Err(Mistake::NoReason);
    }
    rules
        .split([',', ' '])
        .filter(|rule| !rule.is_empty())
        .map(|rule| {
            let known = explain(rule).ok_or_else(|| Mistake::NoRule(rule.to_owned()));
            known.map(Rule::id)
        })
        .collect()
}

/// The end of the element that follows an offset, if only white space and comments are between.
fn element_after(document: &Document, offset: usize) -> Option<usize> {
    let text = document.text();
    let mut rest = text.get(offset..)?.trim_start();
    while let Some(comment) = rest.strip_prefix("<!--") {
        rest = comment.split_once("-->")?.1.trim_start();
    }
    let start = text.len() - rest.len();
    let name = rest.strip_prefix('<')?;
    let name = &name[..name.find(|c: char| c.is_whitespace() || "/>".contains(c))?];
    if name.is_empty() || name.starts_with(['!', '?']) {
        return None;
    }
    let open_end = rest.find('>')?;
    if rest[..open_end].ends_with('/') {
        return Some(start + open_end);
    }
    // Metadata elements are never nested in elements of the same name.
    let close = format!("</{name}");
    Some(rest.find(&close).map_or(text.len(), |at| start + at))
}

/// The files of a project whose comments are read.
pub(crate) fn documents(project: &Project) -> impl Iterator<Item = (&str, &Document)> {
    let components = project.components().iter();
    let manifests = project.manifests().iter();
    components
        .map(|component| (component.path(), component.file().document()))
        .chain(manifests.map(|manifest| (manifest.path.as_str(), manifest.file.document())))
}

/// The comments of a whole project, and which of their rules suppressed a finding.
pub(crate) struct Ignores<'a>(BTreeMap<&'a str, Vec<(Ignore, BTreeSet<RuleId>)>>);

impl<'a> Ignores<'a> {
    pub(crate) fn new(project: &'a Project) -> Self {
        let unused = |ignore| (ignore, BTreeSet::new());
        let read = |(path, document)| {
            let ignores = Ignore::all(document);
            let ignores: Vec<_> = ignores.into_iter().map(unused).collect();
            (!ignores.is_empty()).then_some((path, ignores))
        };
        Self(if is_large(project) {
            let documents: Vec<_> = documents(project).collect();
            documents.into_par_iter().filter_map(read).collect()
        } else {
            documents(project).filter_map(read).collect()
        })
    }

    /// Whether a comment suppresses a finding. Each comment that does is marked as used.
    pub(crate) fn cover(&mut self, finding: &Finding) -> bool {
        let ignores = self.0.get_mut(finding.path.as_str());
        let id = finding.rule.id();
        let mut covered = false;
        for (ignore, used) in ignores.into_iter().flatten() {
            let rules = ignore.content.as_deref().unwrap_or_default();
            if rules.contains(&id) && (ignore.first..=ignore.last).contains(&finding.position.line)
            {
                used.insert(id);
                covered = true;
            }
        }
        covered
    }

    /// The rules of comments that suppressed nothing, with the position of the comment.
    pub(crate) fn unused(&self) -> impl Iterator<Item = (&str, Position, RuleId)> {
        self.0.iter().flat_map(|(path, ignores)| {
            ignores.iter().flat_map(move |(ignore, used)| {
                let rules = ignore.content.as_deref().unwrap_or_default().iter();
                let unused = rules.filter(|id| !used.contains(id));
                unused.map(move |id| (*path, ignore.position, *id))
            })
        })
    }
}
