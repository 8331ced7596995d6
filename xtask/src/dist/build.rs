//! The release build and the output of the built program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::program;
use fs_err as fs;

/// The file of the program.
pub(super) const PROGRAM: &str = if cfg!(windows) { "eca.exe" } else { "eca" };

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
    let mut call = Invocation::cargo(build)
        .with("CARGO_TARGET_DIR", folder.display().to_string())
        .with("CARGO_INCREMENTAL", "0")
        .with("SOURCE_DATE_EPOCH", time.to_string())
        // Cargo separates these flags by the ASCII unit separator.
        .with(
            "CARGO_ENCODED_RUSTFLAGS",
            mapped("--remap-path-prefix", "\u{1f}"),
        );
    // The compiler of Microsoft does not have the option.
    if !cfg!(target_env = "msvc") {
        call = call.with("CFLAGS", mapped("-ffile-prefix-map", " "));
    }
    let status = call.run(root)?;
    if !status.success() {
        return Err(Failure::Ended {
            command: call.to_string(),
            status,
        });
    }
    Ok(folder.join("dist").join(PROGRAM))
}

/// The newest version of glibc whose symbols an ELF program names; `None` when it names none.
pub(super) fn glibc(program: &[u8]) -> Option<(u32, u32)> {
    const NAME: &[u8] = b"GLIBC_";
    let starts = (0..program.len()).filter(|&start| program[start..].starts_with(NAME));
    let versions = starts.filter_map(|start| {
        let rest = &program[start + NAME.len()..];
        let end = rest.iter().position(|byte| *byte == 0)?;
        let (major, minor) = std::str::from_utf8(&rest[..end]).ok()?.split_once('.')?;
        // The third number of old versions does not matter.
        let minor = minor.split('.').next()?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    });
    versions.max()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_glibc_is_found() {
        for (bytes, expected) in [
            (
                b"\0GLIBC_2.9\0GLIBC_2.34\0GLIBC_2.2.5\0".as_slice(),
                Some((2, 34)),
            ),
            (b"GLIBC_PRIVATE\0GLIBC_2.17", None),
            (b"no ELF", None),
        ] {
            assert_eq!(glibc(bytes), expected);
        }
    }
}
