//! An org whose deploys never end by themselves.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// A server that starts a deploy for every POST and calls it in progress until it is cancelled.
#[derive(Debug)]
pub struct EndlessOrg {
    url: String,
    asked: mpsc::Receiver<()>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl EndlessOrg {
    /// The id of the deploy.
    pub const DEPLOY: &'static str = "0Af000000000001AAA";

    /// Starts it on a free port; it ends with the test process.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (asking, asked) = mpsc::channel();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            let mut cancelled = false;
            for stream in listener.incoming().flatten() {
                // A client that left is what these tests are about.
                let _ = answer(stream, &asking, &seen, &mut cancelled);
            }
        });
        Self {
            url,
            asked,
            requests,
        }
    }

    /// The instance URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The requests so far: the first line, and the body as far as it is text.
    pub fn requests(&self) -> Vec<String> {
        self.requests
            .lock()
            .expect("a server that did not panic")
            .clone()
    }

    /// Waits until somebody asks how the deploy is; a program that ended before is found out after
    /// a minute.
    pub fn wait_for_a_question(&self) {
        let asked = self.asked.recv_timeout(Duration::from_mins(1));
        asked.expect("somebody asks how the deploy is");
    }
}

fn answer(
    mut stream: TcpStream,
    asking: &mpsc::Sender<()>,
    seen: &Mutex<Vec<String>>,
    cancelled: &mut bool,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request = format!("{first}{}", String::from_utf8_lossy(&body));
    seen.lock().expect("nobody panics with it").push(request);
    *cancelled |= first.starts_with("PATCH");
    let (status, state) = if first.starts_with("POST") {
        ("201 Created", "Pending")
    } else if *cancelled {
        ("200 OK", "Canceled")
    } else {
        // The receiver is gone once the test has seen enough.
        let _ = asking.send(());
        ("200 OK", "InProgress")
    };
    let id = EndlessOrg::DEPLOY;
    let body = format!(
        r#"{{"id":"{id}","deployResult":{{"id":"{id}","status":"{state}","done":{cancelled}}}}}"#
    );
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
