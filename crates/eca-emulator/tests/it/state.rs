//! An org with a state folder: `--state DIR`.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use eca_emulator::{Builder, ManualClock, Org, Pace, Secret, StartError};
use tempfile::TempDir;

use crate::fixture::{Client, PASSWORD, Package, USER, failures, storefront};

fn stored(folder: &Path) -> Builder {
    Org::builder().pace(Pace::Polls(1)).state_dir(folder)
}

/// The parts of an org that must survive a restart.
fn identity(org: &Org) -> impl PartialEq + std::fmt::Debug + use<> {
    let text = |secret: &Secret| secret.expose_secret().to_owned();
    (
        org.org_id(),
        org.instance_url().to_owned(),
        text(org.admin_access_token()),
        text(org.admin_password()),
        org.consumer_key("Storefront"),
        text(&org.consumer_secret("Storefront").unwrap()),
        org.components(),
        Client(org).rest("GET", "/id/keys", "").body,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_org_is_the_same_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let org = storefront(stored(folder.path())).await;
    let before = identity(&org);
    org.stop().await;
    let org = stored(folder.path()).start().await.unwrap();
    assert_eq!(identity(&org), before);
    let client = Client(&org);
    assert_eq!(client.rest("GET", "/services/data/v66.0", "").status, 200);
    // Users and their passwords are stored.
    assert!(org.create_external_user(USER, "another").is_err());
    let entered = client.form(
        "/storefront/services/oauth2/authorize",
        &[],
        &[("username", USER), ("password", PASSWORD)],
    );
    assert_ne!(entered.status, 401, "{}", entered.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn deploys_continue_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let org = storefront(stored(folder.path())).await;
    let client = Client(&org);
    let zip = Package::storefront().zip();
    let validation = client.deploy_with(
        &zip,
        r#"{"singlePackage":true,"checkOnly":true,"rollbackOnError":true}"#,
    );
    let validation = validation["id"].as_str().unwrap().to_owned();
    let broken = client.deploy_with(b"no zip", r#"{"singlePackage":true}"#);
    assert_eq!(broken["status"], "Failed");
    let running = client.start_deploy(&zip, r#"{"singlePackage":true,"rollbackOnError":true}"#);
    let running = running.json()["id"].as_str().unwrap().to_owned();
    org.stop().await;

    let org = stored(folder.path()).start().await.unwrap();
    let client = Client(&org);
    assert_eq!(client.deploy_status(&running)["status"], "Succeeded");
    assert_eq!(client.deploy_status(broken["id"].as_str().unwrap()), broken);
    let path = format!("/services/data/v66.0/metadata/deployRequest/{validation}");
    let quick = client.rest("POST", &path, "");
    assert_eq!(quick.status, 201, "{}", quick.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retrieved_zip_is_returned_once() {
    let folder = tempfile::tempdir().unwrap();
    let org = storefront(stored(folder.path())).await;
    let client = Client(&org);
    let started = client.soap(
        "<retrieve><request><singlePackage>true</singlePackage><unpackaged><types>\
         <members>*</members><name>ExternalClientApplication</name>\
         </types></unpackaged></request></retrieve>",
    );
    let id = started.element("id").unwrap().to_owned();
    let check = |org: &Org, with_zip: bool| {
        Client(org).soap(&format!(
            "<checkRetrieveStatus><asyncProcessId>{id}</asyncProcessId>\
             <includeZip>{with_zip}</includeZip></checkRetrieveStatus>"
        ))
    };
    assert!(check(&org, false).body.contains("Succeeded"));
    org.stop().await;
    let org = stored(folder.path()).start().await.unwrap();
    assert!(check(&org, true).element("zipFile").is_some());
    org.stop().await;
    let org = stored(folder.path()).start().await.unwrap();
    assert_eq!(check(&org, true).element("zipFile"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_keeps_its_setting() {
    let folder = tempfile::tempdir().unwrap();
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
    let clock = Arc::new(ManualClock::new(start));
    let day = Duration::from_hours(24);
    let org = stored(folder.path())
        .clock(clock.clone())
        .start()
        .await
        .unwrap();
    org.advance_clock(day);
    org.stop().await;
    clock.advance(day);
    let org = stored(folder.path()).clock(clock).start().await.unwrap();
    assert_eq!(org.now(), start + 2 * day);
}

/// Starts a second org from a copy of the files of a running one, as after a kill.
async fn after_a_kill(folder: &Path, builder: Builder) -> (TempDir, Org) {
    let copy = tempfile::tempdir().unwrap();
    fs::copy(folder.join("org.redb"), copy.path().join("org.redb")).unwrap();
    let org = builder.state_dir(copy.path()).start().await.unwrap();
    (copy, org)
}

#[tokio::test(flavor = "multi_thread")]
async fn answered_changes_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let org = storefront(stored(folder.path())).await;
    let client = Client(&org);
    let keys = client.rest("GET", "/id/keys", "").body;
    let (_copy, second) = after_a_kill(folder.path(), Org::builder()).await;
    assert_eq!(Client(&second).rest("GET", "/id/keys", "").body, keys);

    // A failed login changes the history.
    let before = org.logins().len();
    let refused = client.form(
        "/storefront/services/oauth2/authorization_challenge",
        &[],
        &[
            ("client_id", &org.consumer_key("Storefront").unwrap()),
            ("username", USER),
            ("password", "wrong"),
        ],
    );
    assert_eq!(
        refused.error(),
        "401 invalid_client: the client attestation is missing"
    );
    assert_eq!(org.logins().len(), before + 1);
    let (_copy, second) = after_a_kill(folder.path(), Org::builder()).await;
    assert_eq!(second.logins(), org.logins());
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_a_read_settles_survives_a_kill() {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
    let clock = Arc::new(ManualClock::new(start));
    let builder = || {
        let hour = Pace::Time(Duration::from_hours(1));
        Org::builder().pace(hour).clock(clock.clone())
    };
    let folder = tempfile::tempdir().unwrap();
    let org = builder().state_dir(folder.path()).start().await.unwrap();
    let client = Client(&org);
    let started = client.start_deploy(&Package::storefront().zip(), r#"{"singlePackage":true}"#);
    let id = started.json()["id"].as_str().unwrap().to_owned();
    clock.advance(Duration::from_mins(30));
    assert_eq!(client.deploy_status(&id)["status"], "InProgress");
    let (_copy, second) = after_a_kill(folder.path(), builder()).await;
    assert_eq!(Client(&second).deploy_status(&id)["status"], "InProgress");

    clock.advance(Duration::from_hours(1));
    let status = client.deploy_status(&id);
    assert_eq!(status["status"], "Succeeded", "{}", failures(&status));
    let key = org.consumer_key("Storefront").unwrap();
    let (_copy, second) = after_a_kill(folder.path(), builder()).await;
    assert_eq!(Client(&second).deploy_status(&id), status);
    // A generated key would be another one.
    assert_eq!(second.consumer_key("Storefront").unwrap(), key);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_is_one_file_for_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let org = storefront(stored(folder.path())).await;
    let (key, secret) = (
        org.consumer_key("Storefront").unwrap(),
        org.consumer_secret("Storefront").unwrap(),
    );
    let token = Client(&org).form(
        "/services/oauth2/token",
        &[],
        &[
            ("grant_type", "client_credentials"),
            ("client_id", &key),
            ("client_secret", secret.expose_secret()),
        ],
    );
    let token = token.json()["access_token"].as_str().unwrap().to_owned();
    let admin = org.admin_password().expose_secret().to_owned();
    org.stop().await;
    let files: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(files, ["org.redb"]);
    let path = folder.path().join("org.redb");
    let bytes = fs::read(&path).unwrap();
    let has = |text: &str| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    // Hashed, since the org only compares them.
    assert!(!has(PASSWORD) && !has(&token));
    // In clear text, since the org shows or uses them again: docs/emulator.md lists them.
    assert!(has(&admin) && has(secret.expose_secret()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        // A copy that every user could read is made private again.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        stored(folder.path()).start().await.unwrap().stop().await;
        assert_eq!(mode(), 0o600);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_for_one_org_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let org = stored(folder.path()).start().await.unwrap();
    let error = stored(folder.path()).start().await.unwrap_err();
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
    stored(folder.path()).start().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let org = stored(path).start().await.unwrap();
    let org_id = org.org_id();
    org.stop().await;
    let database = path.join("org.redb");
    let set_format = |format: u64| {
        let database = redb::Database::open(&database).unwrap();
        let transaction = database.begin_write().unwrap();
        let about = redb::TableDefinition::<&str, u64>::new("about");
        let mut table = transaction.open_table(about).unwrap();
        table.insert("format", format).unwrap();
        drop(table);
        transaction.commit().unwrap();
    };
    // Format 2 has a key file in the folder.
    for format in [2, 99] {
        set_format(format);
        let error = stored(path).start().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "{} has format {format}; this program reads format 3: remove it to start a new org",
                database.display()
            )
        );
    }
    // A refused folder is unchanged.
    set_format(3);
    assert_eq!(stored(path).start().await.unwrap().org_id(), org_id);
    fs::write(&database, "not a database").unwrap();
    let error = stored(path).start().await.unwrap_err();
    assert!(error.to_string().contains("org.redb"), "{error}");
    let error = stored(&database).start().await.unwrap_err();
    assert!(error.to_string().contains("org.redb"), "{error}");
}
