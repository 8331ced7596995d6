//! `eca key convert`, and key files with several keys.

use std::path::Path;

use eca_tests::{Run, eca, run_line, run_with};

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
fn a_key_is_the_same_after_a_conversion_to_every_format_and_back() {
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
fn only_the_owner_can_read_a_private_key() {
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
fn a_key_is_printed() {
    let folder = converted();
    let here = folder.path();
    let printed = convert(here, "key.pem --out -");
    check(&printed, 0, &[]);
    let file = std::fs::read_to_string(here.join("key.pem")).unwrap();
    assert_eq!(printed.stdout, file);
    assert!(!here.join("-").exists(), "a file named -");
    let binary = convert(here, "key.pem --to pkcs8-der --out -");
    check(&binary, 3, &["DER is not text", "hint: "]);
    let both = convert(here, "key.pem --out - --json");
    check(&both, 3, &["both use stdout"]);
}

#[test]
fn a_new_key_is_encrypted_with_a_password() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let new = |key: &str, more: &str| {
        let line = format!("cert new --name x --key-out {key} --cert-out {key}.cert{more}");
        run_with(here, &line.split(' ').collect::<Vec<_>>(), PASSWORD)
    };
    check(&new("plain.pem", ""), 0, &["plain.pem (not encrypted; "]);
    let made = new("secret.pem", " --out-password-env STORE_PASSWORD");
    check(&made, 0, &["secret.pem (encrypted)"]);
    let key = std::fs::read_to_string(here.join("secret.pem")).unwrap();
    assert!(
        key.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"),
        "{key}"
    );
    check(&convert(here, "secret.pem --out again.pem"), 0, &[]);
    let nothing = new("other.pem", " --out-password-env NO_SUCH_VARIABLE");
    check(&nothing, 3, &["NO_SUCH_VARIABLE"]);
    assert!(!here.join("other.pem").exists());
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

const SECRET: &str = "fresh secret";

/// Converts the test key with these arguments; the secret is in `NEW` and on stdin.
fn encrypt(here: &Path, arguments: &[&str]) -> Run {
    let pem = data("test-only-rsa-2048.pem");
    let secret = here.join("secret");
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let output = eca(here, &[&["key", "convert", &pem][..], arguments].concat())
        .envs([("NEW", SECRET), ("EMPTY", "")])
        .stdin(std::fs::File::open(secret).unwrap())
        .output();
    Run::from(output.unwrap())
}

#[test]
fn an_encrypted_key_is_decrypted_with_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let original = std::fs::read_to_string(data("test-only-rsa-2048.pem")).unwrap();
    for (file, options, begin) in [
        (
            "encrypted.pem",
            &["--out-password-env", "NEW"][..],
            &b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"[..],
        ),
        (
            "encrypted.der",
            &["--out-password-fd", "0", "--to", "pkcs8-der"],
            b"\x30",
        ),
    ] {
        let made = encrypt(here, &[&["--json", "--out", file], options].concat());
        check(&made, 0, &[]);
        assert_eq!(made.json()["encrypted"], true, "{file}");
        assert!(std::fs::read(here.join(file)).unwrap().starts_with(begin));
        let options = ["--out", "decrypted.pem", "--password-env", "NEW"];
        let arguments = [&["key", "convert", file], &options[..]].concat();
        check(&run_with(here, &arguments, [("NEW", SECRET)]), 0, &[]);
        let decrypted = here.join("decrypted.pem");
        let text = std::fs::read_to_string(&decrypted).unwrap();
        assert_eq!(text, original, "{file}");
        std::fs::remove_file(decrypted).unwrap();
    }
    let made = encrypt(here, &["--out", "a.pem", "--out-password-env", "NEW"]);
    check(&made, 0, &["a.pem (RSA 2048, encrypted)"]);
}

#[test]
fn keys_that_cannot_be_encrypted() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, words) in [
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
        let refused = encrypt(folder.path(), &[&["--out", "x.pem"], arguments].concat());
        check(&refused, 3, &[words, "hint: "]);
        assert!(!folder.path().join("x.pem").exists(), "{arguments:?}");
        refused.assert_hides(&[SECRET]);
    }
}

