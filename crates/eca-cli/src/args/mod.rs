//! The grammar of the command line.

pub(crate) mod examples;
pub(crate) mod global;
pub(crate) mod tips;
pub(crate) mod wait;

use clap::parser::ValueSource;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::args::global::Global;
use crate::commands::{
    apply, attest, cert, completions, demo, deploy, deploys, describe, diff, doctor, drift,
    emulate, explain, fmt, graph, key, lint, list, login, logout, manual, package, plan, retrieve,
    schema, show, state, token, trust,
};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// What `--version` prints: version, commit and features. `-V` prints the version alone.
const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (",
    env!("BUILD_COMMIT"),
    ")\nfeatures: ",
    env!("BUILD_FEATURES")
);

/// Salesforce External Client Apps as code.
#[derive(Debug, Parser)]
#[command(
    name = "eca",
    version,
    long_version = LONG_VERSION,
    about,
    max_term_width = 100,
    after_help = "Exit codes: 0 success, 1 findings or failed, 2 changes pending, 3 usage, 4 authentication, 5 refused by the org, 6 unknown outcome, 7 unreachable, 130 interrupted."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// The grammar, with examples in the help.
    fn grammar() -> clap::Command {
        examples::add(Self::command())
    }

    /// Parses the command line of this process.
    pub(crate) fn from_command_line() -> Result<Self, clap::Error> {
        let mut grammar = Self::grammar();
        let matches = grammar.try_get_matches_from_mut(std::env::args_os())?;
        let parsed = Self::from_arg_matches(&matches);
        let mut arguments = parsed.map_err(|error| error.format(&mut grammar))?;
        let source = matches.value_source("org");
        arguments.global.org_is_from_environment = source == Some(ValueSource::EnvVariable);
        Ok(arguments)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// End-to-end walkthrough on a local org: lint, deploy, retrieve, headless login, refusals
    Demo(demo::Arguments),
    /// Check metadata files offline
    Lint(lint::Arguments),
    /// Show the settings of an app from all its files, in one view
    Show(show::Arguments),
    /// Format metadata files: Salesforce's element order and indentation; comments are kept
    Fmt(fmt::Arguments),
    /// Show what a deploy would change: compare the project, folders, packages or orgs
    Diff(diff::Arguments),
    /// Show what a deploy would change, and why: the project, the org, and what was applied last
    Plan(plan::Arguments),
    /// Apply a plan to an org: exactly what was planned, or nothing
    Apply(apply::Arguments),
    /// Show what somebody changed in an org since it was applied
    Drift(drift::Arguments),
    /// Show references between components
    Graph(graph::Arguments),
    /// Show the fields of metadata types, as JSON Schema or as a table
    Schema(schema::Arguments),
    /// Explain a lint rule or an error of Salesforce, offline
    Explain(explain::Arguments),
    /// Deploy a project, or part of it, to an org
    Deploy(deploy::Arguments),
    /// Retrieve components of an org into the project
    Retrieve(retrieve::Arguments),
    /// List, inspect and cancel the deploys of an org, by all users
    #[command(subcommand)]
    Deploys(deploys::Command),
    /// List, inspect and unlock what was applied to which org
    #[command(subcommand)]
    State(state::Command),
    /// Build the zip of a deploy without sending it
    Package(package::Arguments),
    /// List the components of an org
    List(list::Arguments),
    /// Describe the metadata types of an org
    Describe(describe::Arguments),
    /// Run a local org
    Emulate(emulate::Arguments),
    /// Mint, inspect and verify client attestation JWTs
    #[command(subcommand)]
    Attest(attest::Command),
    /// Generate, inspect, check and register certificates
    #[command(subcommand)]
    Cert(cert::Command),
    /// Log in to an org or a site and print the user
    Login(login::Arguments),
    /// Print a fresh access token of an org
    Token,
    /// Revoke and delete the refresh token that `eca login --save` stored
    Logout,
    /// Trust the orgs of eca.toml: their hosts, secrets and commands
    Trust(trust::Arguments),
    /// Diagnose a login that fails
    #[command(subcommand)]
    Doctor(doctor::Command),
    /// Convert private keys
    #[command(subcommand)]
    Key(key::Command),
    /// Generate shell completions
    Completions(completions::Arguments),
    /// Write man pages and reference pages
    #[command(hide = true)]
    Manual(manual::Arguments),
}

