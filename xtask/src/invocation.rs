//! One command line of the CI plan.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::process::{Command, ExitStatus};

use crate::failure::Failure;

/// A call of cargo: environment, arguments. `Display` is the line to type in order to repeat it.
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

    /// Runs it in `folder`; its output goes where ours goes.
    ///
    /// # Errors
    /// When the program cannot be started; how it ended is in the value.
    pub(crate) fn run(&self, folder: &Path) -> Result<ExitStatus, Failure> {
        // Set by `cargo run`: the very cargo that started us, not another toolchain's.
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        Command::new(cargo)
            .args(&self.arguments)
            .envs(
                self.environment
                    .iter()
                    .map(|(variable, value)| (variable, value)),
            )
            .current_dir(folder)
            .status()
            .map_err(|source| Failure::Start {
                command: self.to_string(),
                source,
            })
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
    fn is_shown_as_one_would_type_it() {
        let call = Invocation::cargo("doc --no-deps").with("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(
            call.to_string(),
            "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps"
        );
    }

    #[test]
    fn quotes_survive_the_shell() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
