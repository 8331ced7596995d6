//! `eca diff`: what differs in meaning between two projects.

use std::path::PathBuf;

use eca_model::{ComponentDiff, DiffOptions, Project, diff_with};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::copies;

pub(crate) const NAME: &str = "diff";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What would be deployed: a folder, or the zip of a package
    #[arg(value_name = "LEFT")]
    left: PathBuf,
    /// What it is compared with, such as what was retrieved: a folder, or the zip of a package
    #[arg(value_name = "RIGHT")]
    right: PathBuf,
    /// List what is the same, too
    #[arg(long)]
    same: bool,
}

#[derive(Serialize)]
struct Document {
    left: String,
    right: String,
    /// Components in which a deploy of the left side would change something on the right side.
    drift: usize,
    components: Vec<ComponentDiff>,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let left = copies::read(&arguments.left)?;
    let right = copies::read(&arguments.right)?;
    let mut options = DiffOptions::default();
    if arguments.same {
        options = options.with_same();
    }
    let components = diff_with(&left, &right, options);
    let drift = components.iter().filter(|own| own.is_drift()).count();
    for component in &components {
        context.output.print(component);
    }
    for file in left.unreadable().iter().chain(right.unreadable()) {
        context.output.warn(file);
    }
    context.output.info(format_args!(
        "{drift} of {} components differ in what {} decides",
        all(&left, &right),
        arguments.left.display()
    ));
    let unreadable = !left.unreadable().is_empty() || !right.unreadable().is_empty();
    let exit = if drift > 0 || unreadable {
        Exit::Failed
    } else {
        Exit::Success
    };
    let document = Document {
        left: arguments.left.display().to_string(),
        right: arguments.right.display().to_string(),
        drift,
        components,
    };
    context.output.document(NAME, exit, &document);
    Ok(exit)
}

/// How many components there are on either side.
fn all(left: &Project, right: &Project) -> usize {
    let only_right = right.components().iter();
    let only_right = only_right.filter(|own| left.component(own.id()).is_none());
    left.components().len() + only_right.count()
}
