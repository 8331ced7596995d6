//! A proxy between the program and an org that loses, cuts, delays and falsifies bytes.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use fastrand::Rng;

/// How many different things happen.
const FAULTS: u8 = 11;

/// A proxy on loopback. Its threads end with the process.
pub(crate) struct Proxy {
    shared: Arc<Shared>,
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
}

struct Shared {
    org: SocketAddr,
    random: Mutex<Rng>,
    /// How many of ten requests meet a fault.
    rate: u8,
    is_fair: AtomicBool,
    starts: AtomicUsize,
    faults: AtomicUsize,
    /// Requests that arrive later.
    late: Mutex<Vec<Vec<u8>>>,
}

impl Proxy {
    pub(crate) fn new(org: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mut random = Rng::with_seed(seed);
        let shared = Arc::new(Shared {
            org,
            rate: random.u8(1..=6),
            random: Mutex::new(random),
            is_fair: AtomicBool::new(false),
            starts: AtomicUsize::new(0),
            faults: AtomicUsize::new(0),
            late: Mutex::default(),
        });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&of_thread);
                // A connection that ends early is part of the weather.
                thread::spawn(move || drop(shared.serve(stream)));
            }
        });
        let url = format!("http://{address}");
        Self { shared, url }
    }

    /// From now on everything passes. What is on its way arrives first.
    pub(crate) fn clear(&self) {
        self.shared.deliver_late();
        self.shared.is_fair.store(true, Ordering::SeqCst);
    }

    /// Starts of deploys that the org got.
    pub(crate) fn starts(&self) -> usize {
        self.shared.starts.load(Ordering::SeqCst)
    }

    pub(crate) fn faults(&self) -> usize {
        self.shared.faults.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        client.set_read_timeout(Some(Duration::from_secs(30)))?;
        let (fault, dice) = {
            let mut random = self.random.lock().expect("no panic");
            let is_bad = random.u8(0..10) < self.rate && !self.is_fair.load(Ordering::SeqCst);
            (is_bad.then(|| random.u8(0..FAULTS)), random.u16(..))
        };
        if fault == Some(0) {
            self.faults.fetch_add(1, Ordering::SeqCst);
            return client.shutdown(Shutdown::Both);
        }
        let request = read_message(&mut client)?;
        if request.is_empty() {
            return Ok(());
        }
        self.deliver_late();
        let Some(fault) = fault else {
            return client.write_all(&self.forward(&request)?);
        };
        self.faults.fetch_add(1, Ordering::SeqCst);
        let seconds = u64::from(dice % 3);
        match fault {
            // The org acts, and nothing comes back.
            1 => drop(self.forward(&request)?),
            2 => {
                let answer = self.forward(&request)?;
                client.write_all(&answer[..usize::from(dice) % answer.len()])?;
            }
            3 => {
                let mut late = self.late.lock().expect("no panic");
                late.push(request);
            }
            4 => {
                drop(self.forward(&request)?);
                client.write_all(&page([502, 504][usize::from(dice % 2)], None))?;
            }
            5 => client.write_all(&page([502, 503, 504][usize::from(dice % 3)], None))?,
            6 => client.write_all(&page([429, 503][usize::from(dice % 2)], Some(seconds)))?,
            7 => client.write_all(&page([429, 503][usize::from(dice % 2)], None))?,
            8 => client.write_all(&page(200, None))?,
            9 => thread::sleep(Duration::from_secs(seconds)),
            _ => {
                drop(self.forward(&request)?);
                thread::sleep(Duration::from_secs(seconds));
            }
        }
        Ok(())
    }

    /// The whole answer of the org.
    fn forward(&self, request: &[u8]) -> io::Result<Vec<u8>> {
        if is_start(request) {
            self.starts.fetch_add(1, Ordering::SeqCst);
        }
        let mut org = TcpStream::connect(self.org)?;
        org.write_all(request)?;
        read_message(&mut org)
    }

    fn deliver_late(&self) {
        let late = std::mem::take(&mut *self.late.lock().expect("no panic"));
        for request in late {
            drop(self.forward(&request));
        }
    }
}

/// A request or a response of HTTP/1.1 whose body has a `Content-Length`.
fn read_message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut part = [0; 16 * 1024];
    loop {
        if let Some(length) = length(&message)
            && message.len() >= length
        {
            return Ok(message);
        }
        match stream.read(&mut part)? {
            0 => return Ok(message),
            count => message.extend_from_slice(&part[..count]),
        }
    }
}

/// The length of a message, once its head is there.
fn length(message: &[u8]) -> Option<usize> {
    let head = message.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&message[..head]).to_ascii_lowercase();
    let body = text.lines().find_map(|line| {
        let value = line.strip_prefix("content-length:")?;
        value.trim().parse::<usize>().ok()
    });
    Some(head + body.unwrap_or(0))
}

fn is_start(request: &[u8]) -> bool {
    let has = |words: &[u8]| request.windows(words.len()).any(|window| window == words);
    request.starts_with(b"POST ")
        && (has(b"/metadata/deployRequest HTTP")
            || has(b"<deploy>")
            || has(b"<deployRecentValidation>"))
}

fn page(status: u16, retry_after: Option<u64>) -> Vec<u8> {
    let body = "<!doctype html><title>Please wait</title>";
    let retry = retry_after.map_or(String::new(), |seconds| {
        format!("Retry-After: {seconds}\r\n")
    });
    format!(
        "HTTP/1.1 {status} Weather\r\nContent-Type: text/html\r\n{retry}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
