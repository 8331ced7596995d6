//! The redirect URI of a login in a browser: one port of this machine (RFC 8252 section 7.3).

use std::io::ErrorKind;
use std::time::Duration;

use eca_oauth::{AuthorizationCode, Callback, State};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::exit::Exit;
use crate::failure::Failure;

/// Listens at `http://localhost:PORT/callback`, on the loopback address only.
pub(crate) struct Loopback {
    listener: TcpListener,
    redirect_uri: String,
}

/// The most bytes of a request. The response of a login is shorter.
const MAX_REQUEST: usize = 16 << 10;
/// The time that a browser has to send its request.
const SILENCE: Duration = Duration::from_secs(5);

impl Loopback {
    pub(crate) async fn listen(port: u16) -> Result<Self, Failure> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let listener = listener.map_err(|error| {
            let message = format!("cannot listen at localhost:{port}");
            let failure = Failure::caused_by(Exit::Usage, message, &error);
            if error.kind() == ErrorKind::AddrInUse {
                failure.hint("stop what uses the port, or set `redirect-port` in eca.toml to another callback url of the app")
            } else {
                failure
            }
        })?;
        let redirect_uri = Self::redirect_uri_at(port);
        Ok(Self {
            listener,
            redirect_uri,
        })
    }

    /// The exact redirect URI of a listener at this port.
    pub(super) fn redirect_uri_at(port: u16) -> String {
        format!("http://localhost:{port}/callback")
    }

    pub(crate) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Waits for the response with `state`. Other requests to the port get a 404.
    pub(crate) async fn code(&self, state: &State) -> Result<AuthorizationCode, Failure> {
        loop {
            let Ok((mut stream, _)) = self.listener.accept().await else {
                continue;
            };
            let Ok(Some(target)) = tokio::time::timeout(SILENCE, target(&mut stream)).await else {
                continue;
            };
            let refused = |message: String| Failure::new(Exit::Authentication, message);
            let (status, text, result) = match Callback::read(&target, &self.redirect_uri, state) {
                Callback::Code(code) => ("200 OK", "You are logged in. Close this page.", Ok(code)),
                Callback::Refused(error) => (
                    "200 OK",
                    "The login was refused. See the terminal for the reason.",
                    Err(refused(format!("the login was refused: {error}"))),
                ),
                Callback::Unreadable(why) => (
                    "400 Bad Request",
                    "The response cannot be read.",
                    Err(refused(format!(
                        "the response of the login cannot be read: {why}"
                    ))),
                ),
                _ => {
                    reply(&mut stream, "404 Not Found", "Not found.").await;
                    continue;
                }
            };
            reply(&mut stream, status, text).await;
            return result;
        }
    }
}

/// The target of a GET, once its headers are complete.
async fn target(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut chunk = [0; 1024];
        let read = stream.read(&mut chunk).await.ok()?;
        if read == 0 || request.len() + read > MAX_REQUEST {
            return None;
        }
        request.extend_from_slice(&chunk[..read]);
    }
    let text = std::str::from_utf8(&request).ok()?;
    let mut words = text.lines().next()?.split(' ');
    match (words.next(), words.next(), words.next()) {
        (Some("GET"), Some(target), Some(_)) => Some(target.to_owned()),
        _ => None,
    }
}

async fn reply(stream: &mut TcpStream, status: &str, text: &str) {
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
    // The browser may have closed the connection.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}
