//! Ctrl-C.

use std::process::{Command, Stdio};

use eca_tests::{EndlessOrg, eca, storefront};

/// Sends Ctrl-C to a deploy that goes on; its exit code, what it said, and its document.
#[expect(clippy::expect_used, reason = "tests fail by panicking")]
fn interrupt(org: &EndlessOrg, arguments: &[&str]) -> (Option<i32>, String, serde_json::Value) {
    let child = eca(&storefront(), arguments)
        .env("SF_ACCESS_TOKEN", "00D000000000001!token")
        .env("SF_ORG_INSTANCE_URL", org.url())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("eca runs");
    org.wait_for_a_question();
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(signal.expect("kill runs").success());
    let output = child.wait_with_output().expect("eca ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let document = serde_json::from_slice(&output.stdout).expect("a document");
    (output.status.code(), said, document)
}

#[test]
fn a_deploy_goes_on_and_can_be_followed() {
    let org = EndlessOrg::start();
    let (code, said, document) = interrupt(&org, &["deploy", "--json"]);
    assert_eq!(code, Some(130), "{said}");
    let resume = format!(
        "hint: to follow it: eca deploy --resume {}",
        EndlessOrg::DEPLOY
    );
    assert!(said.contains(&resume), "{said}");
    assert_eq!(document["outcome"], "interrupted");
    assert!(
        !org.requests()
            .iter()
            .any(|request| request.starts_with("PATCH"))
    );
}

#[test]
fn a_deploy_is_cancelled_where_that_was_asked_for() {
    let org = EndlessOrg::start();
    let (code, said, _) = interrupt(&org, &["deploy", "--json", "--cancel-on-interrupt"]);
    assert_eq!(code, Some(130), "{said}");
    let asked = format!(
        "interrupted; the org was asked to cancel deploy {}: Canceled",
        EndlessOrg::DEPLOY
    );
    assert!(said.contains(&asked), "{said}");
    assert!(said.contains("hint: to follow it: "), "{said}");
    let requests = org.requests();
    let cancel = requests
        .iter()
        .find(|request| request.starts_with("PATCH"))
        .expect("a cancel");
    assert!(cancel.ends_with(r#"{"deployResult":{"status":"Canceling"}}"#));
}
