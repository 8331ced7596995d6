//! `cargo xtask dist`: the release artifacts. A release build of the program for this machine's
//! target, with completions and man pages in an archive, a bill of materials, the provenance of
//! both, checksums, and a signature of the checksums when a key is given. The program contains its
//! list of crates, for `cargo audit bin`.
//!
//! The names of the files have the target and no version, so that the address of the latest release
//! stays the same. `install.sh` and `action.yml` download them.
//!
//! The same commit and compiler give the same bytes: paths of this machine are remapped, all times
//! are the time of the commit, and the archive is sorted. `--check` builds twice, in two folders,
//! and compares.

mod archive;
mod bill;
mod build;
mod provenance;
// They need a POSIX shell.
#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use fs_err as fs;

use crate::checksum::sha256;
use crate::ci::tool::{self, Tool};
use crate::failure::Failure;
use crate::program;
use crate::workspace::Workspace;

/// The output folder.
const FOLDER: &str = "target/dist";

/// How to build.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Build twice, in two folders; end with 1 when the archives differ
    #[arg(long)]
    check: bool,
    /// Sign the checksums with this secret key of minisign, which asks for its password
    #[arg(long, value_name = "FILE")]
    minisign_key: Option<PathBuf>,
}

/// What has to be installed.
pub(crate) const TOOLS: [Tool; 2] = [tool::CYCLONEDX, tool::AUDITABLE];

/// The newest glibc that a build for Linux may need. The README and `install.sh` name it.
const GLIBC: (u32, u32) = (2, 34);

/// Builds; `false` when two builds differ.
///
/// # Errors
/// When something cannot be built, read or written.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<bool, Failure> {
    let root = &workspace.root;
    for tool in TOOLS {
        tool.require(root)?;
    }
    // Before minutes of building.
    if let Some(key) = &arguments.minisign_key {
        fs::metadata(key)?;
        if !program::succeeds(root, "minisign", &["-v"]) {
            eprintln!("dist: minisign is not installed; it signs the checksums");
            return Ok(false);
        }
    }
    let time = commit_time(root);
    let name = format!("eca-{}", build::target(root)?);
    let files = files_of(root, &name, "build-1")?;
    let archive = archive::pack(files.clone(), time)?;
    if arguments.check {
        let again = files_of(root, &name, "build-2")?;
        if archive != archive::pack(again.clone(), time)? {
            eprintln!(
                "dist: two builds differ: {}",
                differing(&files, &again).join(", ")
            );
            return Ok(false);
        }
        eprintln!("dist: built twice, the same bytes");
    }
    let bill = bill::bill(root, &root.join(FOLDER).join("source"), time)?;
    let mut artifacts = vec![
        (format!("{name}.tar.gz"), archive),
        (format!("{name}.cdx.json"), bill.into_bytes()),
    ];
    let digests: Vec<_> = artifacts
        .iter()
        .map(|(file, bytes)| (file.clone(), sha256(bytes)))
        .collect();
    let statement = provenance::statement(&build_of(workspace)?, &digests);
    artifacts.push((format!("{name}.intoto.json"), statement.into_bytes()));
    let sums = sums(&artifacts);
    let file = format!("{name}.sha256");
    artifacts.push((file.clone(), sums.clone().into_bytes()));
    for (file, bytes) in &artifacts {
        fs::write(root.join(FOLDER).join(file), bytes)?;
    }
    if let Some(key) = &arguments.minisign_key {
        sign(&root.join(FOLDER), key, &file, &name)?;
    }
    print!("{sums}");
    eprintln!("dist: in {FOLDER}");
    Ok(true)
}

/// The checksums of these files, as `sha256sum` prints and reads them.
fn sums(artifacts: &[(String, Vec<u8>)]) -> String {
    let mut sums = String::new();
    for (file, bytes) in artifacts {
        sums.extend([&sha256(bytes), "  ", file, "\n"]);
    }
    sums
}

/// Signs the checksums. The password goes from the terminal to minisign.
fn sign(folder: &Path, key: &Path, sums: &str, name: &str) -> Result<(), Failure> {
    let key = fs::canonicalize(key)?;
    program::finish(
        Command::new("minisign")
            .args(["-S", "-m", sums, "-t", name, "-s"])
            .arg(key)
            .current_dir(folder),
    )
}

/// What the artifacts are built from.
fn build_of(workspace: &Workspace) -> Result<provenance::Build, Failure> {
    let root = &workspace.root;
    let line = |program: &str, arguments: &[&str]| -> Result<String, Failure> {
        let output = program::output(root, program, arguments)?;
        if output.success {
            return Ok(output.text.trim().to_owned());
        }
        let command = format!("{program} {}", arguments.join(" "));
        Err(Failure::NoOutput { command })
    };
    Ok(provenance::Build {
        repository: workspace.repository.clone(),
        commit: line("git", &["rev-parse", "HEAD"])?,
        is_dirty: !line("git", &["status", "--porcelain"])?.is_empty(),
        target: build::target(root)?,
        compiler: line("rustc", &["--version"])?,
        lock: sha256(&fs::read(root.join("Cargo.lock"))?),
    })
}

/// The paths of files that differ between two builds or are in only one of them.
fn differing(one: &[archive::File], other: &[archive::File]) -> Vec<String> {
    let only = |these: &[archive::File], those: &[archive::File]| -> Vec<String> {
        let lone = these.iter().filter(|file| !those.contains(file));
        lone.map(|file| file.path.clone()).collect()
    };
    let mut paths = only(one, other);
    paths.extend(only(other, one));
    paths.sort();
    paths.dedup();
    paths
}

/// Builds in a folder of [`FOLDER`]: the files of the archive.
fn files_of(root: &Path, name: &str, folder: &str) -> Result<Vec<archive::File>, Failure> {
    let program = build::program(root, &root.join(FOLDER).join(folder), commit_time(root))?;
    let bytes = fs::read(&program)?;
    if let Some(glibc) = build::glibc(&bytes).filter(|glibc| *glibc > GLIBC) {
        let text = format!("the program needs glibc {glibc:?}, and {GLIBC:?} is promised");
        return Err(std::io::Error::other(text).into());
    }
    let mut files = vec![archive::File {
        path: format!("{name}/{}", build::PROGRAM),
        bytes,
        is_program: true,
    }];
    let text = |path: String, bytes: Vec<u8>| archive::File {
        path: format!("{name}/{path}"),
        bytes,
        is_program: false,
    };
    for name in ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        files.push(text(name.to_owned(), fs::read(root.join(name))?));
    }
    for (shell, file) in [
        ("bash", "eca.bash"),
        ("elvish", "eca.elv"),
        ("fish", "eca.fish"),
        ("powershell", "_eca.ps1"),
        ("zsh", "_eca"),
    ] {
        let script = build::printed(&program, &["completions", shell])?;
        files.push(text(format!("completions/{file}"), script.into_bytes()));
    }
    let man = root.join(FOLDER).join(folder).join("man");
    for (page, bytes) in build::man_pages(&program, &man)? {
        files.push(text(format!("man/{page}"), bytes));
    }
    Ok(files)
}

/// The time of the commit in seconds of the Unix epoch; 0 without git.
fn commit_time(root: &Path) -> u64 {
    let output = program::output(root, "git", &["log", "-1", "--format=%ct"]);
    let text = output.map(|output| output.text).unwrap_or_default();
    text.trim().parse().unwrap_or_default()
}
