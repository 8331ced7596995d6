//! `eca lint`: checks metadata files offline.

mod fix;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use eca_lint::format::{Color, text};
use eca_lint::{
    Baseline, Finding, Format, Options, PreviousState, Profile, Severity, Sources, lint,
};
use eca_model::{ApiVersion, Component, Project};
use schemars::JsonSchema;
use serde::Serialize;

use crate::config::Config;
use crate::context;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::git::Tracked;
use crate::files::paths::Selection;
use crate::files::report_paths::ReportPaths;
use crate::files::{git, input, report_paths, write};
use crate::project::replacements::Variables;
use crate::project::values::{ValuesOf, ValuesOption};
use crate::shapes;
use crate::ui::terminal::{self, Stream, Style};
use crate::ui::wrap;

pub(crate) const NAME: &str = "lint";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Files and folders to report on; the whole project is read in any case
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Rules to add to the default ones: first-party, isv-2026, hardening, packaging,
    /// external-credential; may be repeated
    #[arg(long = "profile", value_name = "NAME")]
    profiles: Vec<Profile>,
    /// Apply safe fixes
    #[arg(long)]
    fix: bool,
    /// Report format: text, short, json, sarif, junit, github, gitlab, markdown
    #[arg(long, value_name = "FORMAT", default_value_t)]
    format: Format,
    #[command(flatten)]
    report_paths: ReportPaths,
    /// The lowest severity that fails the run: info, warning or error [default: error]
    #[arg(long, value_name = "SEVERITY")]
    deny: Option<Severity>,
    /// Ignore the findings that this file lists
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the findings of this run to the baseline
    #[arg(long, requires = "baseline")]
    update_baseline: bool,
    /// Report certificates that expire within this time, such as 30d [default: 30d]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    within: Option<Duration>,
    /// Report what raising the project to this API version would reset
    #[arg(long, value_name = "VERSION")]
    bump: Option<ApiVersion>,
    /// Report certificates that the project has lost since this git revision, such as origin/main
    #[arg(long, value_name = "REVISION", conflicts_with = "against")]
    since: Option<String>,
    /// Report certificates that a deploy would remove from this retrieved state: a folder, or the
    /// zip of a package
    #[arg(long, value_name = "PATH")]
    against: Option<PathBuf>,
    /// Fill in the environment variables that replacements of sfdx-project.json name; findings
    /// may show their values
    #[arg(long)]
    environment: bool,
    #[command(flatten)]
    values: ValuesOption,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document<'a> {
    project: String,
    components: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    fixed: usize,
    known: usize,
    /// Why git could not list its tracked files, when a rule needs them.
    #[serde(skip_serializing_if = "Option::is_none")]
    git_unknown: Option<String>,
    #[schemars(with = "Vec<shapes::Finding>")]
    findings: &'a [&'a Finding],
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    if context.output.is_json() && !matches!(arguments.format, Format::Text | Format::Json) {
        let message = format!(
            "--json and --format {} exclude each other",
            arguments.format
        );
        return Err(Failure::new(Exit::Usage, message).hint(
            "--json prints the document of eca, with a finding in each entry of `findings`",
        ));
    }
    let (root, project) = context.load_project(&arguments.paths)?;
    let selection = Selection::new(&root, &arguments.paths)?;
    context::require_metadata(&root, &project)?;
    require_selected(&project, &selection, &arguments.paths)?;
    let (mut options, deny) = settings(context, arguments, &root)?;
    options.previous = previous_state(context, arguments, &root)?;
    if arguments.paths.is_empty() {
        // A folder that cannot be read, or a link out of the project, is no part of what is
        // checked.
        options.outside = Project::files_outside(&root).unwrap_or_default();
    }
    let mut git_unknown = None;
    match git::tracked_global_settings(&root, &project) {
        Some(Tracked::Paths(paths)) => options.tracked = Some(paths),
        Some(Tracked::Unknown(reason)) => git_unknown = Some(reason),
        None => {}
    }
    let variables = if arguments.environment {
        Variables::Shown
    } else {
        Variables::None
    };
    let resolve = |project: Project| {
        let (values, of) = (arguments.values, ValuesOf::Option);
        values.resolve(context, &root, project, of, variables)
    };
    let (project, fixed) = if arguments.fix {
        if resolve(project.clone())?.count() > 0 {
            let message = "--fix changes the files, and the values of an org are not in them";
            let failure = Failure::new(Exit::Usage, message);
            return Err(failure.hint("to fix the files: --no-values"));
        }
        let result = fix::run(&root, &project, &options, &selection)?;
        (result.project, result.applied)
    } else {
        (project, 0)
    };
    let project = resolve(project)?.project;
    let components = project
        .components()
        .iter()
        .filter(|component| selection.contains(component.path()))
        .count();
    let report = lint(&project, &options);
    let selected = report
        .findings()
        .iter()
        .filter(|finding| selection.contains(&finding.path));
    let (findings, known) = match &arguments.baseline {
        Some(path) if arguments.update_baseline => {
            let baseline = Baseline::new(selected.clone());
            write_baseline(path, &baseline)?;
            baseline.split(selected)
        }
        Some(path) => read_baseline(path)?.split(selected),
        None => (selected.collect(), 0),
    };
    let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let document = Document {
        project: root.display().to_string(),
        components,
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        infos: count(Severity::Info),
        fixed,
        known,
        git_unknown,
        findings: &findings,
    };
    let exit = if findings.iter().any(|finding| finding.severity >= deny) {
        Exit::Failed
    } else {
        Exit::Success
    };
    let paths = &arguments.report_paths;
    let prefix = match arguments.format {
        // The document and the report for people have paths in the project.
        Format::Text | Format::Json => String::new(),
        Format::Short => report_paths::from_current_folder(&root),
        _ => paths.prefix(&root),
    };
    show(
        context,
        (arguments.format, &prefix, deny),
        &project,
        &document,
        exit,
    );
    Ok(exit)
}

