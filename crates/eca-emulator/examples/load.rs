//! Load on an org with a state folder: one reader alone, then the same reader while other clients
//! deploy, poll, log in and register. Prints medians and worst cases; takes a few seconds.

use std::error::Error;
use std::io::{Cursor, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use eca_emulator::{Org, Pace};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const TIME: Duration = Duration::from_secs(2);
const NAMESPACE: &str = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";
/// Apps in each package.
const APPS: usize = 500;

type Failure = Box<dyn Error + Send + Sync>;

/// A keep-alive connection.
struct Wire(TcpStream);

impl Wire {
    fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }

    /// Sends a request and reads the answer.
    fn ask(&mut self, head: &str, body: &[u8]) -> Result<String, Failure> {
        let head = format!(
            "{head}\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        self.0.write_all(&[head.as_bytes(), body].concat())?;
        let (mut answer, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
        loop {
            let read = self.0.read(&mut buffer)?;
            if read == 0 {
                return Err("the org closed the connection".into());
            }
            answer.extend(&buffer[..read]);
            let text = std::str::from_utf8(&answer)?;
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let mut lines = head.lines();
            let length = lines.find_map(|line| line.strip_prefix("content-length: "));
            if body.len() == length.unwrap_or("0").parse::<usize>()? {
                return Ok(text.to_owned());
            }
        }
    }
}

/// A package of many apps.
fn package() -> Result<Vec<u8>, Failure> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("package.xml", SimpleFileOptions::default())?;
    write!(
        zip,
        "<Package {NAMESPACE}><types><members>*</members><name>ExternalClientApplication</name></types>\
         <version>66.0</version></Package>"
    )?;
    for number in 0..APPS {
        let path = format!("externalClientApps/App{number}.eca");
        zip.start_file(path, SimpleFileOptions::default())?;
        write!(
            zip,
            "<ExternalClientApplication {NAMESPACE}><contactEmail>a@example.com</contactEmail>\
             <distributionState>Local</distributionState><label>App {number}</label>\
             </ExternalClientApplication>"
        )?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Reads until the time is over; returns how long each answer took, sorted.
fn read(address: SocketAddr) -> Result<Vec<Duration>, Failure> {
    let mut wire = Wire::open(address)?;
    let (start, mut all) = (Instant::now(), Vec::new());
    while start.elapsed() < TIME {
        let asked = Instant::now();
        wire.ask(
            "GET /services/oauth2/userinfo HTTP/1.1\r\nAuthorization: Bearer invalid",
            b"",
        )?;
        all.push(asked.elapsed());
    }
    all.sort();
    Ok(all)
}

fn show(label: &str, all: &[Duration]) {
    let at = |part: usize| all[(all.len() - 1) * part / 100];
    println!(
        "{label:<10} {:>7} answers, median {:>9.1?}, 99 of 100 {:>9.1?}, worst {:>9.1?}",
        all.len(),
        at(50),
        at(99),
        at(100)
    );
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let org = Org::builder()
        .pace(Pace::Time(Duration::from_millis(50)))
        .state_dir(folder.path())
        .start()
        .await?;
    org.create_external_user("ada@example.com", "passw0rd 1")?;
    let (address, site) = (
        org.address(),
        org.site_url().replace(org.instance_url(), ""),
    );
    let token = org.admin_access_token().expose_secret().to_owned();
    let envelope = |operation: &str| {
        format!(
            "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Header>\
             <SessionHeader {NAMESPACE}><sessionId>{token}</sessionId></SessionHeader></e:Header>\
             <e:Body {NAMESPACE}>{operation}</e:Body></e:Envelope>"
        )
    };
    let zip = STANDARD.encode(package()?);
    let deploy = envelope(&format!(
        "<deploy><ZipFile>{zip}</ZipFile><DeployOptions><singlePackage>true</singlePackage>\
         <checkOnly>true</checkOnly></DeployOptions></deploy>"
    ));
    let list = envelope(
        "<listMetadata><queries><type>ExternalClientApplication</type></queries></listMetadata>",
    );

    show("alone", &read(address)?);
    let (stop, deploys, logins, registrations) = (
        AtomicBool::new(false),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    let repeat = |count: &AtomicUsize, head: &str, body: &[u8]| -> Result<(), Failure> {
        let mut wire = Wire::open(address)?;
        while !stop.load(Ordering::Relaxed) {
            wire.ask(head, body)?;
            count.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    let lists = AtomicUsize::new(0);
    let soap = "POST /services/Soap/m/66.0 HTTP/1.1\r\nContent-Type: text/xml";
    let form = "Content-Type: application/x-www-form-urlencoded";
    let login = format!("POST {site}/services/oauth2/authorize HTTP/1.1\r\n{form}");
    let register = format!(
        "POST {site}/services/auth/headless/init/registration HTTP/1.1\r\nContent-Type: application/json"
    );
    let crowd = [
        (&deploys, soap.to_owned(), deploy.clone()),
        (&lists, soap.to_owned(), list.clone()),
        (
            &logins,
            login,
            "response_type=code_credentials&username=ada@example.com&password=wrong".to_owned(),
        ),
        (
            &registrations,
            register,
            "{\"userdata\":{\"email\":\"new@example.com\"},\"password\":\"passw0rd 2\",\
             \"verificationmethod\":\"email\",\"recaptcha\":\"x\"}"
                .to_owned(),
        ),
    ];
    let crowded = thread::scope(|scope| -> Result<_, Failure> {
        let crowd: Vec<_> = crowd
            .iter()
            .map(|(count, head, body)| scope.spawn(|| repeat(count, head, body.as_bytes())))
            .collect();
        let all = read(address);
        stop.store(true, Ordering::Relaxed);
        for one in crowd {
            one.join().map_err(|_| "a client panicked")??;
        }
        all
    })?;
    show("under load", &crowded);
    println!(
        "meanwhile  {} deploys of {APPS} apps, {} lists, {} logins and {} registrations, each with a slow hash",
        deploys.load(Ordering::Relaxed),
        lists.load(Ordering::Relaxed),
        logins.load(Ordering::Relaxed),
        registrations.load(Ordering::Relaxed)
    );
    if let Ok(status) = std::fs::read_to_string("/proc/self/status")
        && let Some(peak) = status.lines().find(|line| line.starts_with("VmHWM"))
    {
        println!("memory     {}", peak.trim_start_matches("VmHWM:").trim());
    }
    org.stop().await;
    Ok(())
}
