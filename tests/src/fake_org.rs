//! A server that answers as a test defines, and records the requests.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A part of every secret that a [`FakeOrg`] issues or accepts.
pub const LEAK: &str = "LEAK";

/// The `userinfo` response for every token.
pub const USER: &str =
    r#"{"sub":"x","preferred_username":"mia@acme.com","user_id":"005","organization_id":"00D"}"#;

/// A request as a [`FakeOrg`] read it.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The `Authorization` header.
    pub authorization: String,
    /// The body, as far as it is text.
    pub body: String,
}

type Answer = dyn Fn(&Request, usize) -> (u16, String) + Send + Sync;

/// A scripted server on a free port of loopback; it ends with the test process.
#[derive(Debug)]
pub struct FakeOrg {
    /// The instance URL.
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl FakeOrg {
    /// Starts it. `answer` gets the request and the number of earlier ones with this path, and
    /// returns status and JSON.
    pub fn start(
        answer: impl Fn(&Request, usize) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answer, log): (Arc<Answer>, _) = (Arc::new(answer), Arc::clone(&requests));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                std::thread::spawn(move || serve(stream, &*answer, &log));
            }
        });
        Self { url, requests }
    }

    /// Starts one that grants tokens to every request.
    pub fn start_generous() -> Self {
        Self::start(|request, earlier| {
            match request.path.as_str() {
            "/services/oauth2/userinfo" => (200, USER.to_owned()),
            "/services/oauth2/revoke" => (200, String::new()),
            "/services/oauth2/token" if request.body.starts_with("response_type=device_code") => (
                200,
                r#"{"device_code":"LEAK","user_code":"GH4S","verification_uri":"https://acme.example/connect","interval":1}"#
                    .to_owned(),
            ),
            "/services/oauth2/token" => {
                let number = earlier + 1;
                let token = format!(
                    r#"{{"access_token":"00D000000000001!LEAK{number}","refresh_token":"LEAK-r{number}","token_type":"Bearer"}}"#
                );
                (200, token)
            }
            _ => (404, "{}".to_owned()),
        }
        })
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        let requests = self.requests.lock();
        requests.expect("no server thread panicked").clone()
    }

    /// The last request so far.
    pub fn last_request(&self) -> Request {
        self.requests().pop().expect("a request")
    }
}

fn serve(mut stream: TcpStream, answer: &Answer, log: &Mutex<Vec<Request>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut length = 0;
    let mut authorization = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "authorization" => value.trim().clone_into(&mut authorization),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let request = Request {
        method,
        path,
        authorization,
        body,
    };
    let earlier = {
        let mut log = log.lock().expect("no server thread panicked");
        let earlier = log.iter().filter(|other| other.path == request.path);
        let earlier = earlier.count();
        log.push(request.clone());
        earlier
    };
    let (status, text) = answer(&request, earlier);
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    )
    .ok()
}

/// Writes an `eca.toml` with one org, which is the default.
pub fn configure(folder: &Path, url: &str, auth: &str) {
    let text = format!("default-org = 'a'\n[orgs.a]\ninstance-url = '{url}'\n{auth}\n");
    std::fs::write(folder.join("eca.toml"), text).expect("a written file");
}

/// Stores a refresh token of the app `3MVG9` in the file `stored`, as `eca login --save` does.
pub fn store_token(folder: &Path, url: &str, token: &str) {
    let document = serde_json::json!({
        "token_endpoint": format!("{url}/services/oauth2/token"),
        "client_id": "3MVG9",
        "instance_url": url,
        "refresh_token": token,
    });
    std::fs::write(folder.join("stored"), document.to_string()).expect("a written file");
}

/// The refresh token in a file that `eca` stored.
pub fn stored_token(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("a stored token");
    let document: serde_json::Value = serde_json::from_str(&text).expect("a document");
    let token = document["refresh_token"].as_str();
    token.expect("a refresh token").to_owned()
}
