//! What reaches the disk, and when.

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

#[tokio::test]
async fn reading_writes_nothing() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let org = org(&folder, &clock).await;
    let deploy = soap(&org, "<deploy><ZipFile>bm8gemlw</ZipFile></deploy>");
    let text = String::from_utf8_lossy(deploy.body()).into_owned();
    let id = text
        .split("<id>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    // The first reading generates the key of the org.
    ask(&org, Method::GET, "/id/keys", "");
    // The deploy is in progress, and its progress differs from request to request.
    clock.advance(Duration::from_mins(10));
    ask(&org, Method::GET, "/services/data", "");
    let data = "/services/data/v66.0";
    let resource = format!("{data}/metadata/deployRequest/{id}?includeDetails=true");
    let query = format!("{data}/query?q=SELECT+Id,Name+FROM+Organization");
    let tooling = format!("{data}/tooling/query?q=SELECT+Id+FROM+DeployRequest");
    let user = "/services/oauth2/userinfo";
    let described = format!("{data}/sobjects/User/describe");
    let apps = format!("{data}/apps/oauth/usage");
    let reading = [
        "/services/data",
        data,
        &resource,
        &query,
        &tooling,
        &described,
        &apps,
        user,
        "/id/keys",
        "/.well-known/openid-configuration",
        "/_org/clock",
        "/_org/outbox",
        "/_org/network",
        "/_org/site",
        "/_org/users",
    ];
    let before = saves(&org);
    for target in reading {
        clock.advance(Duration::from_secs(1));
        let reply = ask(&org, Method::GET, target, "");
        assert_eq!(
            reply.status(),
            StatusCode::OK,
            "{target}: {:?}",
            reply.body()
        );
        assert_eq!(saves(&org), before, "GET {target}");
    }
    for operation in [
        &format!("<checkDeployStatus><id>{id}</id></checkDeployStatus>"),
        &format!("<checkStatus><id>{id}</id></checkStatus>"),
        "<listMetadata><queries><type>PermissionSet</type></queries></listMetadata>",
        "<describeMetadata/>",
        "<readMetadata><type>PermissionSet</type><fullNames>A</fullNames></readMetadata>",
    ] {
        clock.advance(Duration::from_secs(1));
        let reply = soap(&org, operation);
        assert_eq!(
            reply.status(),
            StatusCode::OK,
            "{operation}: {:?}",
            reply.body()
        );
        assert_eq!(saves(&org), before, "{operation}");
    }
    // Work that has come due is stored once, by the request that sees it first.
    clock.advance(Duration::from_hours(2));
    for _ in 0..3 {
        assert_eq!(
            ask(&org, Method::GET, &resource, "").status(),
            StatusCode::OK
        );
        assert_eq!(saves(&org), before + 1);
    }
    ask(
        &org,
        Method::POST,
        "/_org/propagation",
        r#"{"seconds": 60}"#,
    );
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
    // An error keeps what was changed before it.
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
    // Only where that does not panic: it is stored before the answer.
    assert_eq!(org.core().storage_failure(), None);
    assert_eq!(saves(&org), before + 1);
}
