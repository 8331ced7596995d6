//! A minimal HTTP/1.1 client.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The text of the first element with this name.
    pub(crate) fn element(&self, name: &str) -> Option<&str> {
        let start = self.body.find(&format!("<{name}>"))? + name.len() + 2;
        let end = self.body[start..].find(&format!("</{name}>"))? + start;
        Some(&self.body[start..end])
    }

    /// `status error: description` of an OAuth error, or of a REST error.
    pub(crate) fn error(&self) -> String {
        let json = self.json();
        match json.get(0) {
            Some(first) => format!(
                "{} {}: {}",
                self.status,
                first["errorCode"].as_str().unwrap_or_default(),
                first["message"].as_str().unwrap_or_default()
            ),
            None => format!(
                "{} {}: {}",
                self.status,
                json["error"].as_str().unwrap_or_default(),
                json["error_description"].as_str().unwrap_or_default()
            ),
        }
    }
}

/// Sends a request and reads the answer to its end.
pub(crate) fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut request =
        format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    let is_chunked = headers.contains(&("Transfer-Encoding", "chunked"));
    if !is_chunked && method != "GET" {
        write!(request, "Content-Length: {}\r\n", body.len()).unwrap();
    }
    request.push_str("\r\n");
    let mut bytes = request.into_bytes();
    if is_chunked {
        for chunk in body.chunks(7) {
            bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
            bytes.extend(chunk);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"0\r\n\r\n");
    } else {
        bytes.extend(body);
    }
    exchange(address, &bytes)
}

/// Sends raw bytes.
pub(crate) fn exchange(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    // A hang is a failure, not a wait.
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (headers, body) = answer.split_once("\r\n\r\n").unwrap();
    Answer {
        status: headers[9..12].parse().unwrap(),
        headers: headers.to_owned(),
        body: body.to_owned(),
    }
}
