//! Sources of secrets. `eca.toml` and the command line never contain a secret itself.

use std::fmt;
use std::path::Path;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::files::input;
use crate::program::Program;

/// `env:NAME`, `file:PATH` or `cmd:COMMAND`.
#[derive(Debug, Clone)]
pub(crate) struct SecretSource {
    kind: Kind,
    /// Where it is in `eca.toml`, in bytes; `None` on the command line.
    offset: Option<usize>,
}

#[derive(Debug, Clone)]
enum Kind {
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

impl std::error::Error for NoSource {}

impl std::str::FromStr for SecretSource {
    type Err = NoSource;

    fn from_str(text: &str) -> Result<Self, NoSource> {
        let kind = match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Kind::Env(name.to_owned()),
            Some(("file", path)) if !path.is_empty() => Kind::File(path.to_owned()),
            Some(("cmd", command)) if !command.is_empty() => Kind::Cmd(command.to_owned()),
            _ => return Err(NoSource),
        };
        let offset = None;
        Ok(Self { kind, offset })
    }
}

/// From TOML, which knows the place.
impl<'de> Deserialize<'de> for SecretSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Spanned::<String>::deserialize(deserializer)?;
        let source: Self = text.get_ref().parse().map_err(D::Error::custom)?;
        let offset = Some(text.span().start);
        Ok(Self { offset, ..source })
    }
}

impl SecretSource {
    /// Where it is in `eca.toml`, in bytes.
    pub(super) fn offset(&self) -> Option<usize> {
        self.offset
    }

    /// The file, if it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.kind {
            Kind::File(path) => Some(Path::new(path)),
            Kind::Env(_) | Kind::Cmd(_) => None,
        }
    }

    /// Reads the secret of a member of `eca.toml`; an error names it and its place.
    pub(crate) fn read(&self, member: &SecretMember) -> Result<String, Failure> {
        self.read_or(|problem| {
            let name = member.name;
            let hint = format!("provide the secret there, or change `{name}` in eca.toml");
            Failure::new(Exit::Authentication, format!("{member}: {problem}")).hint(hint)
        })
    }

    /// Reads the secret of an option of the command line.
    pub(crate) fn read_option(&self, option: &str) -> Result<String, Failure> {
        self.read_or(|problem| {
            Failure::new(Exit::Authentication, format!("`{option}`: {problem}"))
                .hint(format!("provide the secret there, or change `{option}`"))
        })
    }

    /// Reads the secret; an error names its purpose.
    pub(crate) fn read_for(&self, subject: &str) -> Result<String, Failure> {
        self.read_or(|problem| Failure::new(Exit::Usage, format!("{subject}: {problem}")))
    }

    /// Reads the secret; `failed` makes an error of the problem.
    pub(crate) fn read_or<E>(&self, failed: impl Fn(String) -> E) -> Result<String, E> {
        let text = match &self.kind {
            Kind::Env(name) => std::env::var(name)
                .map_err(|_| failed(format!("environment variable {name} is not set")))?,
            Kind::File(path) => input::file_text(Path::new(path), input::SMALL)
                .map_err(|error| failed(format!("cannot read {path}: {error}")))?,
            Kind::Cmd(command) => {
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

/// A member of an org in `eca.toml` that names a source.
#[derive(Debug, Clone)]
pub(crate) struct SecretMember {
    /// `PATH:LINE:COLUMN`.
    pub(super) place: String,
    pub(super) org: String,
    pub(super) name: &'static str,
}

impl fmt::Display for SecretMember {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, org, name } = self;
        write!(formatter, "{place}: `{name}` of org `{org}`")
    }
}
