//! Runs programs and returns their output.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use crate::failure::Failure;

/// The output of a program, and whether it succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    /// Whether it ended with 0.
    pub(crate) success: bool,
    /// Its standard output; after a failure its standard error, too.
    pub(crate) text: String,
}

/// Runs a program in `root` and waits.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn output(root: &Path, program: &str, arguments: &[&str]) -> Result<Output, Failure> {
    output_with(root, program, arguments, &[])
}

/// Like [`output`], with environment variables.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn output_with(
    root: &Path,
    program: &str,
    arguments: &[&str],
    environment: &[(&str, PathBuf)],
) -> Result<Output, Failure> {
    let output = Command::new(program)
        .args(arguments)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .current_dir(root)
        .output()
        .map_err(|source| Failure::Start {
            command: format!("{program} {}", arguments.join(" ")),
            source,
        })?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        text.push_str(&String::from_utf8_lossy(&output.stderr));
    }
    Ok(Output {
        success: output.status.success(),
        text,
    })
}

/// Runs a program in `root` with the output streams of this process.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn status(root: &Path, program: &Path) -> Result<ExitStatus, Failure> {
    let status = Command::new(program).current_dir(root).status();
    status.map_err(|source| Failure::Start {
        command: program.display().to_string(),
        source,
    })
}

/// Whether a program is installed and ends with 0; prints nothing.
pub(crate) fn succeeds(root: &Path, program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a command that has to succeed.
///
/// # Errors
/// When it cannot be started, and when it fails.
pub(crate) fn finish(command: &mut Command) -> Result<(), Failure> {
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
