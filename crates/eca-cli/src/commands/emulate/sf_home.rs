//! A home folder in which the Salesforce CLI is logged in to the org.

use std::path::Path;

use tempfile::TempDir;

use crate::commands::emulate::introduction::Introduction;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::program::Program;

/// The alias of the org, which is the default one.
const ALIAS: &str = "eca";

/// The most bytes that a login prints.
const MAX_OUTPUT: u64 = 1 << 20;

/// The home folder; removed when it is dropped.
pub(super) struct SfHome(TempDir);

impl SfHome {
    /// Logs the installed `sf` in: its files are encrypted in a private format. `prepare` sets the
    /// variables that it needs to reach the org.
    pub(super) fn log_in(
        introduction: &Introduction,
        prepare: impl FnOnce(Program) -> Program,
    ) -> Result<Self, Failure> {
        let home = tempfile::Builder::new().prefix("eca-sf-").tempdir();
        let home = home.map_err(|error| {
            let message = "cannot make a temporary home folder for the Salesforce CLI";
            Failure::caused_by(Exit::Failed, message, &error)
        })?;
        let home = Self(home);
        let login = home.apply(prepare(Program::new("sf"))).args([
            "org",
            "login",
            "access-token",
            "--instance-url",
            &introduction.instance_url,
            "--no-prompt",
            "--alias",
            ALIAS,
            "--set-default",
            "--json",
        ]);
        // It reads the token from this variable. Its value is in no argument.
        let login = login.env("SF_ACCESS_TOKEN", &introduction.access_token);
        let output = login.output(None, MAX_OUTPUT).map_err(|error| {
            Failure::from_error(Exit::Usage, &error)
                .hint("--sf needs the Salesforce CLI: npm install --global @salesforce/cli")
        })?;
        if output.status.success() {
            return Ok(home);
        }
        let printed = String::from_utf8_lossy(&output.stdout);
        let answer: Option<serde_json::Value> = serde_json::from_str(&printed).ok();
        let said = answer
            .as_ref()
            .and_then(|answer| answer["message"].as_str());
        let message = format!(
            "`sf` could not log in to the org: {}",
            said.unwrap_or("it printed no message")
        );
        Err(Failure::new(Exit::Failed, message).hint("update it: `sf update`"))
    }

    /// Sets the home of a program, and leaves it no other org or store of `sf`.
    pub(super) fn apply(&self, program: Program) -> Program {
        let home: &Path = self.0.path();
        let program = program
            .env("HOME", home)
            .env("USERPROFILE", home)
            // The key of its files is in the home, and not in the keychain of the user.
            .env("SF_USE_GENERIC_UNIX_KEYCHAIN", "true");
        let others = ["SF_ORG_INSTANCE_URL", "SF_ACCESS_TOKEN", "SF_TARGET_ORG"];
        others.into_iter().fold(program, Program::without_env)
    }
}
