//! Ctrl-C.

use std::process::{Command, Stdio};

use eca_tests::{EndlessOrg, eca, storefront};

#[test]
fn a_deploy_goes_on_and_can_be_followed() {
    let org = EndlessOrg::start();
    let child = eca(&storefront(), &["deploy", "--json"])
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
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    let resume = format!(
        "hint: to follow it: eca deploy --resume {}",
        EndlessOrg::DEPLOY
    );
    assert!(said.contains(&resume), "{said}");
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a document");
    assert_eq!(document["outcome"], "interrupted");
}