/// Paths that select nothing are a mistake, not a clean project.
fn require_selected(
    project: &Project,
    selection: &Selection,
    paths: &[PathBuf],
) -> Result<(), Failure> {
    let components = project.components().iter().map(Component::path);
    let unreadable = project.unreadable().iter().map(|file| file.path.as_str());
    let suspicious = project.suspicious().iter().map(|file| file.path.as_str());
    let unpaired = project.unpaired().iter().map(|file| file.path.as_str());
    let manifests = project.manifests().iter().map(|file| file.path.as_str());
    let odd = suspicious.chain(unpaired).chain(manifests);
    let mut all = components.chain(unreadable).chain(odd);
    if all.any(|path| selection.contains(path)) {
        return Ok(());
    }
    let shown: Vec<_> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let message = format!("no External Client App metadata in {}", shown.join(", "));
    Err(Failure::new(Exit::Usage, message)
        .hint("give metadata files or their folders, or omit the paths for the whole project"))
}

/// The options of the command line, or else of `eca.toml`.
fn settings(
    context: &Context,
    arguments: &Arguments,
    root: &Path,
) -> Result<(Options, Severity), Failure> {
    let config = Config::find(context, root)?;
    let config = config.as_ref().map(Config::lint);
    let mut options = Options::new(SystemTime::now());
    options.profiles.clone_from(&arguments.profiles);
    options.bump = arguments.bump;
    if let Some(config) = config {
        options.profiles.extend(&config.profiles);
        options.levels = config.levels();
        options.excludes = config.excludes();
    }
    if let Some(within) = arguments.within.or_else(|| config?.within) {
        options.within = within;
    }
    let deny = arguments.deny.or_else(|| config?.deny);
    Ok((options, deny.unwrap_or(Severity::Error)))
}

