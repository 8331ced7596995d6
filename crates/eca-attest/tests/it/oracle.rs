//! Foreign programs as independent judges: openssl, node, keytool, ssh-keygen, PyJWT, jose.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Foreign programs in a folder of their own.
pub(crate) struct Oracle {
    dir: TempDir,
}

impl Oracle {
    /// `None` if one of the programs is not installed, which is said on the real stderr (the test
    /// harness would swallow it otherwise). With `ECA_REQUIRE_ORACLES` set it is a failure.
    pub(crate) fn with(programs: &[&str]) -> Option<Oracle> {
        for program in programs {
            // Both openssl and node know `version` or `--version`; only starting up matters.
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

    /// Like [`Oracle::with`], for a library of another language: `probe` fails where it is missing.
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
