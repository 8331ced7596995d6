//! The checksums of crates on crates.io and of crates packaged here.
//!
//! A name and a version do not say who published a crate. The checksum does: cargo packages the
//! same commit to the same bytes.

use std::path::Path;

use fs_err as fs;
use semver::Version;

use crate::checksum::sha256;
use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::program::output;

/// A crate on crates.io, compared with the one of this commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Published {
    /// It is not there.
    Not,
    /// It is there, with the same checksum.
    Same,
    /// Another crate has the name and the version. Its checksum.
    Other(String),
}

/// Compares a crate with the checksum of its packaged tarball.
///
/// `Err` inside says why crates.io cannot be asked.
///
/// # Errors
/// When cargo cannot be started or a file cannot be written.
pub(super) fn compare(
    scratch: &Path,
    name: &str,
    version: &Version,
    here: &str,
) -> Result<Result<Published, String>, Failure> {
    // Cargo writes the checksum of the index into a lock file. It knows about mirrors and proxies.
    fs::create_dir_all(scratch)?;
    fs::write(scratch.join("lib.rs"), "")?;
    fs::write(scratch.join("Cargo.toml"), manifest(name, version))?;
    let lock = scratch.join("Cargo.lock");
    if lock.exists() {
        fs::remove_file(&lock)?;
    }
    let asked = output(scratch, "cargo", &["generate-lockfile", "--quiet"])?;
    if !asked.success {
        if is_absent(&asked.text) {
            return Ok(Ok(Published::Not));
        }
        let reason = format!(
            "crates.io cannot be asked for {name}: {}",
            asked.text.trim()
        );
        return Ok(Err(reason));
    }
    let lock = fs::read_to_string(lock)?;
    let there = checksum_in(&lock, name, version);
    Ok(there
        .map(|there| {
            if there == here {
                Published::Same
            } else {
                Published::Other(there)
            }
        })
        .ok_or_else(|| format!("cargo wrote no checksum of {name} {version}")))
}

/// Packages crates of a clean checkout, and returns the checksum of each, in their order. `Err`
/// inside is the command that failed.
///
/// # Errors
/// When cargo cannot be started or a tarball cannot be read.
pub(super) fn package(
    root: &Path,
    built: &Path,
    crates: &[String],
    version: &Version,
) -> Result<Result<Vec<String>, String>, Failure> {
    let selected = super::selection(crates);
    // The rehearsal has built them.
    let call = Invocation::cargo(&format!("package --quiet --locked --no-verify {selected}"))
        .with("CARGO_TARGET_DIR", built.display().to_string());
    if !call.run(root)?.success() {
        return Ok(Err(format!("packaging failed; repeat: {call}")));
    }
    let sums = crates.iter().map(|name| {
        let tarball = built.join(format!("package/{name}-{version}.crate"));
        Ok(sha256(&fs::read(tarball)?))
    });
    sums.collect::<Result<_, Failure>>().map(Ok)
}

fn manifest(name: &str, version: &Version) -> String {
    format!(
        "[package]\nname = \"asks-crates-io\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [lib]\npath = \"lib.rs\"\n\n[workspace]\n\n[dependencies]\n{name} = \"={version}\"\n"
    )
}

/// Whether cargo failed because there is no such crate or version, and not on the way there.
fn is_absent(text: &str) -> bool {
    ["no matching package", "failed to select a version"]
        .iter()
        .any(|words| text.contains(words))
}

/// The checksum that a lock file has for a crate of a registry.
fn checksum_in(lock: &str, name: &str, version: &Version) -> Option<String> {
    let lock: toml::Table = lock.parse().ok()?;
    let packages = lock.get("package")?.as_array()?;
    let text = |package: &toml::Value, key| Some(package.get(key)?.as_str()?.to_owned());
    let package = packages.iter().find(|package| {
        text(package, "name").as_deref() == Some(name)
            && text(package, "version") == Some(version.to_string())
    });
    text(package?, "checksum")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_a_lock_file() {
        let lock = "version = 4\n\n[[package]]\nname = \"eca-model\"\nversion = \"0.1.0\"\nchecksum = \"aa\"\n\n\
                    [[package]]\nname = \"eca-lint\"\nversion = \"0.1.0\"\n";
        let (version, next) = (Version::new(0, 1, 0), Version::new(0, 2, 0));
        let of = |name: &str, version: &Version| checksum_in(lock, name, version);
        assert_eq!(of("eca-model", &version), Some("aa".to_owned()));
        assert_eq!(of("eca-model", &next), None);
        // A crate by path has none.
        assert_eq!(of("eca-lint", &version), None);
        assert_eq!(checksum_in("no toml", "eca-model", &version), None);
    }

    #[test]
    fn an_absent_crate_is_not_an_unreachable_registry() {
        for (text, expected) in [
            ("error: no matching package named `eca-nothing` found", true),
            (
                "error: failed to select a version for the requirement `eca-model = \"=9.0.0\"`",
                true,
            ),
            ("error: failed to download from `https://…`", false),
            ("", false),
        ] {
            assert_eq!(is_absent(text), expected, "{text}");
        }
    }
}
