//! `cargo xtask interop`: software of other people judges what this repository writes.
//!
//! It needs programs, packages and files that are no part of the repository. What is missing is
//! skipped, loudly.

mod client;
mod clients;
mod matrix;
mod oauth;
mod org;
mod python;
mod wsdl;

use crate::failure::Failure;
use crate::workspace::Workspace;

/// Who judges.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Foreign clients run unchanged against the embedded org; keeps docs/interop.md
    Clients(clients::Arguments),
    /// `eca-oauth` against `oidc-provider`
    Oauth,
    /// Salesforce's Metadata API WSDL, over the golden SOAP requests of eca-deploy (with lxml)
    Wsdl(wsdl::Arguments),
}

impl Command {
    /// The foreign clients, compared with the document.
    pub(crate) fn check_clients() -> Self {
        Self::Clients(clients::Arguments::check())
    }
}

/// Runs one of them; `false` means that it found something wrong.
///
/// # Errors
/// When a program cannot be installed or started, or a file cannot be read or written.
pub(crate) fn run(workspace: &Workspace, command: &Command) -> Result<bool, Failure> {
    match command {
        Command::Clients(arguments) => clients::run(workspace, arguments),
        Command::Oauth => oauth::run(workspace),
        Command::Wsdl(arguments) => wsdl::run(workspace, arguments),
    }
}
