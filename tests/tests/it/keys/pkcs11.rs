//! `eca attest mint --pkcs11` with SoftHSM, by a program with the feature `pkcs11`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use eca_tests::{Run, repository, run, run_line, run_with, skip};

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
/// Makes a certificate of another key.
const OTHER: &str = "cert new --name other --key-out other.key --cert-out other.crt";
/// The RSA key of the token.
const RSA: &str = "pkcs11:token=eca;object=rsa?module-path=/usr/lib/softhsm/libsofthsm2.so";
const PIN: &str = "1234-leak";

fn data(name: &str) -> PathBuf {
    let folder = repository().join("crates/eca-attest/tests/data");
    folder.join(name)
}

/// A folder with a token that holds an RSA and an EC key; `None` without SoftHSM.
fn token() -> Option<tempfile::TempDir> {
    let found = Command::new("softhsm2-util")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if found.is_err() || !Path::new(MODULE).exists() {
        skip("SoftHSM");
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

fn mint(folder: &Path, uri: &str, more: &[&str]) -> Run {
    let arguments = "attest mint --client-id 3MVG9abc --audience https://shop.my.site.com --pkcs11";
    let mut arguments: Vec<_> = arguments.split(' ').collect();
    arguments.push(uri);
    arguments.extend(more);
    let configuration = folder.join("softhsm.conf");
    let environment = [
        ("SOFTHSM2_CONF", configuration.to_str().unwrap()),
        ("PIN", PIN),
        ("WRONG", "0000"),
    ];
    run_with(folder, &arguments, environment)
}

#[test]
fn a_key_that_stays_in_its_token() {
    let Some(folder) = token() else {
        return;
    };
    let here = folder.path();
    let cert = data("test-only-rsa-2048.cert.pem").display().to_string();
    for (uri, more) in [
        (
            RSA.to_owned(),
            &["--password-env", "PIN", "--cert", &cert][..],
        ),
        (format!("{RSA}&pin-source=file:pin"), &[]),
        (
            format!("pkcs11:id=%01?module-path={MODULE}&pin-source=pin"),
            &["--jti"],
        ),
    ] {
        let minted = mint(here, &uri, more);
        assert_eq!(minted.code, 0, "{minted:?}");
        let jwt = minted.stdout.trim();
        let verified = run(here, &["attest", "verify", "--cert", &cert, jwt]);
        assert_eq!(verified.code, 0, "{verified:?}");
    }
}

/// Mints with each URI and these options. Each run fails with these words and shows no PIN.
#[track_caller]
fn check_refused(folder: &Path, cases: &[(&str, &[&str], &[&str])]) {
    for (uri, options, words) in cases {
        let refused = mint(folder, uri, options);
        assert_eq!(refused.code, 3, "{uri}: {refused:?}");
        assert!(refused.stdout.is_empty(), "{uri}");
        for word in *words {
            assert!(refused.stderr.contains(word), "no {word:?}: {refused:?}");
        }
        refused.assert_hides(&[PIN]);
    }
}

#[test]
fn a_token_does_not_open() {
    let Some(folder) = token() else {
        return;
    };
    let missing = format!("{RSA}&pin-source=file:none");
    let inline = format!("{RSA}&pin-value={PIN}");
    check_refused(
        folder.path(),
        &[
            (RSA, &[], &["no PIN given for the token", "--password-env"]),
            (
                RSA,
                &["--password-env", "WRONG"],
                &["refused the login", "hint: check the PIN"],
            ),
            (&missing, &[], &["cannot read the PIN from none", "hint: "]),
            (
                &inline,
                &[],
                &["contains the PIN itself", "hint: remove it"],
            ),
        ],
    );
}

#[test]
fn a_token_has_no_such_key() {
    let Some(folder) = token() else {
        return;
    };
    let made = run_line(folder.path(), OTHER);
    assert_eq!(made.code, 0, "{made:?}");
    let token = RSA.replace("token=eca", "token=x");
    let object = RSA.replace("=rsa", "=x");
    let ec = RSA.replace("=rsa", "=ec");
    let module = RSA.replace("softhsm/", "none/");
    let pin = ["--password-env", "PIN"];
    check_refused(
        folder.path(),
        &[
            (&token, &pin, &["there are: eca", "hint: "]),
            (&object, &pin, &["0 private keys named \"x\"", "hint: "]),
            (&ec, &pin, &["RS256"]),
            (&module, &pin, &["cannot be used", "hint: module-path"]),
            ("rsa", &pin, &["does not begin with \"pkcs11:\"", "hint: "]),
            (
                RSA,
                &["--password-env", "PIN", "--cert", "other.crt"],
                &["does not belong", "hint: "],
            ),
            (
                RSA,
                &["--password-env", "PIN", "--key", "k"],
                &["--key", "cannot be used with"],
            ),
        ],
    );
}