/// The earlier state to compare with.
fn previous_state(
    context: &Context,
    arguments: &Arguments,
    root: &Path,
) -> Result<Option<PreviousState>, Failure> {
    let (project, name) = match (&arguments.against, &arguments.since) {
        (Some(path), _) => (input::folder_or_zip(path)?, path.display().to_string()),
        (None, Some(revision)) => (git::project_at(root, revision)?, revision.clone()),
        (None, None) => return Ok(None),
    };
    if project.components().is_empty() {
        context.output.info(format_args!(
            "{name} has no External Client App metadata in {}: no certificate can be lost",
            root.display()
        ));
    }
    for file in project.unreadable() {
        context.output.info(format_args!(
            "not compared, because {name} cannot be read: {file}"
        ));
    }
    Ok(Some(PreviousState::new(&project, name)))
}

fn read_baseline(path: &Path) -> Result<Baseline, Failure> {
    let text = input::text(path, input::LARGE)
        .map_err(|failure| failure.hint("to create it, add --update-baseline"))?;
    Baseline::parse(&text).map_err(|error| {
        Failure::caused_by(
            Exit::Usage,
            format!("cannot use {}", path.display()),
            &error,
        )
    })
}

fn write_baseline(path: &Path, baseline: &Baseline) -> Result<(), Failure> {
    let text = baseline.to_json() + "\n";
    write::replace(path, text.as_bytes())
}

fn show(
    context: &Context,
    (format, prefix, deny): (Format, &str, Severity),
    project: &Project,
    document: &Document<'_>,
    exit: Exit,
) {
    let output = &context.output;
    output.document(NAME, exit, document);
    let findings = document.findings;
    let sources = Sources::new(
        project,
        findings.iter().map(|finding| finding.path.as_str()),
    );
    if format == Format::Text {
        // The stream strips colours that the terminal cannot show.
        if !findings.is_empty() {
            let columns = terminal::columns(Stream::Stdout);
            let text = text(findings, &sources, Color::Always);
            let text = columns.map_or_else(|| text.clone(), |width| wrap::report(&text, width));
            output.print_block(Style::Coloured, format_args!("{text}\n"));
        }
    } else {
        let findings: Vec<_> = findings
            .iter()
            .map(|finding| finding.with_path_prefix(prefix))
            .collect();
        let findings: Vec<_> = findings.iter().collect();
        let report = format.render(&findings, &sources, deny);
        // Formats with one line for each finding print nothing without findings.
        if !report.is_empty() {
            let style = match format {
                Format::Github => Style::Workflow,
                _ => Style::Plain,
            };
            output.print_block(style, report);
        }
    }
    let plural = |count: usize, one: &str| {
        let ending = if count == 1 { "" } else { "s" };
        format!("{count} {one}{ending}")
    };
    let mut parts = vec![
        plural(document.components, "component"),
        plural(document.errors, "error"),
        plural(document.warnings, "warning"),
    ];
    for (count, what) in [(document.infos, "info"), (document.known, "known finding")] {
        if count > 0 {
            parts.push(plural(count, what));
        }
    }
    let clean = if findings.is_empty() { ": clean" } else { "" };
    if document.fixed > 0 {
        output.info(format_args!("{} fixed", plural(document.fixed, "finding")));
    }
    output.info(format_args!("{}{clean}", parts.join(", ")));
    if let Some(reason) = &document.git_unknown {
        output.info(format_args!(
            "not checked whether git tracks global OAuth settings (ECA1404): {reason}"
        ));
    }
    let fixable = findings
        .iter()
        .filter(|finding| finding.fix.is_some())
        .count();
    if fixable > 0 {
        output.info(format_args!("{fixable} fixable with --fix"));
    }
    // The first finding of the highest severity.
    let gravest = findings.iter().rev().max_by_key(|finding| finding.severity);
    if let Some(gravest) = gravest {
        output.info(format_args!(
            "for an explanation: eca explain {}",
            gravest.rule.id()
        ));
    }
}
