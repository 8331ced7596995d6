//! Faults on demand.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use expect_test::expect;

use crate::fixture::{Client, Package, builder};

const DEPLOYS: &str = "/services/data/v66.0/metadata/deployRequest";

fn arm(client: &Client<'_>, body: &str) {
    let answer = client.rest("POST", "/_org/faults", body);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// The bytes that a new connection returns before it ends or breaks.
fn raw(client: &Client<'_>, path: &str) -> String {
    let mut stream = TcpStream::connect(client.address()).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
        client.token()
    )
    .unwrap();
    let mut bytes = Vec::new();
    // It may end with a reset.
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_applies_as_often_as_requested() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    arm(
        &client,
        r#"{"fault":"status","status":503,"retry_after":7,"path":"/services/data","times":2}"#,
    );
    for _ in 0..2 {
        let answer = client.rest("GET", "/services/data", "");
        assert_eq!(answer.status, 503);
        assert!(answer.headers.contains("retry-after: 7"));
        assert!(answer.body.contains("<html>"));
    }
    assert_eq!(client.rest("GET", "/services/data", "").status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_with_the_wording_of_an_org() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    arm(&client, r#"{"fault":"lock","body":"<deploy"}"#);
    arm(
        &client,
        r#"{"fault":"session","path":"/services/data/v66.0"}"#,
    );
    assert_eq!(client.soap("<describeMetadata/>").status, 200);
    assert_eq!(
        client.soap("<deploy/>").element("faultcode"),
        Some("sf:ALREADY_IN_PROCESS")
    );
    expect!["401 INVALID_SESSION_ID: Session expired or invalid"]
        .assert_eq(&client.rest("GET", "/services/data/v66.0", "").error());
    assert_eq!(client.rest("GET", "/services/data/v66.0", "").status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_are_refused_for_the_whole_org() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let login = || {
        let fields = [("grant_type", "client_credentials")];
        client.form("/services/oauth2/token", &[], &fields).error()
    };
    let usual = login();
    for (fault, expected) in [
        ("inactive_org", "400 inactive_org: organization is inactive"),
        (
            "rate_limit_exceeded",
            "400 rate_limit_exceeded: number of logins exceeded",
        ),
    ] {
        arm(&client, &format!(r#"{{"fault":"{fault}"}}"#));
        // Other endpoints do not have this fault.
        assert_eq!(client.rest("GET", "/services/data", "").status, 200);
        assert_eq!((login().as_str(), login()), (expected, usual.clone()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_break_before_and_in_the_answer() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let whole = raw(&client, "/services/data");
    arm(&client, r#"{"fault":"truncated","path":"/services/data"}"#);
    let half = raw(&client, "/services/data");
    assert!(half.len() < whole.len() && half.contains("58.0"), "{half}");
    arm(&client, r#"{"fault":"reset","path":"/services/data"}"#);
    let nothing = raw(&client, "/services/data");
    assert!(!nothing.contains("58.0"), "{nothing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_can_take_effect_although_its_answer_is_lost() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    arm(
        &client,
        &format!(r#"{{"fault":"status","status":502,"path":"{DEPLOYS}","carried_out":true}}"#),
    );
    let lost = client.start_deploy(
        &Package::storefront().zip(),
        r#"{"singlePackage":true,"rollbackOnError":true}"#,
    );
    assert_eq!(lost.status, 502);
    let found = client
        .rest(
            "GET",
            "/services/data/v66.0/tooling/query?q=SELECT+Id+FROM+DeployRequest",
            "",
        )
        .json();
    assert_eq!(found["totalSize"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_can_take_effect_after_the_client_disconnected() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let (token, users) = (
        client.token(),
        "/services/data/v66.0/query?q=SELECT+Id+FROM+User",
    );
    assert_eq!(client.rest("GET", users, "").status, 200);
    arm(
        &client,
        r#"{"fault":"slow","milliseconds":600000,"path":"/services/oauth2/revoke","carried_out":true}"#,
    );
    let mut gives_up = TcpStream::connect(client.address()).unwrap();
    write!(
        gives_up,
        "POST /services/oauth2/revoke HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\ntoken={token}",
        token.len() + 6
    )
    .unwrap();
    // It takes effect soon after the request has arrived, long before the answer.
    let started = Instant::now();
    while client.rest("GET", users, "").status != 401 {
        assert!(started.elapsed() < Duration::from_secs(20));
        tokio::task::yield_now().await;
    }
    gives_up.set_nonblocking(true).unwrap();
    let nothing = gives_up.read(&mut [0]).unwrap_err();
    assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_org_can_be_busy_and_slow() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    arm(
        &client,
        r#"{"fault":"status","status":429,"retry_after":30,"path":"/services/oauth2/token"}"#,
    );
    let busy = client.form("/services/oauth2/token", &[], &[]);
    assert_eq!(busy.status, 429);
    assert!(busy.headers.contains("retry-after: 30"), "{}", busy.headers);
    arm(
        &client,
        r#"{"fault":"slow","milliseconds":120,"path":"/services/data"}"#,
    );
    let started = Instant::now();
    let answer = client.rest("GET", "/services/data", "");
    assert!(started.elapsed() >= Duration::from_millis(120));
    // The answer is late and otherwise unchanged.
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("58.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_can_be_listed_and_disarmed() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    arm(&client, r#"{"fault":"slow","milliseconds":1,"path":"/x"}"#);
    arm(
        &client,
        r#"{"fault":"status","status":503,"retry_after":2,"path":"/y","carried_out":true}"#,
    );
    expect![[r#"{"faults":[{"fault":"slow","milliseconds":1,"path":"/x","times":1},{"carried_out":true,"fault":"status","path":"/y","retry_after":2,"status":503,"times":1}]}"#]]
        .assert_eq(&client.rest("GET", "/_org/faults", "").body);
    expect![[r#"{"faults":[]}"#]].assert_eq(&client.rest("DELETE", "/_org/faults", "").body);
    for body in ["{}", r#"{"fault":"meteor"}"#, r#"{"fault":"slow"}"#] {
        assert_eq!(client.rest("POST", "/_org/faults", body).status, 400);
    }
}
