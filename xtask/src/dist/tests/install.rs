//! `install.sh` in every shell that is there, with nothing on the PATH but what it names.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use fs_err as fs;

use super::server::Server;
use super::{Release, VERSION, finish, repository};

/// The programs that the script may use.
const TOOLS: [&str; 12] = [
    "cat",
    "cp",
    "curl",
    "gzip",
    "mkdir",
    "mktemp",
    "mv",
    "rm",
    "sh",
    "sha256sum",
    "tar",
    "uname",
];

/// A program of this machine.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap();
    let paths = std::env::split_paths(&path).map(|folder| folder.join(name));
    paths.into_iter().find(|path| path.is_file())
}

/// Makes a folder with links to these programs.
fn link_tools(folder: &Path) {
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).unwrap();
    for tool in TOOLS {
        let found = program(tool).unwrap_or_else(|| panic!("{tool} is not installed"));
        std::os::unix::fs::symlink(found, bin.join(tool)).unwrap();
    }
}

/// An installation in a folder of its own.
struct Case {
    folder: tempfile::TempDir,
    server: Server,
    release: Release,
    shell: Vec<PathBuf>,
}

impl Case {
    fn new(release: Release, shell: &[PathBuf]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        link_tools(folder.path());
        Self {
            server: Server::start(release.folder.path()),
            shell: shell.to_vec(),
            folder,
            release,
        }
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let releases = self.server.releases();
        let script = repository().join("install.sh");
        finish(
            Command::new(&self.shell[0])
                .args(&self.shell[1..])
                .arg(script)
                .args(["--base-url", &releases])
                .args(arguments)
                .env_clear()
                .env("PATH", self.folder.path().join("bin"))
                .env("HOME", self.folder.path().join("home"))
                .current_dir(self.folder.path()),
        )
    }

    /// The names in a folder, sorted; none when it is missing.
    fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.folder.path().join(folder)) else {
            return Vec::new();
        };
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn installed(&self, folder: &str) -> String {
        let program = self.folder.path().join(folder).join("eca");
        finish(Command::new(program).arg("-V")).1
    }
}

/// The shell that every system has.
fn sh() -> Vec<PathBuf> {
    vec!["/bin/sh".into()]
}

/// The shells that are there.
fn shells() -> Vec<Vec<PathBuf>> {
    let mut shells = vec![sh()];
    for (name, applet) in [("bash", None), ("dash", None), ("busybox", Some("sh"))] {
        if let Some(program) = program(name) {
            let applet = applet.map(PathBuf::from);
            shells.push([program].into_iter().chain(applet).collect());
        } else {
            let is_required = std::env::var_os("ECA_REQUIRE_ORACLES").is_some();
            assert!(!is_required, "{name} is not installed");
            // Not by `eprintln!`, which the test harness captures.
            let line = format!("SKIPPED dist: install.sh in {name}, which is not installed\n");
            std::io::stderr().write_all(line.as_bytes()).unwrap();
        }
    }
    shells
}

#[test]
fn the_latest_and_a_version_are_installed() {
    for shell in shells() {
        let case = Case::new(Release::good(), &shell);
        let (code, stdout, stderr) = case.run(&[]);
        let home = case.folder.path().join("home/.local/bin");
        assert_eq!(
            (code, stdout, stderr.as_str()),
            (
                0,
                format!(
                    "installed eca {VERSION} as {home}/eca\nit is not on the PATH yet: add {home}\n",
                    home = home.display()
                ),
                ""
            ),
            "{shell:?}"
        );
        assert_eq!(case.installed("home/.local/bin"), "eca 0.1.0\n");
        // Again, over the first, in another folder, with a checksum: the list is not asked for.
        case.server.take_requests();
        let checksum = case.release.checksum.clone();
        let arguments = [
            "--version",
            VERSION,
            "--to",
            "there",
            "--checksum",
            &checksum,
        ];
        for _ in 0..2 {
            let (code, _, stderr) = case.run(&arguments);
            assert_eq!((code, stderr.as_str()), (0, ""), "{shell:?}");
        }
        let request = format!("/releases/download/v0.1.0/{}", case.release.archive);
        assert_eq!(case.server.take_requests(), [request.clone(), request]);
        assert_eq!(case.names("there"), ["eca"], "nothing else is left");
        assert_eq!(case.installed("there"), "eca 0.1.0\n");
    }
}

