//! The endpoints of the embedded org, for strangers and for a customer of its site.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use fastrand::Rng;

use crate::customer::Shop;
use crate::damage::{damage, one, word};
use crate::{Case, End};

const PATHS: &[&str] = &[
    "/_org/users",
    "/_org/outbox",
    "/_org/clock",
    "/_org/faults",
    "//_org/users",
    "/%5forg/users",
    "/services/../_org/users",
    "/services/data",
    "/services/data/v66.0",
    "/services/data/v66.0/query?q=SELECT+Id+FROM+User",
    "/services/data/v66.0/metadata/deployRequest",
    "/services/data/v66.0/metadata/deployRequest/0Af000000000001AAA",
    "/services/Soap/m/66.0",
    "/services/Soap/u/66.0",
    "/services/oauth2/token",
    "/services/oauth2/authorize",
    "/services/oauth2/introspect",
    "/services/oauth2/revoke",
    "/services/oauth2/userinfo",
    "/.well-known/openid-configuration",
    "/services/auth/headless/init/registration",
    "/services/auth/headless/init/passwordless/login",
    "/services/auth/headless/forgot_password",
    "/",
];

const BODIES: &[&str] = &[
    "",
    "{}",
    r#"{"username":"a@example.com","password":"p"}"#,
    "grant_type=client_credentials&client_id=x&client_secret=y",
    "grant_type=authorization_code&code=x&code_verifier=y",
    "token=x&client_id=x",
    "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Header/><e:Body><login xmlns=\"urn:partner.soap.sforce.com\"><username>a</username><password>b</password></login></e:Body></e:Envelope>",
];

const TYPES: &[&str] = &[
    "application/json",
    "application/x-www-form-urlencoded",
    "text/xml",
    "multipart/form-data; boundary=XX",
];

pub(crate) fn without_a_token() -> Case {
    endpoints(false)
}

pub(crate) fn with_a_users_token() -> Case {
    endpoints(true)
}

/// Nobody but a user of the org sees or changes it, no request breaks it, and it goes on answering.
fn endpoints(has_token: bool) -> Case {
    let shop = Shop::open();
    let address = shop.org.address();
    let secrets = [shop.org.token().to_owned(), shop.consumer_secret()];
    let before = shop.org.components().len();
    Box::new(move |rng| {
        let path = one(rng, PATHS);
        let authorization = if has_token {
            format!("Bearer {}", shop.token)
        } else {
            one(rng, &["", "Bearer x", "Basic YTpi", "Bearer null"]).to_owned()
        };
        let mut request = request(rng, address, path, &authorization);
        let is_damaged = rng.bool();
        if is_damaged {
            damage(rng, &mut request);
        }
        let answer = send(address, &request);
        let status = status(&answer);
        // SOAP faults have the status 500.
        let is_fault = status == 500 && answer.contains(":Fault>");
        assert!(status < 500 || is_fault, "{path}: {answer}");
        let is_protected = path.contains("org/") || path.contains("/v66.0/");
        if is_protected && !is_damaged {
            assert!(status >= 400, "{path}: {answer}");
        }
        for secret in &secrets {
            assert!(!answer.contains(secret), "{path}: {answer}");
        }
        assert_eq!(shop.org.components().len(), before, "{path}");
        let sound =
            format!("GET /services/data HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        assert_eq!(
            self::status(&send(address, sound.as_bytes())),
            200,
            "{path}"
        );
        if (200..300).contains(&status) {
            End::Accepted
        } else {
            End::Refused
        }
    })
}

fn request(rng: &mut Rng, address: SocketAddr, path: &str, authorization: &str) -> Vec<u8> {
    let method = one(rng, &["GET", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS"]);
    let mut body = one(rng, BODIES).to_owned();
    if rng.u8(..4) == 0 {
        body.push_str(word(rng));
    }
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {authorization}\r\n\
         Content-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        one(rng, TYPES),
        body.len()
    )
    .into_bytes()
}

/// The answer; nothing when the connection is closed without one.
fn send(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("the org listens");
    let mut answer = Vec::new();
    // The org waits for what a damaged request announces.
    let patience = stream.set_read_timeout(Some(Duration::from_millis(300)));
    patience.expect("a time limit");
    // It may close the connection before it has read everything.
    let _ = stream.write_all(request);
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    let word = answer.split(' ').nth(1);
    word.and_then(|word| word.parse().ok()).unwrap_or_default()
}
