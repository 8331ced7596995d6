//! What the program says about itself, and where its build script has it from. Without a test here,
//! cargo would not build the program for the tests in the workspace's folder `tests`.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

#[path = "../build.rs"]
#[expect(dead_code, reason = "cargo runs the rest of it")]
mod build;

fn printed(option: &str) -> String {
    let program = env!("CARGO_BIN_EXE_eca");
    let output = Command::new(program).arg(option).output();
    let output = output.expect("the program runs");
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn version() {
    let first = format!("eca {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(printed("-V"), format!("{first}\n"));
    let features = if cfg!(feature = "pkcs11") {
        "pkcs11"
    } else {
        "none"
    };
    let build = if cfg!(debug_assertions) {
        "debug build".to_owned()
    } else {
        build::commit(Path::new(env!("CARGO_MANIFEST_DIR")))
            .unwrap_or_else(|| "commit unknown".to_owned())
    };
    assert_eq!(
        printed("--version"),
        format!("{first} ({build})\nfeatures: {features}\n")
    );
}

/// Runs git, which is there wherever the tests run.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let names = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
    let output = Command::new("git")
        .args(names)
        .args(arguments)
        .current_dir(folder)
        .output();
    let output = output.expect("git runs");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_commit_is_that_of_the_checkout_or_of_the_published_crate() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let (here, vendored) = (root.join("crates/eca-cli"), root.join("vendor/eca-cli"));
    for folder in [&here, &vendored] {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("Cargo.toml"), "").unwrap();
        assert_eq!(build::commit(folder), None, "no repository");
    }
    git(root, &["init", "--quiet"]);
    assert_eq!(build::commit(&here), None, "no commit yet");
    git(root, &["add", "."]);
    git(root, &["commit", "--quiet", "--message", "m"]);
    let commit = git(root, &["rev-parse", "HEAD"]);
    assert_eq!(build::commit(&here).as_deref(), Some(commit.trim()));
    assert_eq!(
        build::commit(&vendored),
        None,
        "the commit of another project"
    );

    let hash = "0123456789abcdef0123456789abcdef01234567";
    for (packaged, expected) in [
        (format!(r#"{{"git":{{"sha1":"{hash}"}}}}"#), Some(hash)),
        (
            format!("{{\n  \"git\": {{\n    \"sha1\": \"{hash}\"\n  }}\n}}\n"),
            Some(hash),
        ),
        (r#"{"git":{"sha1":"no hash\n"}}"#.to_owned(), None),
        ("{}".to_owned(), None),
    ] {
        fs::write(vendored.join(".cargo_vcs_info.json"), &packaged).unwrap();
        assert_eq!(build::commit(&vendored).as_deref(), expected, "{packaged}");
    }
}
