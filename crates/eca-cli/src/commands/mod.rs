//! The commands: one file each.

use crate::arguments::Command;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) mod attest;
pub(crate) mod cert;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod deploy;
pub(crate) mod deploys;
pub(crate) mod describe;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod emulate;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod key;
pub(crate) mod lint;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod manual;
pub(crate) mod package;
pub(crate) mod retrieve;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod token;

/// Runs a command to its end.
pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Demo(arguments) => demo::run(context, arguments).await,
        Command::Lint(arguments) => lint::run(context, &arguments),
        Command::Show(arguments) => show::run(context, &arguments),
        Command::Fmt(arguments) => fmt::run(context, &arguments),
        Command::Diff(arguments) => diff::run(context, &arguments),
        Command::Graph(arguments) => graph::run(context, &arguments),
        Command::Schema(arguments) => schema::run(context, &arguments).await,
        Command::Explain(arguments) => explain::run(context, &arguments),
        Command::Deploy(arguments) => deploy::run(context, arguments).await,
        Command::Retrieve(arguments) => retrieve::run(context, arguments).await,
        Command::Deploys(command) => deploys::run(context, command).await,
        Command::Package(arguments) => package::run(context, &arguments),
        Command::List(arguments) => list::run(context, &arguments).await,
        Command::Describe(arguments) => describe::run(context, &arguments).await,
        Command::Emulate(arguments) => emulate::run(context, &arguments).await,
        Command::Attest(command) => attest::run(context, command),
        Command::Cert(command) => cert::run(context, command),
        Command::Login(arguments) => login::run(context, arguments).await,
        Command::Token => token::run(context).await,
        Command::Logout => logout::run(context).await,
        Command::Doctor(command) => doctor::run(context, &command).await,
        Command::Key(command) => key::run(context, command),
        Command::Completions(arguments) => completions::run(context, &arguments),
        Command::Manual(arguments) => manual::run(context, &arguments),
    }
}
