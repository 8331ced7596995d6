//! Why a command could not be run at all.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use crate::schema::WsdlError;

/// Why a command could not be run at all. A part that ran and failed is not one of these.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Failure {
    /// `cargo metadata` gave no answer.
    #[error("cargo metadata cannot describe the workspace")]
    Metadata(#[source] cargo_metadata::Error),
    /// A file or folder of the repository cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file of the repository cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file is no metadata WSDL.
    #[error("cannot read {} as a metadata WSDL", path.display())]
    Wsdl {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: WsdlError,
    },
    /// A program that everything after it needs did not do its work.
    #[error("`{command}` failed: {status}")]
    Ended {
        /// The command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// A cargo command that was asked for is not installed.
    #[error("{name} is not installed; install it with `{install}`")]
    ToolMissing {
        /// The crate.
        name: &'static str,
        /// The command that installs it.
        install: String,
    },
    /// The built program did not print what everything after it needs.
    #[error("`{command}` failed; it said why above")]
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
        let failure = Failure::Read {
            path: PathBuf::from("docs/gone.md"),
            source: io::Error::new(io::ErrorKind::NotFound, "no such file"),
        };
        assert_eq!(failure.chain(), "cannot read docs/gone.md: no such file");
    }
}
