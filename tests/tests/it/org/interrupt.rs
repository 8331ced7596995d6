//! Runs that are interrupted or killed.

use std::process::{Command, Stdio};

use eca_tests::{EndlessOrg, eca, run, storefront};

/// Interrupts a deploy while it is in progress; the exit code, stderr, and the document.
fn interrupt(org: &EndlessOrg, arguments: &[&str]) -> (Option<i32>, String, serde_json::Value) {
    let child = eca(&storefront(), arguments)
        .env("SF_ACCESS_TOKEN", "00D000000000001!token")
        .env("SF_ORG_INSTANCE_URL", org.url())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("eca runs");
    org.wait_for_poll();
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(signal.expect("kill runs").success());
    let output = child.wait_with_output().expect("eca ends");
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    let document = serde_json::from_slice(&output.stdout).expect("a document");
    (output.status.code(), printed, document)
}

#[test]
fn an_interrupted_deploy_continues_and_can_be_followed() {
    let org = EndlessOrg::start();
    let (code, printed, document) = interrupt(&org, &["deploy", "--json"]);
    assert_eq!(code, Some(130), "{printed}");
    let resume = format!(
        "hint: to follow it: eca deploy --resume {}",
        EndlessOrg::DEPLOY
    );
    assert!(printed.contains(&resume), "{printed}");
    assert_eq!(document["outcome"], "interrupted");
    assert!(
        !org.requests()
            .iter()
            .any(|request| request.method == "PATCH")
    );
}

#[test]
fn an_interrupted_deploy_is_cancelled_on_request() {
    let org = EndlessOrg::start();
    let (code, printed, _) = interrupt(&org, &["deploy", "--json", "--cancel-on-interrupt"]);
    assert_eq!(code, Some(130), "{printed}");
    let asked = format!(
        "interrupted; the org was asked to cancel deploy {}: Canceled",
        EndlessOrg::DEPLOY
    );
    assert!(printed.contains(&asked), "{printed}");
    assert!(printed.contains("hint: to follow it: "), "{printed}");
    let requests = org.requests();
    let cancel = requests
        .iter()
        .find(|request| request.method == "PATCH")
        .expect("a cancel");
    assert_eq!(cancel.body, r#"{"deployResult":{"status":"Canceling"}}"#);
}

/// A killed process cannot clean up. Each file is the old one or the new one, whole.
#[test]
fn a_killed_fmt_leaves_whole_files() {
    const OLD: &str = "<ExternalClientApplication xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n<label>Shop</label>\n  <!-- ours -->\n<contactEmail>a@shop.example</contactEmail>\n</ExternalClientApplication>\n";
    let one = tempfile::tempdir().unwrap();
    let file = one.path().join("Shop.eca");
    std::fs::write(&file, OLD).unwrap();
    assert_eq!(run(one.path(), &["fmt"]).code, 0);
    let new = std::fs::read_to_string(&file).unwrap();
    assert_ne!(new, OLD);

    let many = tempfile::tempdir().unwrap();
    let files: Vec<_> = (0..500)
        .map(|number| many.path().join(format!("Shop_{number:03}.eca")))
        .collect();
    for file in &files {
        std::fs::write(file, OLD).unwrap();
    }
    let mut child = eca(many.path(), &["fmt"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // They are written in the order of their names.
    while std::fs::read_to_string(&files[4]).unwrap() == OLD {
        assert_eq!(child.try_wait().unwrap(), None, "fmt has written nothing");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text == OLD || text == new, "{}: {text}", file.display());
    }

    // The killed run may leave a temporary file. The next run ignores it.
    let again = run(many.path(), &["fmt"]);
    assert_eq!(again.code, 0, "{again:?}");
    for file in &files {
        assert_eq!(std::fs::read_to_string(file).unwrap(), new);
    }
}
