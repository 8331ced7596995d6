//! `eca key convert`, and key files with several keys.

use std::path::PathBuf;

use eca_tests::{eca, run_with};

use crate::keys::attest::{PASSWORD, check, data};

#[test]
fn keys_in_other_forms() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let read = |name: &str| std::fs::read_to_string(here.join(name)).unwrap();
    let store = data("test-only.jks");
    let convert = |more: &[&str]| {
        let password = ["--password-env", "STORE_PASSWORD"];
        run_with(
            here,
            &[&["key", "convert"][..], more, &password].concat(),
            PASSWORD,
        )
    };
    let made = convert(&[&store, "--out", "key.pem", "--cert-out", "cert.pem"]);
    check(&made, 0, &["key.pem (RSA 2048)", "cert.pem"]);
    let pem = std::fs::read_to_string(data("test-only-rsa-2048.pem")).unwrap();
    assert_eq!(read("key.pem"), pem);
    let cert = std::fs::read_to_string(data("test-only-rsa-2048.cert.pem")).unwrap();
    assert_eq!(read("cert.pem"), cert);
    // There and back.
    for form in ["jwk", "pkcs8-der", "pkcs1", "pkcs1-der"] {
        let out = format!("key.{form}");
        check(&convert(&["key.pem", "--to", form, "--out", &out]), 0, &[]);
        let back = format!("{form}.pem");
        check(&convert(&[&out, "--out", &back]), 0, &[]);
        assert_eq!(read(&back), pem, "{form}");
    }
    check(
        &convert(&["key.pem", "--to", "public-jwk", "--out", "public"]),
        0,
        &[],
    );
    assert!(!read("public").contains("\"d\""));
    let public = convert(&["key.pem", "--to", "public-pem", "--out", "public.pem"]);
    check(&public, 0, &[]);
    assert!(read("public.pem").starts_with("-----BEGIN PUBLIC KEY-----\n"));
    check(
        &convert(&["key.pem", "--to", "sec1", "--out", "x.pem"]),
        3,
        &["a key of type RSA 2048 has no such form", "hint: "],
    );
    let ec = data("test-only-p256.pem");
    for form in ["sec1", "sec1-der"] {
        let out = format!("ec.{form}");
        check(
            &convert(&[&ec, "--to", form, "--out", &out]),
            0,
            &["EC P-256"],
        );
        let back = format!("ec.{form}.pem");
        check(&convert(&[&out, "--out", &back]), 0, &[]);
        assert_eq!(read(&back), std::fs::read_to_string(&ec).unwrap(), "{form}");
    }
    let document = convert(&["key.pem", "--out", "again.pem", "--json"]).json();
    assert_eq!(document["schema"], "eca/key-convert/1");
    assert_eq!(document["form"], "pkcs8");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let permissions = |name: &str| {
            PathBuf::from(here)
                .join(name)
                .metadata()
                .unwrap()
                .permissions()
                .mode()
        };
        assert_eq!(permissions("key.pem") & 0o777, 0o600);
        assert_eq!(permissions("key.jwk") & 0o777, 0o600);
        assert_eq!(permissions("key.pkcs1") & 0o777, 0o600);
        assert_eq!(permissions("public.pem") & 0o777, 0o644);
    }

    check(
        &convert(&["key.pem", "--out", "key.pem"]),
        3,
        &["never overwritten"],
    );
    check(
        &convert(&["key.pem", "--out", "x.pem", "--cert-out", "y.pem"]),
        3,
        &["holds no certificate", "hint: "],
    );
    check(
        &convert(&["cert.pem", "--out", "x.pem"]),
        3,
        &["certificate", "hint: "],
    );
    check(
        &convert(&["none", "--out", "x.pem"]),
        3,
        &["cannot read none"],
    );
    check(
        &convert(&[&store, "--out", "x.pem", "--cert-out", "cert.pem"]),
        3,
        &["cert.pem"],
    );
    assert!(!here.join("x.pem").exists(), "both files or none");
}

