//! `eca emulate --state DIR`: an acknowledged deploy is stored, however the process ends.

use std::io::{Cursor, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;

use eca_tests::{Emulated, run, skip};
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const PATH: &str = "/services/data/v66.0/metadata/deployRequest";

/// Sends a request and returns the body of the answer, if one came whole.
fn send(address: &str, head: &str, body: &[u8]) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    let length = body.len();
    write!(
        stream,
        "{head}\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    )
    .ok()?;
    stream.write_all(body).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    Some(body.to_owned())
}

/// A package of two files that both contain `number`.
fn package(number: u32) -> Vec<u8> {
    let namespace = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";
    let files = [
        (
            "package.xml",
            format!(
                "<Package {namespace}><types><members>*</members><name>ExternalClientApplication</name></types><types><members>*</members><name>ExtlClntAppOauthSettings</name></types><version>66.0</version></Package>"
            ),
        ),
        (
            "externalClientApps/Kept.eca",
            format!(
                "<ExternalClientApplication {namespace}><contactEmail>a@example.com</contactEmail><description>{number}</description><distributionState>Local</distributionState><label>Kept</label></ExternalClientApplication>"
            ),
        ),
        (
            "extlClntAppOauthSettings/Kept_oauth.ecaOauth",
            format!(
                "<ExtlClntAppOauthSettings {namespace}><commaSeparatedOauthScopes>Api</commaSeparatedOauthScopes><externalClientApplication>Kept</externalClientApplication><label>{number}</label></ExtlClntAppOauthSettings>"
            ),
        ),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in files {
        zip.start_file(path, SimpleFileOptions::default())
            .expect("a file");
        zip.write_all(text.as_bytes()).expect("its text");
    }
    zip.finish().expect("a zip").into_inner()
}

/// The address and token of an org.
#[derive(Clone)]
struct Org {
    address: String,
    token: String,
}

impl Org {
    fn new(emulated: &Emulated) -> Self {
        Self {
            address: emulated
                .text("instance_url")
                .trim_start_matches("http://")
                .to_owned(),
            token: emulated.text("access_token").to_owned(),
        }
    }

    /// Deploys and waits for the end; the id, or `None` when the connection broke.
    fn deploy(&self, number: u32) -> Option<String> {
        let mut body = b"--XX\r\nContent-Disposition: form-data; name=\"json\"\r\nContent-Type: application/json\r\n\r\n{\"deployOptions\":{\"singlePackage\":true,\"rollbackOnError\":true}}\r\n--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.zip\"\r\nContent-Type: application/zip\r\n\r\n".to_vec();
        body.extend(package(number));
        body.extend(b"\r\n--XX--\r\n");
        let token = &self.token;
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Type: multipart/form-data; boundary=XX"
        );
        let started: Value = serde_json::from_str(&send(&self.address, &head, &body)?).ok()?;
        let id = started["id"].as_str()?.to_owned();
        loop {
            let result = self.status(&id)?;
            if result["done"] == true {
                assert_eq!(result["status"], "Succeeded", "{result}");
                return Some(id);
            }
        }
    }

    fn status(&self, id: &str) -> Option<Value> {
        let token = &self.token;
        let head = format!(
            "GET {PATH}/{id}?includeDetails=true HTTP/1.1\r\nAuthorization: Bearer {token}"
        );
        let answer: Value = serde_json::from_str(&send(&self.address, &head, b"")?).ok()?;
        Some(answer["deployResult"].clone())
    }

    /// The numbers in both files; 0 where there is none.
    fn numbers(&self) -> (u32, u32) {
        let token = &self.token;
        let read = |kind: &str, name: &str, element: &str| {
            let body = format!(
                "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns=\"http://soap.sforce.com/2006/04/metadata\"><e:Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader></e:Header><e:Body><readMetadata><type>{kind}</type><fullNames>{name}</fullNames></readMetadata></e:Body></e:Envelope>"
            );
            let head = "POST /services/Soap/m/66.0 HTTP/1.1\r\nContent-Type: text/xml";
            let answer = send(&self.address, head, body.as_bytes()).expect("an answer");
            let (_, rest) = answer.split_once(&format!("<{element}>"))?;
            rest.split_once('<')?.0.parse().ok()
        };
        (
            read("ExternalClientApplication", "Kept", "description").unwrap_or(0),
            read("ExtlClntAppOauthSettings", "Kept_oauth", "label").unwrap_or(0),
        )
    }
}

fn start(folder: &Path) -> Emulated {
    let folder = folder.to_str().expect("a path in UTF-8");
    Emulated::start_with(&["--state", folder, "--pace", "polls:1"])
}

#[test]
fn a_killed_org_has_every_acknowledged_deploy_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut next = 1;
    let mut last_id: Option<String> = None;
    let mut identity: Option<(String, String)> = None;
    for round in 0..6 {
        let emulated = start(folder.path());
        let org = Org::new(&emulated);
        let current = (emulated.text("org_id").to_owned(), org.token.clone());
        assert_eq!(*identity.get_or_insert_with(|| current.clone()), current);
        let (app, settings) = org.numbers();
        assert_eq!(app, settings, "half of a deploy is stored");
        // Every acknowledged deploy is stored, and at most one more, whose answer was lost.
        assert!(
            app == next - 1 || app == next,
            "{app}, expected {}",
            next - 1
        );
        next = app + 1;
        if let Some(id) = &last_id {
            assert_eq!(org.status(id).unwrap()["status"], "Succeeded");
        }
        let (acknowledge, acknowledgements) = mpsc::channel();
        let first = next;
        let deploying = thread::spawn(move || {
            for number in first.. {
                let Some(id) = org.deploy(number) else { return };
                if acknowledge.send((number, id)).is_err() {
                    return;
                }
            }
        });
        // The kill hits the next deploy at any of its steps.
        for _ in 0..=round {
            acknowledgements.recv().expect("deploys are acknowledged");
        }
        emulated.kill();
        deploying.join().expect("no deploy was refused");
        // `recv` above took the first acknowledgements; the rest count too.
        let mut acknowledged = first + round;
        for (number, id) in acknowledgements.try_iter() {
            acknowledged = number;
            last_id = Some(id);
        }
        next = acknowledged + 1;
    }
    let emulated = start(folder.path());
    let (app, settings) = Org::new(&emulated).numbers();
    assert_eq!(app, settings);
    assert!(app + 1 >= next && app >= 21, "{app}");
    assert_eq!(emulated.terminate(), 0);
}