/// Diagnoses the login of an org of `eca.toml` whose key is in an encrypted key store.
fn doctor(here: &Path, members: &str) -> Run {
    let text = format!(
        "[orgs.a]\ninstance-url = 'http://127.0.0.1:9'\naudience = 'https://login.salesforce.com'\n\
         [orgs.a.auth]\nmethod = 'jwt'\nclient-id = '3MVG9abc'\nusername = 'u@example.com'\n\
         key = '{}'\n{members}\n",
        data("test-only.p12")
    );
    std::fs::write(here.join("eca.toml"), text).unwrap();
    std::fs::write(here.join("secret"), "test-only\n").unwrap();
    run_with(here, &["doctor", "login", "--org", "a"], PASSWORD)
}

#[test]
fn an_encrypted_key_in_eca_toml_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = format!("certificate = '{}'", data("test-only-rsa-2048.cert.pem"));
    for source in ["env:STORE_PASSWORD", "file:secret", "cmd:echo test-only"] {
        for alias in ["", "key-alias = 'storefront'\n"] {
            let members = format!("key-password = '{source}'\n{alias}{certificate}");
            // The org is not reachable; key and certificate are compared before that.
            check(
                &doctor(folder.path(), &members),
                1,
                &["is the key of", "test-only-rsa-2048.cert.pem"],
            );
        }
    }
}

#[test]
fn an_encrypted_key_in_eca_toml_that_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
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
        check(&doctor(folder.path(), members), code, words);
    }
}

#[test]
fn a_key_is_chosen_from_a_set_by_its_name() {
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

/// The certificate that is shown, and what was not checked, as text and in the document.
fn check_inspected(
    here: &Path,
    arguments: &str,
    shown: Option<&str>,
    not_checked: &[(&str, &str)],
) {
    let line = format!("cert inspect {arguments} --password-env STORE_PASSWORD");
    let arguments: Vec<_> = line.split(' ').collect();
    let run = run_with(here, &arguments, PASSWORD);
    let of = |label: &str| -> Vec<_> {
        run.stdout
            .lines()
            .filter_map(|line| line.strip_prefix(label))
            .map(str::trim)
            .collect()
    };
    assert_eq!(
        of("shown "),
        shown.into_iter().collect::<Vec<_>>(),
        "{line}: {run:?}"
    );
    let texts: Vec<_> = not_checked.iter().map(|(_, text)| *text).collect();
    assert_eq!(of("not checked:"), texts, "{line}");
    let document = run_with(here, &[&arguments[..], &["--json"]].concat(), PASSWORD).json();
    let place = format!(
        "certificate {} of {} in the file",
        document["position"], document["certificates_in_file"]
    );
    assert_eq!(
        shown.unwrap_or("certificate 1 of 1 in the file"),
        place,
        "{line}"
    );
    let documented: Vec<_> = not_checked
        .iter()
        .map(|(code, message)| serde_json::json!({"code": code, "message": message}))
        .collect();
    assert_eq!(
        document["not_checked"],
        serde_json::Value::from(documented),
        "{line}"
    );
}

#[test]
fn inspecting_tells_which_certificate_it_is_and_what_it_cannot_tell() {
    const ITSELF: (&str, &str) = ("trust", "whether it can be trusted: it is signed by itself");
    const ISSUERS: (&str, &str) = (
        "trust",
        "whether its issuers have signed it and can be trusted",
    );
    const REVOKED: (&str, &str) = (
        "revocation",
        "whether it was revoked: no list (CRL) or responder (OCSP) is asked",
    );
    const KEY: (&str, &str) = (
        "private-key",
        "whether you have its private key (--key FILE)",
    );
    const REGISTERED: (&str, &str) = (
        "registration",
        "whether an app in an org has it (eca doctor headless, eca doctor login)",
    );
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let (rsa, ec) = (
        data("test-only-rsa-2048.cert.pem"),
        data("test-only-p256.cert.pem"),
    );
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let (rsa_pem, ec_pem) = (read(&rsa), read(&ec));
    std::fs::write(
        here.join("chain.pem"),
        format!("{ec_pem}{rsa_pem}{rsa_pem}"),
    )
    .unwrap();
    // With another signature it is not signed by itself.
    let signed = rcgen::KeyPair::generate().unwrap();
    let issuer = rcgen::Issuer::new(rcgen::CertificateParams::default(), signed);
    let mut params = rcgen::CertificateParams::default();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, "leaf");
    let leaf = params.signed_by(&rcgen::KeyPair::generate().unwrap(), &issuer);
    std::fs::write(here.join("leaf.der"), leaf.unwrap().der()).unwrap();
    let key = data("test-only-rsa-2048.pem");
    let (p12, jks) = (data("test-only.p12"), data("test-only.jks"));
    for (arguments, shown, trust) in [
        (rsa.as_str(), None, ITSELF),
        ("chain.pem", Some("certificate 1 of 3 in the file"), ITSELF),
        (&p12, None, ITSELF),
        (&jks, None, ITSELF),
        ("leaf.der", None, ISSUERS),
    ] {
        check_inspected(here, arguments, shown, &[trust, REVOKED, KEY, REGISTERED]);
    }
    check_inspected(
        here,
        &format!("{rsa} --key {key}"),
        None,
        &[ITSELF, REVOKED, REGISTERED],
    );
    // A store with two certificates.
    let store = std::process::Command::new("openssl")
        .args([
            "pkcs12",
            "-export",
            "-passout",
            "env:STORE_PASSWORD",
            "-out",
            "chain.p12",
        ])
        .args(["-inkey", &key, "-in", &rsa, "-certfile", &ec])
        .envs(PASSWORD)
        .current_dir(here)
        .output();
    match store {
        Err(_) => eca_tests::skip("openssl"),
        Ok(made) => {
            assert!(made.status.success(), "{made:?}");
            let shown = Some("certificate 1 of 2 in the file");
            check_inspected(
                here,
                "chain.p12",
                shown,
                &[ITSELF, REVOKED, KEY, REGISTERED],
            );
        }
    }
}

