//! `cargo xtask new`: the files of something new, ready to be filled in.

mod rule;

use crate::failure::Failure;
use crate::workspace::Workspace;

/// What is new.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Write a lint rule that works, its line in the registry and its pair of tiny projects
    Rule(rule::Arguments),
}

/// Writes it; `false` when the name cannot be used.
///
/// # Errors
/// When a file cannot be read or written.
pub(crate) fn run(workspace: &Workspace, command: &Command) -> Result<bool, Failure> {
    match command {
        Command::Rule(arguments) => rule::run(&workspace.root, arguments),
    }
}
