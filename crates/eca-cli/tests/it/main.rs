//! The program starts, and logs in: against an embedded org in this process, whose setup these
//! tests do as an administrator would, and against a made-up server for the flows that it lacks.
//! The rest of its behaviour is tested in the workspace's `tests` crate, which finds it beside
//! itself because these tests make cargo build it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod doctor;
mod fake_org;
mod headless;
mod login;
mod sources;

use std::process::Command;

#[test]
fn starts() {
    let program = env!("CARGO_BIN_EXE_eca");
    let output = Command::new(program).arg("--version").output();
    let output = output.expect("the program runs");
    assert!(output.status.success());
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text, format!("eca {}\n", env!("CARGO_PKG_VERSION")));
}
