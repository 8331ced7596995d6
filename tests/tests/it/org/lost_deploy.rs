//! Deploys that are found again: by the journal, by the org's list, by their id.

use eca_tests::{EndlessOrg, FakeOrg, replace, run_with, storefront_copy};

use crate::embedded::EmbeddedOrg;

#[test]
fn a_quick_deploy_is_in_the_journal() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let state = root.join("journal");
    let journal = state.to_str().unwrap();
    let eca = |arguments: &[&str]| run_with(root, arguments, org.environment());
    let checked = eca(&["deploy", "--check-only", "--json", "--journal", journal]);
    let id = checked.json()["id"].as_str().unwrap().to_owned();
    let quick = eca(&["deploy", "--quick", &id, "--journal", journal, "--json"]);
    assert_eq!(quick.code, 0, "{quick:?}");
    let new = quick.json()["id"].as_str().unwrap().to_owned();
    assert_ne!(new, id);
    assert_eq!(quick.json()["check_only"], false);

    let resumed = eca(&["deploy", "--resume", "--journal", journal, "--json"]);
    assert_eq!(resumed.json()["id"], new.as_str(), "{resumed:?}");
    for command in ["show", "watch"] {
        let last = eca(&["deploys", command, "--journal", journal, "--json"]);
        assert_eq!(last.json()["id"], new.as_str(), "{last:?}");
    }

    // The journal of a process that died before the answer came: the org is queried.
    let mut entries: Vec<_> = std::fs::read_dir(&state).unwrap().flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    assert_eq!(entries.len(), 2);
    std::fs::remove_file(entries[1].path()).unwrap();
    replace(&entries[0].path(), &format!("\"{id}\""), "null");
    let found = eca(&["deploy", "--resume", "--journal", journal, "--json"]);
    assert_eq!(found.json()["id"], id.as_str(), "{found:?}");
    let entry = std::fs::read_to_string(entries[0].path()).unwrap();
    let recorded = format!("\"id\":\"{id}\"");
    assert!(
        entry.contains(&recorded),
        "what was found is recorded: {entry}"
    );

    let done = eca(&["deploy", "--cancel", &id]);
    assert_eq!(done.code, 5, "{done:?}");
    assert!(
        done.stderr
            .contains("could not be cancelled: it has ended as Succeeded"),
        "{}",
        done.stderr
    );
    let empty = eca(&["deploy", "--resume", "--journal", "nowhere"]);
    assert_eq!(empty.code, 3, "{empty:?}");
    assert_eq!(eca(&["deploy", "--resume", &id, "--quick", &id]).code, 3);
}

/// The answer to a start is lost, and the same package was deployed before: the two deploys are not
/// confused.
#[test]
fn a_lost_start_is_found_beside_an_earlier_deploy() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let deploy = ["deploy", "--json", "--journal", "journal"];
    let earlier = run_with(root, &deploy, org.environment());
    assert_eq!(earlier.code, 0, "{earlier:?}");

    org.arm(r#"{"fault":"reset","path":"deployRequest","times":1,"carried_out":true}"#);
    let lost = run_with(root, &deploy, org.environment());
    assert_eq!(lost.code, 0, "{lost:?}");
    assert_ne!(lost.json()["id"], earlier.json()["id"]);
    let id = lost.json()["id"].as_str().unwrap().to_owned();
    assert!(lost.stderr.contains(&id), "{}", lost.stderr);
    let listed = run_with(root, &["deploys", "list", "--json"], org.environment());
    assert_eq!(listed.json()["deploys"].as_array().unwrap().len(), 2);

    // The journal of a process that died before the answer came. The org has two such deploys, and
    // the journal has the id of the earlier one.
    let journal = std::fs::read_dir(root.join("journal")).unwrap().flatten();
    let newest = journal.map(|entry| entry.path()).max().unwrap();
    replace(&newest, &format!("\"{id}\""), "null");
    let resume = ["deploy", "--resume", "--json", "--journal", "journal"];
    let resumed = run_with(root, &resume, org.environment());
    assert_eq!(resumed.json()["id"], id.as_str(), "{resumed:?}");
}

#[test]
fn a_lost_quick_start_is_found() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let eca = |arguments: &[&str]| run_with(root, arguments, org.environment());
    let journal = ["--json", "--journal", "journal"];
    let checked = eca(&[&["deploy", "--check-only"], &journal[..]].concat());
    let validated = checked.json()["id"].as_str().unwrap().to_owned();
    org.arm(
        r#"{"fault":"reset","path":"deployRequest","body":"validatedDeployRequestId","carried_out":true}"#,
    );
    let quick = eca(&[&["deploy", "--quick", &validated], &journal[..]].concat());
    assert_eq!(quick.code, 0, "{quick:?}");
    let id = quick.json()["id"].as_str().unwrap().to_owned();
    assert_ne!(id, validated);

    // The journal of a process that died before the answer came.
    let entries = std::fs::read_dir(root.join("journal")).unwrap().flatten();
    let newest = entries.map(|entry| entry.path()).max().unwrap();
    replace(&newest, &format!("\"id\":\"{id}\""), "\"id\":null");
    let resumed = eca(&[&["deploy", "--resume"], &journal[..]].concat());
    assert_eq!(resumed.json()["id"], id.as_str(), "{resumed:?}");
    let listed = eca(&["deploys", "list", "--json"]);
    assert_eq!(listed.json()["deploys"].as_array().unwrap().len(), 2);
}

