//! Makes cargo build the program for the tests in the workspace's folder `tests`.

use std::process::Command;

#[test]
fn version() {
    let program = env!("CARGO_BIN_EXE_eca");
    let output = Command::new(program).arg("--version").output();
    let output = output.expect("the program runs");
    assert!(output.status.success());
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text, format!("eca {}\n", env!("CARGO_PKG_VERSION")));
}
