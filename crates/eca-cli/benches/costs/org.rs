//! An org on loopback whose responses are hostile.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What the org sends.
pub(crate) enum Response {
    /// This body to every request.
    Body(&'static str, Vec<u8>),
    /// A retrieve, with this zip.
    Retrieved(Vec<u8>),
    /// A head, and then a byte each half a second.
    Slow,
}

/// Starts the org; it ends with the process. Returns its URL.
pub(crate) fn start(response: Response) -> std::io::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let url = format!("http://{}", listener.local_addr()?);
    let response = Arc::new(response);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let response = response.clone();
            // The client leaves when it has seen enough.
            std::thread::spawn(move || answer(stream, &response).ok());
        }
    });
    Ok(url)
}

fn answer(stream: TcpStream, response: &Response) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body);
    let mut stream = reader.into_inner();
    match response {
        Response::Body(content_type, bytes) => send(&mut stream, content_type, bytes),
        Response::Retrieved(zip) => {
            let result = if body.contains("checkRetrieveStatus") {
                let zip = if body.contains("includeZip>true") {
                    format!("<zipFile>{}</zipFile>", STANDARD.encode(zip))
                } else {
                    String::new()
                };
                soap(
                    "checkRetrieveStatus",
                    &format!(
                        "<done>true</done><status>Succeeded</status><success>true</success>{zip}"
                    ),
                )
            } else {
                soap(
                    "retrieve",
                    "<done>false</done><id>09Sg50000000001EAA</id><state>Queued</state>",
                )
            };
            send(&mut stream, "text/xml", result.as_bytes())
        }
        Response::Slow => {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000000\r\n\r\n",
            )?;
            loop {
                stream.write_all(b" ")?;
                std::thread::sleep(Duration::from_millis(500));
            }
        }
    }
}

fn send(stream: &mut TcpStream, content_type: &str, body: &[u8]) -> std::io::Result<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n"
    )?;
    stream.write_all(body)
}

fn soap(operation: &str, result: &str) -> String {
    format!(
        r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata"><e:Body><{operation}Response><result>{result}</result></{operation}Response></e:Body></e:Envelope>"#
    )
}
