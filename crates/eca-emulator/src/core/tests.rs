//! What the org stores, and when.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};

use crate::org::Org;
use crate::server::call::{Call, Payload, Reply};
use crate::server::router::route;
use crate::testing::clock::ManualClock;
use crate::testing::pace::Pace;

/// An org in a folder, whose jobs take an hour.
async fn org(folder: &tempfile::TempDir, clock: &Arc<ManualClock>) -> Org {
    Org::builder()
        .pace(Pace::Time(Duration::from_hours(1)))
        .clock(clock.clone())
        .state_dir(folder.path())
        .start()
        .await
        .unwrap()
}

fn clock() -> Arc<ManualClock> {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
    Arc::new(ManualClock::new(start))
}

fn ask(org: &Org, method: Method, target: &str, body: &str) -> Reply {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let bearer = format!("Bearer {}", org.admin_access_token().expose_secret());
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, bearer.parse().unwrap());
    let call = Call {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        payload: Payload::Bytes(Bytes::copy_from_slice(body.as_bytes())),
    };
    route(org.core(), &call)
}

fn soap(org: &Org, operation: &str) -> Reply {
    let token = org.admin_access_token().expose_secret();
    let envelope = format!(
        "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Header><SessionHeader>\
         <sessionId>{token}</sessionId></SessionHeader></Header>\
         <Body>{operation}</Body></Envelope>"
    );
    ask(org, Method::POST, "/services/Soap/m/66.0", &envelope)
}

fn saves(org: &Org) -> usize {
    org.core().persister.as_ref().unwrap().saves()
}

/// An org with a deploy in progress, and the id of the deploy.
async fn org_with_a_deploy(folder: &tempfile::TempDir, clock: &Arc<ManualClock>) -> (Org, String) {
    let org = org(folder, clock).await;
    let deploy = soap(&org, "<deploy><ZipFile>bm8gemlw</ZipFile></deploy>");
    let text = String::from_utf8_lossy(deploy.body()).into_owned();
    let (_, rest) = text.split_once("<id>").unwrap();
    let (id, _) = rest.split_once('<').unwrap();
    // The first request for the key generates it.
    ask(&org, Method::GET, "/id/keys", "");
    clock.advance(Duration::from_mins(10));
    ask(&org, Method::GET, "/services/data", "");
    (org, id.to_owned())
}

/// Checks that a request is answered and stores nothing, although the deploy has progressed.
fn check_read(org: &Org, clock: &ManualClock, name: &str, request: impl FnOnce() -> Reply) {
    let before = saves(org);
    clock.advance(Duration::from_secs(1));
    let reply = request();
    assert_eq!(reply.status(), StatusCode::OK, "{name}: {:?}", reply.body());
    assert_eq!(saves(org), before, "{name}");
}

#[tokio::test]
async fn a_get_stores_nothing() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let (org, id) = org_with_a_deploy(&folder, &clock).await;
    let data = "/services/data/v66.0";
    for target in [
        "/services/data",
        data,
        &format!("{data}/metadata/deployRequest/{id}?includeDetails=true"),
        &format!("{data}/query?q=SELECT+Id,Name+FROM+Organization"),
        &format!("{data}/tooling/query?q=SELECT+Id+FROM+DeployRequest"),
        &format!("{data}/sobjects/User/describe"),
        &format!("{data}/apps/oauth/usage"),
        "/services/oauth2/userinfo",
        "/id/keys",
        "/.well-known/openid-configuration",
        "/_org/clock",
        "/_org/outbox",
        "/_org/network",
        "/_org/site",
        "/_org/users",
    ] {
        check_read(&org, &clock, target, || ask(&org, Method::GET, target, ""));
    }
}

#[tokio::test]
async fn a_soap_operation_that_reads_stores_nothing() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let (org, id) = org_with_a_deploy(&folder, &clock).await;
    for operation in [
        &format!("<checkDeployStatus><id>{id}</id></checkDeployStatus>"),
        &format!("<checkStatus><id>{id}</id></checkStatus>"),
        "<listMetadata><queries><type>PermissionSet</type></queries></listMetadata>",
        "<describeMetadata/>",
        "<readMetadata><type>PermissionSet</type><fullNames>A</fullNames></readMetadata>",
    ] {
        check_read(&org, &clock, operation, || soap(&org, operation));
    }
}

#[tokio::test]
async fn work_that_is_due_is_stored_once() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let (org, id) = org_with_a_deploy(&folder, &clock).await;
    let before = saves(&org);
    clock.advance(Duration::from_hours(2));
    let target = format!("/services/data/v66.0/metadata/deployRequest/{id}");
    for _ in 0..3 {
        let reply = ask(&org, Method::GET, &target, "");
        assert_eq!(reply.status(), StatusCode::OK);
        assert_eq!(saves(&org), before + 1);
    }
    let body = r#"{"seconds": 60}"#;
    ask(&org, Method::POST, "/_org/propagation", body);
    assert_eq!(saves(&org), before + 2);
}

#[tokio::test]
async fn a_transaction_stores_what_changed_and_nothing_else() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let org = org(&folder, &clock).await;
    let core = org.core();
    let before = saves(&org);
    core.begin().commit();
    drop(core.begin());
    assert_eq!(saves(&org), before);
    let mut transaction = core.begin();
    transaction.propagation = Duration::from_secs(1);
    transaction.commit();
    assert_eq!(saves(&org), before + 1);
    // A change before an error is kept.
    let failed: Result<(), ()> = core.transact(|state, _| {
        state.shows_secrets = true;
        Err(())
    });
    assert!(failed.is_err() && core.read().shows_secrets);
    assert_eq!(saves(&org), before + 2);
}

#[tokio::test]
#[cfg_attr(debug_assertions, should_panic(expected = "was not committed"))]
async fn a_change_needs_a_commit() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let org = org(&folder, &clock).await;
    let before = saves(&org);
    let mut transaction = org.core().begin();
    transaction.shows_secrets = true;
    drop(transaction);
    // Only reached where that does not panic: it is stored before the answer.
    assert_eq!(org.core().storage_failure(), None);
    assert_eq!(saves(&org), before + 1);
}
