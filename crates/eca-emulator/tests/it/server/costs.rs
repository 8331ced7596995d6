//! Requests that are cheap to send must be cheap to refuse.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use eca_emulator::Org;

use crate::fixture::{Client, builder, storefront};
use crate::oauth::login::{CHALLENGE, at_noon, clock};
use crate::server::http::{Answer, send};

const FORM: &str = "application/x-www-form-urlencoded";

/// Parameters with different names.
fn parameters(count: usize) -> String {
    let mut form = String::from("grant_type=x");
    for number in 1..count {
        write!(form, "&p{number}=").unwrap();
    }
    form
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_has_at_most_a_hundred_parameters() {
    let org = storefront(at_noon(&clock())).await;
    let client = Client(&org);
    let too_many = "400 invalid_request: more than 100 parameters";
    let long = format!("{0}=1&{0}=2", "n".repeat(500_000));
    let cut = format!(
        "400 invalid_request: duplicate parameter: {}",
        "n".repeat(64)
    );
    for (path, form, expected) in [
        (
            "/services/oauth2/token",
            parameters(100),
            "400 unsupported_grant_type: grant type not supported",
        ),
        ("/services/oauth2/token", parameters(101), too_many),
        ("/services/oauth2/token", parameters(80_000), too_many),
        (
            "/storefront/services/oauth2/token",
            parameters(80_000),
            too_many,
        ),
        (CHALLENGE, parameters(80_000), too_many),
        ("/services/oauth2/revoke", parameters(80_000), too_many),
        ("/services/oauth2/introspect", parameters(80_000), too_many),
        ("/services/oauth2/token", long, &cut),
    ] {
        let headers = [("Content-Type", FORM)];
        let answer = send(client.address(), "POST", path, &headers, form.as_bytes());
        assert_eq!(answer.error(), expected, "{path}");
    }
    // The pages too.
    for path in ["/services/oauth2/authorize", "/setup/connect"] {
        let headers = [("Content-Type", FORM)];
        let form = parameters(80_000);
        let answer = send(client.address(), "POST", path, &headers, form.as_bytes());
        assert!(
            matches!(answer.status, 200 | 400),
            "{path}: {}",
            answer.body
        );
    }
}

const SOAP: &str = "/services/Soap/m/66.0";
const REST: &str = "/services/data/v66.0/metadata/deployRequest";

/// The beginning of a SOAP request: its operation, after this much white space in the header.
fn envelope(session: &str, padding: usize, operation: &str) -> String {
    format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Header>{}\
         <SessionHeader><sessionId>{session}</sessionId></SessionHeader></e:Header>\
         <e:Body><{operation}>",
        " ".repeat(padding)
    )
}

/// Announces a body of this length, sends only its start, and waits for the answer.
fn begin(org: &Org, path: &str, bearer: &str, length: usize, start: &str) -> Answer {
    let mut stream = TcpStream::connect(org.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {bearer}\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(start.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((headers, body)) = text.split_once("\r\n\r\n")
            && let Some(length) = headers
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
            && length.parse() == Ok(body.len())
        {
            return Answer {
                status: headers[9..12].parse().unwrap(),
                headers: headers.to_owned(),
                body: body.to_owned(),
            };
        }
        let count = stream.read(&mut buffer).unwrap();
        assert_ne!(count, 0, "{path}: {text}");
        bytes.extend(&buffer[..count]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_is_read_only_for_a_deploy_with_a_valid_session() {
    let org = storefront(builder()).await;
    let token = Client(&org).token().to_owned();
    let large = 40_000_000;
    let junk = "x".repeat(70_000);
    let soap = |session: &str, padding, operation| {
        format!("{}{junk}", envelope(session, padding, operation))
    };
    let too_large = "The request body is larger than 1048576 bytes";
    for (path, bearer, start, expected) in [
        // Without a session the answer comes before the body.
        (
            SOAP,
            "",
            soap("nonsense", 0, "deploy"),
            "INVALID_SESSION_ID",
        ),
        (SOAP, "", junk.clone(), "INVALID_SESSION_ID"),
        // The session must be in the first 64 KiB.
        (
            SOAP,
            "",
            soap(&token, 66_000, "deploy"),
            "INVALID_SESSION_ID",
        ),
        (REST, "nonsense", String::new(), "INVALID_SESSION_ID"),
        (REST, "", String::new(), "INVALID_SESSION_ID"),
        // No other operation and no other path takes packages.
        (SOAP, "", soap(&token, 0, "upsertMetadata"), too_large),
        (
            "/services/Soap/m/99.0",
            "",
            soap(&token, 0, "deploy"),
            "UNSUPPORTED_API_VERSION",
        ),
        (
            "/services/Soap/u/66.0",
            "",
            soap(&token, 0, "deploy"),
            too_large,
        ),
        (
            "/x/metadata/deployRequest",
            &token,
            String::new(),
            too_large,
        ),
        (
            "/services/data/v99.0/metadata/deployRequest",
            &token,
            String::new(),
            too_large,
        ),
        (
            "/services/data/v50.0/metadata/deployRequest",
            &token,
            String::new(),
            too_large,
        ),
        (
            "/services/data/v66.0/metadata/deployRequest/0Af",
            &token,
            String::new(),
            too_large,
        ),
        (
            "/services/data/v66.0/x/metadata/deployRequest",
            &token,
            String::new(),
            too_large,
        ),
        ("/services/oauth2/token", "", String::new(), too_large),
        ("/_org/users", &token, String::new(), too_large),
    ] {
        let answer = begin(&org, path, bearer, large, &start);
        assert!(answer.body.contains(expected), "{path}: {}", answer.body);
    }
    // Those who may deploy have their limit.
    for (path, bearer, start) in [
        (SOAP, "", soap(&token, 0, "deploy")),
        (REST, token.as_str(), String::new()),
    ] {
        let answer = begin(&org, path, bearer, 64 * 1024 * 1024 + 1, &start);
        let expected = "The request body is larger than 67108864 bytes";
        assert!(answer.body.contains(expected), "{path}: {}", answer.body);
    }
    let zip = "A".repeat(2_000_000);
    let body = format!(
        "{}<ZipFile>{zip}</ZipFile></deploy></e:Body></e:Envelope>",
        envelope(&token, 0, "deploy")
    );
    let headers = [("Content-Type", "text/xml")];
    let answer = send(org.address(), "POST", SOAP, &headers, body.as_bytes());
    assert!(
        answer.body.contains("<state>Queued</state>"),
        "{}",
        answer.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_everything_first_reads_the_refusal() {
    let org = storefront(builder()).await;
    for (path, start) in [
        (SOAP, envelope("nonsense", 0, "deploy")),
        (REST, String::new()),
        ("/services/oauth2/token", String::new()),
    ] {
        let body = format!("{start}{}", "x".repeat(8_000_000));
        let headers = [("Content-Type", "text/xml")];
        let answer = send(org.address(), "POST", path, &headers, body.as_bytes());
        assert!(
            matches!(answer.status, 401 | 413 | 500),
            "{path}: {}",
            answer.body
        );
    }
    // Without an announced length too.
    let headers = [("Transfer-Encoding", "chunked")];
    let body = "x".repeat(1_100_000);
    let answer = send(org.address(), "POST", REST, &headers, body.as_bytes());
    assert_eq!(answer.status, 401, "{}", answer.body);
}
