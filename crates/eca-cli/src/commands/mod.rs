//! The commands: one file each.

use crate::arguments::Command;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) mod attest;
pub(crate) mod cert;
pub(crate) mod demo;
pub(crate) mod deploy;
pub(crate) mod deploys;
pub(crate) mod describe;
pub(crate) mod emulate;
pub(crate) mod lint;
pub(crate) mod list;
pub(crate) mod package;
pub(crate) mod retrieve;

/// Runs a command to its end.
pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Demo(arguments) => demo::run(context, arguments).await,
        Command::Lint(arguments) => lint::run(context, &arguments),
        Command::Deploy(arguments) => deploy::run(context, arguments).await,
        Command::Retrieve(arguments) => retrieve::run(context, arguments).await,
        Command::Deploys(command) => deploys::run(context, command).await,
        Command::Package(arguments) => package::run(context, &arguments),
        Command::List(arguments) => list::run(context, &arguments).await,
        Command::Describe(arguments) => describe::run(context, &arguments).await,
        Command::Emulate(arguments) => emulate::run(context, &arguments).await,
        Command::Attest(command) => attest::run(context, command),
        Command::Cert(command) => cert::run(context, command),
    }
}
