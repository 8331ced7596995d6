//! Spellings of a path, over the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::fixture::{Client, builder};
use crate::server::http::send;

/// A SOAP deploy of `size` bytes that are not a zip.
fn deploy(session: &str, size: usize) -> String {
    let zip = STANDARD.encode(vec![7; size]);
    format!(
        "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Header><SessionHeader>\
         <sessionId>{session}</sessionId></SessionHeader></Header><Body><deploy>\
         <ZipFile>{zip}</ZipFile></deploy></Body></Envelope>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deploy_of_several_mib_is_accepted_at_every_spelling() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let body = deploy(client.token(), 4 * 1024 * 1024);
    let post = |path: &str, body: &[u8]| {
        let headers = [("Content-Type", "text/xml"), ("SOAPAction", "\"\"")];
        send(org.address(), "POST", path, &headers, body)
    };
    for path in [
        "/services/Soap/m/66.0",
        "//services/Soap/m/66.0",
        "/services//Soap/m/66.0/",
        "/services/data/../Soap/m/66.0",
        "/services/%53oap/m/66.0",
    ] {
        let answer = post(path, body.as_bytes());
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(answer.body.contains("Queued"), "{path}: {}", answer.body);
    }
    // A path that only looks like a deploy's has the limit of the others.
    for path in [
        "/services/Soap/m/../../oauth2/token",
        "/services/Soap/m/%2e%2e/%2E./oauth2/token",
        "/services%2FSoap/m/66.0",
    ] {
        let answer = post(path, &vec![b'a'; 1024 * 1024 + 1]);
        assert_eq!(answer.status, 413, "{path}: {}", answer.body);
    }
    let answer = post("/../services/Soap/m/66.0", b"");
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(
        answer.body.contains("leads out of its root"),
        "{}",
        answer.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rest_deploy_of_several_mib_is_accepted_with_two_slashes() {
    let org = builder().start().await.unwrap();
    let bearer = format!("Bearer {}", Client(&org).token());
    let mut body =
        b"--XX\r\nContent-Type: application/json\r\n\r\n{\"deployOptions\":{}}\r\n--XX\r\n\
        Content-Type: application/zip\r\n\r\n"
            .to_vec();
    body.extend(vec![7; 4 * 1024 * 1024]);
    body.extend(b"\r\n--XX--\r\n");
    let answer = send(
        org.address(),
        "POST",
        "//services/data/v66.0/metadata/deployRequest/",
        &[
            ("Authorization", &bearer),
            ("Content-Type", "multipart/form-data; boundary=XX"),
        ],
        &body,
    );
    assert_eq!(answer.status, 201, "{}", answer.body);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let location = format!("location: /services/data/v66.0/metadata/deployRequest/{id}");
    assert!(answer.headers.contains(&location), "{}", answer.headers);
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_use_the_normalised_path() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    for (path, status) in [
        ("//services/data//v66.0/", 200),
        ("/services/./data/v66.0/%6Detadata/../limits/..", 200),
        ("/storefront//.well-known/openid-configuration", 200),
        ("//storefront/../.well-known/openid-configuration/", 200),
        ("/services%2fdata", 404),
        ("/services/data/%2e%2e%2f..", 404),
        ("/%2e%2e/services/data", 400),
    ] {
        let answer = client.rest("GET", path, "");
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    }
}
