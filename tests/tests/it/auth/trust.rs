//! What `eca.toml` can send or run counts only when the user trusts the file.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use eca_tests::{FakeOrg, Run, storefront_copy};

use crate::terminal;

/// Commands that use an org of `eca.toml`.
const ONLINE: [&str; 14] = [
    "list",
    "list --org a",
    "describe",
    "deploy",
    "deploy --check-only",
    "retrieve --all",
    "login",
    "login --flow device",
    "logout",
    "token",
    "deploys list",
    "doctor org",
    "doctor login",
    "attest mint --org a --client-id 3MVG9 --key k.pem",
];

/// Commands that use none.
const OFFLINE: [&str; 11] = [
    "lint",
    "fmt --check",
    "show",
    "graph",
    "package --output p.zip",
    "diff . .",
    "schema ExternalClientApplication",
    "explain ECA1207",
    "cert check",
    "trust --digest",
    "trust --show",
];

/// A project in a repository, with an `eca.toml` that runs a command and names an org.
struct Checkout {
    folder: tempfile::TempDir,
    org: FakeOrg,
}

impl Checkout {
    fn new() -> Self {
        let (folder, org) = (storefront_copy(), FakeOrg::start_generous());
        let checkout = Self { folder, org };
        fs::create_dir(checkout.root().join(".git")).unwrap();
        checkout.write(&format!(
            "default-org = 'a'\n[orgs.a]\ninstance-url = '{}'\n\
             auth = {{ method = 'access-token', access-token = 'cmd:echo > ran; echo 00D!LEAK' }}\n",
            checkout.org.url
        ));
        checkout
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self) -> PathBuf {
        self.root().join("eca.toml")
    }

    fn write(&self, text: &str) {
        fs::write(self.file(), text).unwrap();
        // The group of the tests' user may be shared.
        self.set_mode(0o644);
    }

    fn set_mode(&self, mode: u32) {
        fs::set_permissions(self.file(), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn replace(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.file()).unwrap();
        assert!(text.contains(from), "{from}: {text}");
        self.write(&text.replace(from, to));
    }

    fn command(&self, line: &str, given: Option<&str>) -> std::process::Command {
        let words: Vec<_> = line.split(' ').collect();
        let mut command = eca_tests::eca(self.root(), &words);
        command.env_remove("ECA_TRUST_CONFIG");
        command.envs(given.map(|given| ("ECA_TRUST_CONFIG", given)));
        command
    }

    fn run(&self, line: &str) -> Run {
        self.run_given(line, None)
    }

    fn run_given(&self, line: &str, given: Option<&str>) -> Run {
        self.command(line, given).output().unwrap().into()
    }

    /// Whether the file's command ran, or the org was called, since the last time.
    fn did_something(&self) -> bool {
        let ran = fs::remove_file(self.root().join("ran")).is_ok();
        ran || !self.org.requests().is_empty()
    }

    /// Checks that a command is refused with these words, and does nothing.
    fn check_refused(&self, line: &str, given: Option<&str>, words: &[&str]) {
        let run = self.run_given(line, given);
        assert_eq!(run.code, 3, "{line}: {run:?}");
        for word in words.iter().chain(&["hint: "]) {
            assert!(run.stderr.contains(word), "{line}: no {word}: {run:?}");
        }
        assert!(!self.did_something(), "{line}: {run:?}");
    }

    /// Runs a command on a terminal with these answers; its exit code, and what the terminal shows.
    fn on_terminal(&self, line: &str, answers: &str) -> (i32, String) {
        terminal::answer(self.command(line, None), answers)
    }
}

const PROMPT: &str = "trust it?";

#[test]
fn nothing_of_a_strangers_file_runs_or_is_sent() {
    let checkout = Checkout::new();
    let keys = checkout.run("cert new --name x --key-out k.pem --cert-out c.pem");
    assert_eq!(keys.code, 0, "{keys:?}");
    for line in ONLINE {
        let words = ["eca.toml is not trusted yet", "eca trust --project "];
        checkout.check_refused(line, None, &words);
    }
    for line in OFFLINE {
        let run = checkout.run(line);
        assert!(run.code < 3, "{line}: {run:?}");
        assert!(!checkout.did_something(), "{line}");
    }
    // An org of the environment has nothing to do with the file.
    let mut command = checkout.command("token", None);
    command.envs([
        ("SF_ACCESS_TOKEN", "00D!x"),
        ("SF_ORG_INSTANCE_URL", &checkout.org.url),
    ]);
    assert_eq!(Run::from(command.output().unwrap()).code, 0);
    assert!(!checkout.did_something());
}

#[test]
fn a_trusted_file_is_used_until_it_changes() {
    let checkout = Checkout::new();
    let trust = checkout.run("trust");
    assert_eq!(trust.code, 0, "{trust:?}");
    let named = format!("orgs.a.instance-url = {:?}", checkout.org.url);
    for line in [
        named.as_str(),
        "orgs.a.auth.access-token = a command, eca.toml:4",
        "is trusted",
    ] {
        assert!(trust.stdout.contains(line), "{trust:?}");
    }
    // The text of a command may have a secret.
    trust.assert_hides(&["echo", "LEAK"]);
    assert!(!checkout.did_something());
    assert_eq!(checkout.run("token").stdout, "00D!LEAK\n");
    assert!(checkout.did_something());
    let record = eca_tests::find(&checkout.root().join("state"), ".json");
    let mode = fs::metadata(&record).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!fs::read_to_string(&record).unwrap().contains("LEAK"));

