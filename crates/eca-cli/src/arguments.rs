//! The grammar of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::{
    attest, cert, completions, demo, deploy, deploys, describe, diff, doctor, emulate, explain,
    fmt, graph, key, lint, list, login, logout, manual, package, retrieve, schema, show, token,
};

/// Salesforce External Client Apps as code.
#[derive(Debug, Parser)]
#[command(
    name = "eca",
    version,
    about,
    max_term_width = 100,
    after_help = "Exit codes: 0 fine, 1 findings or failed, 2 changes pending, 3 usage, 4 authentication, 5 refused by the org, 6 unknown outcome, 130 interrupted."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The org: a name from eca.toml [default: the one of `SF_ACCESS_TOKEN` and `SF_ORG_INSTANCE_URL`,
    /// else `default-org` of eca.toml, else `SF_TARGET_ORG`]
    #[arg(long, global = true, value_name = "NAME", env = "ECA_ORG")]
    pub(crate) org: Option<String>,
    /// The project folder [default: the nearest folder upwards that holds sfdx-project.json]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print the result and errors only
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Say more on stderr; twice for requests
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// No live progress, plain lines only
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the whole road on an embedded org: lint, deploy, retrieve, headless login, refusals
    Demo(demo::Arguments),
    /// Check metadata files offline
    Lint(lint::Arguments),
    /// Show what all files of an app say, in one view
    Show(show::Arguments),
    /// Put metadata files into Salesforce's order and indentation; comments stay
    Fmt(fmt::Arguments),
    /// Show what differs in meaning between two folders or packages
    Diff(diff::Arguments),
    /// Show which component names which
    Graph(graph::Arguments),
    /// Show what metadata types are made of: JSON Schema, or a table of fields
    Schema(schema::Arguments),
    /// Say what a rule, or an error of Salesforce, means; offline
    Explain(explain::Arguments),
    /// Deploy a project, or a part of it, to an org
    Deploy(deploy::Arguments),
    /// Bring components of an org into the project
    Retrieve(retrieve::Arguments),
    /// Look at the deploys of an org, whoever started them
    #[command(subcommand)]
    Deploys(deploys::Command),
    /// Build the zip that a deploy would send, without sending it
    Package(package::Arguments),
    /// List the components of an org
    List(list::Arguments),
    /// Describe the metadata types of an org
    Describe(describe::Arguments),
    /// Run an org on this machine
    Emulate(emulate::Arguments),
    /// Mint, look at and verify client attestation JWTs
    #[command(subcommand)]
    Attest(attest::Command),
    /// Make, look at, check and register certificates
    #[command(subcommand)]
    Cert(cert::Command),
    /// Log in to an org or a site, and say as whom
    Login(login::Arguments),
    /// Print a fresh access token of an org
    Token,
    /// Revoke and forget what `eca login --save` kept
    Logout,
    /// Find out why a login does not work
    #[command(subcommand)]
    Doctor(doctor::Command),
    /// Convert private keys
    #[command(subcommand)]
    Key(key::Command),
    /// Print the script that lets a shell complete the command line
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
            Self::Graph(_) => graph::NAME,
            Self::Schema(arguments) => arguments.name(),
            Self::Explain(_) => explain::NAME,
            Self::Deploy(_) => deploy::NAME,
            Self::Retrieve(_) => retrieve::NAME,
            Self::Deploys(command) => command.name(),
            Self::Package(_) => package::NAME,
            Self::List(_) => list::NAME,
            Self::Describe(_) => describe::NAME,
            Self::Emulate(_) => emulate::NAME,
            Self::Attest(command) => command.name(),
            Self::Cert(command) => command.name(),
            Self::Login(_) => login::NAME,
            Self::Token => token::NAME,
            Self::Logout => logout::NAME,
            Self::Doctor(command) => command.name(),
            Self::Key(command) => command.name(),
            Self::Completions(_) => completions::NAME,
            Self::Manual(_) => manual::NAME,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_grammar_is_sound() {
        super::Arguments::command().debug_assert();
    }
}
