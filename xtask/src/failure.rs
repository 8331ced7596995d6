//! Failures to run a command.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use crate::schema::WsdlError;

/// Why a command could not be run at all. A part that ran and failed is not one of these.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Failure {
    /// `cargo metadata` failed.
    #[error("cargo metadata cannot describe the workspace")]
    Metadata(#[source] cargo_metadata::Error),
    /// A file or folder cannot be read or written; the error of `fs_err` names it.
    #[error(transparent)]
    File(#[from] io::Error),
    /// A file is no metadata WSDL.
    #[error("cannot read {} as a metadata WSDL", path.display())]
    Wsdl {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: WsdlError,
    },
    /// A required program failed.
    #[error("`{command}` failed: {status}")]
    Ended {
        /// The command line.
        command: String,
        /// Its exit status.
        status: ExitStatus,
    },
    /// A required cargo command is not installed.
    #[error("{name} is not installed; install it with `{install}`")]
    ToolMissing {
        /// The crate.
        name: &'static str,
        /// The command that installs it.
        install: String,
    },
    /// A program whose output is required failed.
    #[error("`{command}` failed; see above")]
    NoOutput {
        /// The command line.
        command: String,
    },
    /// A program cannot be started.
    #[error("cannot start `{command}`")]
    Start {
        /// The command line, as typed.
        command: String,
        /// The system's reason.
        source: io::Error,
    },
}

impl Failure {
    /// The failure and its causes in one line.
    pub(crate) fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_names_the_subject_and_the_cause() {
        let error = fs_err::read("docs/gone.md").unwrap_err();
        let failure = Failure::from(error).chain();
        assert_eq!(failure.matches("docs/gone.md").count(), 1, "{failure}");
        assert_eq!(failure.matches("No such file").count(), 1, "{failure}");
    }
}
