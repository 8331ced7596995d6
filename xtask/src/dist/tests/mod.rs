//! `install.sh` and `action.yml` with an archive of [`archive::pack`], over loopback. The program
//! in the archive is a script that prints a version.

mod action;
mod install;
mod server;

use std::path::Path;
use std::process::{Command, Output};

use fs_err as fs;

use super::{archive, build, differing, sums};
use crate::checksum::sha256;

/// The version that the program of the archive prints.
const VERSION: &str = "0.1.0";

/// A mirror in a folder with one release, which is the latest, too: `releases/download/v0.1.0` and
/// `releases/latest/download`.
struct Release {
    folder: tempfile::TempDir,
    /// The name of the archive.
    archive: String,
    /// Its checksum.
    checksum: String,
}

impl Release {
    /// A release whose program is this script.
    fn new(program: &str) -> Self {
        let name = format!("eca-{}", build::target(&repository()).unwrap());
        let file = |path: &str, text: &str, is_program| archive::File {
            path: format!("{name}/{path}"),
            bytes: text.as_bytes().to_vec(),
            is_program,
        };
        let files = vec![
            file("README.md", "about", false),
            file(build::PROGRAM, program, true),
        ];
        let artifacts = [(
            format!("{name}.tar.gz"),
            archive::pack(files, 1_700_000_000).unwrap(),
        )];
        let release = Self {
            folder: tempfile::tempdir().unwrap(),
            archive: artifacts[0].0.clone(),
            checksum: sha256(&artifacts[0].1),
        };
        for folder in [format!("download/v{VERSION}"), "latest/download".to_owned()] {
            let folder = release.folder.path().join("releases").join(folder);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(&release.archive), &artifacts[0].1).unwrap();
            let list = sums(&artifacts);
            fs::write(folder.join(format!("{name}.sha256")), list).unwrap();
        }
        release
    }

    /// A release whose program works.
    fn good() -> Self {
        Self::new(&format!("#!/bin/sh\necho eca {VERSION}\n"))
    }

    /// Changes the archive, and not its checksum.
    fn falsify(&self) {
        let other = Self::new("#!/bin/sh\ntouch stolen\n");
        for folder in ["download/v0.1.0", "latest/download"] {
            let path = |release: &Self| {
                let releases = release.folder.path().join("releases");
                releases.join(folder).join(&release.archive)
            };
            fs::copy(path(&other), path(self)).unwrap();
        }
    }
}

fn repository() -> std::path::PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    root.unwrap().to_owned()
}

/// Runs it to its end: exit code, stdout, stderr.
fn finish(command: &mut Command) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn differing_files_are_named() {
    let file = |path: &str, bytes: &[u8]| archive::File {
        path: path.to_owned(),
        bytes: bytes.to_vec(),
        is_program: false,
    };
    let one = [
        file("eca", b"1"),
        file("README.md", b"1"),
        file("gone", b""),
    ];
    let other = [file("eca", b"1"), file("README.md", b"2")];
    assert_eq!(differing(&one, &one), [""; 0]);
    assert_eq!(differing(&one, &other), ["README.md", "gone"]);
}
