//! Tells the program the commit and the features that it is built with. It needs neither the
//! network nor git.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// The place of this crate in the repository. A copy of it in another repository has another one.
const PREFIX: &str = "crates/eca-cli/";
/// What `cargo package` writes into a published crate.
const PACKAGED: &str = ".cargo_vcs_info.json";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A debug build would be linked again after every commit.
    let is_debug = env::var("PROFILE").is_ok_and(|profile| profile == "debug");
    let source = if is_debug {
        "debug build".to_owned()
    } else {
        let folder = Path::new(".");
        rerun_after_commits(folder);
        commit(folder).unwrap_or_else(|| "commit unknown".to_owned())
    };
    println!("cargo::rustc-env=BUILD_COMMIT={source}");
    println!("cargo::rustc-env=BUILD_FEATURES={}", features());
}

/// The features of this build, in the order of their names.
fn features() -> String {
    let mut features: Vec<_> = env::vars()
        .filter_map(|(name, _)| Some(name.strip_prefix("CARGO_FEATURE_")?.to_lowercase()))
        .collect();
    features.sort();
    if features.is_empty() {
        features.push("none".to_owned());
    }
    features.join(", ")
}

/// The commit that the crate in this folder is from: of the published crate, or else of the
/// checkout; `None` outside of both.
pub(crate) fn commit(folder: &Path) -> Option<String> {
    if let Ok(text) = fs::read_to_string(folder.join(PACKAGED)) {
        let (_, rest) = text.split_once("\"sha1\"")?;
        return hash(rest.split('"').nth(1)?);
    }
    let output = git(folder, &["rev-parse", "--show-prefix", "HEAD"])?;
    let (prefix, commit) = output.split_once('\n')?;
    if prefix == PREFIX { hash(commit) } else { None }
}

/// The name of a commit, in hexadecimal digits.
fn hash(text: &str) -> Option<String> {
    let text = text.trim();
    let is_hash = text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| text.to_owned())
}

/// Makes cargo run this script again when HEAD moves: git adds a line to this log then.
fn rerun_after_commits(folder: &Path) {
    if let Some(log) = git(folder, &["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={}", log.trim());
    }
}

/// The output of git; `None` without git or a repository.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then_some(text)
}
