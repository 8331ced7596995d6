//! `cargo xtask interop wsdl`: the golden SOAP requests against Salesforce's schema.
//!
//! It needs Python, lxml, zeep and a WSDL, which are not in the repository. It installs the
//! libraries from PyPI into `target/interop`. Without a library its check is skipped.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::workspace::Workspace;
use fs_err as fs;

use crate::interop::python;

/// The exit code of a script whose library is not installed.
const NO_LIBRARY: i32 = 77;

/// The scripts with their libraries. lxml validates against the schema; zeep reads with the types
/// of a SOAP client.
const SCRIPTS: [(&str, &str); 2] = [
    ("xtask/interop/wsdl.py", "lxml"),
    ("xtask/interop/zeep_wsdl.py", "zeep"),
];

/// The libraries for pip.
const LIBRARIES: &[&str] = &["lxml==6.1.3", "zeep==4.3.1"];

/// Options of the command.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The WSDL, as downloaded from Setup, "API"
    #[arg(long, value_name = "FILE", env = "ECA_METADATA_WSDL")]
    wsdl: Option<PathBuf>,
    /// The Python that makes the environment for lxml and zeep
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: String,
}

/// Validates the golden SOAP requests of eca-deploy against Salesforce's WSDL; `false` when one is
/// not valid.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<bool, Failure> {
    match &arguments.wsdl {
        Some(wsdl) => validate(workspace, wsdl, &arguments.python),
        None => Ok(skip("no WSDL given: use --wsdl FILE or ECA_METADATA_WSDL")),
    }
}

fn validate(workspace: &Workspace, wsdl: &Path, system: &str) -> Result<bool, Failure> {
    let goldens = goldens(&workspace.root.join("crates/eca-deploy/tests/it/golden"))?;
    let python = python::environment(&workspace.root, "wsdl", system, LIBRARIES)
        .unwrap_or_else(|| system.into());
    let mut valid = true;
    for (script, library) in SCRIPTS {
        let mut command = Command::new(&python);
        command
            .arg(workspace.root.join(script))
            .arg(wsdl)
            .args(&goldens);
        valid &= match command.status() {
            Ok(status) if status.code() == Some(NO_LIBRARY) => skip(&format!(
                "{} has no {library}, and it could not be installed from PyPI into target/interop \
                 (pip install {library})",
                python.display()
            )),
            Ok(status) => status.success(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(skip(&format!("there is no {}", python.display())));
            }
            Err(source) => {
                return Err(Failure::Start {
                    command: format!("{} {script}", python.display()),
                    source,
                });
            }
        };
    }
    Ok(valid)
}

/// The SOAP requests, sorted.
fn goldens(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("soap_") {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

fn skip(why: &str) -> bool {
    eprintln!("xtask: SKIPPED: {why}");
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_golden_requests_are_found() {
        let workspace = Workspace::read().unwrap();
        let files = goldens(&workspace.root.join("crates/eca-deploy/tests/it/golden")).unwrap();
        assert!(files.iter().any(|file| file.ends_with("soap_retrieve.txt")));
        assert!(
            files
                .iter()
                .all(|file| file.extension() == Some("txt".as_ref()))
        );
    }
}
