//! Runs the built `eca` program and reads its output.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "tests fail by panicking, and this crate is for tests only"
)]

mod endless_org;
mod fake_org;
mod page;

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

pub use endless_org::EndlessOrg;
pub use fake_org::{FakeOrg, LEAK, Request, USER, configure, store_token, stored_token};
pub use page::Page;

/// Variables that select an org. The environment of the tests must not reach the program.
const ORG_VARIABLES: [&str; 8] = [
    "SF_ACCESS_TOKEN",
    "SF_ORG_INSTANCE_URL",
    "SFDX_ACCESS_TOKEN",
    "SFDX_INSTANCE_URL",
    "SF_TARGET_ORG",
    "SF_ORG_API_VERSION",
    "SF_AUDIENCE_URL",
    "ECA_ORG",
];

/// The root of the repository.
pub fn repository() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    root.expect("this crate stands below the repository")
        .to_owned()
}

/// The example project.
pub fn storefront() -> PathBuf {
    repository().join("examples/storefront")
}

/// A test key, certificate or key store.
pub fn test_file(name: &str) -> Vec<u8> {
    let path = repository().join("crates/eca-attest/tests/data").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The project that a tutorial leads to.
pub fn tutorial_project(name: &str) -> tempfile::TempDir {
    let page = repository().join("docs/tutorials").join(name);
    let text = std::fs::read_to_string(page).expect("a page");
    let folder = tempfile::tempdir().expect("a temporary folder");
    Page::parse(&text).write_files(folder.path());
    folder
}

/// A copy of the example project that a test may change.
pub fn storefront_copy() -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a temporary folder");
    copy_folder(&storefront(), copy.path());
    copy
}

/// A copy of the example project with a certificate, in which `eca lint` finds nothing.
pub fn clean_storefront_copy() -> tempfile::TempDir {
    let copy = storefront_copy();
    let body = repository().join("crates/eca-lint/tests/it/certificates/rsa-2048.txt");
    let body = std::fs::read_to_string(body).expect("a certificate");
    let (element, next) = ("clientAssertionCertificate", "<!-- Api is");
    // On the same line: the lines of the file stay where they are.
    let both = format!("<{element}>{}</{element}>{next}", body.trim());
    replace(&find(copy.path(), ".ecaOauth-meta.xml"), next, &both);
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a listing") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// The file below a folder whose path ends like this.
pub fn find(folder: &Path, end: &str) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a listing") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(end) {
                return path;
            }
        }
    }
    panic!("no file *{end}");
}

/// Replaces a text in a file, which must contain it.
pub fn replace(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).expect("a text file");
    assert!(text.contains(from), "{} has no {from:?}", path.display());
    std::fs::write(path, text.replace(from, to)).expect("a written file");
}

/// A finished run of the program.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// All of stdout.
    pub stdout: String,
    /// All of stderr.
    pub stderr: String,
}

impl Run {
    /// The JSON document on stdout.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts that none of these secrets was printed.
    pub fn assert_hides(&self, secrets: &[&str]) {
        for secret in secrets {
            assert!(!self.stdout.contains(secret), "{secret}: {self:?}");
            assert!(!self.stderr.contains(secret), "{secret}: {self:?}");
        }
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("eca was not killed"),
            stdout: String::from_utf8(output.stdout).expect("stdout is text"),
            stderr: String::from_utf8(output.stderr).expect("stderr is text"),
        }
    }
}

/// The program in a folder, without the variables that select an org.
pub fn eca(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments);
    prepare(command, folder)
}

/// Sets the folder of a command, and removes the variables that select an org.
fn prepare(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder).stdin(Stdio::null());
    for name in ORG_VARIABLES.iter().chain(&["NO_COLOR", "CLICOLOR_FORCE"]) {
        command.env_remove(name);
    }
    command.env("XDG_STATE_HOME", state_home(folder));
    // The tests write their own eca.toml.
    command.env("ECA_TRUST_CONFIG", "1");
    command
}

/// The state folder of the program: inside a test's temporary folder, never in a home or in the
/// repository.
fn state_home(folder: &Path) -> PathBuf {
    let shared = std::env::temp_dir();
    if folder.starts_with(&shared) && folder != shared {
        return folder.join("state");
    }
    shared.join(format!("eca-tests-{}", std::process::id()))
}

/// Runs the program to its end.
pub fn run(folder: &Path, arguments: &[&str]) -> Run {
    run_with(folder, arguments, [] as [(&str, &str); 0])
}

