//! Drift for people, pull requests and test reports.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use eca_lint::Severity;
use eca_lint::format::Annotation;
use eca_lint::format::markdown::{code, push_table};
use eca_model::{ComponentName, Snapshot};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use crate::commands::drift::entry::{Counts, Entry, Kind};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::planning::Planning;

/// The most rows of a table: some 300 characters each fit into a comment of 65,536.
const MOST_ROWS: usize = 150;

/// What there is to report.
pub(super) struct Report<'a> {
    pub(super) planning: &'a Planning,
    /// What the org was compared with.
    pub(super) base: &'a Snapshot,
    pub(super) entries: &'a [Entry],
    /// What precedes the paths of files in reports for machines.
    pub(super) prefix: String,
    pub(super) is_strict: bool,
}

impl Report<'_> {
    /// Per app and component what differs, then what it is in all, and what goes on.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let mut before: Option<&Entry> = None;
        for entry in self.entries {
            let is_new_app = before.is_none_or(|before| before.app != entry.app);
            if is_new_app {
                if before.is_some() {
                    out.push('\n');
                }
                out.push_str(entry.app.as_deref().unwrap_or("Without an app"));
                out.push('\n');
            }
            if is_new_app || before.is_none_or(|before| before.component != entry.component) {
                // Writing to a String cannot fail.
                let _ = writeln!(out, "  {}", entry.component);
                if let Some(by) = &entry.changed_by {
                    let _ = writeln!(out, "    changed {by}");
                }
            }
            let sign = match entry.kind {
                Kind::Changed | Kind::RefreshLifetime => '!',
                Kind::Missing => '-',
                Kind::Unreadable => '?',
                Kind::OnlyInOrg => '=',
            };
            // The place of what only the org has is that of its component.
            let place = entry.place.as_ref();
            let place = place.filter(|_| entry.kind != Kind::OnlyInOrg);
            let place = place.map(ToString::to_string);
            let place = place.as_deref().and_then(|place| place.rsplit('/').next());
            let place = place.map_or_else(String::new, |place| format!("  [{place}]"));
            let note = match (entry.kind, &entry.path) {
                (Kind::OnlyInOrg, Some(_)) => "  (only in the org)",
                _ => "",
            };
            let _ = writeln!(out, "    {sign} {}{note}{place}", entry.difference());
            if let Some(remedy) = &entry.remedy {
                let _ = writeln!(out, "      hint: {remedy}");
            }
            before = Some(entry);
        }
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{}", self.summary());
        let _ = writeln!(out, "{}", self.compared_with());
        for next in self.next() {
            let _ = writeln!(out, "{next}");
        }
        out
    }

    /// What it is in all, in a line.
    pub(super) fn summary(&self) -> String {
        let counts = Counts::of(self.entries);
        let drift = [
            (counts.changed, "changed"),
            (counts.missing, "missing"),
            (counts.refresh_lifetime, "refresh lifetimes"),
            (counts.unreadable, "unreadable"),
        ];
        let said: Vec<_> = drift
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        let mut text = match &said[..] {
            [] => "no drift".to_owned(),
            _ if self.entries.iter().any(|entry| entry.kind.is_drift()) => {
                format!("drift: {}", said.join(", "))
            }
            _ => format!("no drift as far as it can be read: {}", said.join(", ")),
        };
        if counts.only_in_org > 0 {
            let counted = if self.is_strict { "" } else { " (not counted)" };
            // Writing to a String cannot fail.
            let _ = write!(text, "; {} only in the org{counted}", counts.only_in_org);
        }
        text
    }

    fn compared_with(&self) -> String {
        match &self.planning.last {
            Some(last) => format!(
                "compared with what was applied last (serial {})",
                last.serial
            ),
            None => {
                "compared with the project: nothing is recorded as applied to this org".to_owned()
            }
        }
    }

    /// The commands that go on.
    fn next(&self) -> Vec<String> {
        if !self.entries.iter().any(|entry| entry.kind.is_drift()) {
            return Vec::new();
        }
        let target = &self.planning.target;
        let (retrieve, plan) = (target.command_line("retrieve"), target.command_line("plan"));
        vec![
            format!("to take it into the project: {retrieve}"),
            match &self.planning.last {
                Some(_) => {
                    format!("to see what putting the values back does: {plan} --restore-drift")
                }
                None => format!("to see what a deploy of the project would change: {plan}"),
            },
        ]
    }

    /// A comment. The first line is a mark by which it is found again.
    pub(super) fn markdown(&self) -> String {
        let org = self.planning.org();
        // A comment of HTML ends at `--`.
        let mark: String = org
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || ":/._".contains(*c))
            .collect();
        let mut out = format!(
            "<!-- eca-drift org={mark} -->\n### eca drift: {}\n\n{}<br>{}\n",
            code(org),
            code(&self.summary()),
            code(&self.compared_with())
        );
        let rows: Vec<_> = self
            .entries
            .iter()
            .take(MOST_ROWS)
            .map(|entry| {
                let place = entry.place.as_ref().map(ToString::to_string);
                let place = place.map_or_else(String::new, |place| format!("<br>{}", code(&place)));
                let by = entry.changed_by.as_ref();
                let by = by.map_or_else(String::new, |by| format!("<br>{}", code(&by.to_string())));
                let remedy = entry.remedy.as_deref();
                let remedy = remedy.map_or_else(String::new, |text| format!("<br>{}", code(text)));
                [
                    code(&entry.component.to_string()) + &place,
                    kind(entry.kind).to_owned(),
                    code(&entry.difference()) + &by + &remedy,
                ]
            })
            .collect();
        if !rows.is_empty() {
            push_table(
                &mut out,
                ["Component", "What", "Difference"],
                rows.into_iter(),
            );
        }
        let more = self.entries.len().saturating_sub(MOST_ROWS);
        if more > 0 {
            // Writing to a String cannot fail.
            let _ = writeln!(
                out,
                "\n… and {more} more: see the drift in JSON or as text."
            );
        }
        for next in self.next() {
            let _ = writeln!(out, "\n{}", code(&next));
        }
        out
    }

    /// Annotations of GitHub Actions, one a line.
    pub(super) fn annotations(&self) -> String {
        let annotation = |entry: &Entry| {
            let severity = match entry.kind {
                Kind::OnlyInOrg if !self.is_strict => Severity::Info,
                _ => Severity::Warning,
            };
            let path = self.path(entry);
            let place = entry.place.as_ref();
            let title = entry.component.to_string();
            let message = sentence(entry);
            let annotation = Annotation {
                severity,
                path: path.as_deref(),
                line: place.map(|place| place.position.line),
                column: place.map(|place| place.position.column),
                title: &title,
                message: &message,
            };
            annotation.to_string()
        };
        let lines: Vec<_> = self.entries.iter().map(annotation).collect();
        lines.join("\n")
    }

    /// The path of an entry's file for reports for machines.
    pub(super) fn path(&self, entry: &Entry) -> Option<String> {
        let place = entry.place.as_ref()?;
        let prefix = if place.is_in_project {
            self.prefix.as_str()
        } else {
            ""
        };
        Some(format!("{prefix}{}", place.path))
    }

    /// A test case for each component, also those without drift.
    pub(super) fn junit(&self) -> Result<String, Failure> {
        let mut suite = TestSuite::new(format!("eca drift {}", self.planning.org()));
        let mut names: BTreeSet<&ComponentName> = self.base.components.keys().collect();
        names.extend(self.entries.iter().map(|entry| &entry.component));
        for name in names {
            let of_component = || self.entries.iter().filter(|entry| entry.component == *name);
            let counts = |entry: &&Entry| entry.kind != Kind::OnlyInOrg || self.is_strict;
            let lines: Vec<_> = of_component().filter(counts).map(sentence).collect();
            let is_drift = of_component().any(|entry| entry.kind != Kind::Unreadable);
            let status = match lines.first() {
                None => TestCaseStatus::success(),
                Some(first) => {
                    let kind = if is_drift {
                        NonSuccessKind::Failure
                    } else {
                        NonSuccessKind::Error
                    };
                    let mut status = TestCaseStatus::non_success(kind);
                    status.set_message(first.clone());
                    status.set_description(lines.join("\n"));
                    status
                }
            };
            let mut case = TestCase::new(name.name.clone(), status);
            case.set_classname(name.kind.as_str());
            suite.add_test_case(case);
        }
        let mut report = quick_junit::Report::new("eca drift");
        report.add_test_suite(suite);
        report.to_string().map_err(|error| {
            Failure::caused_by(Exit::Failed, "the report cannot be written", &error)
        })
    }
}

/// An entry in a sentence, with who it was and what helps.
pub(super) fn sentence(entry: &Entry) -> String {
    let mut text = format!("{}: {}", kind(entry.kind), entry.difference());
    if let Some(by) = &entry.changed_by {
        // Writing to a String cannot fail.
        let _ = write!(text, " ({by})");
    }
    if let Some(remedy) = &entry.remedy {
        let _ = write!(text, "\nhint: {remedy}");
    }
    text
}

/// The kind in a word.
fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Changed => "changed",
        Kind::Missing => "missing",
        Kind::RefreshLifetime => "refresh lifetime",
        Kind::Unreadable => "unreadable",
        Kind::OnlyInOrg => "only in the org",
    }
}
