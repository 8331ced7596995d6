//! What an org complains about, with what this program knows about it: Salesforce's words as they
//! came, then ours.

use eca_deploy::{Channel, DeployProblem, Severity};
use serde::Serialize;

use crate::ui::output::Output;
use crate::ui::suggestions::known;

/// One complaint, for `--json`.
#[derive(Debug, Serialize)]
pub(crate) struct Complaint {
    /// The line that is printed.
    text: String,
    severity: Severity,
    channel: Channel,
    code: Option<String>,
    /// Salesforce's words, verbatim.
    message: String,
    /// The local file, where it is known.
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    /// What to do, where that is known.
    hint: Option<String>,
    /// Rules that find it beforehand; `eca explain` says more about each.
    explain: Vec<String>,
}

impl Complaint {
    fn of(problem: &DeployProblem) -> Self {
        let place = problem.place.as_ref();
        let known = known(&problem.message);
        let rules = known.map(|known| known.rules).unwrap_or_default();
        Self {
            text: problem.to_string(),
            severity: problem.severity,
            channel: problem.channel,
            code: problem.code.clone(),
            message: problem.message.clone(),
            file: place.map(|place| place.path.clone()),
            line: place.and_then(|place| place.line),
            column: place.and_then(|place| place.column),
            hint: known.map(|known| format!("{}: {}", known.cause, known.fix)),
            explain: rules.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Prints each complaint, and below it the hint that belongs to it.
pub(crate) fn show(output: &Output, problems: &[DeployProblem]) -> Vec<Complaint> {
    let complaints: Vec<_> = problems.iter().map(Complaint::of).collect();
    for complaint in &complaints {
        output.print(&complaint.text);
        if let Some(hint) = &complaint.hint {
            let more = match &complaint.explain[..] {
                [] => String::new(),
                [rule, ..] => format!(" (eca explain {rule})"),
            };
            output.print(format_args!("  hint: {hint}{more}"));
        }
    }
    complaints
}
