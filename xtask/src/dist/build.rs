//! The release build and the output of the built program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::program;
use fs_err as fs;

/// Builds the program into a folder of its own; the path of the program.
///
/// # Errors
/// When it cannot be built.
pub(super) fn program(root: &Path, folder: &Path, time: u64) -> Result<PathBuf, Failure> {
    let home = std::env::var("CARGO_HOME").ok().or_else(|| {
        let home = etcetera::home_dir().ok()?;
        Some(home.join(".cargo").display().to_string())
    });
    let mut names = vec![
        (folder.display().to_string(), "/target"),
        (root.display().to_string(), "/eca"),
    ];
    names.extend(home.map(|home| (home, "/cargo")));
    let mapped = |flag: &str, between: &str| {
        let flags: Vec<_> = names
            .iter()
            .map(|(from, to)| format!("{flag}={from}={to}"))
            .collect();
        flags.join(between)
    };
    // `auditable` puts the list of crates and versions into the program.
    let build = "auditable build --profile dist --locked --package eca-cli --bin eca";
    let call = Invocation::cargo(build)
        .with("CARGO_TARGET_DIR", folder.display().to_string())
        .with("CARGO_INCREMENTAL", "0")
        .with("SOURCE_DATE_EPOCH", time.to_string())
        // Cargo separates these flags by the ASCII unit separator.
        .with(
            "CARGO_ENCODED_RUSTFLAGS",
            mapped("--remap-path-prefix", "\u{1f}"),
        )
        .with("CFLAGS", mapped("-ffile-prefix-map", " "));
    let status = call.run(root)?;
    if !status.success() {
        return Err(Failure::Ended {
            command: call.to_string(),
            status,
        });
    }
    let name = if cfg!(windows) { "eca.exe" } else { "eca" };
    Ok(folder.join("dist").join(name))
}

/// The version that the program prints.
///
/// # Errors
/// When it does not run.
pub(super) fn version(program: &Path) -> Result<String, Failure> {
    let text = printed(program, &["--version"])?;
    Ok(text.trim().trim_start_matches("eca ").to_owned())
}

/// The target that this machine's compiler builds for.
///
/// # Errors
/// When there is no compiler.
pub(super) fn target(root: &Path) -> Result<String, Failure> {
    let output = program::output(root, "rustc", &["-vV"])?;
    let host = output
        .text
        .lines()
        .find_map(|line| line.strip_prefix("host: "));
    Ok(host.unwrap_or("unknown").to_owned())
}

/// The output of the program.
///
/// # Errors
/// When it does not run, or ends with another code than 0.
pub(super) fn printed(program: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let command = format!("{} {}", program.display(), arguments.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|source| Failure::Start {
            command: command.clone(),
            source,
        })?;
    if !output.status.success() {
        return Err(Failure::Ended {
            command,
            status: output.status,
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The man pages by file name.
///
/// # Errors
/// When they cannot be written or read.
pub(super) fn man_pages(
    program: &Path,
    folder: &Path,
) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    fs::create_dir_all(folder)?;
    let shown = folder.display().to_string();
    printed(program, &["manual", "--man", &shown])?;
    let mut pages = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        pages.insert(name, fs::read(entry.path())?);
    }
    Ok(pages)
}
