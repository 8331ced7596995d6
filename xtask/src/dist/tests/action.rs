//! The steps of `action.yml` as a runner runs them: the shell text of each, with the variables that
//! its `env` sets and those of the runner.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use fs_err as fs;
use yaml_rust2::{Yaml, YamlLoader};

use super::server::Server;
use super::{Release, VERSION, finish, repository};

/// Values of expressions by their text, such as `inputs.version`.
type Expressions = BTreeMap<String, String>;

/// A runner in a folder of its own.
struct Runner {
    folder: tempfile::TempDir,
    server: Server,
    release: Release,
    action: Yaml,
}

/// What a run of the action has done.
#[derive(Debug)]
struct Job {
    code: i32,
    log: String,
    /// The lines of the file that `GITHUB_PATH` names.
    path: String,
    /// The outputs of the action.
    outputs: Expressions,
}

impl Runner {
    fn new() -> Self {
        let text = fs::read_to_string(repository().join("action.yml")).unwrap();
        let release = Release::good();
        Self {
            folder: tempfile::tempdir().unwrap(),
            server: Server::start(release.folder.path()),
            action: YamlLoader::load_from_str(&text).unwrap().remove(0),
            release,
        }
    }

    /// Runs the steps until one fails. `with` are the inputs of the job.
    fn run(&self, with: &[(&str, &str)]) -> Job {
        let folder = self.folder.path();
        let temp = folder.join("temp");
        fs::create_dir_all(&temp).unwrap();
        let files = ["path", "output"].map(|name| folder.join(name));
        for file in &files {
            fs::write(file, "").unwrap();
        }
        let mut expressions = self.inputs(with);
        let mut job = Job {
            code: 0,
            log: String::new(),
            path: String::new(),
            outputs: BTreeMap::new(),
        };
        for step in self.action["runs"]["steps"].as_vec().unwrap() {
            let Some(script) = step["run"].as_str() else {
                check_pinned(step["uses"].as_str().unwrap());
                continue;
            };
            assert!(
                !script.contains("${{"),
                "an expression in the shell: {script}"
            );
            assert_eq!(step["shell"].as_str(), Some("bash"));
            // As the runner calls bash.
            let mut shell = Command::new("bash");
            shell.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]);
            shell.current_dir(folder).env_clear();
            shell
                .env("PATH", std::env::var_os("PATH").unwrap())
                .env("HOME", folder)
                .env("GITHUB_ACTIONS", "true")
                .env("GITHUB_ACTION_PATH", repository())
                .env("GITHUB_PATH", &files[0])
                .env("GITHUB_OUTPUT", &files[1])
                .env("RUNNER_TEMP", &temp)
                .env("RUNNER_OS", "Linux")
                .env("RUNNER_ARCH", "X64");
            if let Some(variables) = step["env"].as_hash() {
                for (name, value) in variables {
                    let value = evaluated(value.as_str().unwrap(), &expressions);
                    shell.env(name.as_str().unwrap(), value);
                }
            }
            let (code, stdout, stderr) = finish(&mut shell);
            job.code = code;
            job.log.extend([stdout, stderr]);
            if code != 0 {
                break;
            }
            if let Some(id) = step["id"].as_str() {
                for line in fs::read_to_string(&files[1]).unwrap().lines() {
                    let (name, value) = line.split_once('=').unwrap();
                    expressions.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
                }
            }
        }
        job.path = fs::read_to_string(&files[0]).unwrap();
        if job.code == 0 {
            for (name, output) in self.action["outputs"].as_hash().unwrap() {
                let value = evaluated(output["value"].as_str().unwrap(), &expressions);
                job.outputs.insert(name.as_str().unwrap().to_owned(), value);
            }
        }
        job
    }

    /// The inputs of a job, with their defaults. A missing one is empty, even a required one.
    fn inputs(&self, with: &[(&str, &str)]) -> Expressions {
        let releases = self.server.releases();
        let declared = self.action["inputs"].as_hash().unwrap();
        for (name, _) in with {
            assert!(
                declared.contains_key(&Yaml::String((*name).to_owned())),
                "{name}"
            );
        }
        let value = |name: &str, declaration: &Yaml| {
            let given = with.iter().find(|(given, _)| *given == name);
            match (given, name) {
                (Some((_, value)), _) => (*value).to_owned(),
                (None, "base-url") => releases.clone(),
                (None, _) => declaration["default"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
            }
        };
        let inputs = declared.iter().map(|(name, declaration)| {
            let name = name.as_str().unwrap();
            (format!("inputs.{name}"), value(name, declaration))
        });
        inputs.collect()
    }

    fn temp(&self) -> std::path::PathBuf {
        self.folder.path().join("temp")
    }
}

