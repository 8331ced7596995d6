//! `eca emulate -- COMMAND`: runs the org until a command ends.

use std::ffi::OsString;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::program::Program;
use crate::ui::interrupt::Interrupt;

use crate::commands::emulate::introduction::Introduction;

/// Variables that would select another org for the command.
const OTHER_ORGS: [&str; 3] = ["ECA_ORG", "SFDX_ACCESS_TOKEN", "SFDX_INSTANCE_URL"];

/// Runs a command with the org in its environment, and waits for its end.
pub(super) async fn run(
    line: &[OsString],
    introduction: &Introduction,
    interrupt: &mut Interrupt,
) -> Result<Exit, Failure> {
    let Some((program, arguments)) = line.split_first() else {
        return Ok(Exit::Success);
    };
    let shown = program.to_string_lossy();
    let everything = serde_json::to_string(introduction).map_err(|error| {
        Failure::caused_by(Exit::Failed, "the org cannot be described in JSON", &error)
    })?;
    let mut command = Program::new(program)
        .args(arguments)
        .env("SF_ORG_INSTANCE_URL", &introduction.instance_url)
        .env("SF_ACCESS_TOKEN", &introduction.access_token)
        .env("ECA_EMULATE", everything);
    // Node adds it to its trusted authorities. Variables that replace all authorities are not set.
    if let Some(file) = &introduction.ca_file {
        command = command.env("NODE_EXTRA_CA_CERTS", file);
    }
    for name in OTHER_ORGS {
        command = command.without_env(name);
    }
    let mut child = command.spawn().map_err(|error| {
        Failure::from_error(Exit::Usage, &error).hint(
            "give a program and its arguments after --; for a shell command use: -- sh -c '…'",
        )
    })?;
    let status = tokio::select! {
        status = child.wait() => status,
        // On a terminal, Ctrl-C reaches the command too. Dropping the child ends it.
        () = interrupt.requested() => return Ok(Exit::Interrupted),
    };
    let status = status.map_err(|error| {
        Failure::caused_by(Exit::Failed, format!("cannot wait for {shown}"), &error)
    })?;
    if status.success() {
        return Ok(Exit::Success);
    }
    Err(Failure::new(
        Exit::Failed,
        format!("{shown} failed: {status}"),
    ))
}
