//! One step of a part of CI.

use std::collections::BTreeSet;
use std::fmt;

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::workspace::Workspace;
use crate::{api, docs, interop, program, tidy};

use crate::ci::end::End;
use crate::ci::tool::Tool;
use crate::ci::{bench, minimal_versions};

/// One step of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A call of cargo.
    Cargo(Invocation),
    /// A call of `cargo test`; a test without its oracle prints `SKIPPED` on standard error.
    Test(Invocation),
    /// A built example program.
    Example(String),
    /// A call of an installed cargo command.
    Tool(Tool, Invocation),
    /// The same with data from the network; skipped when the data cannot be fetched.
    Online {
        /// The program.
        tool: Tool,
        /// Fetches the data.
        fetch: Invocation,
        /// The check.
        check: Invocation,
    },
    /// The tidy checks, in this process.
    Tidy,
    /// The pages of the book, in this process.
    Docs,
    /// The oldest dependencies that the manifests allow.
    MinimalVersions,
    /// The public API against the last release.
    Semver,
    /// The benchmarks, with their ratios in one table.
    Bench,
    /// The third-party clients, from this process.
    Interop,
}

/// The beginning of the line that a test without its oracle prints.
const SKIPPED: &str = "SKIPPED ";

/// The missing oracles, each once, from lines such as `SKIPPED the_test: keytool is not installed`.
fn missing_oracles(lines: &[String]) -> String {
    let reasons: BTreeSet<_> = lines
        .iter()
        .map(|line| {
            line.rsplit_once(": ")
                .map_or(line.as_str(), |(_, reason)| reason)
        })
        .collect();
    reasons.into_iter().collect::<Vec<_>>().join(", ")
}

impl Step {
    /// Runs it.
    ///
    /// # Errors
    /// When a program cannot be started or the repository cannot be read.
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<End, Failure> {
        let root = &workspace.root;
        let called = |call: &Invocation| -> Result<End, Failure> {
            let status = call.run(root)?;
            Ok(End::new(status.success(), &status.to_string()))
        };
        match self {
            Self::Tool(tool, _) | Self::Online { tool, .. } if !tool.is_installed(root) => {
                Ok(End::Missing(*tool))
            }
            Self::Cargo(call) | Self::Tool(_, call) => called(call),
            Self::Example(name) => {
                let program = workspace.target.join("debug/examples").join(name);
                let status = program::status(root, &program)?;
                Ok(End::new(status.success(), &status.to_string()))
            }
            Self::Test(call) => {
                let (status, skipped) = call.run_collecting(root, SKIPPED)?;
                match missing_oracles(&skipped) {
                    missing if status.success() && !missing.is_empty() => Ok(End::Skipped(
                        format!("{missing} (`.ci/run test` installs it)"),
                    )),
                    _ => Ok(End::new(status.success(), &status.to_string())),
                }
            }
            Self::Online { fetch, check, .. } => {
                if fetch.run(root)?.success() {
                    called(check)
                } else {
                    Ok(End::Skipped(format!("`{fetch}` failed")))
                }
            }
            Self::Tidy => Ok(End::new(tidy::run(workspace)?, "problems found")),
            Self::Docs => {
                let well = docs::run(workspace, &docs::Arguments::check())?;
                Ok(End::new(well, "problems found"))
            }
            Self::MinimalVersions => minimal_versions::run(root),
            Self::Semver => api::check(root),
            Self::Bench => bench::run(workspace),
            Self::Interop => {
                let well = interop::run(workspace, &interop::Command::check_clients())?;
                Ok(End::new(well, "an operation of a client failed"))
            }
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cargo(call)
            | Self::Test(call)
            | Self::Tool(_, call)
            | Self::Online { check: call, .. } => call.fmt(f),
            Self::Example(name) => write!(f, "target/debug/examples/{name}"),
            Self::Tidy => f.write_str("cargo xtask tidy"),
            Self::Docs => f.write_str("cargo xtask docs --check"),
            Self::MinimalVersions => f.write_str("cargo xtask ci minimal-versions"),
            Self::Semver => f.write_str("cargo xtask ci semver"),
            Self::Bench => f.write_str("cargo xtask ci bench"),
            Self::Interop => f.write_str("cargo xtask interop clients --check"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_oracle_is_named_once() {
        let lines = [
            "SKIPPED file::keys::jks: keytool is not installed",
            "SKIPPED file::foreign::jose: jose is not installed",
            "SKIPPED file::keys::pkcs12: keytool is not installed",
        ];
        assert_eq!(
            missing_oracles(&lines.map(str::to_owned)),
            "jose is not installed, keytool is not installed"
        );
        assert_eq!(missing_oracles(&[]), "");
    }
}