#[test]
fn a_kept_archive_is_compared_and_used() {
    let case = Case::new(Release::good(), &sh());
    let checksum = case.release.checksum.clone();
    let arguments = ["--to", "to", "--downloads", "kept", "--checksum", &checksum];
    let downloads = |expected: usize| {
        let (code, _, stderr) = case.run(&arguments);
        assert_eq!((code, stderr.as_str()), (0, ""));
        assert_eq!(case.server.take_requests().len(), expected);
        assert_eq!(case.names("kept"), [case.release.archive.as_str()]);
    };
    downloads(1);
    downloads(0);
    let kept = case.folder.path().join("kept").join(&case.release.archive);
    fs::write(&kept, "something else").unwrap();
    downloads(1);
    downloads(0);
}

/// Nothing is installed, what was installed stays, nothing is left, and a message says why.
fn check_refused(case: &Case, arguments: &[&str], expected: i32, words: &str) {
    let folder = case.folder.path().join("to");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("eca"), "the old one").unwrap();
    let (code, stdout, stderr) = case.run(&[&["--to", "to"], arguments].concat());
    assert_eq!(
        (code, stdout.as_str()),
        (expected, ""),
        "{arguments:?}: {stderr}"
    );
    assert!(stderr.contains(words), "{arguments:?}: {stderr}");
    assert!(
        stderr.starts_with("install.sh: ") || stderr.starts_with("curl: "),
        "{stderr}"
    );
    assert_eq!(case.names("to"), ["eca"], "{arguments:?}");
    assert_eq!(fs::read(folder.join("eca")).unwrap(), b"the old one");
    assert_eq!(case.names(""), ["bin", "to"], "{arguments:?}");
}

#[test]
fn wrong_options_are_refused_before_anything_is_asked() {
    let case = Case::new(Release::good(), &sh());
    let short = &case.release.checksum[1..];
    let upper = "A".repeat(64);
    for (arguments, words) in [
        (["--version", "../../x"], "--version: not a version"),
        (["--version", "1..2"], "--version: not a version"),
        (["--version", "$(touch stolen)"], "--version: not a version"),
        (
            ["--version", "0.1.0$(touch stolen)"],
            "--version: not a version",
        ),
        (
            ["--version", "0.1.0;touch stolen"],
            "--version: not a version",
        ),
        (
            ["--version", "0.1.0\n::add-path::x"],
            "--version: not a version",
        ),
        (["--version", "0.1.0\u{1b}[31m"], "--version: not a version"),
        (["--version", "--to"], "--version: not a version"),
        (["--version", "latest"], "--version: not a version"),
        (["--checksum", short], "--checksum: not a SHA-256 checksum"),
        (["--checksum", &upper], "--checksum: not a SHA-256 checksum"),
        (
            ["--checksum", "$(touch stolen)"],
            "--checksum: not a SHA-256",
        ),
        (["--base-url", "http://example.org"], "begins with https://"),
        (["--base-url", "file:///etc"], "begins with https://"),
        (
            ["--base-url", "http://127.0.0.1:1@example.org"],
            "not an address",
        ),
        (["--base-url", "https://$(touch stolen)"], "not an address"),
        (["--sudo", "x"], "an unknown option"),
        (["x", "--to"], "an unknown option"),
        (["--dry-run", "--version"], "--version needs a value"),
    ] {
        check_refused(&case, &arguments, 3, words);
        let (_, _, stderr) = case.run(&arguments);
        for trace in ["stolen", "::add-path", "\u{1b}"] {
            assert!(!stderr.contains(trace), "{stderr}");
        }
    }
    assert_eq!(case.server.take_requests(), [""; 0]);
}

