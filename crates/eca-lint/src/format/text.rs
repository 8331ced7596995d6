//! For people.

use annotate_snippets::renderer::DEFAULT_TERM_WIDTH;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::sources::span;
use crate::{Finding, Severity, Sources};

/// Whether a text has colour, as ANSI escape sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Color {
    /// Plain text.
    #[default]
    Never,
    /// With escape sequences.
    Always,
}

/// The findings with their lines of source and carets, as rustc shows them. Findings of one file follow
/// each other when they come from a report.
pub fn text(findings: &[&Finding], sources: &Sources, color: Color) -> String {
    let renderer = match color {
        Color::Never => Renderer::plain(),
        Color::Always => Renderer::styled(),
    };
    let renderer = renderer.term_width(DEFAULT_TERM_WIDTH);
    let blocks = findings
        .iter()
        .map(|finding| one(finding, sources, &renderer));
    blocks.collect::<Vec<_>>().join("\n\n")
}

fn one(finding: &Finding, sources: &Sources, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::NOTE.with_name("info"),
    };
    let id = finding.rule.id().to_string();
    let title = level.primary_title(finding.message.as_str()).id(id);
    let group = match sources.text(&finding.path) {
        Some(text) => Group::with_title(title).element(
            Snippet::source(text)
                .path(finding.path.as_str())
                .annotation(AnnotationKind::Primary.span(span(text, finding.position))),
        ),
        None => Group::with_title(title).element(
            Origin::path(finding.path.as_str())
                .line(finding.position.line as usize)
                .char_column(finding.position.column as usize),
        ),
    };
    let rule = Level::NOTE.message(finding.rule.name());
    let mut group = group.element(rule.clone());
    if let Some(help) = &finding.help {
        let fixable = if finding.fix.is_some() {
            " (`--fix` does it)"
        } else {
            ""
        };
        group = group.element(Level::HELP.message(format!("{help}{fixable}")));
    }
    renderer.render(&[group])
}