#[test]
fn keys_that_are_written_encrypted() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let pem = data("test-only-rsa-2048.pem");
    let convert = |more: &[&str]| {
        let variables = [("NEW", "fresh secret"), ("EMPTY", "")];
        run_with(
            here,
            &[&["key", "convert", &pem][..], more].concat(),
            variables,
        )
    };
    let back = |file: &str, out: &str| {
        let arguments = [
            "key",
            "convert",
            file,
            "--out",
            out,
            "--password-env",
            "NEW",
        ];
        check(
            &run_with(here, &arguments, [("NEW", "fresh secret")]),
            0,
            &[],
        );
        let original = std::fs::read_to_string(&pem).unwrap();
        assert_eq!(std::fs::read_to_string(here.join(out)).unwrap(), original);
    };
    let sealed = convert(&["--out", "sealed.pem", "--out-password-env", "NEW"]);
    check(&sealed, 0, &["sealed.pem (RSA 2048, encrypted)"]);
    let text = std::fs::read_to_string(here.join("sealed.pem")).unwrap();
    assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    back("sealed.pem", "opened.pem");
    std::fs::write(here.join("secret"), "fresh secret\n").unwrap();
    let arguments = [
        "key",
        "convert",
        &pem,
        "--out",
        "sealed.der",
        "--to",
        "pkcs8-der",
    ];
    let output = eca(
        here,
        &[&arguments[..], &["--out-password-fd", "0", "--json"]].concat(),
    )
    .stdin(std::fs::File::open(here.join("secret")).unwrap())
    .output()
    .unwrap();
    assert!(output.status.success(), "{output:?}");
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["encrypted"], true);
    back("sealed.der", "opened-too.pem");

    for (more, words) in [
        (&["--out-password-env", "EMPTY"][..], "is empty"),
        (
            &["--out-password-env", "UNSET"],
            "environment variable UNSET",
        ),
        (&["--out-password-fd", "77"], "file descriptor 77"),
        (
            &["--out-password-env", "NEW", "--to", "jwk"],
            "only PKCS#8 can be encrypted",
        ),
        (
            &["--out-password-env", "NEW", "--to", "public-pem"],
            "only PKCS#8 can be encrypted",
        ),
    ] {
        let refused = convert(&[&["--out", "x.pem"], more].concat());
        check(&refused, 3, &[words, "hint: "]);
        assert!(!here.join("x.pem").exists(), "{more:?}");
        assert!(!format!("{refused:?}").contains("fresh secret"));
    }
}

/// Keys that `eca.toml` names may be encrypted, and stand in stores.
#[test]
fn keys_that_eca_toml_names() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let doctor = |members: &str| {
        let text = format!(
            "[orgs.a]\ninstance-url = 'http://127.0.0.1:9'\naudience = 'https://login.salesforce.com'\n\
             [orgs.a.auth]\nmethod = 'jwt'\nclient-id = '3MVG9abc'\nusername = 'u@example.com'\n\
             key = '{}'\n{members}\n",
            data("test-only.p12")
        );
        std::fs::write(here.join("eca.toml"), text).unwrap();
        run_with(here, &["doctor", "login", "--org", "a"], PASSWORD)
    };
    let certificate = format!("certificate = '{}'", data("test-only-rsa-2048.cert.pem"));
    std::fs::write(here.join("secret"), "test-only\n").unwrap();
    for source in ["env:STORE_PASSWORD", "file:secret", "cmd:echo test-only"] {
        for alias in ["", "key-alias = 'storefront'\n"] {
            let found = doctor(&format!("key-password = '{source}'\n{alias}{certificate}"));
            // Nobody answers at the org; the key was read and compared all the same.
            check(&found, 1, &["is the key of", "test-only-rsa-2048.cert.pem"]);
        }
    }
    for (members, code, words) in [
        (
            "",
            3,
            &[
                "needs a password",
                "add `key-password = \"env:NAME\"`",
                "org `a`",
            ][..],
        ),
        (
            "key-password = 'env:UNSET'",
            4,
            &["`key-password` of org `a`", "UNSET is not set"],
        ),
        (
            "key-password = 'cmd:echo x'",
            3,
            &["does not open", "`key-password` of org `a`"],
        ),
        (
            "key-password = 'test-only'",
            3,
            &["eca.toml", "env:NAME, file:PATH or cmd:COMMAND"],
        ),
        (
            "key-password = 'file:secret'\nkey-alias = 'x'",
            3,
            &[
                "has no key named \"x\", it has: Storefront",
                "`key-alias = \"NAME\"`",
            ],
        ),
    ] {
        let refused = doctor(members);
        check(&refused, code, words);
    }
}

#[test]
fn a_set_of_keys() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let convert =
        |more: &[&str]| run_with(here, &[&["key", "convert"][..], more].concat(), PASSWORD);
    let mut members = Vec::new();
    for (kid, file) in [("a", "test-only-rsa-2048.pem"), ("b", "test-only-p256.pem")] {
        check(
            &convert(&[&data(file), "--to", "jwk", "--out", kid]),
            0,
            &[],
        );
        let jwk = std::fs::read_to_string(here.join(kid)).unwrap();
        members.push(jwk.replacen('{', &format!("{{\"kid\":\"{kid}\","), 1));
    }
    let set = |members: &[String]| {
        let text = format!("{{\"keys\":[{}]}}", members.join(","));
        std::fs::write(here.join("set.json"), text).unwrap();
    };
    set(&members[..1]);
    check(
        &convert(&["set.json", "--out", "only.pem"]),
        0,
        &["RSA 2048"],
    );
    set(&members);
    check(
        &convert(&["set.json", "--out", "x.pem"]),
        3,
        &[
            "set.json",
            "holds 2 private keys: a, b",
            "hint: choose one with --alias NAME",
        ],
    );
    check(
        &convert(&["set.json", "--out", "x.pem", "--alias", "c"]),
        3,
        &["has no key named \"c\", it has: a, b", "hint: "],
    );
    check(
        &convert(&["set.json", "--out", "b.pem", "--alias", "b"]),
        0,
        &["EC P-256"],
    );
}
