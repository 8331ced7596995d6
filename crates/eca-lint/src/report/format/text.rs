//! Text for people.

use std::collections::BTreeMap;

use annotate_snippets::renderer::DEFAULT_TERM_WIDTH;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use eca_model::Position;

use crate::engine::finding::Finding;
use crate::engine::quote::one_line;
use crate::report::sources::{Excerpt, Sources};
use crate::severity::Severity;

/// Whether a text has colours, as ANSI escape sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Color {
    /// Plain text.
    #[default]
    Never,
    /// With escape sequences.
    Always,
}

/// The findings by file, each file below a line with its path and the number of findings, with
/// source lines and carets in the style of rustc. Long lines are cut to the part around the
/// finding.
pub fn text(findings: &[&Finding], sources: &Sources, color: Color) -> String {
    let renderer = match color {
        Color::Never => Renderer::plain(),
        Color::Always => Renderer::styled(),
    };
    let renderer = renderer.term_width(DEFAULT_TERM_WIDTH);
    let mut files: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        files.entry(&finding.path).or_default().push(finding);
    }
    let blocks = files.iter().map(|(path, findings)| {
        let header = header(&one_line((*path).to_owned()), findings.len(), color);
        let findings = findings.iter();
        let shown = findings.map(|finding| one(finding, sources, &renderer));
        format!("{header}\n{}", shown.collect::<Vec<_>>().join("\n\n"))
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

fn header(path: &str, count: usize, color: Color) -> String {
    let (on, off) = match color {
        Color::Never => ("", ""),
        Color::Always => ("\x1b[1m", "\x1b[0m"),
    };
    let ending = if count == 1 { "" } else { "s" };
    format!("{on}{path}: {count} finding{ending}{off}")
}

fn one(finding: &Finding, sources: &Sources, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::NOTE.with_name("info"),
    };
    let id = finding.rule.to_string();
    let title = level.primary_title(finding.message.as_str()).id(id);
    let Position { line, column } = finding.position;
    let group = Group::with_title(title);
    let path = finding.path.as_str();
    let origin_path = one_line(path.to_owned());
    let origin = Origin::path(origin_path.as_str())
        .line(line as usize)
        .char_column(column as usize);
    let mut is_cut = false;
    let mut group = match sources.excerpt(path, finding.position) {
        Some(Excerpt { text, span, cut }) => {
            is_cut = cut;
            let snippet = Snippet::source(text).line_start(line as usize);
            let snippet = snippet.annotation(AnnotationKind::Primary.span(span));
            // The column of a snippet's own path would count from the cut.
            if cut {
                group.element(origin).element(snippet)
            } else {
                group.element(snippet.path(origin_path.as_str()))
            }
        }
        None => group.element(origin),
    };
    if let Some(help) = &finding.help {
        let fixable = if finding.fix.is_some() {
            " (fixable with --fix)"
        } else {
            ""
        };
        group = group.element(Level::HELP.message(format!("{help}{fixable}")));
    }
    let all_lines = renderer.render(&[group]);
    if !is_cut {
        return all_lines;
    }
    // The renderer treats a snippet without a path as one of another file without a name.
    let lines = all_lines.lines().filter(|line| plain(line).trim() != ":::");
    lines.collect::<Vec<_>>().join("\n")
}

/// A line without escape sequences for colours.
fn plain(line: &str) -> String {
    let mut parts = line.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once('m').map_or("", |(_, rest)| rest)
    })
}