/// The certificate goes where the app's settings say, or `--for`.
#[test]
fn a_certificate_is_registered_for_its_flow() {
    let project = eca_tests::clean_storefront_copy();
    let root = project.path();
    for name in ["a", "b"] {
        let line = format!("cert new --name {name} --key-out {name}.key --cert-out {name}.pem");
        assert_eq!(run_line(root, &line).code, 0);
    }
    let settings = eca_tests::find(root, ".ecaOauth-meta.xml");
    let global = eca_tests::find(root, ".ecaGlblOauth-meta.xml");
    let has = |path: &std::path::Path, element: &str| {
        std::fs::read_to_string(path)
            .unwrap()
            .contains(&format!("<{element}>MII"))
    };
    let check = |line: &str, code: i32, words: &[&str]| {
        let run = run_line(root, line);
        assert_eq!(run.code, code, "{run:?}");
        let printed = format!("{}{}", run.stdout, run.stderr);
        for word in words {
            assert!(printed.contains(word), "{word}: {printed}");
        }
    };
    check(
        "cert register a.pem",
        0,
        &["registered in", "(clientAssertionCertificate)"],
    );
    assert!(has(&settings, "clientAssertionCertificate") && !has(&global, "certificate"));
    check("cert register a.pem", 0, &["was already in"]);
    check(
        "cert register b.pem",
        0,
        &["another certificate was registered"],
    );
    check(
        "cert register a.pem --for jwt-bearer",
        0,
        &["(certificate)"],
    );
    assert!(has(&global, "certificate"));
    check(
        "cert register a.pem",
        3,
        &["--for attestation, or --for jwt-bearer"],
    );
    std::fs::remove_file(&global).unwrap();
    check(
        "cert register a.pem --for jwt-bearer",
        3,
        &["no global OAuth settings (.ecaGlblOauth) of Storefront"],
    );
}
