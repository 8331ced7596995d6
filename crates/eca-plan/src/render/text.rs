//! A plan as text.

use std::fmt::Write as _;

use crate::plan::{Outcome, Plan};
use crate::render::Heading;
use crate::render::apps::AppPart;
use crate::render::escape::{line, visible};
use crate::render::lines;
use crate::risk::Risk;
use crate::step::Step;

/// A plan as text without colours: per app what would change, then the risks, the steps, and a last
/// line with the counts and the command that goes on.
pub fn text(plan: &Plan, heading: &Heading) -> String {
    let mut out = String::new();
    for part in AppPart::all(plan) {
        let lines = lines::of_app(&part);
        if lines.is_empty() {
            continue;
        }
        match part.name {
            Some(app) => out.push_str(&line(app)),
            None => out.push_str("Without an app"),
        }
        out.push('\n');
        out.push_str(&lines);
        out.push('\n');
    }
    out.push_str(&risks(plan));
    out.push_str(&steps(plan));
    out.push_str(&last_line(plan, heading));
    out.push('\n');
    out
}

/// The risks under a title; empty where there are none.
pub(super) fn risks(plan: &Plan) -> String {
    let mut out = String::new();
    if plan.risks.is_empty() {
        return out;
    }
    out.push_str("Risks\n");
    for risk in &plan.risks {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  {:12}  {}", risk.kind, of_risk(risk));
    }
    out.push('\n');
    out
}

fn of_risk(risk: &Risk) -> String {
    let mut text = String::new();
    if let Some(component) = &risk.component {
        text.push_str(&visible(&component.to_string()));
        if let Some(path) = &risk.path {
            // Writing to a String cannot fail.
            let _ = write!(text, " {}", visible(&path.to_string()));
        }
        text.push_str(": ");
    }
    text.push_str(&visible(&risk.message));
    if let Some(affects) = &risk.affects {
        let _ = write!(text, " ({})", visible(&affects.to_string()));
    }
    text
}

/// The steps under a title; empty where there are none.
pub(super) fn steps(plan: &Plan) -> String {
    let mut out = String::new();
    if plan.steps.is_empty() {
        return out;
    }
    out.push_str("Steps\n");
    for (index, step) in plan.steps.iter().enumerate() {
        let text = match step {
            Step::ByHand { task } => format!("by hand: {}", visible(&task.to_string())),
            Step::Deploy { stage, components } => {
                format!("deploy {}: {}", components_of(components.len()), stage)
            }
            Step::Delete { components } => format!("delete {}", components_of(components.len())),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  {}. {text}", index + 1);
    }
    out.push('\n');
    out
}

fn components_of(count: usize) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} component{plural}")
}

/// What the plan means, how much there is of it, and the command that goes on.
pub(super) fn last_line(plan: &Plan, heading: &Heading) -> String {
    let counts = plan.counts();
    let mut text = match &heading.org {
        Some(org) => format!("{}: ", line(org)),
        None => String::new(),
    };
    text.push_str(match plan.outcome() {
        Outcome::Nothing => "nothing to do",
        Outcome::UnreadableOnly => "nothing to do as far as it can be read",
        Outcome::Conflicts => "conflicts; nothing can be applied",
        Outcome::ChangesOrDrift if plan.steps.is_empty() => "drift only; nothing is sent",
        Outcome::ChangesOrDrift => "changes",
    });
    let all = [
        (counts.create, "to create"),
        (counts.update, "to change"),
        (counts.delete, "to delete"),
        (counts.conflicts, "in conflict"),
        (counts.drift, "drifted"),
        (counts.unreadable, "unreadable"),
        (plan.risks.len(), "at risk"),
    ];
    let said: Vec<_> = all
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if !said.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(text, ": {}", said.join(", "));
    }
    if let Some(next) = &heading.next {
        let _ = write!(text, "; next: {}", visible(next));
    }
    text
}
