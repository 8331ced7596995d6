//! A checkout whose project folder is also a bare repository cannot make `eca` run anything through
//! git: neither by a lazy fetch over `ext::`, nor by a hook, nor by a file system monitor.

use std::fs;
use std::path::Path;
use std::process::Command;

use eca_tests::{run_line, skip, storefront_copy};

/// What the planted repository says of itself. `RAN` is the file that its commands create.
const CONFIG: &str = r#"[core]
    repositoryformatversion = 1
    bare = false
    worktree = .
    sparseCheckout = true
    sparseCheckoutCone = true
    fsmonitor = "touch RAN; false"
    hooksPath = .
    sshCommand = "touch RAN; false"
[index]
    sparse = true
[extensions]
    partialClone = origin
[remote "origin"]
    url = "ext::sh -c touch% RAN"
    promisor = true
[protocol]
    allow = always
[protocol "ext"]
    allow = always
"#;

/// Every command that reads a project without an org.
const COMMANDS: [&str; 13] = [
    "lint",
    "lint .",
    "lint --fix",
    "lint --project .",
    "lint --format github",
    "lint --since main",
    "lint --since HEAD~1",
    "fmt --check",
    "fmt",
    "show",
    "graph",
    "package --output package.zip",
    "cert check",
];

/// Runs git in a folder without the settings of the machine; whether it succeeded.
fn git(folder: &Path, line: &str) -> bool {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(line.split(' '));
    for name in ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"] {
        command.env(name, "/dev/null");
    }
    for (role, name) in [("AUTHOR", "test"), ("COMMITTER", "test")] {
        command.env(format!("GIT_{role}_NAME"), name);
        command.env(format!("GIT_{role}_EMAIL"), "test@example.com");
    }
    command.output().is_ok_and(|output| output.status.success())
}

/// Makes a folder a repository with a sparse index, whose trees only a fetch from its promisor
/// would bring.
fn plant(folder: &Path, config: &str) {
    let source = tempfile::tempdir().unwrap();
    let source = source.path();
    for name in ["in", "out"] {
        fs::create_dir(source.join(name)).unwrap();
        let file = "Global.ecaGlblOauth-meta.xml";
        fs::write(source.join(name).join(file), name).unwrap();
    }
    for line in [
        "init --quiet --initial-branch main",
        "add .",
        "commit --quiet -m one",
        "sparse-checkout init --cone --sparse-index",
        "sparse-checkout set in",
    ] {
        assert!(git(source, line), "{line}");
    }
    let branch = "refs/heads/main";
    let commit = fs::read_to_string(source.join(".git").join(branch)).unwrap();
    // Of the objects only the commit.
    let object = format!("objects/{}/{}", &commit[..2], commit[2..].trim());
    for name in ["HEAD", "index", branch, &object] {
        let to = folder.join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(source.join(".git").join(name), to).unwrap();
    }
    fs::write(folder.join("config"), config).unwrap();
}

#[test]
fn nothing_runs() {
    // As part of a checkout, and as the `.git` of an archive that somebody unpacked.
    for (planted, worktree) in [("project", "worktree = .\n"), ("project/.git", "\n")] {
        let clone = storefront_copy();
        let root = clone.path();
        if !git(root, "init --quiet") {
            return skip("git");
        }
        let project = root.join("project");
        fs::create_dir(&project).unwrap();
        for name in ["sfdx-project.json", "force-app"] {
            fs::rename(root.join(name), project.join(name)).unwrap();
        }
        let ran = root.join("ran");
        let config = CONFIG.replace("worktree = .\n", worktree);
        plant(
            &root.join(planted),
            &config.replace("RAN", ran.to_str().unwrap()),
        );
        // Git alone, with its usual settings, runs the commands: by the monitor, and by a fetch.
        for line in ["ls-files", "-c core.fsmonitor=false ls-files"] {
            git(&project, line);
            assert!(ran.exists(), "{planted} is harmless: git {line}");
            fs::remove_file(&ran).unwrap();
        }

        for line in COMMANDS {
            run_line(&project, line);
            assert!(!ran.exists(), "{planted}: eca {line}");
        }
        for line in ["lint project", "lint --project project"] {
            run_line(root, line);
            assert!(!ran.exists(), "{planted}: eca {line}");
        }
        let lint = run_line(&project, "lint");
        // Git says nothing of an index that it cannot read whole.
        let is_refused = lint.stderr.contains("not checked whether git");
        assert_eq!(is_refused, planted == "project", "{lint:?}");
        let since = run_line(&project, "lint --since main");
        assert_eq!(since.code, 3, "{since:?}");
    }
}
