//! `cargo xtask interop oauth`: `eca-oauth` against `oidc-provider`. It needs Node.js and npm's
//! registry, so it is not a part of CI.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::failure::Failure;
use crate::program;
use crate::workspace::Workspace;
use fs_err as fs;

/// The tested version. An update is a deliberate change.
const OIDC_PROVIDER: &str = "oidc-provider@9.13.3";

/// The server; dropping it ends the process.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the suite; `false` when an exchange fails.
///
/// # Errors
/// When a program cannot be started or a file cannot be read or written.
pub(crate) fn run(workspace: &Workspace) -> Result<bool, Failure> {
    let works = |name| program::succeeds(&workspace.root, name, &["--version"]);
    if !works("node") || !works("npm") {
        eprintln!("SKIPPED: interop needs node and npm; NOTHING WAS CHECKED");
        return Ok(true);
    }
    let folder = workspace.root.join("target/interop");
    let script = folder.join("oidc-provider.mjs");
    let source = workspace.root.join("xtask/interop/oidc-provider.mjs");
    fs::create_dir_all(&folder)?;
    fs::copy(&source, &script)?;
    let mut install = Command::new("npm");
    install
        .args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"])
        .arg(&folder)
        .arg(OIDC_PROVIDER);
    if !ended_well(&mut install, "npm install")? {
        return Ok(false);
    }
    let (_server, facts) = start(&script)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut client = Command::new(cargo);
    client
        .args(["run", "--quiet", "-p", "eca-oauth", "--example", "interop"])
        .args(["--", facts.trim()])
        .current_dir(&workspace.root);
    ended_well(&mut client, "cargo run -p eca-oauth --example interop")
}

/// Starts the server and reads the line that it prints when it is ready.
fn start(script: &Path) -> Result<(Server, String), Failure> {
    let failed = |source| Failure::Start {
        command: "node oidc-provider.mjs".to_owned(),
        source,
    };
    let child = Command::new("node")
        .arg(script)
        .stdout(Stdio::piped())
        .spawn();
    let mut server = Server(child.map_err(failed)?);
    let mut facts = String::new();
    if let Some(stdout) = server.0.stdout.take() {
        let mut stdout = BufReader::new(stdout);
        // It also prints warnings. The line is a JSON object.
        while !facts.starts_with('{') {
            facts.clear();
            if stdout.read_line(&mut facts).map_err(failed)? == 0 {
                break;
            }
        }
        // Later output is discarded. A closed pipe would end the server.
        std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
    }
    Ok((server, facts))
}

fn ended_well(command: &mut Command, line: &str) -> Result<bool, Failure> {
    let status = command.status().map_err(|source| Failure::Start {
        command: line.to_owned(),
        source,
    })?;
    if !status.success() {
        eprintln!("{line}: {status}");
    }
    Ok(status.success())
}