#[test]
fn what_is_not_the_release_is_not_installed() {
    for shell in shells() {
        let case = Case::new(Release::good(), &shell);
        let wrong = "0".repeat(64);
        check_refused(&case, &["--checksum", &wrong], 1, "wrong checksum: http://");
        check_refused(&case, &["--version", "9.9.9"], 7, "cannot download http://");
        case.release.falsify();
        check_refused(&case, &["--version", VERSION], 1, "wrong checksum: http://");
        check_refused(&case, &[], 1, "wrong checksum: http://");
        let list = case.release.archive.replace(".tar.gz", ".sha256");
        let latest = case.release.folder.path().join("releases/latest/download");
        for text in ["", "no list\n", &format!("{wrong}  another.tar.gz\n")] {
            fs::write(latest.join(&list), text).unwrap();
            check_refused(&case, &[], 1, "has no checksum of eca-");
        }
        fs::write(latest.join(&list), "x".repeat(100_000)).unwrap();
        check_refused(&case, &[], 7, "cannot download http://");
    }
}

#[test]
fn a_program_that_does_not_run_is_not_installed() {
    for (program, words) in [
        (
            "#!/bin/sh\necho 'GLIBC_2.99 not found' >&2; exit 1\n",
            "it needs glibc",
        ),
        ("#!/no/such/loader\n", "it needs glibc"),
        ("#!/bin/sh\necho eca 0.0.9\n", "has another one"),
    ] {
        let case = Case::new(Release::new(program), &sh());
        let folder = case.folder.path().join("to");
        let (code, _, stderr) = case.run(&["--to", "to", "--version", VERSION]);
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
        assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
    }
}

#[test]
fn a_cut_script_does_nothing() {
    let text = fs::read_to_string(repository().join("install.sh")).unwrap();
    let last = text.rfind("main \"$@\"").unwrap();
    let case = Case::new(Release::good(), &sh());
    for end in [last, last / 2, last / 3] {
        let folder = case.folder.path();
        fs::write(folder.join("cut.sh"), &text[..end]).unwrap();
        let mut shell = Command::new("/bin/sh");
        shell.arg("cut.sh").current_dir(folder);
        shell.env_clear().env("PATH", folder.join("bin"));
        finish(shell.env("HOME", folder.join("home")));
        assert_eq!(case.names(""), ["bin", "cut.sh"], "{end}");
    }
    assert_eq!(case.server.take_requests(), [""; 0]);
}

#[test]
fn missing_tools_and_folders_are_named() {
    for (missing, words) in [
        ("curl", "curl is missing"),
        ("tar", "tar is missing"),
        ("sha256sum", "sha256sum and shasum are missing"),
    ] {
        let case = Case::new(Release::good(), &sh());
        fs::remove_file(case.folder.path().join("bin").join(missing)).unwrap();
        let (code, _, stderr) = case.run(&["--to", "to"]);
        assert_eq!((code, case.names("to").len()), (1, 0), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    let case = Case::new(Release::good(), &sh());
    fs::create_dir_all(case.folder.path().join("to/eca")).unwrap();
    let (code, _, stderr) = case.run(&["--to", "to"]);
    assert_eq!(
        (code, stderr.as_str()),
        (1, "install.sh: to/eca is a folder: remove it\n")
    );
    fs::write(case.folder.path().join("file"), "").unwrap();
    let (code, _, stderr) = case.run(&["--to", "file/below"]);
    assert_eq!(code, 1, "{stderr}");
    assert!(
        stderr.contains("install.sh: cannot make a folder"),
        "{stderr}"
    );
}

#[test]
fn the_script_says_what_dist_promises() {
    let (major, minor) = super::super::GLIBC;
    let promise = format!("glibc {major}.{minor}");
    for file in ["install.sh", "README.md"] {
        let text = fs::read_to_string(repository().join(file)).unwrap();
        assert!(text.contains(&promise), "{file}: {promise}");
    }
}
