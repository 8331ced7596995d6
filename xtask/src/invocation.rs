//! One command line of the CI plan.

use std::ffi::OsString;
use std::fmt;
use std::io::{BufRead as _, BufReader, IsTerminal as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use crate::failure::Failure;

/// A call of cargo: environment, arguments. `Display` is the command line that repeats it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invocation {
    environment: Vec<(&'static str, String)>,
    arguments: Vec<String>,
}

impl Invocation {
    /// A call of cargo with these arguments, separated by single spaces.
    pub(crate) fn cargo(arguments: &str) -> Self {
        Self {
            environment: Vec::new(),
            arguments: arguments.split(' ').map(str::to_owned).collect(),
        }
    }

    /// The same call with one more environment variable.
    pub(crate) fn with(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((variable, value.into()));
        self
    }

    /// Runs it in `folder`, with the output streams of this process.
    ///
    /// # Errors
    /// When the program cannot be started. A failure of the program is in the value.
    pub(crate) fn run(&self, folder: &Path) -> Result<ExitStatus, Failure> {
        let status = self.command(folder).status();
        status.map_err(|source| self.cannot_start(source))
    }

    /// Like [`Self::run`]; returns also the lines of standard error that begin with `prefix`.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub(crate) fn run_collecting(
        &self,
        folder: &Path,
        prefix: &str,
    ) -> Result<(ExitStatus, Vec<String>), Failure> {
        let mut command = self.command(folder);
        if std::io::stderr().is_terminal() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        let mut run = || {
            let mut child = command.stderr(Stdio::piped()).spawn()?;
            let mut lines = Vec::new();
            if let Some(stderr) = child.stderr.take() {
                for line in BufReader::new(stderr).split(b'\n') {
                    let line = String::from_utf8_lossy(&line?).into_owned();
                    eprintln!("{line}");
                    if line.starts_with(prefix) {
                        lines.push(line);
                    }
                }
            }
            Ok((child.wait()?, lines))
        };
        run().map_err(|source| self.cannot_start(source))
    }

    fn command(&self, folder: &Path) -> Command {
        // `cargo run` sets it: the cargo that started this process, not that of another toolchain.
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut command = Command::new(cargo);
        let environment = self.environment.iter();
        command
            .args(&self.arguments)
            .envs(environment.map(|(variable, value)| (variable, value)))
            .current_dir(folder);
        command
    }

    fn cannot_start(&self, source: std::io::Error) -> Failure {
        Failure::Start {
            command: self.to_string(),
            source,
        }
    }
}

impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (variable, value) in &self.environment {
            write!(f, "{variable}={} ", quoted(value))?;
        }
        f.write_str("cargo")?;
        for argument in &self.arguments {
            write!(f, " {}", quoted(argument))?;
        }
        Ok(())
    }
}

/// The word as a POSIX shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_is_a_command_line() {
        let call = Invocation::cargo("doc --no-deps").with("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(
            call.to_string(),
            "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps"
        );
    }

    #[test]
    fn words_are_quoted_for_the_shell() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
