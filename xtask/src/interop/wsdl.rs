//! `cargo xtask interop wsdl`: the golden SOAP requests against Salesforce's schema.
//!
//! It needs Python, lxml and a WSDL that are no part of the repository. Where one is missing, the check is
//! skipped, loudly.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::workspace::Workspace;

/// What the script ends with when its library is not installed.
const NO_LIBRARY: i32 = 77;

/// What the caller asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The WSDL, as downloaded from Setup, "API"
    #[arg(long, value_name = "FILE", env = "ECA_METADATA_WSDL")]
    wsdl: Option<PathBuf>,
    /// The Python that has lxml
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: String,
}

/// Validates the golden SOAP requests of eca-deploy against Salesforce's WSDL; `false` when one is not valid.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<bool, Failure> {
    match &arguments.wsdl {
        Some(wsdl) => validate(workspace, wsdl, &arguments.python),
        None => Ok(skip("no WSDL given: use --wsdl FILE or ECA_METADATA_WSDL")),
    }
}

fn validate(workspace: &Workspace, wsdl: &Path, python: &str) -> Result<bool, Failure> {
    let mut command = Command::new(python);
    command
        .arg(workspace.root.join("xtask/interop/wsdl.py"))
        .arg(wsdl)
        .args(goldens(
            &workspace.root.join("crates/eca-deploy/tests/it/golden"),
        )?);
    match command.status() {
        Ok(status) if status.code() == Some(NO_LIBRARY) => {
            Ok(skip(&format!("{python} has no lxml (pip install lxml)")))
        }
        Ok(status) => Ok(status.success()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(skip(&format!("there is no {python}")))
        }
        Err(source) => Err(Failure::Start {
            command: format!("{python} xtask/interop/wsdl.py"),
            source,
        }),
    }
}

/// The SOAP requests, sorted.
fn goldens(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |source| Failure::Read {
        path: folder.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_name().to_string_lossy().starts_with("soap_") {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

fn skip(why: &str) -> bool {
    eprintln!("xtask: SKIPPED, nothing was checked: {why}");
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
