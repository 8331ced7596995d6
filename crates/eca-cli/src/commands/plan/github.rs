//! A plan as annotations of GitHub Actions.

use eca_lint::Severity;
use eca_lint::format::Annotation;
use eca_model::{ComponentName, FieldPath};
use eca_plan::{ComponentChange, MemberChange, Plan, RiskKind, Verdict};

use crate::context::Context;
use crate::planning::{Planning, places};
use crate::ui::terminal::Style;

/// What an annotation is about.
struct Subject<'a> {
    component: &'a ComponentName,
    app: Option<&'a str>,
    path: Option<&'a FieldPath>,
}

/// Prints an annotation for each conflict, risk, drift and thing that cannot be read.
pub(super) fn print(context: &Context, planning: &Planning, plan: &Plan, prefix: &str) {
    let mut lines = Vec::new();
    let mut add = |severity: Severity, subject: &Subject<'_>, message: &str| {
        let (name, app) = (subject.component, subject.app);
        let place = places::nearest(&planning.project, name, app, subject.path);
        let path = place.as_ref().map(|place| {
            let prefix = if place.is_in_project { prefix } else { "" };
            format!("{prefix}{}", place.path)
        });
        let title = name.to_string();
        let annotation = Annotation {
            severity,
            path: path.as_deref(),
            line: place.as_ref().map(|place| place.position.line),
            column: place.as_ref().map(|place| place.position.column),
            title: &title,
            message,
        };
        lines.push(annotation.to_string());
    };
    for conflict in &plan.conflicts {
        let path = conflict.path.as_ref();
        let member = path.map_or_else(String::new, |path| format!("{path}: "));
        let subject = Subject {
            component: &conflict.component,
            app: conflict.app.as_deref(),
            path,
        };
        let message = format!("conflict: {member}{}", conflict.reason);
        add(Severity::Error, &subject, &message);
    }
    for risk in &plan.risks {
        let Some(component) = &risk.component else {
            continue;
        };
        let subject = Subject {
            component,
            app: risk.app.as_deref(),
            path: risk.path.as_ref(),
        };
        let severity = if risk.kind == RiskKind::Lint {
            Severity::Error
        } else {
            Severity::Warning
        };
        add(
            severity,
            &subject,
            &format!("{}: {}", risk.kind, risk.message),
        );
    }
    for change in &plan.changes {
        for (severity, path, message) in messages(change) {
            let subject = Subject {
                component: &change.component,
                app: change.app.as_deref(),
                path,
            };
            add(severity, &subject, &message);
        }
    }
    if !lines.is_empty() {
        context
            .output
            .print_block(Style::Workflow, lines.join("\n"));
    }
}

/// What is said of a component: each change of it, what drifted, what cannot be read.
fn messages(change: &ComponentChange) -> Vec<(Severity, Option<&FieldPath>, String)> {
    let mut messages = Vec::new();
    if let Some(unreadable) = &change.unreadable {
        let remedy = unreadable.remedy.as_deref();
        let remedy = remedy.map_or_else(String::new, |remedy| format!("\nhint: {remedy}"));
        let message = format!("cannot be read: {}{remedy}", unreadable.reason);
        messages.push((Severity::Warning, None, message));
    }
    match change.verdict {
        Some(Verdict::Create) => messages.push((Severity::Info, None, "is created".to_owned())),
        Some(Verdict::Restore) => {
            messages.push((Severity::Info, None, "is created again".to_owned()));
        }
        Some(Verdict::Remove) => messages.push((Severity::Warning, None, "is deleted".to_owned())),
        Some(Verdict::Drift) => {
            let message = "was deleted in the org".to_owned();
            messages.push((Severity::Warning, None, message));
        }
        Some(_) => {}
        None => {
            let members = change.members.iter();
            messages.extend(members.filter_map(|member| {
                let (severity, message) = of_member(member)?;
                Some((severity, Some(&member.path), message))
            }));
        }
    }
    messages
}

fn of_member(member: &MemberChange) -> Option<(Severity, String)> {
    let path = &member.path;
    let shown = |value: Option<&eca_model::FieldValue>| {
        value.map_or_else(|| "nothing".to_owned(), ToString::to_string)
    };
    let (desired, actual) = (
        shown(member.desired.as_ref()),
        shown(member.actual.as_ref()),
    );
    Some(match member.verdict {
        Verdict::Drift => (
            Severity::Warning,
            format!("drift: {path} is {actual} in the org, and {desired} here"),
        ),
        Verdict::WouldReset => (
            Severity::Warning,
            format!("{path} is {actual} in the org only, and is reset"),
        ),
        Verdict::Remove => (
            Severity::Info,
            format!("{path} is no longer set; it was {actual}"),
        ),
        _ if member.is_sent() => (Severity::Info, format!("{path}: {actual} -> {desired}")),
        _ => return None,
    })
}
