//! `cargo xtask interop clients`: clients that nobody here wrote, run unchanged against the embedded org.
//!
//! Each client is installed from its registry, at the version named here, into `target/interop`.
//! A script in `xtask/src/interop/` drives it and asserts on what the client itself reports; the
//! outcome is the table in `docs/interop.md`.

use std::fs;
use std::process::Command;

use crate::failure::Failure;
use crate::workspace::Workspace;

use super::client::{CLIENTS, Client};
use super::matrix::{Matrix, Outcome};
use super::org::EmulatedOrg;

/// Where the table is kept.
const DOCUMENT: &str = "docs/interop.md";

/// What the caller asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub(crate) struct Arguments {
    /// Compare with docs/interop.md instead of writing it
    #[arg(long)]
    check: bool,
    /// Only these clients, by the names in the table; nothing is written
    #[arg(long, value_name = "NAME")]
    client: Vec<String>,
}

impl Arguments {
    /// What CI asks for.
    pub(crate) fn check() -> Self {
        Self {
            check: true,
            client: Vec::new(),
        }
    }
}

/// Runs the clients; `false` when an operation failed or the document is out of date.
///
/// # Errors
/// When a client cannot be installed or the org cannot be started.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<bool, Failure> {
    if let Some(missing) = ["node", "npm"].into_iter().find(|name| !exists(name)) {
        eprintln!("\nxtask: INTEROP IS SKIPPED: {missing} is not on the PATH.");
        eprintln!(
            "xtask: nothing about foreign clients was tested. Install Node.js 20 or later.\n"
        );
        return Ok(true);
    }
    let is_offline = || {
        let ping = Command::new("npm").arg("ping").output();
        !ping.is_ok_and(|output| output.status.success())
    };
    if CLIENTS.iter().any(|client| !client.is_installed(workspace)) && is_offline() {
        eprintln!("\nxtask: INTEROP IS SKIPPED: npm's registry does not answer (npm ping).");
        eprintln!("xtask: nothing about foreign clients was tested.\n");
        return Ok(true);
    }
    build(workspace)?;
    let mut matrix = Matrix::default();
    for client in CLIENTS {
        if !arguments.client.is_empty() && !arguments.client.iter().any(|name| name == client.name)
        {
            continue;
        }
        eprintln!("── interop: {}", client.title());
        client.install(workspace)?;
        matrix.add(client, outcomes(workspace, client)?);
    }
    print!("{matrix}");
    for (client, outcome) in matrix.failures() {
        eprintln!(
            "\n{client}: {}\n  {}",
            outcome.operation,
            outcome.problem.as_deref().unwrap_or_default()
        );
    }
    let passed = matrix.failures().next().is_none();
    if !arguments.client.is_empty() {
        return Ok(passed);
    }
    Ok(keep(workspace, arguments, &matrix)? && passed)
}

/// Writes the document, or compares it.
fn keep(workspace: &Workspace, arguments: &Arguments, matrix: &Matrix) -> Result<bool, Failure> {
    let path = workspace.root.join(DOCUMENT);
    let text = matrix.document();
    if arguments.check {
        let kept = fs::read_to_string(&path).map_err(|source| Failure::Read {
            path: path.clone(),
            source,
        })?;
        if kept != text {
            eprintln!("xtask: {DOCUMENT} is out of date: run cargo xtask interop clients");
            return Ok(false);
        }
    } else {
        fs::write(&path, text).map_err(|source| Failure::Write { path, source })?;
    }
    Ok(true)
}

fn exists(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}

fn build(workspace: &Workspace) -> Result<(), Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--package", "eca-cli"])
        .current_dir(&workspace.root);
    finish(&mut command)
}

/// Runs a command to its end, which has to be a good one.
pub(super) fn finish(command: &mut Command) -> Result<(), Failure> {
    let shown = format!("{command:?}");
    let status = command.status().map_err(|source| Failure::Start {
        command: shown.clone(),
        source,
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Ended {
            command: shown,
            status,
        })
    }
}

/// Runs the script of one client against an org of its own.
fn outcomes(workspace: &Workspace, client: &Client) -> Result<Vec<Outcome>, Failure> {
    let org = EmulatedOrg::start(workspace, client)?;
    let mut command = client.script(workspace);
    org.introduce(&mut command);
    let shown = format!("node {}", client.script);
    let output = command.output().map_err(|source| Failure::Start {
        command: shown.clone(),
        source,
    })?;
    let outcomes = Outcome::read_all(&String::from_utf8_lossy(&output.stdout));
    if outcomes.is_empty() || !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        return Err(Failure::Ended {
            command: shown,
            status: output.status,
        });
    }
    Ok(outcomes)
}