/// The value of `${{ expression }}`.
fn evaluated(text: &str, expressions: &Expressions) -> String {
    let expression = text
        .strip_prefix("${{ ")
        .and_then(|text| text.strip_suffix(" }}"));
    let expression = expression.unwrap_or_else(|| panic!("not an expression: {text}"));
    let value = expressions.get(expression);
    value
        .unwrap_or_else(|| panic!("unknown: {expression}"))
        .clone()
}

/// Another action is named by its commit.
fn check_pinned(uses: &str) {
    let (_, commit) = uses.split_once('@').unwrap();
    let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(is_commit, "{uses}");
}

#[test]
fn the_program_is_put_on_the_path() {
    let runner = Runner::new();
    let checksum = runner.release.checksum.clone();
    let archive = format!("/releases/download/v0.1.0/{}", runner.release.archive);
    let list = archive.replace(".tar.gz", ".sha256");
    let with = [("version", VERSION), ("checksum", &checksum)];
    // The first run downloads the list and the archive. The archive is kept for the next, which
    // asks for the list, or for nothing when it has the checksum.
    for (with, requests) in [
        (&with[..1], vec![list.as_str(), &archive]),
        (&with[..1], vec![list.as_str()]),
        (&with[..], vec![]),
    ] {
        let job = runner.run(with);
        assert_eq!(job.code, 0, "{}", job.log);
        assert_eq!(runner.server.take_requests(), requests);
        let bin = runner.temp().join("eca-bin").display().to_string();
        assert_eq!(job.path, format!("{bin}\n"));
        assert_eq!(job.outputs["path"], bin);
        let (code, version, _) = finish(Command::new(Path::new(&bin).join("eca")).arg("-V"));
        assert_eq!((code, version.as_str()), (0, "eca 0.1.0\n"));
    }
    let kept = runner.action["runs"]["steps"][1]["with"]["path"].as_str();
    assert_eq!(kept, Some("${{ runner.temp }}/eca-archive"));
    assert!(
        runner
            .temp()
            .join("eca-archive")
            .join(&runner.release.archive)
            .is_file()
    );
}

/// The job fails, and nothing is on the path.
fn check_refused(runner: &Runner, with: &[(&str, &str)], code: i32, words: &str) {
    let job = runner.run(with);
    assert_eq!(job.code, code, "{with:?}: {}", job.log);
    assert!(job.log.contains(words), "{with:?}: {}", job.log);
    assert_eq!(job.path, "", "{with:?}");
    assert!(!runner.temp().join("eca-bin/eca").exists(), "{with:?}");
    for folder in [runner.folder.path().to_owned(), repository()] {
        assert!(!folder.join("stolen").exists(), "{with:?}");
    }
}

#[test]
fn a_wrong_checksum_is_refused() {
    let runner = Runner::new();
    let wrong = "0".repeat(64);
    let with = [("version", VERSION), ("checksum", wrong.as_str())];
    check_refused(&runner, &with, 1, "wrong checksum: http://");
    runner.release.falsify();
    check_refused(&runner, &with[..1], 1, "wrong checksum: http://");
    let right = runner.release.checksum.clone();
    let with = [("version", VERSION), ("checksum", right.as_str())];
    check_refused(&runner, &with, 1, "wrong checksum: http://");
}

#[test]
fn hostile_inputs_are_refused_before_anything_is_asked() {
    let runner = Runner::new();
    check_refused(&runner, &[], 3, "::error::the input version is missing");
    for (name, value, words) in [
        ("version", "../../evil/0.1.0", "--version: not a version"),
        ("version", "0.1.0/../../evil", "--version: not a version"),
        ("version", "$(touch stolen)", "--version: not a version"),
        ("version", "`touch stolen`", "--version: not a version"),
        (
            "version",
            "\"; touch stolen; \"",
            "--version: not a version",
        ),
        (
            "version",
            "0.1.0\n::add-path::/evil",
            "--version: not a version",
        ),
        ("checksum", "$(touch stolen)", "--checksum: not a SHA-256"),
        (
            "base-url",
            "https://$(touch stolen)",
            "--base-url: not an address",
        ),
        ("base-url", "http://example.org", "begins with https://"),
        ("base-url", "--proto", "begins with https://"),
    ] {
        let mut with = vec![(name, value)];
        if name != "version" {
            with.push(("version", VERSION));
        }
        check_refused(&runner, &with, 3, words);
        let job = runner.run(&with);
        for trace in ["stolen", "::add-path", "evil"] {
            assert!(!job.log.contains(trace), "{}", job.log);
        }
    }
    assert_eq!(runner.server.take_requests(), [""; 0]);
}
