//! `eca package`: builds the zip of a deploy without sending it.

use std::path::PathBuf;

use eca_model::fs::Access;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::write;
use crate::project::package_args;
use crate::project::package_args::Filtered;
use crate::project::values;
use crate::project::values::ValueView;
use crate::ui::terminal::{Style, indented};

pub(crate) const NAME: &str = "package";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    package: package_args::Selected,
    /// The file for the zip; an existing file is never overwritten [default: only list the files]
    #[arg(long, short = 'o', value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    api_version: String,
    files: Vec<String>,
    /// The project's file of each of `files`, in the same order.
    sources: Vec<String>,
    zip_bytes: u64,
    unzipped_bytes: u64,
    #[serde(flatten)]
    filtered: Filtered,
    deleted_before: String,
    deleted_after: String,
    /// Values that are not the project's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<ValueView>,
    output: Option<String>,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let built = arguments.package.build(context)?;
    let package = &built.package;
    let values = values::views(&built.project);
    package_args::free(built.project);
    package_args::print_report(context, package);
    let report = package.report();
    if let Some(path) = &arguments.output {
        let access = if report.injected.is_empty() {
            Access::Inherited
        } else {
            Access::Owner
        };
        write::create_reproducible_file(path, package.zip().as_bytes(), access)?;
    }
    // At once: a package may have thousands of files.
    let mut lines = String::new();
    for file in report.files.iter() {
        let separator = if lines.is_empty() { "" } else { "\n" };
        let line = [file.package_path(), " <- ", &file.local_path].concat();
        lines.extend([separator, &indented(&line)]);
    }
    if !lines.is_empty() {
        context.output.print_block(Style::Plain, lines);
    }
    if let Some(path) = &arguments.output {
        context
            .output
            .info(format_args!("wrote {}", path.display()));
    }
    let document = Document {
        api_version: report.api_version.to_string(),
        files: report
            .files
            .iter()
            .map(|file| file.package_path().to_owned())
            .collect(),
        sources: report
            .files
            .iter()
            .map(|file| file.local_path.clone())
            .collect(),
        zip_bytes: report.zip_bytes,
        unzipped_bytes: report.unzipped_bytes,
        filtered: Filtered::from(report),
        deleted_before: report.deleted_before.to_string(),
        deleted_after: report.deleted_after.to_string(),
        values,
        output: arguments
            .output
            .as_ref()
            .map(|path| path.display().to_string()),
    };
    context.output.document(NAME, Exit::Success, &document);
    Ok(Exit::Success)
}