    // Ordinary edits.
    checkout.replace(
        "[orgs.a]",
        "# a comment\n[lint]\ndeny = 'warning'\n\n[orgs.a]",
    );
    assert_eq!(checkout.run("token").code, 0);
    assert!(checkout.did_something());

    checkout.replace("echo 00D!LEAK", "echo 00D!OTHER");
    let changed = ["has changed since it was trusted", "eca trust --project "];
    checkout.check_refused("token", None, &changed);
    let show = checkout.run("trust --show");
    assert!(
        show.stdout
            .contains("+ orgs.a.auth.access-token = a command")
    );
    assert!(show.stdout.contains("has changed since"), "{show:?}");
    assert!(!show.stdout.contains("instance-url"), "{show:?}");
    assert_eq!(checkout.run("trust").code, 0);
    assert_eq!(checkout.run("token").stdout, "00D!OTHER\n");
    assert!(checkout.did_something());

    assert_eq!(checkout.run("trust --revoke").code, 0);
    checkout.check_refused("token", None, &["is not trusted yet"]);
}

#[test]
fn a_pipeline_pins_the_digest() {
    let checkout = Checkout::new();
    let digest = checkout.run("trust --digest").stdout;
    let digest = digest.trim();
    for given in [digest, "1"] {
        let run = checkout.run_given("token", Some(given));
        assert_eq!(run.code, 0, "{given}: {run:?}");
        assert!(checkout.did_something());
    }
    let option = checkout.run(&format!("token --trust-config {digest}"));
    assert_eq!(option.code, 0, "{option:?}");
    assert!(checkout.did_something());
    // It is not recorded.
    checkout.check_refused("token", None, &["is not trusted yet"]);
    checkout.check_refused("token", Some(""), &["is not trusted yet"]);
    for given in ["2", "yes", &digest[1..]] {
        checkout.check_refused("token", Some(given), &["ECA_TRUST_CONFIG", "--digest"]);
    }
    checkout.replace("access-token = 'cmd:", "access-token = 'cmd:true; ");
    let words = ["has the digest", digest];
    checkout.check_refused("token", Some(digest), &words);
    // Also where the new file was trusted by hand.
    assert_eq!(checkout.run("trust").code, 0);
    checkout.check_refused("token", Some(digest), &words);
}