/// Sets how large a file the process may write; `None` where there is no `prlimit`.
fn limit_files(org: &Emulated, size: &str) -> Option<()> {
    let status = Command::new("prlimit")
        .arg(format!("--pid={}", org.id()))
        .arg(format!("--fsize={size}"))
        .status();
    if status.is_ok_and(|status| status.success()) {
        return Some(());
    }
    skip("prlimit");
    None
}

#[test]
fn an_org_on_a_full_disk_answers_503_until_there_is_space() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    // A write over the limit fails, as on a full disk, and does not end the process.
    let script = "trap '' XFSZ; exec \"$0\" \"$@\"";
    let emulated = Emulated::start_in_shell(script, &["--state", path, "--pace", "polls:1"]);
    let org = Org::new(&emulated);
    org.deploy(1).unwrap();
    if limit_files(&emulated, "4096:").is_none() {
        return;
    }
    assert_eq!(org.deploy(2), None);
    let get = format!(
        "GET /services/data HTTP/1.1\r\nAuthorization: Bearer {}",
        org.token
    );
    let answer = send(&org.address, &get, b"").unwrap();
    assert!(answer.contains("SERVER_UNAVAILABLE"), "{answer}");
    assert!(answer.contains("cannot be stored"), "{answer}");
    limit_files(&emulated, "unlimited:").unwrap();
    org.deploy(3).unwrap();
    assert_eq!(org.numbers(), (3, 3));
    emulated.kill();
    let again = start(folder.path());
    assert_eq!(Org::new(&again).numbers(), (3, 3));
}

#[test]
fn a_state_folder_in_use_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _org = start(folder.path());
    let path = folder.path().to_str().unwrap();
    let second = run(folder.path(), &["emulate", "--state", path]);
    assert_eq!(second.code, 3, "{second:?}");
    assert!(
        second
            .stderr
            .contains(&format!("the state in {path} is in use by another process"))
            && second.stderr.contains("hint: stop the other eca emulate"),
        "{second:?}"
    );
    assert!(second.stdout.is_empty(), "{second:?}");
}

#[test]
fn the_kind_of_a_stored_org_cannot_change() {
    let folder = tempfile::tempdir().unwrap();
    start(folder.path()).kill();
    let path = folder.path().to_str().unwrap();
    let line = ["emulate", "--state", path, "--kind", "sandbox:uat"];
    let refused = run(folder.path(), &line);
    assert_eq!(refused.code, 3, "{refused:?}");
    let words = "the org in --state is production, not sandbox:uat";
    assert!(refused.stderr.contains(words), "{refused:?}");
    assert!(refused.stderr.contains("hint: omit --kind"), "{refused:?}");
    assert!(refused.stdout.is_empty(), "{refused:?}");
    // The stored org is unchanged.
    assert_eq!(
        start(folder.path()).text("username"),
        "admin@embedded.example"
    );
}
