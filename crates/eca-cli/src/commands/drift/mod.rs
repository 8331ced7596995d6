//! `eca drift`: what somebody changed in an org since it was applied.

mod changed_by;
mod document;
mod entry;
mod report;
mod sarif;

use eca_model::Snapshot;
use eca_plan::{PlanOptions, plan};

pub(crate) use document::Document;

use crate::commands::drift::entry::{Entry, Kind};
use crate::commands::drift::report::Report;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::report_paths::ReportPaths;
use crate::planning::{Planning, Wanted};
use crate::ui::github_report;
use crate::ui::terminal::{self, Stream, Style};
use crate::ui::wrap;

pub(crate) const NAME: &str = "drift";

/// Compares what was applied last with the org, or the project where nothing is recorded as
/// applied. Changes nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    wanted: Wanted,
    /// Count as drift also what only the org has: values and components that nobody here ever set
    #[arg(long)]
    strict: bool,
    /// How to print the drift; github: annotations, and a summary in the file of
    /// GITHUB_STEP_SUMMARY
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    report_paths: ReportPaths,
}

/// How drift is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// The document of --json
    Json,
    /// A comment or an issue
    Markdown,
    /// Annotations of GitHub Actions
    Github,
    /// Results for code scanning, at the lines of the project
    Sarif,
    /// A test case for each component
    Junit,
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    if context.output.is_json() && !matches!(arguments.format, Format::Text | Format::Json) {
        let message = "--json and another --format exclude each other";
        return Err(Failure::new(Exit::Usage, message).hint("leave one of them out"));
    }
    let planning = arguments.wanted.gather(context).await?;
    let base = base(&planning);
    let facts = &planning.reading.facts;
    let found = plan(
        Some(base),
        base,
        &planning.actual,
        facts,
        &PlanOptions::default(),
    );
    let mut entries = entry::all(&found, &planning.project, planning.last.is_some());
    changed_by::fill_in(context, &planning, &mut entries).await?;
    let report = Report {
        planning: &planning,
        base,
        entries: &entries,
        prefix: arguments.report_paths.prefix(&planning.root),
        is_strict: arguments.strict,
    };
    let exit = exit(&entries, arguments.strict);
    let document = Document::new(&report);
    context.output.document(NAME, exit, &document);
    let print = |text: &str| context.output.print_block(Style::Plain, text.trim_end());
    match arguments.format {
        Format::Text => {
            let text = report.text();
            let columns = terminal::columns(Stream::Stdout);
            print(&columns.map_or_else(|| text.clone(), |width| wrap::wrapped(&text, width)));
        }
        Format::Json => context.output.print_document(NAME, exit, &document),
        Format::Markdown => print(&report.markdown()),
        Format::Github => {
            let lines = report.annotations();
            if !lines.is_empty() {
                context.output.print_block(Style::Workflow, lines);
            }
            github_report::append(&report.markdown())?;
        }
        Format::Sarif => print(&sarif::render(&report)),
        Format::Junit => print(&report.junit()?),
    }
    planning.warn_of_unknown(context);
    Ok(exit)
}

/// What the org is compared with.
fn base(planning: &Planning) -> &Snapshot {
    let last = planning.last.as_ref();
    last.map_or(&planning.desired, |last| &last.snapshot)
}

fn exit(entries: &[Entry], is_strict: bool) -> Exit {
    let has = |is: fn(Kind) -> bool| entries.iter().any(|entry| is(entry.kind));
    if has(Kind::is_drift) || is_strict && has(|kind| kind == Kind::OnlyInOrg) {
        Exit::ChangesPending
    } else if has(|kind| kind == Kind::Unreadable) {
        Exit::Unknown
    } else {
        Exit::Success
    }
}
