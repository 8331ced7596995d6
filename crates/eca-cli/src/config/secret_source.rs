//! Sources of secrets. `eca.toml` and the command line never contain a secret itself.

use std::fmt;
use std::path::Path;

use serde::Deserialize;

use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::files::input;
use crate::program::Program;

/// `env:NAME`, `file:PATH` or `cmd:COMMAND`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum SecretSource {
    /// An environment variable.
    Env(String),
    /// The content of a file, without the newline at its end.
    File(String),
    /// What a shell command prints, without the newline at its end. It may hold a secret, so it is
    /// never shown.
    Cmd(String),
}

/// A text that is no source. It is not printed: it may be the secret.
#[derive(Debug)]
pub(crate) struct NoSource;

impl fmt::Display for NoSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a secret is given as env:NAME, file:PATH or cmd:COMMAND, never inline")
    }
}

impl TryFrom<String> for SecretSource {
    type Error = NoSource;

    fn try_from(text: String) -> Result<Self, NoSource> {
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Self::Env(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.to_owned())),
            Some(("cmd", command)) if !command.is_empty() => Ok(Self::Cmd(command.to_owned())),
            _ => Err(NoSource),
        }
    }
}

impl std::error::Error for NoSource {}

impl std::str::FromStr for SecretSource {
    type Err = NoSource;

    fn from_str(text: &str) -> Result<Self, NoSource> {
        text.to_owned().try_into()
    }
}

impl SecretSource {
    /// Reads the secret; an error names the org and the member.
    pub(crate) fn read(&self, org: &str, member: &str) -> Result<String, Failure> {
        self.read_or(|problem| {
            let message = format!("`{member}` of org `{org}`: {problem}");
            let hint = format!("provide the secret there, or change `{member}` in eca.toml");
            Failure::new(Exit::Authentication, message).hint(hint)
        })
    }

    /// Reads the secret; an error names its purpose.
    pub(crate) fn read_for(&self, subject: &str) -> Result<String, Failure> {
        self.read_or(|problem| Failure::new(Exit::Usage, format!("{subject}: {problem}")))
    }

    /// Reads the secret; `failed` makes an error of the problem.
    pub(crate) fn read_or<E>(&self, failed: impl Fn(String) -> E) -> Result<String, E> {
        let text = match self {
            Self::Env(name) => std::env::var(name)
                .map_err(|_| failed(format!("environment variable {name} is not set")))?,
            Self::File(path) => input::file_text(Path::new(path), input::SMALL)
                .map_err(|error| failed(format!("cannot read {path}: {error}")))?,
            Self::Cmd(command) => {
                let output = Program::new("sh")
                    .args(["-c", command])
                    .inherit_stderr()
                    .output(None, input::SMALL)
                    .map_err(|error| failed(format!("its command: {}", chain(&error))))?;
                if !output.status.success() {
                    return Err(failed(format!("its command ended with {}", output.status)));
                }
                String::from_utf8(output.stdout)
                    .map_err(|_| failed("the output of its command is not UTF-8".to_owned()))?
            }
        };
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(failed("it is empty".to_owned()));
        }
        Ok(text.to_owned())
    }
}
