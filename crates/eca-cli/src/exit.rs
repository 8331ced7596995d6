//! Exit codes, which scripts rely on.

use std::process::ExitCode;

use eca_apply::{BackendError, BackendErrorKind, StateError};
use eca_attest::SelfSignError;
use eca_deploy::{RetrieveError, StartError};
use eca_http::BuildError;
use eca_model::fs::LoadError;

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The command succeeded.
    Success,
    /// The command worked and the answer is no: findings, a failed deploy, a check that fails.
    Failed,
    /// A plan shows changes that are not applied yet.
    ChangesPending,
    /// The command cannot run as given: arguments, files, configuration.
    Usage,
    /// The org did not accept the credentials, or no token could be obtained.
    Authentication,
    /// The org refused the request itself.
    Refused,
    /// The outcome is unknown; the message has the command that finds out.
    Unknown,
    /// The org could not be reached, and nothing was started.
    Unreachable,
    /// Interrupted with Ctrl-C.
    Interrupted,
    /// The command that `eca emulate` ran ended with this code.
    Command(u8),
}

impl Exit {
    /// Every code, in order.
    pub(crate) const ALL: [Self; 9] = [
        Self::Success,
        Self::Failed,
        Self::ChangesPending,
        Self::Usage,
        Self::Authentication,
        Self::Refused,
        Self::Unknown,
        Self::Unreachable,
        Self::Interrupted,
    ];

    /// The number that the shell sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::ChangesPending => 2,
            Self::Usage => 3,
            Self::Authentication => 4,
            Self::Refused => 5,
            Self::Unknown => 6,
            Self::Unreachable => 7,
            Self::Interrupted => 130,
            Self::Command(code) => code,
        }
    }

    /// The page of the book.
    pub(crate) fn page() -> String {
        let mut text = String::from(
            "# Exit codes\n\nEvery `eca` command ends with one of these. Scripts may rely on them; they change only with a major version.\n\n| Code | Name | Meaning |\n|---:|---|---|\n",
        );
        for exit in Self::ALL {
            let (code, name, meaning) = (exit.code().to_string(), exit.name(), exit.meaning());
            text.extend(["| ", &code, " | ", name, " | ", meaning, " |\n"]);
        }
        text += "\n`eca emulate -- COMMAND` ends with the exit code of COMMAND; 128 and more stands for a signal.\n";
        text +=
            "\nWith `--json` the [document](reference/documents.md) has the name as `outcome`.\n";
        text
    }

    /// The name in `docs/exit-codes.md` and in JSON documents.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
            Self::ChangesPending => "changes-pending",
            Self::Usage => "usage",
            Self::Authentication => "authentication",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::Unreachable => "unreachable",
            Self::Interrupted => "interrupted",
            Self::Command(_) => "command",
        }
    }

    /// One line for the documentation and for `eca explain`.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Success => "The command succeeded.",
            Self::Failed => {
                "The command worked and the answer is no: findings, a failed deploy, a check that fails."
            }
            Self::ChangesPending => {
                "A plan shows changes that are not applied yet, or drift: somebody changed something in the org."
            }
            Self::Usage => {
                "The command cannot run as given: arguments, files or configuration. Nothing was sent."
            }
            Self::Authentication => {
                "The org did not accept the credentials, or no access token could be obtained."
            }
            Self::Refused => "The org refused the request itself.",
            Self::Unknown => {
                "The outcome is unknown: the connection failed or the time ran out after the work had begun, or a plan \
                    could not read everything. The message has what helps."
            }
            Self::Unreachable => {
                "The org could not be reached: no connection, no response, or only that of a gateway. Nothing was started or \
                    changed; try again later."
            }
            Self::Interrupted => {
                "Interrupted with Ctrl-C. Work that has begun in an org continues there."
            }
            Self::Command(_) => "`eca emulate -- COMMAND` ends with the code of the command.",
        }
    }
}

impl From<&eca_deploy::Error> for Exit {
    fn from(error: &eca_deploy::Error) -> Self {
        if error.is_unreachable() {
            Self::Unreachable
        } else if error.is_auth() {
            Self::Authentication
        } else if error.api_error().is_some() {
            Self::Refused
        } else {
            Self::Failed
        }
    }
}

impl From<&StartError> for Exit {
    fn from(error: &StartError) -> Self {
        if error.is_unknown() {
            Self::Unknown
        } else {
            Self::from(error.error())
        }
    }
}

impl From<&RetrieveError> for Exit {
    fn from(error: &RetrieveError) -> Self {
        match error {
            RetrieveError::Call(error) => Self::from(error),
            _ => Self::Failed,
        }
    }
}

impl From<&eca_oauth::Error> for Exit {
    fn from(error: &eca_oauth::Error) -> Self {
        match error {
            eca_oauth::Error::NotInProfile { .. }
            | eca_oauth::Error::NoParameter { .. }
            | eca_oauth::Error::LoginHost { .. } => Self::Usage,
            _ => Self::Authentication,
        }
    }
}

/// No request was sent: the folder or a file in it cannot be read.
impl From<&LoadError> for Exit {
    fn from(_: &LoadError) -> Self {
        Self::Usage
    }
}

impl From<&SelfSignError> for Exit {
    fn from(error: &SelfSignError) -> Self {
        match error {
            SelfSignError::CommonName { .. } | SelfSignError::Validity | SelfSignError::Date => {
                Self::Usage
            }
            _ => Self::Failed,
        }
    }
}

impl From<&BackendError> for Exit {
    fn from(error: &BackendError) -> Self {
        match error.kind {
            BackendErrorKind::Unreachable => Self::Unreachable,
            _ => Self::Usage,
        }
    }
}

impl From<&StateError> for Exit {
    fn from(error: &StateError) -> Self {
        match error {
            StateError::Locked { .. } | StateError::Moved { .. } => Self::Failed,
            StateError::LockLost { .. } => Self::Unknown,
            StateError::Backend(error) => Self::from(error),
            _ => Self::Usage,
        }
    }
}

/// The user agent is the program's own.
impl From<&BuildError> for Exit {
    fn from(_: &BuildError) -> Self {
        Self::Failed
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