#[test]
fn the_file_of_another_user_is_refused() {
    let checkout = Checkout::new();
    assert_eq!(checkout.run("trust").code, 0);
    checkout.set_mode(0o666);
    for line in ["token", "lint", "trust"] {
        let words = ["is not used: every user", "chmod o-w", "ECA_TRUST_CONFIG=1"];
        checkout.check_refused(line, None, &words);
    }
    let digest = checkout.run_given("trust --digest", Some("1")).stdout;
    for given in ["1", digest.trim()] {
        let run = checkout.run_given("token", Some(given));
        assert_eq!(run.code, 0, "{run:?}");
        assert!(checkout.did_something());
    }
    checkout.set_mode(0o644);
    // Only root can give a file away.
    if std::os::unix::fs::chown(checkout.file(), Some(65534), None).is_ok() {
        let words = ["it belongs to another user (id 65534)"];
        checkout.check_refused("token", None, &words);
        fs::rename(checkout.file(), checkout.root().join("theirs")).unwrap();
        std::os::unix::fs::symlink("theirs", checkout.file()).unwrap();
        checkout.check_refused("token", None, &words);
    }
}

#[test]
fn the_search_ends_at_the_repository() {
    let checkout = Checkout::new();
    let repository = checkout.root().join("clone");
    fs::create_dir_all(repository.join("project")).unwrap();
    let found = checkout.run("token --project clone/project");
    assert!(found.stderr.contains("is not trusted yet"), "{found:?}");
    fs::create_dir(repository.join(".git")).unwrap();
    checkout.check_refused("token --project clone/project", None, &["no org given"]);
    checkout.check_refused("token --project clone", None, &["no org given"]);
    // The home folder is the last, too.
    fs::remove_dir(repository.join(".git")).unwrap();
    let mut command = checkout.command("token --project clone/project", None);
    let run = Run::from(command.env("HOME", &repository).output().unwrap());
    assert!(run.stderr.contains("no org given"), "{run:?}");
}

#[test]
fn a_terminal_is_asked_once() {
    let checkout = Checkout::new();
    for answer in ["n\n", "\n", "maybe\n"] {
        let (code, shown) = checkout.on_terminal("token", answer);
        assert_eq!(code, 3, "{shown}");
        assert_eq!(shown.matches(PROMPT).count(), 1, "{shown}");
        assert!(!checkout.did_something());
    }
    let (code, shown) = checkout.on_terminal("token", "y\n");
    assert_eq!(code, 0, "{shown}");
    for line in [
        "is not trusted yet. It names:",
        "orgs.a.auth.access-token = a command, eca.toml:4",
        &format!("orgs.a.instance-url = {:?}", checkout.org.url),
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    assert!(!shown.contains("LEAK"), "{shown}");
    assert!(checkout.did_something());
    let (code, shown) = checkout.on_terminal("token", "");
    assert_eq!((code, shown.contains(PROMPT)), (0, false), "{shown}");
    assert!(checkout.did_something());

    checkout.replace("default-org = 'a'\n", "");
    let (code, shown) = checkout.on_terminal("token --org a", "y\n");
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("- default-org = \"a\""), "{shown}");
    assert!(!shown.contains("instance-url"), "{shown}");
    // Offline commands ask nothing.
    checkout.replace("[orgs.a]", "[orgs.a]\napi-version = '66.0'");
    let (_, shown) = checkout.on_terminal("lint", "");
    assert!(!shown.contains(PROMPT), "{shown}");
}

#[test]
fn bad_input() {
    let checkout = Checkout::new();
    let wrong = checkout.run("trust --digest --show");
    assert_eq!(wrong.code, 3, "{wrong:?}");
    fs::remove_file(checkout.file()).unwrap();
    checkout.check_refused("trust", None, &["no eca.toml in"]);
    checkout.write("[orgs.a]\nurl = 'x'\n");
    let run = checkout.run("trust");
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("eca.toml:2:1"), "{run:?}");
    let json = {
        checkout.write("[lint]\ndeny = 'error'\n");
        checkout.run("trust --show --json").json()
    };
    assert_eq!(json["schema"], "eca/trust/1");
    assert_eq!(json["state"], "unknown");
}
