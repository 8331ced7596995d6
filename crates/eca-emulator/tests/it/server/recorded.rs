//! Recorded requests of real clients, and what each of them reads in the answer.
//!
//! The files in `data/recorded` are conversations of clients of these versions, recorded on a
//! loopback interface. Placeholders for values that differ between orgs are in braces. A step's
//! first line has its name, the status, and texts that the answer must have (`+` is a space): what
//! the client looks for.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use eca_emulator::{Org, Pace};
use serde_json::json;

use crate::fixture::{APP_CERTIFICATE, APP_KEY, Client, GLOBAL, Package, SETTINGS, body, zip};
use crate::oauth::login::{NOW, at_noon, clock, jwt};

const ADMINISTRATOR: &str = "admin@embedded.example";
/// The app of the recordings.
const RECORDED: &str = "Billing_Sync";

/// One request and what is expected of its answer.
struct Step<'a> {
    name: &'a str,
    status: &'a str,
    expected: Vec<String>,
    head: &'a str,
    body: &'a str,
}

impl<'a> Step<'a> {
    fn read(text: &'a str) -> Self {
        let (title, request) = text.split_once('\n').unwrap();
        let (name, expected) = title.split_once(" -> ").unwrap();
        let (status, expected) = expected.split_once(' ').unwrap();
        let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
        Self {
            name,
            status,
            expected: expected
                .split(' ')
                .map(|value| value.replace('+', " "))
                .collect(),
            head: head.trim_end(),
            body: body.trim_end(),
        }
    }
}

/// The values of the placeholders in a recording.
struct Places {
    texts: Vec<(&'static str, String)>,
    zips: Vec<(&'static str, Vec<u8>)>,
}

impl Places {
    fn new(org: &Org, package: &Package) -> Self {
        let broken = package.clone().replace(
            &SETTINGS.replace("Storefront", RECORDED),
            "RefreshToken,Api",
            "Telepathy,Api",
        );
        let manifest = |types: &str| {
            format!(
                "<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\">{types}<version>66.0</version></Package>"
            )
        };
        let deleted = format!(
            "<types><members>{RECORDED}</members><name>ExternalClientApplication</name></types>"
        );
        let destructive = [
            ("package.xml".to_owned(), manifest("")),
            ("destructiveChangesPost.xml".to_owned(), manifest(&deleted)),
        ];
        let users = Client(org).rest("GET", "/_org/users", "").json();
        let assertion = jwt(
            APP_KEY,
            &json!({"alg": "RS256", "typ": "JWT"}),
            // As sf writes it: `exp` in milliseconds, and the URL with a slash.
            &json!({
                "iss": org.consumer_key(RECORDED).unwrap(),
                "sub": ADMINISTRATOR,
                "aud": format!("{}/", org.instance_url()),
                "exp": NOW * 1000 + 300,
                "iat": NOW,
            }),
        );
        Self {
            texts: vec![
                ("{host}", org.address().to_string()),
                ("{org}", org.org_id().as_str().to_owned()),
                (
                    "{user}",
                    users["users"][0]["id"].as_str().unwrap().to_owned(),
                ),
                ("{token}", Client(org).token().to_owned()),
                ("{assertion}", assertion),
            ],
            zips: vec![
                ("zip", package.zip()),
                ("broken", broken.zip()),
                ("destructive", zip(&destructive)),
            ],
        }
    }

    /// The text with its placeholders filled; `id` is that of the newest job.
    fn fill(&self, text: &str, id: &str) -> String {
        let mut text = text.replace("{id}", id);
        for (place, value) in &self.texts {
            text = text.replace(place, value);
        }
        for (name, bytes) in &self.zips {
            text = text.replace(&format!("{{{name}}}"), &STANDARD.encode(bytes));
        }
        text
    }

    /// The body of a request.
    fn body(&self, text: &str, id: &str) -> Vec<u8> {
        let text = self.fill(text, id);
        for (name, bytes) in &self.zips {
            let place = format!("\n{{{name}.raw}}\n");
            if let Some((before, behind)) = text.split_once(&place) {
                let lines = |text: &str| text.replace('\n', "\r\n").into_bytes();
                let behind = lines(behind);
                return [
                    &lines(before),
                    b"\r\n".as_slice(),
                    bytes,
                    b"\r\n",
                    &behind,
                    b"\r\n",
                ]
                .concat();
            }
        }
        text.into_bytes()
    }
}

/// A keep-alive connection, as the clients use it.
struct Wire(TcpStream);

impl Wire {
    fn ask(&mut self, head: &str, body: &[u8]) -> (String, String) {
        let length = body.len().to_string();
        let head = head.replace("{length}", &length).replace('\n', "\r\n");
        let mut bytes = format!("{head}\r\n\r\n").into_bytes();
        if head.contains("transfer-encoding: chunked") {
            for chunk in body.chunks(100) {
                bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
                bytes.extend(chunk);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
        } else {
            bytes.extend(body);
        }
        self.0.write_all(&bytes).unwrap();
        let mut answer = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = self.0.read(&mut buffer).unwrap();
            assert_ne!(read, 0, "the connection was closed");
            answer.extend(&buffer[..read]);
            let text = std::str::from_utf8(&answer).unwrap();
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let announced = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .unwrap();
            if body.len() == announced.parse::<usize>().unwrap() {
                return (head[9..12].to_owned(), body.to_owned());
            }
        }
    }
}

/// The id of a job in an answer.
fn job(answer: &str) -> Option<&str> {
    let start = [">0Af", ">09S", "\"0Af"]
        .iter()
        .find_map(|start| answer.find(start))?
        + 1;
    answer.get(start..start + 18)
}

async fn check(conversation: &str) {
    let certificate = format!(
        "<certificate>{}</certificate>\n    <isConsumerSecretOptional>",
        body(APP_CERTIFICATE)
    );
    let mut package =
        Package::storefront().replace(GLOBAL, "<isConsumerSecretOptional>", &certificate);
    for (path, text) in &mut package.files {
        *path = path.replace("Storefront", RECORDED);
        *text = text.replace("Storefront", RECORDED);
    }
    let builder = at_noon(&clock()).pace(Pace::Polls(2));
    let org = builder.start().await.unwrap();
    org.deploy(&package.zip()).unwrap();
    org.assign_permission_set(ADMINISTRATOR, "Shoppers")
        .unwrap();
    let places = Places::new(&org, &package);
    let mut wire = Wire(TcpStream::connect(org.address()).unwrap());
    // A hang is a failure, not a wait.
    wire.0
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let mut id = String::new();
    let steps = conversation.split("=== ").skip(1).map(Step::read);
    for (number, step) in steps.enumerate() {
        let head = places.fill(step.head, &id);
        let sent = places.body(step.body, &id);
        let (status, answer) = wire.ask(&head, &sent);
        let place = format!("step {}, {}", number + 1, step.name);
        assert_eq!(status, step.status, "{place}: {answer}");
        for expected in step.expected {
            let expected = places.fill(&expected, &id);
            assert!(
                answer.contains(&expected),
                "{place}: no {expected} in {answer}"
            );
        }
        if let Some(found) = job(&answer) {
            found.clone_into(&mut id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_salesforce_cli() {
    check(include_str!("../../data/recorded/sf-2.146.3.http")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jsforce_1() {
    check(include_str!("../../data/recorded/jsforce-1.11.1.http")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jsforce_3() {
    check(include_str!("../../data/recorded/jsforce-3.10.16.http")).await;
}