/// Runs the program to its end; the arguments are separated by single spaces.
pub fn run_line(folder: &Path, arguments: &str) -> Run {
    run(folder, &arguments.split(' ').collect::<Vec<_>>())
}

/// Runs the program to its end with more environment.
pub fn run_with<K: AsRef<OsStr>, V: AsRef<OsStr>>(
    folder: &Path,
    arguments: &[&str],
    environment: impl IntoIterator<Item = (K, V)>,
) -> Run {
    let output = eca(folder, arguments)
        .envs(environment)
        .output()
        .expect("eca runs");
    Run::from(output)
}

/// A running `eca emulate`, for the tests of that command; stopped when dropped.
pub struct Emulated {
    child: Child,
    /// The document that it printed on start.
    pub document: Value,
}

impl Emulated {
    /// Starts an org on a free port and waits until it is ready.
    pub fn start() -> Self {
        Self::start_with(&[] as &[&str])
    }

    /// Starts an org with these arguments.
    pub fn start_with<S: AsRef<str>>(arguments: &[S]) -> Self {
        let arguments: Vec<_> = arguments.iter().map(AsRef::as_ref).collect();
        let arguments = [&["emulate", "--json"], arguments.as_slice()].concat();
        Self::start_command(eca(&std::env::temp_dir(), &arguments))
    }

    /// Starts an org from a shell script that ends in `exec "$0" "$@"`.
    pub fn start_in_shell(script: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(program());
        command.args(["emulate", "--json"]).args(arguments);
        Self::start_command(prepare(command, &std::env::temp_dir()))
    }

    fn start_command(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("eca emulate runs");
        let stdout = child.stdout.take().expect("stdout is piped");
        let mut text = String::new();
        let read = BufReader::new(stdout).read_line(&mut text).expect("a line");
        assert!(read > 0, "eca emulate ended without a document");
        let document = serde_json::from_str(&text).expect("a document");
        Self { child, document }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// A member of the document.
    pub fn text(&self, member: &str) -> &str {
        self.document[member].as_str().expect("a text")
    }

    /// The environment variables that select this org.
    pub fn environment(&self) -> [(&'static str, String); 2] {
        [
            ("SF_ACCESS_TOKEN", self.text("access_token").to_owned()),
            ("SF_ORG_INSTANCE_URL", self.text("instance_url").to_owned()),
        ]
    }

    /// Gets a JSON document from the org as its administrator.
    pub fn get(&self, path: &str) -> Value {
        request(
            self.text("instance_url"),
            self.text("access_token"),
            "GET",
            path,
            "",
        )
    }

    /// Kills it (`kill -9`) and waits for its end.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Terminates it (`kill -TERM`); its exit code.
    pub fn terminate(mut self) -> i32 {
        let id = self.child.id().to_string();
        let killed = Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .expect("kill runs");
        assert!(killed.success());
        let mut rest = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut rest).expect("stderr is text");
        }
        self.child
            .wait()
            .expect("it ends")
            .code()
            .expect("it ends by itself")
    }
}

impl Drop for Emulated {
    fn drop(&mut self) {
        // After `terminate` the process is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a body to an org on loopback and returns its JSON.
pub fn post(url: &str, token: &str, path: &str, body: &str) -> Value {
    request(url, token, "POST", path, body)
}

fn request(url: &str, token: &str, method: &str, path: &str, body: &str) -> Value {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("the org listens");
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .expect("a request");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("a response");
    let (_, body) = text.split_once("\r\n\r\n").expect("a head");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Reports on stderr that a test needs a program that is not installed. The macros do not work
/// here: the test harness captures their output. With `ECA_REQUIRE_ORACLES` set, it fails the test.
pub fn skip(program: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("?");
    let line = format!("SKIPPED {test}: {program} is not installed\n");
    let written = std::io::stderr().write_all(line.as_bytes());
    written.expect("stderr can be written");
    let is_required = std::env::var_os("ECA_REQUIRE_ORACLES").is_some();
    assert!(!is_required, "{program} is required but not installed");
}

/// The built program, in the folder of the running test. `cargo test --workspace` builds it,
/// because `eca-cli` has an integration test.
pub fn program() -> PathBuf {
    let mut folder = std::env::current_exe().expect("this test is a file");
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let program = folder.join(format!("eca{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.is_file(),
        "{} is not built: run `cargo build -p eca-cli` or `cargo test --workspace`",
        program.display()
    );
    program
}
