//! `eca lint`: check metadata files offline.

use std::path::PathBuf;
use std::time::SystemTime;

use eca_lint::{Finding, Options, Profile, Severity, lint};
use serde::Serialize;

use crate::context::{self, Context};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::paths::Selection;

pub(crate) const NAME: &str = "lint";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Files and folders to report on; the whole project is read in any case
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Rules to add to the default ones: `first-party` for headless login; may be repeated
    #[arg(long = "profile", value_name = "NAME")]
    profiles: Vec<Profile>,
}

#[derive(Serialize)]
struct Document<'a> {
    project: String,
    components: usize,
    errors: usize,
    warnings: usize,
    findings: &'a [&'a Finding],
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let (root, project) = context.load_project(&arguments.paths)?;
    let selection = Selection::new(&root, &arguments.paths)?;
    context::require_metadata(&root, &project)?;
    let mut options = Options::new(SystemTime::now());
    for profile in &arguments.profiles {
        options = options.with_profile(*profile);
    }
    let report = lint(&project, &options);
    let findings: Vec<&Finding> = report
        .findings()
        .iter()
        .filter(|finding| selection.contains(&finding.path))
        .collect();
    let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let exit = if errors == 0 {
        Exit::Success
    } else {
        Exit::Failed
    };
    let document = Document {
        project: root.display().to_string(),
        components: project.components().len(),
        errors,
        warnings,
        findings: &findings,
    };
    context.output.document(NAME, exit, &document);
    for finding in &findings {
        context.output.line(format_args!("{finding:#}"));
    }
    let plural = |count: usize, one: &str| {
        let ending = if count == 1 { "" } else { "s" };
        format!("{count} {one}{ending}")
    };
    context.output.talk(format_args!(
        "{}, {}, {}{}",
        plural(document.components, "component"),
        plural(errors, "error"),
        plural(warnings, "warning"),
        if findings.is_empty() { ": clean" } else { "" },
    ));
    Ok(exit)
}
