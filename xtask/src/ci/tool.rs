//! Cargo commands that have to be installed, each with the version that CI uses.

use std::path::Path;

use crate::failure::Failure;
use crate::program;

/// A cargo command from the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tool {
    /// The crate.
    pub(crate) name: &'static str,
    /// The version that CI uses.
    pub(crate) version: &'static str,
}

/// Licences, sources, duplicate and forbidden crates, advisories.
pub(crate) const DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
};
/// Whether a change of the public API needs a higher version.
pub(crate) const SEMVER_CHECKS: Tool = Tool {
    name: "cargo-semver-checks",
    version: "0.51.0",
};
/// The public API as text.
pub(crate) const PUBLIC_API: Tool = Tool {
    name: "cargo-public-api",
    version: "0.52.0",
};

/// The bill of materials of a release.
pub(crate) const CYCLONEDX: Tool = Tool {
    name: "cargo-cyclonedx",
    version: "0.5.9",
};

/// The list of crates in the program.
pub(crate) const AUDITABLE: Tool = Tool {
    name: "cargo-auditable",
    version: "0.7.7",
};

/// The fuzz targets.
pub(crate) const FUZZ: Tool = Tool {
    name: "cargo-fuzz",
    version: "0.13.2",
};

impl Tool {
    /// Fails when it is not installed.
    ///
    /// # Errors
    /// With the command that installs it.
    pub(crate) fn require(self, root: &Path) -> Result<(), Failure> {
        if self.is_installed(root) {
            return Ok(());
        }
        Err(Failure::ToolMissing {
            name: self.name,
            install: self.install(),
        })
    }

    /// Whether cargo finds it, in any version.
    pub(crate) fn is_installed(self, root: &Path) -> bool {
        let command = self.name.trim_start_matches("cargo-");
        program::succeeds(root, "cargo", &[command, "--version"])
    }

    /// The command that installs it.
    pub(crate) fn install(self) -> String {
        format!("cargo install --locked {}@{}", self.name, self.version)
    }

    /// The reason of a skipped step, with the next step.
    pub(crate) fn is_missing(self) -> String {
        format!("{} is missing: {}", self.name, self.install())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tool_is_reported_with_its_install_command() {
        assert_eq!(
            DENY.is_missing(),
            "cargo-deny is missing: cargo install --locked cargo-deny@0.20.2"
        );
        let nowhere = Tool {
            name: "cargo-is-not-called-this",
            version: "1.0.0",
        };
        let missing = nowhere.require(Path::new(".")).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "cargo-is-not-called-this is not installed; install it with \
             `cargo install --locked cargo-is-not-called-this@1.0.0`"
        );
    }
}
