//! `eca plan`: what a deploy of the project would change in an org, given what was applied last.

mod document;
mod github;

use std::path::PathBuf;

use eca_plan::{Heading, Outcome, Plan, PlanOptions, Verdict, markdown, plan, text};

pub(crate) use document::Document;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::report_paths::ReportPaths;
use crate::files::{shell, write};
use crate::planning::{Planning, Wanted, file, places};
use crate::ui::github_report;
use crate::ui::terminal::{self, Stream, Style};
use crate::ui::wrap;

pub(crate) const NAME: &str = "plan";

/// The most selections in a hint.
const SHOWN: usize = 10;

/// Nothing is sent to the org. A value that somebody changed there stays as it is, unless
/// --restore-drift takes it back.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    wanted: Wanted,
    /// Put the project's values back where somebody changed them in the org: everywhere, or in an
    /// app, in a component (TYPE:NAME) or in a member (TYPE:NAME/MEMBER); may be repeated
    #[arg(long, value_name = "PATH", num_args = 0..=1, default_missing_value = "")]
    restore_drift: Vec<String>,
    /// How to print the plan; github: annotations, and the plan in the file of
    /// GITHUB_STEP_SUMMARY
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Write the plan into a file, for `eca apply FILE`
    ///
    /// It has the package, what was read of the org and the serial of the state. It does not
    /// expire: it applies while the org and the state are as they were.
    #[arg(long, short, value_name = "FILE", conflicts_with = "app")]
    output: Option<PathBuf>,
    #[command(flatten)]
    report_paths: ReportPaths,
}

/// How a plan is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// A comment for a pull request, shorter than 65,536 characters
    Markdown,
    /// Annotations of GitHub Actions
    Github,
    /// The document of --json
    Json,
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    if context.output.is_json() && !matches!(arguments.format, Format::Text | Format::Json) {
        let message = "--json and another --format exclude each other";
        return Err(Failure::new(Exit::Usage, message).hint("leave one of them out"));
    }
    let planning = arguments.wanted.gather(context).await?;
    let plan = made(&planning, &arguments.restore_drift)?;
    let exit = exit(&plan);
    let next = (!plan.steps.is_empty()).then(|| planning.target.command_line("apply"));
    let mut heading = Heading::new();
    heading.next = next;
    let document = Document::new(&planning, &plan);
    context.output.document(NAME, exit, &document);
    match arguments.format {
        Format::Text => {
            let text = text(&plan, &heading);
            let columns = terminal::columns(Stream::Stdout);
            let text = columns.map_or_else(|| text.clone(), |width| wrap::wrapped(&text, width));
            context.output.print_block(Style::Plain, text.trim_end());
        }
        Format::Json => context.output.print_document(NAME, exit, &document),
        Format::Markdown => {
            let text = markdown(&plan, &heading.org(planning.org()));
            context.output.print_block(Style::Plain, text.trim_end());
        }
        Format::Github => {
            let prefix = arguments.report_paths.prefix(&planning.root);
            github::print(context, &planning, &plan, &prefix);
            github_report::append(&markdown(&plan, &heading.org(planning.org())))?;
        }
    }
    if let Some(path) = arguments
        .output
        .as_ref()
        .filter(|_| !plan.conflicts.is_empty())
    {
        context.output.warn(format_args!(
            "{} is not written: nothing can be applied while there are conflicts",
            path.display()
        ));
    } else if let Some(path) = &arguments.output {
        let file = file::of(context, &planning, plan.clone()).await?;
        let bytes = file.to_bytes();
        let bytes = bytes.map_err(|error| Failure::from_error(Exit::Failed, &error))?;
        write::replace(path, &bytes)?;
        let apply = planning.target.command_line("apply");
        let shown = shell::word(&path.display().to_string());
        context
            .output
            .info(format_args!("to apply exactly this: {apply} {shown}"));
    }
    file::warn_of_others(context, &planning).await?;
    planning.warn_of_unknown(context);
    if plan.counts().drift > 0 && planning.last.is_some() {
        let command = planning.target.command_line(NAME);
        context.output.info(format_args!(
            "to see what putting the project's values back does: {command} --restore-drift"
        ));
    }
    if planning.last.is_none() {
        context.output.info(
            "nothing is recorded as applied to this org: differences are the project's, and nothing is deleted",
        );
    }
    Ok(exit)
}

/// The exit code of a plan.
pub(crate) fn exit(plan: &Plan) -> Exit {
    match plan.outcome() {
        Outcome::Nothing => Exit::Success,
        Outcome::Conflicts => Exit::Failed,
        Outcome::UnreadableOnly => Exit::Unknown,
        _ => Exit::ChangesPending,
    }
}

/// The plan of what was read: the one that `eca apply` applies.
pub(crate) fn made(planning: &Planning, restore_drift: &[String]) -> Result<Plan, Failure> {
    let mut options = PlanOptions::default();
    for selection in restore_drift {
        options = match selection.as_str() {
            "" => options.restore_all_drift(),
            selection => options.restore_drift(selection),
        };
    }
    let plan = |options| {
        let last = planning.last.as_ref().map(|last| &last.snapshot);
        let (desired, actual) = (&planning.desired, &planning.actual);
        plan(last, desired, actual, &planning.reading.facts, options)
    };
    let found = plan(&options);
    if let Some(unmatched) = found.unmatched.first() {
        return Err(no_drift(
            unmatched,
            &plan(&PlanOptions::default()),
            planning,
        ));
    }
    Ok(found.with_sources(|component, path| {
        let place = places::of_member(&planning.project, component, path);
        place.map(|place| place.to_string())
    }))
}

/// The failure of a selection that nothing has drifted in.
fn no_drift(selection: &str, plan: &Plan, planning: &Planning) -> Failure {
    let failure = Failure::new(
        Exit::Usage,
        format!("nothing has drifted in {selection}: there is nothing to restore"),
    );
    if planning.last.is_none() {
        return failure.hint(
            "nothing is recorded as applied to this org, so that no difference is known to be a drift",
        );
    }
    let mut drifted = Vec::new();
    for change in plan.changes.iter().filter(|change| change.is_drift()) {
        let name = &change.component;
        if change.verdict == Some(Verdict::Drift) {
            drifted.push(name.to_string());
        }
        let members = change.members.iter();
        let members = members.filter(|member| member.verdict == Verdict::Drift);
        drifted.extend(members.map(|member| format!("{name}/{}", member.path)));
    }
    let more = if drifted.len() > SHOWN { ", …" } else { "" };
    drifted.truncate(SHOWN);
    match &drifted[..] {
        [] => failure.hint("nothing has drifted in this org"),
        _ => failure.hint(format!("what has drifted: {}{more}", drifted.join(", "))),
    }
}
