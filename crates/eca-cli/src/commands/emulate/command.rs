//! `eca emulate -- COMMAND`: runs the org until a command ends.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitStatus;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::program::Program;
use crate::ui::interrupt::Interrupt;

use crate::commands::emulate::authorities::{ADDED_VARIABLE, BUNDLE_VARIABLES, Bundle};
use crate::commands::emulate::introduction::Introduction;
use crate::commands::emulate::sf_home::SfHome;

/// Variables that would select another org for the command.
const OTHER_ORGS: [&str; 3] = ["ECA_ORG", "SFDX_ACCESS_TOKEN", "SFDX_INSTANCE_URL"];

/// Runs a command with the org in its environment, and ends with its exit code.
pub(super) async fn run(
    context: &Context,
    line: &[OsString],
    with_sf: bool,
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
    let ca_file = introduction.ca_file.as_deref().map(Path::new);
    let bundle = ca_file.map(Bundle::write).transpose()?;
    let trust = |program: Program| match (ca_file, &bundle) {
        (Some(ca_file), Some(bundle)) => BUNDLE_VARIABLES
            .into_iter()
            .fold(program.env(ADDED_VARIABLE, ca_file), |program, name| {
                program.env(name, bundle.path())
            }),
        _ => program,
    };
    let mut command = trust(Program::new(program).args(arguments))
        .env("SF_ORG_INSTANCE_URL", &introduction.instance_url)
        .env("SF_ACCESS_TOKEN", &introduction.access_token)
        .env("ECA_ORG_URL", &introduction.instance_url)
        .env("ECA_ACCESS_TOKEN", &introduction.access_token)
        .env("ECA_EMULATE", everything);
    for name in OTHER_ORGS {
        command = command.without_env(name);
    }
    let home = with_sf
        .then(|| SfHome::log_in(introduction, trust))
        .transpose()?;
    if let Some(home) = &home {
        command = home.apply(command);
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
    context
        .output
        .info(format_args!("{shown} ended with {status}"));
    Ok(Exit::Command(code(status)))
}

/// The exit code of the command; of one that a signal ended, what a shell makes of it.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(1);
    }
    // On Windows it has 32 bits.
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.unwrap_or(1)
}
