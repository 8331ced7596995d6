//! `eca attest mint --pkcs11` with SoftHSM, where that is installed:
//! `cargo test -p eca-cli --features pkcs11`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const PIN: &str = "1234-leak";

fn data(name: &str) -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    crates.join("eca-attest/tests/data").join(name)
}

/// A folder with a token that holds an RSA and an EC key; `None` without SoftHSM.
fn token() -> Option<tempfile::TempDir> {
    let found = Command::new("softhsm2-util")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if found.is_err() || !Path::new(MODULE).exists() {
        let line = "SKIPPED eca attest mint --pkcs11: SoftHSM is not installed\n";
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        let required = std::env::var_os("ECA_REQUIRE_ORACLES").is_some();
        assert!(!required, "SoftHSM is required but not installed");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "mkdir tokens; echo \"directories.tokendir = $PWD/tokens\" > softhsm.conf
         softhsm2-util --init-token --free --label eca --so-pin 5678 --pin {PIN}
         softhsm2-util --import '{}' --token eca --pin {PIN} --label rsa --id 01
         softhsm2-util --import '{}' --token eca --pin {PIN} --label ec --id 02",
        data("test-only-rsa-2048.pem").display(),
        data("test-only-p256.pem").display()
    );
    let output = Command::new("sh")
        .args(["-ec", &script])
        .current_dir(&folder)
        .env("SOFTHSM2_CONF", folder.path().join("softhsm.conf"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    std::fs::write(folder.path().join("pin"), format!("{PIN}\n")).unwrap();
    Some(folder)
}

fn mint(folder: &Path, uri: &str, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eca"))
        .current_dir(folder)
        .args(["attest", "mint", "--client-id", "3MVG9abc"])
        .args(["--audience", "https://shop.my.site.com", "--pkcs11", uri])
        .args(more)
        .env("SOFTHSM2_CONF", folder.join("softhsm.conf"))
        .envs([("PIN", PIN), ("WRONG", "0000")])
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn a_key_that_stays_in_its_token() {
    let Some(folder) = token() else {
        return;
    };
    let here = folder.path();
    let rsa = format!("pkcs11:token=eca;object=rsa?module-path={MODULE}");
    let cert = data("test-only-rsa-2048.cert.pem").display().to_string();
    let made = Command::new(env!("CARGO_BIN_EXE_eca"))
        .current_dir(here)
        .args(["cert", "new", "--name", "other", "--key-out", "other.key"])
        .args(["--cert-out", "other.crt"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    for (uri, more) in [
        (rsa.clone(), &["--password-env", "PIN", "--cert", &cert][..]),
        (format!("{rsa}&pin-source=file:pin"), &[]),
        (
            format!("pkcs11:id=%01?module-path={MODULE}&pin-source=pin"),
            &["--jti"],
        ),
    ] {
        let minted = mint(here, &uri, more);
        assert!(minted.status.success(), "{minted:?}");
        let jwt = String::from_utf8(minted.stdout).unwrap();
        let verified = Command::new(env!("CARGO_BIN_EXE_eca"))
            .args(["attest", "verify", "--cert", &cert, jwt.trim()])
            .output()
            .unwrap();
        assert!(verified.status.success(), "{verified:?}");
    }
    let ec = format!("pkcs11:object=ec?module-path={MODULE}");
    let with = |from: &str, to: &str| rsa.replace(from, to);
    for (uri, more, words) in [
        (
            rsa.clone(),
            &[][..],
            &["no PIN given for the token", "--password-env"][..],
        ),
        (
            rsa.clone(),
            &["--password-env", "WRONG"],
            &["refused the login", "hint: check the PIN"],
        ),
        (
            rsa.clone(),
            &["--password-env", "PIN", "--cert", "other.crt"],
            &["does not belong", "hint: "],
        ),
        (
            rsa.clone(),
            &["--password-env", "PIN", "--key", "k"],
            &["--key", "cannot be used with"],
        ),
        (
            format!("{rsa}&pin-source=file:none"),
            &[],
            &["cannot read the PIN from none", "hint: "],
        ),
        (
            format!("{rsa}&pin-value={PIN}"),
            &[],
            &["holds the PIN itself", "hint: take it out"],
        ),
        (
            with("token=eca", "token=x"),
            &["--password-env", "PIN"],
            &["there are: eca", "hint: "],
        ),
        (
            with("=rsa", "=x"),
            &["--password-env", "PIN"],
            &["0 private keys that are named \"x\"", "hint: "],
        ),
        (
            with("softhsm/", "none/"),
            &["--password-env", "PIN"],
            &["cannot be used", "hint: module-path"],
        ),
        (
            "rsa".to_owned(),
            &["--password-env", "PIN"],
            &["begins with \"pkcs11:\"", "hint: "],
        ),
        (ec, &["--password-env", "PIN"], &["RS256"]),
    ] {
        let refused = mint(here, &uri, more);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(3), "{uri}: {said}");
        assert!(refused.stdout.is_empty(), "{uri}");
        for word in words {
            assert!(said.contains(word), "no {word:?} in {said}");
        }
        assert!(!said.contains(PIN), "{said}");
    }
}
