//! `eca diff`: compares the components of two projects.

use std::path::PathBuf;

use eca_model::{ComponentDiff, DiffOptions, Project, diff_with};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::input;
use crate::ui::terminal::Style;

pub(crate) const NAME: &str = "diff";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The source of a deploy: a folder, or the zip of a package
    #[arg(value_name = "SOURCE")]
    source: PathBuf,
    /// The target, such as the retrieved state of an org: a folder, or the zip of a package
    #[arg(value_name = "TARGET")]
    target: PathBuf,
    /// List equal members, too
    #[arg(long)]
    same: bool,
}

#[derive(Serialize)]
struct Document {
    source: String,
    target: String,
    /// Components in which a deploy of the source would change something on the target.
    drift: usize,
    components: Vec<ComponentDiff>,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let source = input::folder_or_zip(&arguments.source)?;
    let target = input::folder_or_zip(&arguments.target)?;
    let mut options = DiffOptions::default();
    if arguments.same {
        options = options.with_same();
    }
    let components = diff_with(&source, &target, options);
    let drift = components
        .iter()
        .filter(|component| component.is_drift())
        .count();
    for component in &components {
        context.output.print_block(Style::Plain, component);
    }
    for file in source.unreadable().iter().chain(target.unreadable()) {
        context.output.warn(file);
    }
    context.output.info(format_args!(
        "{drift} of {} components differ (source: {}, target: {})",
        all(&source, &target),
        arguments.source.display(),
        arguments.target.display()
    ));
    let unreadable = !source.unreadable().is_empty() || !target.unreadable().is_empty();
    let exit = if drift > 0 || unreadable {
        Exit::Failed
    } else {
        Exit::Success
    };
    let document = Document {
        source: arguments.source.display().to_string(),
        target: arguments.target.display().to_string(),
        drift,
        components,
    };
    context.output.document(NAME, exit, &document);
    Ok(exit)
}

/// The number of components on both sides.
fn all(source: &Project, target: &Project) -> usize {
    let only_target = target.components().iter();
    let only_target = only_target.filter(|component| source.component(component.name()).is_none());
    source.components().len() + only_target.count()
}
