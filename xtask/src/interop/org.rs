//! An `eca emulate` for one client, with a project and an app to log in with.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use fs_err as fs;
use serde_json::Value;

use crate::failure::Failure;
use crate::workspace::Workspace;

use crate::interop::client::{Client, Registry};

/// The test key whose certificate the app for JWT logins registers, and another one.
const KEY: &str = "crates/eca-emulator/tests/data/test-only-app.key.pem";
const CERTIFICATE: &str = "crates/eca-emulator/tests/data/test-only-app.cert.pem";
const OTHER_KEY: &str = "crates/eca-emulator/tests/data/test-only-other.key.pem";

/// A running org. It ends when this is dropped.
pub(crate) struct EmulatedOrg {
    child: Child,
    /// The document that it printed.
    document: String,
    root: PathBuf,
    scratch: PathBuf,
}

impl EmulatedOrg {
    /// Starts one with a fresh folder for the client to work in.
    pub(crate) fn start(workspace: &Workspace, client: &Client) -> Result<Self, Failure> {
        let scratch = client.folder(workspace).join("scratch");
        if scratch.exists() {
            fs::remove_dir_all(&scratch)?;
        }
        copy(
            &workspace.root.join("examples/storefront"),
            &scratch.join("project"),
            &|text| text,
        )?;
        let certificate = fs::read_to_string(workspace.root.join(CERTIFICATE))?
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .collect::<String>();
        copy(
            &workspace.root.join("xtask/src/interop/pipeline"),
            &scratch.join("pipeline"),
            &|text| text.replace("CERTIFICATE", &certificate),
        )?;
        let program = workspace.root.join("target/debug/eca");
        let mut command = Command::new(&program);
        command
            .args(["emulate", "--json", "--seed"])
            .arg(scratch.join("pipeline"))
            .stdout(Stdio::piped());
        if client.registry == Registry::PyPi {
            command.arg("--tls");
        }
        let shown = format!("{command:?}");
        let failed = |source| Failure::Start {
            command: shown.clone(),
            source,
        };
        let mut child = command.spawn().map_err(failed)?;
        let mut document = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut document)
                .map_err(failed)?;
        }
        Ok(Self {
            child,
            document,
            root: workspace.root.clone(),
            scratch,
        })
    }

    /// The environment of a script: the address of the org and its secrets.
    pub(crate) fn introduce(&self, command: &mut Command) {
        let document: Value = serde_json::from_str(&self.document).unwrap_or_default();
        if let Some(file) = document["ca_file"].as_str() {
            command.env("REQUESTS_CA_BUNDLE", file);
        }
        command
            .env("INTEROP_ORG", &self.document)
            .env("INTEROP_PROJECT", self.scratch.join("project"))
            .env("INTEROP_SCRATCH", &self.scratch)
            .env("INTEROP_KEY", self.root.join(KEY))
            .env("INTEROP_OTHER_KEY", self.root.join(OTHER_KEY));
    }
}

impl Drop for EmulatedOrg {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Copies a folder of text files.
fn copy(from: &Path, to: &Path, change: &dyn Fn(String) -> String) -> Result<(), Failure> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target, change)?;
        } else {
            fs::write(&target, change(fs::read_to_string(&path)?))?;
        }
    }
    Ok(())
}
