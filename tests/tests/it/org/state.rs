//! What was applied to which org: listed, shown, unlocked and forgotten.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

use eca_apply::{Applied, Folder, Holder, Lock, OrgId, StateStore};
use eca_tests::{Run, run_line, run_with, storefront_copy};
use serde_json::json;

const ORG: &str = "00Dxx0000000001";

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

fn holder(id: &str) -> Holder {
    Holder {
        id: id.to_owned(),
        who: "Ada".to_owned(),
        host: "build-7".to_owned(),
        command: "eca apply".to_owned(),
    }
}

/// A project whose state is in a folder beside it, where its apps were applied to an org, and
/// another job holds the lock.
pub(crate) fn applied() -> (tempfile::TempDir, Lock) {
    let folder = storefront_copy();
    let toml = "[orgs.a]\ninstance-url = 'https://acme.my.salesforce.com'\nauth = { method = 'sf' }\n\
                [state]\nurl = 'file:team'\nproject = 'shop'\n";
    std::fs::write(folder.path().join("eca.toml"), toml).unwrap();
    let project = eca_model::Project::load(folder.path()).unwrap();
    let mut applied = Applied::new(project.snapshot(), BTreeMap::new());
    for app in project.apps() {
        applied.apps.insert(app.name.to_owned(), "shop".to_owned());
    }
    applied.apps.insert("Till".to_owned(), "till".to_owned());
    applied.instance = Some("https://acme.my.salesforce.com".to_owned());
    let store = StateStore::new(Folder::new(folder.path().join("team")));
    let org: OrgId = ORG.parse().unwrap();
    let lock = block_on(async {
        let mut lock = store.lock(&org, holder("4f1"), at(0)).await.unwrap();
        let loaded = store.load(&org).await.unwrap();
        store
            .commit(&mut lock, &loaded, applied, at(60))
            .await
            .unwrap();
        lock
    });
    (folder, lock)
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread();
    { runtime }.build().unwrap().block_on(future)
}

fn check(folder: &Path, line: &str, code: i32, expected: &[&str]) -> Run {
    let run = run_line(folder, line);
    assert_eq!(run.code, code, "{line}: {run:?}");
    for words in expected {
        let text = format!("{}{}", run.stdout, run.stderr);
        assert!(text.contains(words), "{line}: {words}: {text}");
    }
    run
}

#[test]
fn a_lock_is_shown_and_broken_by_its_id() {
    let (folder, _lock) = applied();
    let folder = folder.path();
    check(
        folder,
        "state list",
        0,
        &[
            "00Dxx0000000001 https://acme.my.salesforce.com serial 1: by Ada on build-7 (eca apply) at 2023-11-14T22:14:20Z",
            "  Storefront of shop",
            "  Till of till",
            "  locked by Ada on build-7 (eca apply) at 2023-11-14T22:13:20Z, id 4f1",
        ],
    );
    let listed = run_line(folder, "state list --json").json();
    assert_eq!(listed["project"], "shop");
    assert_eq!(listed["orgs"][0]["lock"]["id"], "4f1");
    assert_eq!(listed["orgs"][0]["apps"]["Till"], "till");
    // Nobody is asked here, so the answer has to be given beforehand.
    check(
        folder,
        "state unlock 4f1",
        3,
        &[
            "break the lock of 00Dxx0000000001, held by Ada on build-7",
            "last renewed at 2023-11-14T22:14:20Z",
            "--yes",
        ],
    );
    check(folder, "state unlock 4f2 --yes", 1, &["has no lock 4f2"]);
    let unlocked = run_line(folder, "state unlock 4f1 --yes --json");
    assert_eq!(unlocked.code, 0, "{unlocked:?}");
    assert_eq!(unlocked.json()["lock"]["who"], "Ada");
    check(folder, "state unlock 4f1 --yes", 1, &["its job is done"]);
}

#[test]
fn an_app_or_an_org_is_forgotten() {
    let (folder, _lock) = applied();
    let folder = folder.path();
    // The other job is silent since long, so its lock is taken over.
    check(
        folder,
        "state forget --app Storefrunt --yes",
        3,
        &["no app Storefrunt was applied", "did you mean Storefront?"],
    );
    check(
        folder,
        "state forget --app Storefront",
        3,
        &["forget Storefront in 00Dxx0000000001?", "--yes"],
    );
    check(
        folder,
        "state forget --app Storefront --yes",
        0,
        &["forgot Storefront"],
    );
    let shown = run_line(folder, "state show --org a --json").json();
    assert_eq!(
        (&shown["serial"], &shown["apps"]),
        (&json!(2), &json!({ "Till": "till" }))
    );
    let left = shown["components"].as_array().unwrap();
    assert!(
        !left
            .iter()
            .any(|name| name.as_str().unwrap().starts_with("Ext")
                && name.as_str().unwrap().contains("Storefront")),
        "{left:?}"
    );
    check(
        folder,
        "state forget 00Dxx0000000002 --yes",
        3,
        &["no state of 00Dxx0000000002", "eca state list"],
    );
    check(
        folder,
        "state forget --yes",
        0,
        &["forgot 00Dxx0000000001, with all its apps"],
    );
    check(folder, "state list", 0, &["nothing was applied yet"]);
    check(folder, "state show", 3, &["nothing was applied yet"]);
}

#[test]
fn a_place_that_cannot_be_used_is_named() {
    let folder = storefront_copy();
    let folder = folder.path();
    check(folder, "state list", 0, &["file:", "/eca/orgs is empty"]);
    for (toml, code, words) in [
        ("url = 'https://x'", 3, "eca.toml:2:7"),
        ("url = 'https://x'", 3, "it is none of file:PATH"),
        (
            "url = 's3://AKIA:hunter2@acme'",
            3,
            "credentials and options are not part of the url",
        ),
        (
            "url = 'az://state?sig=hunter2'",
            3,
            "credentials and options are not part of the url",
        ),
        ("place = 'x'", 3, "expected `url`, `project`"),
        ("project = ''", 3, "1 to 100 characters"),
        ("url = 'az://state'", 3, "set AZURE_STORAGE_ACCOUNT_NAME"),
        ("url = 'gs://state'", 3, "there are no Google credentials"),
        ("url = 'file:sfdx-project.json'", 3, "cannot list"),
    ] {
        std::fs::write(folder.join("eca.toml"), format!("[state]\n{toml}\n")).unwrap();
        let run = check(folder, "state list", code, &[words]);
        run.assert_hides(&["hunter2"]);
    }
    std::fs::write(folder.join("eca.toml"), "[state]\nurl = 's3://acme/eca'\n").unwrap();
    let cloud = |variables: &[(&str, &str)]| {
        let none = ["AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"].map(|name| (name, ""));
        let variables = none.iter().chain(variables).copied();
        run_with(folder, &["state", "list"], variables)
    };
    let run = cloud(&[]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(
        run.stderr.contains("there are no AWS credentials"),
        "{run:?}"
    );
    let run = cloud(&[
        ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        // The discard port, where nobody listens.
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
    ]);
    assert_eq!(run.code, 7, "{run:?}");
    assert!(run.stderr.contains("could not connect"), "{run:?}");
    run.assert_hides(&["AKIAEXAMPLE", "hunter2"]);
    // Credentials of the environment go there: the file has to be trusted.
    let untrusted = run_with(folder, &["state", "list"], [("ECA_TRUST_CONFIG", "")]);
    assert_eq!(untrusted.code, 3, "{untrusted:?}");
    assert!(
        untrusted.stderr.contains("is not trusted yet"),
        "{untrusted:?}"
    );
}
