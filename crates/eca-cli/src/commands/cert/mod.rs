//! `eca cert`: generate, inspect, check and register certificates.

pub(crate) mod check;
pub(crate) mod inspect;
pub(crate) mod new;
pub(crate) mod register;

use eca_attest::CertificateIssue;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
pub(crate) use register::{settings, with_certificate};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Generate a key and a self-signed certificate
    New(new::New),
    /// Inspect a certificate and check Salesforce's limits
    Inspect(inspect::Inspect),
    /// List expiring certificates: those given, or all in the project
    Check(check::Check),
    /// Check that a certificate belongs to a private key
    Match(check::Match),
    /// Write a certificate into the settings of an app: for headless logins, or for the JWT bearer
    /// flow
    Register(register::Register),
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::New(_) => "cert-new",
            Self::Inspect(_) => "cert-inspect",
            Self::Check(_) => "cert-check",
            Self::Match(_) => "cert-match",
            Self::Register(_) => "cert-register",
        }
    }
}

pub(crate) fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    let name = command.name();
    match command {
        Command::New(arguments) => new::run(context, name, &arguments),
        Command::Inspect(arguments) => inspect::run(context, name, &arguments),
        Command::Check(arguments) => check::check(context, name, &arguments),
        Command::Match(arguments) => check::matches(context, name, &arguments),
        Command::Register(arguments) => register::run(context, name, &arguments),
    }
}

/// A problem in a document.
#[derive(Serialize, JsonSchema)]
struct Problem {
    code: &'static str,
    severity: String,
    message: String,
}

impl From<&CertificateIssue> for Problem {
    fn from(concern: &CertificateIssue) -> Self {
        Self {
            code: concern.code(),
            severity: concern.severity().to_string(),
            message: concern.to_string(),
        }
    }
}
