//! `eca key convert`, and key files with several keys.

use std::path::Path;

use eca_tests::{Run, eca, run_with};

use crate::keys::attest::{PASSWORD, check, data};

/// Runs `eca key convert` with the password of the test key store.
fn convert(here: &Path, arguments: &str) -> Run {
    let line = format!("key convert {arguments} --password-env STORE_PASSWORD");
    run_with(here, &line.split(' ').collect::<Vec<_>>(), PASSWORD)
}

/// A folder with the key and the certificate of the test key store, as PEM.
fn converted() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = data("test-only.jks");
    let made = convert(
        folder.path(),
        &format!("{store} --out key.pem --cert-out cert.pem"),
    );
    check(&made, 0, &["key.pem (RSA 2048)", "cert.pem"]);
    folder
}

#[test]
fn a_key_comes_back_from_every_form() {
    let folder = converted();
    let here = folder.path();
    let read = |name: &str| std::fs::read_to_string(here.join(name)).unwrap();
    let original = |name: &str| std::fs::read_to_string(data(name)).unwrap();
    assert_eq!(read("cert.pem"), original("test-only-rsa-2048.cert.pem"));
    let ec = data("test-only-p256.pem");
    for (key, form, expected) in [
        ("key.pem", "jwk", "test-only-rsa-2048.pem"),
        ("key.pem", "pkcs8-der", "test-only-rsa-2048.pem"),
        ("key.pem", "pkcs1", "test-only-rsa-2048.pem"),
        ("key.pem", "pkcs1-der", "test-only-rsa-2048.pem"),
        (&ec, "sec1", "test-only-p256.pem"),
        (&ec, "sec1-der", "test-only-p256.pem"),
    ] {
        let there = convert(here, &format!("{key} --to {form} --out key.{form}"));
        check(&there, 0, &[]);
        let back = convert(here, &format!("key.{form} --out {form}.pem"));
        check(&back, 0, &[]);
        assert_eq!(read(&format!("{form}.pem")), original(expected), "{form}");
    }
    let public = convert(here, "key.pem --to public-jwk --out public");
    check(&public, 0, &[]);
    assert!(!read("public").contains("\"d\""));
    let public = convert(here, "key.pem --to public-pem --out public.pem");
    check(&public, 0, &[]);
    assert!(read("public.pem").starts_with("-----BEGIN PUBLIC KEY-----\n"));
    let document = convert(here, "key.pem --out again.pem --json").json();
    assert_eq!(document["schema"], "eca/key-convert/1");
    assert_eq!(document["form"], "pkcs8");
}

#[cfg(unix)]
#[test]
fn a_private_key_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = converted();
    for (form, expected) in [
        ("pkcs8", 0o600),
        ("jwk", 0o600),
        ("pkcs1", 0o600),
        ("public-pem", 0o644),
    ] {
        let made = convert(folder.path(), &format!("key.pem --to {form} --out {form}"));
        check(&made, 0, &[]);
        let metadata = folder.path().join(form).metadata().unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, expected, "{form}");
    }
}

#[test]
fn conversions_that_are_refused() {
    let folder = converted();
    let store = data("test-only.jks");
    let store = format!("{store} --out x.pem --cert-out cert.pem");
    for (arguments, words) in [
        ("key.pem --out key.pem", &["never overwritten"][..]),
        (
            "key.pem --to sec1 --out x.pem",
            &[
                "a key of type RSA 2048 cannot be written in this format",
                "hint: ",
            ],
        ),
        (
            "key.pem --out x.pem --cert-out y.pem",
            &["holds no certificate", "hint: "],
        ),
        ("cert.pem --out x.pem", &["certificate", "hint: "]),
        ("none --out x.pem", &["cannot read none"]),
        (&store, &["cert.pem"]),
    ] {
        check(&convert(folder.path(), arguments), 3, words);
        assert!(!folder.path().join("x.pem").exists(), "{arguments}");
    }
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
