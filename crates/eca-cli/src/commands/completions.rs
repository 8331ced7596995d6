//! `eca completions`: shell completions.

use clap_complete::Shell;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::terminal::Style;

pub(crate) const NAME: &str = "completions";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    shell: String,
    script: String,
}

/// `grammar` is that of the program.
pub(crate) fn run(
    context: &Context,
    arguments: &Arguments,
    mut grammar: clap::Command,
) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut grammar, "eca", &mut script);
    let script = String::from_utf8(script)
        .map_err(|error| Failure::caused_by(Exit::Failed, "the script is not text", &error))?;
    context.output.print_block(Style::Plain, script.trim_end());
    let document = Document {
        shell: arguments.shell.to_string(),
        script,
    };
    context.output.document(NAME, Exit::Success, &document);
    Ok(Exit::Success)
}
