//! Foreign programs and libraries to compare with: openssl, node, keytool, ssh-keygen, PyJWT, jose.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A temporary folder in which foreign programs run.
pub(crate) struct Oracle {
    dir: TempDir,
}

impl Oracle {
    /// `None` if one of the programs is not installed. This is printed on the stderr of the
    /// process, since the test harness captures that of the test. With `ECA_REQUIRE_ORACLES`
    /// the test fails.
    pub(crate) fn with(programs: &[&str]) -> Option<Oracle> {
        for program in programs {
            // The exit code does not matter, only that the program starts.
            let started = Command::new(program)
                .arg("--version")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            if started.is_err() {
                skip(program);
                return None;
            }
        }
        let dir = tempfile::tempdir().unwrap();
        Some(Oracle { dir })
    }

    /// [`Oracle::with`], for a library of another language: `probe` fails if it is not installed.
    pub(crate) fn with_library(programs: &[&str], library: &str, probe: &str) -> Option<Oracle> {
        let oracle = Oracle::with(programs)?;
        let found = Command::new("sh")
            .args(["-ec", probe])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if found.is_ok_and(|status| status.success()) {
            return Some(oracle);
        }
        skip(library);
        None
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        std::fs::read(self.dir.path().join(name)).unwrap()
    }

    /// Runs a shell command in the folder and returns what it prints.
    pub(crate) fn run(&self, command: &str) -> String {
        let output = Command::new("sh")
            .args(["-ec", command])
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}\n{stderr}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

fn skip(what: &str) {
    let test = std::thread::current().name().unwrap_or("?").to_owned();
    let line = format!("SKIPPED {test}: {what} is not installed\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    let required = std::env::var_os("ECA_REQUIRE_ORACLES").is_some();
    assert!(!required, "{what} is required but not installed");
}