impl Command {
    /// The name in the `schema` member of JSON documents.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Demo(_) => demo::NAME,
            Self::Lint(_) => lint::NAME,
            Self::Show(_) => show::NAME,
            Self::Fmt(_) => fmt::NAME,
            Self::Diff(_) => diff::NAME,
            Self::Plan(_) => plan::NAME,
            Self::Apply(_) => apply::NAME,
            Self::Drift(_) => drift::NAME,
            Self::Graph(_) => graph::NAME,
            Self::Schema(arguments) => arguments.name(),
            Self::Explain(_) => explain::NAME,
            Self::Deploy(_) => deploy::NAME,
            Self::Retrieve(_) => retrieve::NAME,
            Self::Deploys(command) => command.name(),
            Self::State(command) => command.name(),
            Self::Package(_) => package::NAME,
            Self::List(_) => list::NAME,
            Self::Describe(_) => describe::NAME,
            Self::Emulate(_) => emulate::NAME,
            Self::Attest(command) => command.name(),
            Self::Cert(command) => command.name(),
            Self::Login(_) => login::NAME,
            Self::Token => token::NAME,
            Self::Logout => logout::NAME,
            Self::Trust(_) => trust::NAME,
            Self::Doctor(command) => command.name(),
            Self::Key(command) => command.name(),
            Self::Completions(_) => completions::NAME,
            Self::Manual(_) => manual::NAME,
        }
    }

    /// Runs the command to its end.
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Demo(arguments) => demo::run(context, arguments).await,
            Self::Lint(arguments) => lint::run(context, &arguments),
            Self::Show(arguments) => show::run(context, &arguments),
            Self::Fmt(arguments) => fmt::run(context, &arguments),
            Self::Diff(arguments) => diff::run(context, &arguments).await,
            Self::Plan(arguments) => Box::pin(plan::run(context, &arguments)).await,
            Self::Apply(arguments) => Box::pin(apply::run(context, arguments)).await,
            Self::Drift(arguments) => drift::run(context, &arguments).await,
            Self::Graph(arguments) => graph::run(context, &arguments),
            Self::Schema(arguments) => schema::run(context, &arguments).await,
            Self::Explain(arguments) => explain::run(context, &arguments),
            Self::Deploy(arguments) => Box::pin(deploy::run(context, arguments)).await,
            Self::Retrieve(arguments) => retrieve::run(context, arguments).await,
            Self::Deploys(command) => deploys::run(context, command).await,
            Self::State(command) => state::run(context, command).await,
            Self::Package(arguments) => package::run(context, &arguments),
            Self::List(arguments) => list::run(context, &arguments).await,
            Self::Describe(arguments) => describe::run(context, &arguments).await,
            Self::Emulate(arguments) => emulate::run(context, &arguments).await,
            Self::Attest(command) => attest::run(context, command),
            Self::Cert(command) => cert::run(context, command),
            Self::Login(arguments) => login::run(context, arguments).await,
            Self::Token => token::run(context).await,
            Self::Logout => logout::run(context).await,
            Self::Trust(arguments) => trust::run(context, &arguments),
            Self::Doctor(command) => doctor::run(context, &command).await,
            Self::Key(command) => key::run(context, command),
            Self::Completions(arguments) => {
                completions::run(context, &arguments, Arguments::grammar())
            }
            Self::Manual(arguments) => manual::run(context, &arguments, Arguments::grammar()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_grammar_is_valid() {
        crate::Arguments::command().debug_assert();
    }
}
