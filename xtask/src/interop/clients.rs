//! `cargo xtask interop clients`: third-party clients, run unchanged against the embedded org.
//!
//! Each client is installed from its registry, at the version named here, into `target/interop`.
//! A script in `xtask/src/interop/` runs it and checks what the client reports. The result is the
//! table in `docs/interop.md`.

use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::workspace::Workspace;
use fs_err as fs;

use crate::interop::client::{CLIENTS, Client};
use crate::interop::matrix::{Matrix, Outcome};
use crate::interop::org::EmulatedOrg;

/// The table.
const DOCUMENT: &str = "docs/interop.md";

/// Options of the command.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub(crate) struct Arguments {
    /// Compare with docs/interop.md instead of writing it
    #[arg(long)]
    check: bool,
    /// Run only these clients, by their names in the table, and write nothing
    #[arg(long, value_name = "NAME")]
    client: Vec<String>,
}

impl Arguments {
    /// The options in CI.
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
    let is_wanted = |client: &&Client| {
        let names = &arguments.client;
        names.is_empty() || names.iter().any(|name| name == client.name)
    };
    let (mut ready, mut skipped) = (Vec::new(), false);
    for client in CLIENTS.iter().filter(is_wanted) {
        match client.prepare(workspace)? {
            Ok(script) => ready.push((client, script)),
            Err(why) => {
                eprintln!(
                    "\nxtask: INTEROP WITH {} IS SKIPPED: {why}.",
                    client.title()
                );
                eprintln!("xtask: nothing about this client was tested.\n");
                skipped = true;
            }
        }
    }
    if ready.is_empty() {
        return Ok(true);
    }
    build(workspace)?;
    let mut matrix = Matrix::default();
    for (client, script) in ready {
        eprintln!("── interop: {}", client.title());
        matrix.add(client, outcomes(workspace, client, script)?);
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
    let is_whole = !skipped && arguments.client.is_empty();
    let path = workspace.root.join(DOCUMENT);
    if arguments.check {
        return Ok(is_current(&path, &matrix, is_whole)? && passed);
    }
    if is_whole {
        let text = matrix.document();
        fs::write(&path, text)?;
    } else {
        eprintln!("xtask: {DOCUMENT} is not written: not every client ran");
    }
    Ok(passed)
}

/// Whether the document has the results of the clients that ran.
fn is_current(path: &Path, matrix: &Matrix, is_whole: bool) -> Result<bool, Failure> {
    let document = fs::read_to_string(path)?;
    let others: Vec<_> = matrix.drift(&document).collect();
    if !others.is_empty() {
        let names = others.join(", ");
        eprintln!("xtask: {DOCUMENT} is out of date for {names}: run cargo xtask interop clients");
    } else if is_whole && document != matrix.document() {
        eprintln!("xtask: {DOCUMENT} is out of date: run cargo xtask interop clients");
    } else {
        return Ok(true);
    }
    Ok(false)
}

fn build(workspace: &Workspace) -> Result<(), Failure> {
    let call = Invocation::cargo("build --package eca-cli");
    let status = call.run(&workspace.root)?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::Ended {
        command: call.to_string(),
        status,
    })
}

/// Runs the script of one client against an org of its own.
fn outcomes(
    workspace: &Workspace,
    client: &Client,
    mut command: Command,
) -> Result<Vec<Outcome>, Failure> {
    let org = EmulatedOrg::start(workspace, client)?;
    org.introduce(&mut command);
    let shown = format!("{command:?}");
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
