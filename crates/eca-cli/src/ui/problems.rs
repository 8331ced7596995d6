//! The problems of a deploy: Salesforce's message, then a hint.

use std::collections::HashSet;

use eca_deploy::{Channel, DeployProblem, Severity};
use schemars::JsonSchema;
use serde::Serialize;

use crate::shapes;
use crate::ui::output::Output;
use crate::ui::suggestions::known;

/// How problems are printed.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub(crate) enum ProblemFormat {
    /// Salesforce's message, then a hint
    #[default]
    Text,
    /// Annotations of GitHub Actions
    Github,
}

/// One problem, for `--json`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Problem {
    /// The printed line.
    text: String,
    #[schemars(with = "shapes::ProblemSeverity")]
    severity: Severity,
    #[schemars(with = "shapes::ProblemChannel")]
    channel: Channel,
    code: Option<String>,
    /// Salesforce's message, verbatim.
    message: String,
    /// The local file, if it is known.
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    /// The next step, if it is known.
    hint: Option<String>,
    /// Rules that find it before a deploy; see `eca explain`.
    explain: Vec<String>,
}

impl From<&DeployProblem> for Problem {
    fn from(problem: &DeployProblem) -> Self {
        let place = problem.place.as_ref();
        let rules = known(&problem.message).map(|known| known.rules);
        Self {
            text: problem.to_string(),
            severity: problem.severity,
            channel: problem.channel,
            code: problem.code.clone(),
            message: problem.message.clone(),
            file: place.map(|place| place.path.clone()),
            line: place.and_then(|place| place.line),
            column: place.and_then(|place| place.column),
            hint: hint(problem),
            explain: rules
                .unwrap_or_default()
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }
}

/// The cause and the next step of a problem, if they are known.
pub(crate) fn hint(problem: &DeployProblem) -> Option<String> {
    known(&problem.message).map(|known| format!("{}: {}", known.cause, known.fix))
}

/// Prints each problem, and below it its hint; a hint that several problems have, below the first.
pub(crate) fn print(output: &Output, problems: &[DeployProblem]) -> Vec<Problem> {
    let problems: Vec<_> = problems.iter().map(Problem::from).collect();
    let mut printed = HashSet::new();
    for problem in &problems {
        output.print(&problem.text);
        if let Some(hint) = &problem.hint
            && printed.insert(hint)
        {
            let more = match &problem.explain[..] {
                [] => String::new(),
                [rule, ..] => format!(" (eca explain {rule})"),
            };
            output.print(format_args!("  hint: {hint}{more}"));
        }
    }
    problems
}
