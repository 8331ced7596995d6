//! `eca fmt`: formats files in Salesforce's element order and indentation.

use std::path::PathBuf;

use eca_model::xml::format;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::paths::Selection;
use crate::files::write;

pub(crate) const NAME: &str = "fmt";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Files and folders to format [default: the whole project]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Change nothing; list the files that would change, and exit with 1 when there are any
    #[arg(long)]
    check: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document<'a> {
    project: String,
    files: usize,
    /// Files that changed, or would change with `--check`.
    changed: Vec<&'a str>,
    unreadable: Vec<String>,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let (root, project) = context.load_project(&arguments.paths)?;
    let selection = Selection::new(&root, &arguments.paths)?;
    context::require_metadata(&root, &project)?;
    let project = project.select(|path| selection.contains(path));
    if project.components().is_empty() && project.unreadable().is_empty() {
        let message = "no External Client App metadata at the given paths";
        return Err(Failure::new(Exit::Usage, message).hint(
            "files are found by suffix; files outside of the package directories and those in .forceignore are skipped",
        ));
    }
    let mut changed = Vec::new();
    for component in project.components() {
        let formatted = format(component.file().document());
        if formatted == component.file().text() {
            continue;
        }
        if !arguments.check {
            let path = root.join(component.path());
            write::replace(&path, formatted.as_bytes())?;
        }
        changed.push(component.path());
    }
    changed.sort_unstable();
    let unreadable: Vec<_> = project
        .unreadable()
        .iter()
        .map(ToString::to_string)
        .collect();
    let would_change = arguments.check && !changed.is_empty();
    let exit = if would_change || !unreadable.is_empty() {
        Exit::Failed
    } else {
        Exit::Success
    };
    let document = Document {
        project: root.display().to_string(),
        files: project.components().len() + unreadable.len(),
        changed,
        unreadable,
    };
    context.output.document(NAME, exit, &document);
    for path in &document.changed {
        context.output.print(path);
    }
    for file in &document.unreadable {
        context.output.print(file);
    }
    context.output.info(format_args!(
        "{} files, {} {}, {} unreadable",
        document.files,
        document.changed.len(),
        if arguments.check {
            "would change"
        } else {
            "changed"
        },
        document.unreadable.len(),
    ));
    Ok(exit)
}
