//! Keys in a token of SoftHSM.

use std::process::Command;

use eca_attest::{Password, Pkcs11Error, Pkcs11Signer, Provider, Signer};

use crate::oracle::Oracle;
use crate::support::{EC_PEM, RSA_PEM, key, signers};

const MODULES: [&str; 2] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
];
/// Set in the second process of the test, which has SoftHSM's configuration in its environment: the
/// first one must not change the environment of the other tests.
const CHILD: &str = "ECA_TEST_SOFTHSM_CHILD";

#[test]
fn a_token_signs() {
    if std::env::var_os(CHILD).is_some() {
        return child();
    }
    let Some(oracle) =
        Oracle::with_library(&["softhsm2-util"], "SoftHSM", &format!("ls {}", MODULES[0]))
    else {
        return;
    };
    oracle.run("mkdir tokens; echo \"directories.tokendir = $PWD/tokens\" > softhsm.conf");
    let token = "--token eca --pin 1234";
    oracle.run("SOFTHSM2_CONF=softhsm.conf softhsm2-util --init-token --free --label eca --so-pin 5678 --pin 1234");
    for (name, pem, id) in [("rsa", RSA_PEM, "01"), ("ec", EC_PEM, "02")] {
        oracle.write("key.pem", pem);
        oracle.run(&format!(
            "SOFTHSM2_CONF=softhsm.conf softhsm2-util --import key.pem {token} --label {name} --id {id}"
        ));
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sign::pkcs11::a_token_signs"])
        .env("SOFTHSM2_CONF", oracle.path("softhsm.conf"))
        .env(CHILD, "1")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{stdout}"
    );
}

fn child() {
    let open = |path: &str, pin: &str| {
        let uri = format!("pkcs11:{path}?module-path={}", MODULES[0]);
        Pkcs11Signer::open(&uri.parse().unwrap(), &Password::new(pin))
    };
    let refused = open("token=eca;object=rsa", "0000").unwrap_err();
    assert!(matches!(refused, Pkcs11Error::Login { .. }), "{refused:?}");
    for (path, message) in [
        (
            "token=other;object=rsa",
            "0 PKCS#11 tokens match the URI instead of one; there are: eca",
        ),
        (
            "token=eca;object=none",
            "the PKCS#11 token has 0 private keys named \"none\" instead of one",
        ),
        (
            "object=rsa;id=%02",
            "the PKCS#11 token has 0 private keys named \"rsa\" and of id 02 instead of one",
        ),
    ] {
        let refused = open(path, "1234").unwrap_err();
        assert_eq!(refused.to_string(), message);
        assert!(refused.hint().is_some(), "{path}");
    }
    for (path, name, pem) in [
        ("token=eca;object=rsa", "rsa", RSA_PEM),
        ("token=eca;object=ec;type=private", "ec", EC_PEM),
        ("object=rsa", "rsa", RSA_PEM),
        ("token=eca;id=%02", "ec", EC_PEM),
    ] {
        let token = open(path, "1234").unwrap();
        assert_eq!(token.public_key(), key(pem).public_key(), "{name}");
        let signature = token.sign(b"message").unwrap();
        for provider in Provider::available() {
            let verified = provider.verify(token.public_key(), b"message", &signature);
            assert!(verified.is_ok(), "{name} {provider}");
        }
        if name == "rsa" {
            let expected = signers(pem).remove(0).1.sign(b"message").unwrap();
            assert_eq!(signature, expected, "RS256 is deterministic");
        }
        assert!(!format!("{token:?}").contains("1234"));
    }
    let missing = "pkcs11:object=rsa?module-path=/none.so".parse().unwrap();
    let refused = Pkcs11Signer::open(&missing, &Password::new("")).unwrap_err();
    assert!(matches!(refused, Pkcs11Error::Module { .. }));
}
