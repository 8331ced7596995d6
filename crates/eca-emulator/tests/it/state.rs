//! An org that stays: `--state DIR`.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use eca_emulator::{ManualClock, Org, Pace, StartError, StoreError};

use crate::fixture::{Client, PASSWORD, Package, USER, storefront};

fn kept(folder: &Path) -> eca_emulator::Builder {
    Org::builder().pace(Pace::Polls(1)).state_dir(folder)
}

/// Logs the customer in; the status of the answer.
fn log_in(org: &Org) -> u16 {
    Client(org).rest("GET", "/services/data/v66.0", "").status
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let org = storefront(kept(folder.path())).await;
    let client = Client(&org);
    let token = client.token().to_owned();
    let password = org.admin_password().expose_secret().to_owned();
    let zip = Package::storefront().zip();
    let validation = client.deploy_with(
        &zip,
        r#"{"singlePackage":true,"checkOnly":true,"rollbackOnError":true}"#,
    );
    let validation = validation["id"].as_str().unwrap().to_owned();
    let broken = client.deploy_with(b"no zip", r#"{"singlePackage":true}"#);
    assert_eq!(broken["status"], "Failed");
    let running = client
        .start_deploy(&zip, r#"{"singlePackage":true,"rollbackOnError":true}"#)
        .json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let retrieve = client
        .soap("<retrieve><request><singlePackage>true</singlePackage><unpackaged><types><members>*</members><name>ExternalClientApplication</name></types></unpackaged></request></retrieve>")
        .element("id")
        .unwrap()
        .to_owned();
    assert!(client.soap(&format!("<checkRetrieveStatus><asyncProcessId>{retrieve}</asyncProcessId><includeZip>false</includeZip></checkRetrieveStatus>")).body.contains("Succeeded"));
    let keys = client.rest("GET", "/id/keys", "").body;
    let before = (
        org.org_id().clone(),
        org.instance_url().to_owned(),
        org.consumer_key("Storefront").unwrap(),
        org.consumer_secret("Storefront")
            .unwrap()
            .expose_secret()
            .to_owned(),
        org.components(),
    );
    org.stop().await;

    let org = kept(folder.path()).start().await.unwrap();
    let client = Client(&org);
    let after = (
        org.org_id().clone(),
        org.instance_url().to_owned(),
        org.consumer_key("Storefront").unwrap(),
        org.consumer_secret("Storefront")
            .unwrap()
            .expose_secret()
            .to_owned(),
        org.components(),
    );
    assert_eq!(before, after);
    assert_eq!(client.token(), token);
    assert_eq!(org.admin_password().expose_secret(), password);
    assert_eq!(client.rest("GET", "/id/keys", "").body, keys);
    assert_eq!(log_in(&org), 200);
    // Users are there, and their passwords.
    assert!(org.create_external_user(USER, "another").is_err());
    let entered = client.form(
        "/storefront/services/oauth2/authorize",
        &[],
        &[("username", USER), ("password", PASSWORD)],
    );
    assert_ne!(entered.status, 401, "{}", entered.body);
    // Deploys go on, and say what they said.
    assert_eq!(client.deploy_status(&running)["status"], "Succeeded");
    let again = client.deploy_status(broken["id"].as_str().unwrap());
    assert_eq!(again["errorMessage"], broken["errorMessage"]);
    assert_eq!(again["completedDate"], broken["completedDate"]);
    let quick = client.rest(
        "POST",
        &format!("/services/data/v66.0/metadata/deployRequest/{validation}"),
        "",
    );
    assert_eq!(quick.status, 201, "{}", quick.body);
    // A zip that was not handed out waits.
    let check = format!(
        "<checkRetrieveStatus><asyncProcessId>{retrieve}</asyncProcessId></checkRetrieveStatus>"
    );
    assert!(client.soap(&check).element("zipFile").is_some());
    org.stop().await;

    let org = kept(folder.path()).start().await.unwrap();
    assert_eq!(Client(&org).soap(&check).element("zipFile"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_stays_where_it_was_put() {
    let folder = tempfile::tempdir().unwrap();
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
    let clock = Arc::new(ManualClock::new(start));
    let day = Duration::from_hours(24);
    let org = kept(folder.path())
        .clock(clock.clone())
        .start()
        .await
        .unwrap();
    org.advance_clock(day);
    org.stop().await;
    clock.advance(day);
    let org = kept(folder.path()).clock(clock).start().await.unwrap();
    assert_eq!(org.now(), start + 2 * day);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_can_be_read_from_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let org = storefront(kept(folder.path())).await;
    let secrets = [
        PASSWORD.to_owned(),
        Client(&org).token().to_owned(),
        org.admin_password().expose_secret().to_owned(),
        org.consumer_secret("Storefront")
            .unwrap()
            .expose_secret()
            .to_owned(),
        org.consumer_key("Storefront").unwrap(),
    ];
    org.stop().await;
    for file in fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for secret in &secrets {
            let is_there = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!is_there, "{} holds a secret", path.display());
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_for_one_org_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let org = kept(folder.path()).start().await.unwrap();
    let error = kept(folder.path()).start().await.unwrap_err();
    assert!(
        matches!(&error, StartError::State(error) if error.is_in_use()),
        "{error}"
    );
    assert_eq!(
        error.to_string(),
        format!(
            "the state in {} is in use by another process",
            folder.path().display()
        )
    );
    org.stop().await;
    kept(folder.path()).start().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    kept(path).start().await.unwrap().stop().await;
    let key = path.join("key");
    let right = fs::read(&key).unwrap();

    fs::write(&key, [7; 32]).unwrap();
    let error = kept(path).start().await.unwrap_err();
    assert!(
        error.to_string().contains("sealed with another key"),
        "{error}"
    );
    fs::write(&key, "short").unwrap();
    let error = kept(path).start().await.unwrap_err();
    assert!(matches!(
        error,
        StartError::State(StoreError::NotAKey { .. })
    ));
    fs::remove_file(&key).unwrap();
    let error = kept(path).start().await.unwrap_err();
    assert!(matches!(error, StartError::State(StoreError::NoKey { .. })));
    fs::write(&key, right).unwrap();
    kept(path).start().await.unwrap().stop().await;

    let database = path.join("org.redb");
    {
        let database = redb::Database::open(&database).unwrap();
        let transaction = database.begin_write().unwrap();
        let about = redb::TableDefinition::<&str, u64>::new("about");
        transaction
            .open_table(about)
            .unwrap()
            .insert("format", 99)
            .unwrap();
        transaction.commit().unwrap();
    }
    let error = kept(path).start().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("has format 99; this program reads format 2"),
        "{error}"
    );
    fs::write(&database, "this is no database").unwrap();
    let error = kept(path).start().await.unwrap_err();
    assert!(error.to_string().contains("org.redb"), "{error}");
    let error = kept(&database).start().await.unwrap_err();
    assert!(error.to_string().contains("org.redb"), "{error}");
}