/// The start of a deploy that the org does not have, ten minutes ago and an hour ago.
#[test]
fn a_start_that_did_not_arrive() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let eca = |arguments: &[&str]| run_with(root, arguments, org.environment());
    let deployed = eca(&["deploy", "--json", "--journal", "journal"]);
    let id = deployed.json()["id"].as_str().unwrap().to_owned();
    let mut entries = std::fs::read_dir(root.join("journal")).unwrap().flatten();
    let entry = entries.next().unwrap().path();
    let text = std::fs::read_to_string(&entry).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json["id"] = serde_json::Value::Null;
    // A size that no deploy of the org has.
    json["fingerprint"]["zip_bytes"] = 7.into();
    let seconds = json["fingerprint"]["sent_at"]["secs_since_epoch"].as_u64();
    for (minutes, code, words) in [
        (10, 6, "look again in some minutes"),
        (60, 1, "the request did not reach it"),
    ] {
        json["fingerprint"]["sent_at"]["secs_since_epoch"] =
            (seconds.unwrap() - minutes * 60).into();
        std::fs::write(&entry, json.to_string()).unwrap();
        let resumed = eca(&["deploy", "--resume", "--journal", "journal"]);
        assert_eq!(resumed.code, code, "{resumed:?}");
        assert!(resumed.stderr.contains(words), "{resumed:?}");
        assert!(!resumed.stdout.contains(&id));
    }
}

/// The response to a cancellation was lost, and the org refuses the second one.
#[test]
fn a_cancellation_that_was_repeated_looks_once() {
    for (status, code, words) in [
        ("Canceled", 0, "deploy Canceled"),
        ("Failed", 5, "it has ended as Failed"),
    ] {
        let org = FakeOrg::start(move |request, _| {
            if request.method == "PATCH" {
                let refusal = r#"[{"errorCode":"INVALID_ID_FIELD","message":"Deployment already completed"}]"#;
                return (400, refusal.to_owned());
            }
            (
                200,
                format!(r#"{{"deployResult":{{"status":"{status}","done":true}}}}"#),
            )
        });
        let project = storefront_copy();
        let environment = [
            ("SF_ACCESS_TOKEN", "00D000000000001!token"),
            ("SF_ORG_INSTANCE_URL", &org.url),
        ];
        let arguments = ["deploy", "--cancel", EndlessOrg::DEPLOY];
        let cancelled = run_with(project.path(), &arguments, environment);
        assert_eq!(cancelled.code, code, "{cancelled:?}");
        let printed = cancelled.stdout + &cancelled.stderr;
        assert!(printed.contains(words), "{printed}");
    }
}

#[test]
fn watch_follows_the_newest_deploy_that_has_not_ended() {
    let org = FakeOrg::start(|request, _| {
        if request.path.contains("/query") {
            let record = |id: &str, status: &str| {
                format!(
                    r#"{{"Id":"0Af00000000000{id}AAA","Status":"{status}","CreatedDate":"2026-01-01T00:00:00Z"}}"#
                )
            };
            let records = [
                record("3", "Succeeded"),
                record("2", "InProgress"),
                record("1", "Pending"),
            ];
            return (
                200,
                format!(
                    r#"{{"totalSize":3,"done":true,"records":[{}]}}"#,
                    records.join(",")
                ),
            );
        }
        (
            200,
            r#"{"deployResult":{"status":"Succeeded","done":true,"success":true}}"#.to_owned(),
        )
    });
    let project = storefront_copy();
    let environment = [
        ("SF_ACCESS_TOKEN", "00D000000000001!token"),
        ("SF_ORG_INSTANCE_URL", &org.url),
    ];
    let watched = run_with(project.path(), &["deploys", "watch", "--json"], environment);
    assert_eq!(watched.json()["id"], "0Af000000000002AAA", "{watched:?}");
}

/// `--wait` ends also against an org that never answers.
#[test]
fn the_time_limit_bounds_a_request_that_hangs() {
    let org = FakeOrg::start(|_, _| {
        std::thread::park_timeout(std::time::Duration::from_mins(2));
        (200, String::new())
    });
    let project = storefront_copy();
    let environment = [
        ("SF_ACCESS_TOKEN", "00D000000000001!token"),
        ("SF_ORG_INSTANCE_URL", &org.url),
    ];
    let started = std::time::Instant::now();
    let arguments = ["deploys", "watch", EndlessOrg::DEPLOY, "--wait", "1s"];
    let watched = run_with(project.path(), &arguments, environment);
    assert_eq!(watched.code, 6, "{watched:?}");
    assert!(
        started.elapsed() < std::time::Duration::from_secs(30),
        "{watched:?}"
    );
}
