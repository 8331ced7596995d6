//! A made-up OAuth server: it answers by `grant_type` and writes down what it was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

/// Stands in every secret of these tests.
pub(crate) const LEAK: &str = "LEAK";

type Answer = dyn Fn(&str, &str, usize) -> (u16, String) + Send + Sync;

pub(crate) struct FakeOrg {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl FakeOrg {
    /// `answer` gets path, body and how often that path was asked before.
    pub(crate) fn start(
        answer: impl Fn(&str, &str, usize) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, seen): (Arc<Answer>, _) = (Arc::new(answer), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                std::thread::spawn(move || serve(stream, &*answer, &seen));
            }
        });
        Self { url, asked }
    }

    /// Path and body of each request.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, answer: &Answer, seen: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let before = {
        let mut seen = seen.lock().unwrap();
        let before = seen.iter().filter(|asked| asked.starts_with(&path)).count();
        seen.push(format!("{path} {body}"));
        before
    };
    let (status, text) = answer(&path, &body, before);
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    )
    .ok()
}

/// The program in a folder, without the environment's orgs.
pub(crate) fn eca(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eca"));
    command
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .env("XDG_STATE_HOME", folder.join("state"));
    for name in [
        "SF_ACCESS_TOKEN",
        "SF_ORG_INSTANCE_URL",
        "SFDX_ACCESS_TOKEN",
        "SFDX_INSTANCE_URL",
        "SF_TARGET_ORG",
        "SF_ORG_API_VERSION",
        "SF_AUDIENCE_URL",
        "ECA_ORG",
    ] {
        command.env_remove(name);
    }
    command
}

pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Nothing secret was said.
    pub(crate) fn keeps(&self, secrets: &[&str]) {
        for secret in secrets {
            assert!(!self.stdout.contains(secret), "{}", self.stdout);
            assert!(!self.stderr.contains(secret), "{}", self.stderr);
        }
    }
}

/// What a made-up org says about a token's user.
pub(crate) const USER: &str =
    r#"{"sub":"x","preferred_username":"mia@acme.com","user_id":"005","organization_id":"00D"}"#;

/// An org that gives tokens for anything.
pub(crate) fn generous() -> FakeOrg {
    FakeOrg::start(|path, body, before| {
        match path {
        "/services/oauth2/userinfo" => (200, USER.to_owned()),
        "/services/oauth2/revoke" => (200, String::new()),
        "/services/oauth2/token" if body.starts_with("response_type=device_code") => (
            200,
            r#"{"device_code":"LEAK","user_code":"GH4S","verification_uri":"https://acme.example/connect","interval":1}"#
                .to_owned(),
        ),
        "/services/oauth2/token" => (200, token(before + 1)),
        _ => (404, "{}".to_owned()),
    }
    })
}

fn token(number: usize) -> String {
    format!(
        r#"{{"access_token":"00D000000000001!LEAK{number}","refresh_token":"LEAK-r{number}","token_type":"Bearer"}}"#
    )
}

/// An `eca.toml` with one org, which is the default.
pub(crate) fn configure(folder: &Path, url: &str, auth: &str) {
    let text = format!("default-org = 'a'\n[orgs.a]\ninstance-url = '{url}'\n{auth}\n");
    std::fs::write(folder.join("eca.toml"), text).unwrap();
}

pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Run {
    Run::of(eca(folder, arguments).output().unwrap())
}
