//! The redirect URI of a login in a browser: one port of this machine (RFC 8252 section 7.3).

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use eca_oauth::{AuthorizationCode, Callback, State};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::exit::Exit;
use crate::failure::Failure;

/// Listens at `http://localhost:PORT/callback`, on both loopback addresses: a browser may take
/// either, and on the other one another user's program could wait for the code.
pub(crate) struct Loopback {
    ipv4: TcpListener,
    /// `None` where the system has no IPv6.
    ipv6: Option<TcpListener>,
    redirect_uri: String,
}

/// The most bytes of a request. The response of a login is shorter.
const MAX_REQUEST: usize = 16 << 10;
/// The time that a browser has to send its request.
const SILENCE: Duration = Duration::from_secs(5);
/// The most connections at one time. Browsers open some in advance, and any program of this machine
/// can.
const MAX_CONNECTIONS: usize = 64;

impl Loopback {
    pub(crate) async fn listen(port: u16) -> Result<Self, Failure> {
        let failed = |error: io::Error| {
            let message = format!("cannot listen at localhost:{port}");
            let failure = Failure::caused_by(Exit::Usage, message, &error);
            if error.kind() == ErrorKind::AddrInUse {
                failure.hint("stop what uses the port, or set `redirect-port` in eca.toml to another callback url of the app")
            } else {
                failure
            }
        };
        let ipv4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let ipv4 = ipv4.map_err(failed)?;
        let ipv6 = match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            Ok(listener) => Some(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(failed(error)),
            Err(_) => None,
        };
        let redirect_uri = Self::redirect_uri_at(port);
        Ok(Self {
            ipv4,
            ipv6,
            redirect_uri,
        })
    }

    async fn accept(&self) -> io::Result<TcpStream> {
        let accepted = match &self.ipv6 {
            Some(ipv6) => tokio::select! {
                accepted = self.ipv4.accept() => accepted,
                accepted = ipv6.accept() => accepted,
            },
            None => self.ipv4.accept().await,
        };
        accepted.map(|(stream, _)| stream)
    }

    /// The exact redirect URI of a listener at this port.
    pub(super) fn redirect_uri_at(port: u16) -> String {
        format!("http://localhost:{port}/callback")
    }

    pub(crate) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Waits for the response with `state`, on several connections at a time. Other requests to the
    /// port get a 404.
    pub(crate) async fn code(
        &self,
        state: &State,
        is_issuer: impl Fn(&str) -> bool,
    ) -> Result<AuthorizationCode, Failure> {
        let mut connections = JoinSet::new();
        loop {
            let (target, mut stream) = tokio::select! {
                accepted = self.accept(), if connections.len() < MAX_CONNECTIONS => {
                    if let Ok(mut stream) = accepted {
                        connections.spawn(async move {
                            let target = timeout(SILENCE, target(&mut stream)).await;
                            Some((target.ok()??, stream))
                        });
                    }
                    continue;
                }
                Some(read) = connections.join_next() => match read {
                    Ok(Some(read)) => read,
                    _ => continue,
                },
            };
            let callback = Callback::read(&target, &self.redirect_uri, state, &is_issuer);
            let Some((status, text, result)) = answer(callback) else {
                reply(&mut stream, "404 Not Found", "Not found.").await;
                continue;
            };
            reply(&mut stream, status, text).await;
            return result;
        }
    }
}

/// Status and text for the browser, and the end of the login; `None` for another request.
fn answer(
    callback: Callback,
) -> Option<(
    &'static str,
    &'static str,
    Result<AuthorizationCode, Failure>,
)> {
    let refused = |message: String| Err(Failure::new(Exit::Authentication, message));
    match callback {
        Callback::Code(code) => Some(("200 OK", "You are logged in. Close this page.", Ok(code))),
        Callback::Refused(error) => Some((
            "200 OK",
            "The login was refused. See the terminal for the reason.",
            refused(format!("the login was refused: {error}")),
        )),
        Callback::OtherIssuer(issuer) => Some((
            "400 Bad Request",
            "The login was at another server. See the terminal.",
            refused(format!(
                "the response of the login is from another server: its `iss` is {issuer:?}"
            )),
        )),
        Callback::Unreadable(why) => Some((
            "400 Bad Request",
            "The response cannot be read.",
            refused(format!("the response of the login cannot be read: {why}")),
        )),
        _ => None,
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
