//! A deploy in GitHub Actions: annotations in the log, and a summary of the step.

use std::io::Write as _;
use std::path::Path;

use eca_deploy::{DeployProblem, DeployResult, Severity};
use eca_lint::format::Annotation;
use eca_lint::format::markdown::{code, push_table};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::mask::mask;
use crate::ui::output::Output;
use crate::ui::problems::hint;
use crate::ui::terminal::Style;

/// The variable with the file that GitHub shows as the summary of the step.
///
/// Source: GitHub Docs, "Workflow commands for GitHub Actions", "Adding a job summary".
const SUMMARY_FILE: &str = "GITHUB_STEP_SUMMARY";

/// Prints an annotation for each problem.
pub(super) fn print_annotations(output: &Output, problems: &[DeployProblem]) {
    let lines = problems.iter().map(|problem| {
        let place = problem.place.as_ref();
        let hint = hint(problem).map_or_else(String::new, |hint| format!("\nhint: {hint}"));
        let subject = problem.subject.as_ref().map(ToString::to_string);
        let annotation = Annotation {
            severity: severity(problem.severity),
            path: place.map(|place| place.path.as_str()),
            line: place.and_then(|place| place.line),
            column: place.and_then(|place| place.column),
            title: subject.as_deref().unwrap_or("eca deploy"),
            message: &format!("{}{hint}", problem.message),
        };
        annotation.to_string()
    });
    let lines: Vec<_> = lines.collect();
    if !lines.is_empty() {
        output.print_block(Style::Workflow, lines.join("\n"));
    }
}

fn severity(severity: Severity) -> eca_lint::Severity {
    match severity {
        Severity::Error => eca_lint::Severity::Error,
        Severity::Warning => eca_lint::Severity::Warning,
        _ => eca_lint::Severity::Info,
    }
}

/// The summary in Markdown: the result, then a table of the problems.
pub(super) fn summary(org: &str, result: &DeployResult, problems: &[DeployProblem]) -> String {
    let mut summary = format!(
        "### eca deploy: {}\n\n{}<br>{}\n",
        result.status,
        code(org),
        code(&result.to_string())
    );
    if !problems.is_empty() {
        let rows = problems.iter().map(|problem| {
            let place = problem.place.as_ref().map(ToString::to_string);
            let subject = problem.subject.as_ref().map(ToString::to_string);
            let hint =
                hint(problem).map_or_else(String::new, |hint| format!("<br>{}", code(&hint)));
            [
                place
                    .or(subject)
                    .map_or_else(String::new, |place| code(&place)),
                severity(problem.severity).to_string(),
                code(&problem.message) + &hint,
            ]
        });
        push_table(&mut summary, ["Place", "Severity", "Problem"], rows);
    }
    summary
}

/// Adds a summary to the file that GitHub names, if it does.
pub(crate) fn append(summary: &str) -> Result<(), Failure> {
    let Some(path) = std::env::var_os(SUMMARY_FILE).filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let mut options = std::fs::OpenOptions::new();
    let written = options
        .append(true)
        .create(true)
        .open(&path)
        .and_then(|mut file| file.write_all(format!("{}\n", mask(summary)).as_bytes()));
    written.map_err(|error| {
        let shown = Path::new(&path).display();
        let message = format!("cannot write the summary to {shown} ({SUMMARY_FILE})");
        Failure::caused_by(Exit::Failed, message, &error)
    })
}
