//! `cargo xtask interop`: interop tests against third-party tools.
//!
//! They need programs, packages and files that are not in the repository. A test without them is
//! skipped with a message.

mod client;
mod clients;
mod matrix;
mod oauth;
mod org;
mod python;
mod state;
mod workflows;
mod wsdl;

use crate::failure::Failure;
use crate::workspace::Workspace;

pub(crate) use client::salesforce_cli;

/// The tool.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Run third-party clients against the embedded org; write docs/interop.md
    Clients(clients::Arguments),
    /// Run `eca-oauth` against `oidc-provider`
    Oauth,
    /// Run the state of teams against moto, SeaweedFS and Azurite
    State,
    /// Validate the golden SOAP requests of eca-deploy against Salesforce's Metadata API WSDL
    Wsdl(wsdl::Arguments),
    /// Check the workflows, the action and the shell scripts with actionlint, zizmor and ShellCheck
    Workflows,
}

impl Command {
    /// Runs the third-party clients and compares the results with the document.
    pub(crate) fn check_clients() -> Self {
        Self::Clients(clients::Arguments::check())
    }
}

/// Runs one of them; `false` means that it found a problem.
///
/// # Errors
/// When a program cannot be installed or started, or a file cannot be read or written.
pub(crate) fn run(workspace: &Workspace, command: &Command) -> Result<bool, Failure> {
    match command {
        Command::Clients(arguments) => clients::run(workspace, arguments),
        Command::Oauth => oauth::run(workspace),
        Command::State => state::run(workspace),
        Command::Wsdl(arguments) => wsdl::run(workspace, arguments),
        Command::Workflows => workflows::run(workspace),
    }
}
