//! The listener of a browser login, which every program of the machine reaches.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use eca_tests::{FakeOrg, Run, configure, eca};
use fastrand::Rng;

use crate::damage::{damage, one_or_word, word};
use crate::output::check;
use crate::{Case, End};

/// Strangers' requests before the browser's.
const STRANGERS: usize = 20;

/// Strangers neither end a login nor give it a code; the browser's redirect does, afterwards.
pub(crate) fn of_a_login() -> Case {
    let org = FakeOrg::start_generous();
    Box::new(move |rng| {
        let folder = tempfile::tempdir().expect("a folder");
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let auth =
            format!("auth = {{ method = 'login', client-id = '3MVG9', redirect-port = {port} }}");
        configure(folder.path(), &org.url, &auth);
        let arguments = ["login", "--flow", "web"];
        let mut child = eca(folder.path(), &arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("eca runs");
        let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut line = String::new();
        while !line.starts_with("http") {
            line.clear();
            assert!(stderr.read_line(&mut line).expect("a line") > 0);
        }
        let state = line.split("state=").nth(1).expect("a state");
        let state = state.split(['&', '\n']).next().expect("a state");
        for _ in 0..STRANGERS {
            let answer = send(port, &hostile(rng));
            assert!(!answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
        }
        let sound =
            format!("GET /callback?code=LEAK-c&state={state} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(send(port, sound.as_bytes()).starts_with(b"HTTP/1.1 200"));
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).expect("stderr is text");
        let run = Run::from(child.wait_with_output().expect("it ends"));
        assert_eq!(run.code, 0, "{rest}");
        check(&arguments, &run, &["LEAK"]);
        let sent = org.requests();
        assert!(sent.iter().all(|request| !request.body.contains("evil")));
        // Each stranger was refused.
        End::Refused
    })
}

fn hostile(rng: &mut Rng) -> Vec<u8> {
    let path = one_or_word(
        rng,
        &[
            "/callback?code=evil&state=x",
            "/callback?error=access_denied&state=x",
            "/callback?code=evil",
            "/callback",
            "/",
        ],
    );
    let method = one_or_word(rng, &["GET", "POST", "OPTIONS"]);
    let mut bytes = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
        word(rng)
    )
    .into_bytes();
    if rng.bool() {
        damage(rng, &mut bytes);
    }
    bytes
}

/// The answer; nothing when the connection is closed without one.
fn send(port: u16, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    let mut answer = Vec::new();
    // A server may close the connection before it has read everything.
    let _ = stream.write_all(request);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.read_to_end(&mut answer);
    answer
}
