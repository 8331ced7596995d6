//! The maintainer's commands: `cargo xtask ci` runs what CI runs, `cargo xtask tidy` checks the
//! rules of the repository that the compiler does not check, `cargo xtask interop` runs third-party
//! tools.
//!
//! Exit codes: 0 success, 1 a part failed or a problem was found, 2 wrong usage
//! (from clap), 3 a command could not be run (a program or a file is missing).
//!
//! This crate is for work on the repository. No crate depends on it, and the `eca` program does
//! nothing of this at run time.

mod api;
mod checksum;
mod ci;
mod copy;
mod dist;
mod docs;
mod failure;
mod fixtures;
mod interop;
mod invocation;
mod new;
mod program;
mod release;
mod schema;
mod tidy;
mod torture;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use ci::Part;
use failure::Failure;
use workspace::Workspace;

/// A part failed or a problem was found; it is on standard error.
const EXIT_FAILED: u8 = 1;
/// A command could not be run.
const EXIT_CANNOT_RUN: u8 = 3;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "The maintainer's commands"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run what CI runs, in the same order; stop at the first failure
    Ci {
        /// The parts to run, in this order; all but `bench` when none is named
        parts: Vec<Part>,
    },
    /// Bump the version, close the changelog, tag and publish
    #[command(subcommand)]
    Release(release::Command),
    /// Write the files of something new, ready to be filled in
    #[command(subcommand)]
    New(new::Command),
    /// Check crate dependencies, modules, file lengths, manifests, links, stray paths and keys
    Tidy,
    /// Write the files that tests read: one of each metadata type, keys, certificates, key stores;
    /// or an example project
    Fixtures(fixtures::Arguments),
    /// Compare eca-model's schema with Salesforce's metadata WSDL files
    #[command(subcommand)]
    Schema(schema::Command),
    /// Build release artifacts: archive, bill of materials, checksums
    Dist(dist::Arguments),
    /// Write the generated pages of the book, or check them, the summary and the spelling
    Docs(docs::Arguments),
    /// Give hostile input to everything that reads what strangers wrote
    Torture(torture::Arguments),
    /// Run interop tests against third-party tools
    #[command(subcommand)]
    Interop(interop::Command),
}

fn main() -> ExitCode {
    match run(&Arguments::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(EXIT_FAILED),
        Err(failure) => {
            eprintln!("xtask: {}", failure.chain());
            ExitCode::from(EXIT_CANNOT_RUN)
        }
    }
}

/// Runs one command; `false` means that it ran and found something wrong.
fn run(command: &Command) -> Result<bool, Failure> {
    let workspace = Workspace::read()?;
    match command {
        Command::Ci { parts } => ci::run(&workspace, parts),
        Command::Release(command) => release::run(&workspace, command),
        Command::New(command) => new::run(&workspace, command),
        Command::Tidy => tidy::run(&workspace),
        Command::Fixtures(arguments) => fixtures::run(&workspace.root, arguments),
        Command::Schema(command) => schema::run(command),
        Command::Dist(arguments) => dist::run(&workspace, arguments),
        Command::Docs(arguments) => docs::run(&workspace, arguments),
        Command::Torture(arguments) => torture::run(&workspace, arguments),
        Command::Interop(command) => interop::run(&workspace, command),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_valid() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn parts_run_in_the_given_order() {
        let arguments = Arguments::try_parse_from(["xtask", "ci", "doc", "fmt"]).unwrap();
        let Command::Ci { parts } = arguments.command else {
            panic!("not ci")
        };
        assert_eq!(parts, [Part::Doc, Part::Fmt]);
    }
}
