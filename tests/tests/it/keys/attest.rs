//! Keys, certificates and tokens, from file to verified JWT.

use std::path::Path;

use eca_tests::{Run, eca, find, repository, run, run_line, run_with, storefront_copy};
use serde_json::Value;

/// The password of the key stores in the repository, in its variable.
pub(crate) const PASSWORD: [(&str, &str); 1] = [("STORE_PASSWORD", "test-only")];
const SITE: &str = "https://shop.my.site.com";

/// A key or certificate for tests only.
pub(crate) fn data(name: &str) -> String {
    let folder = repository().join("crates/eca-attest/tests/data");
    folder.join(name).display().to_string()
}

/// The exit code, and words that the messages must hold.
#[track_caller]
pub(crate) fn check(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{run:?}");
    let printed = format!("{}{}", run.stdout, run.stderr);
    for word in words {
        assert!(printed.contains(word), "no {word:?} in {printed}");
    }
    assert!(!printed.contains("panicked"), "{printed}");
}

fn mint(folder: &Path, key: &str, more: &[&str]) -> Run {
    let arguments = [
        &[
            "attest",
            "mint",
            "--key",
            key,
            "--client-id",
            "3MVG9abc",
            "--audience",
            SITE,
        ],
        more,
    ];
    let [password] = PASSWORD;
    let variables = [password, ("WRONG_PASSWORD", "guessed-wrongly")];
    run_with(folder, &arguments.concat(), variables)
}

fn make(folder: &Path, name: &str, valid: &str) -> (String, String) {
    let (key, cert) = (format!("{name}.key"), format!("{name}.crt"));
    let arguments = ["cert", "new", "--name", name, "--valid", valid];
    let files = ["--key-out", &key, "--cert-out", &cert];
    check(
        &run(folder, &[&arguments[..], &files].concat()),
        0,
        &["SHA-256"],
    );
    (key, cert)
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_change_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("my key.pem");
    std::fs::copy(data("test-only-rsa-2048.pem"), &key).unwrap();
    for (mode, code, words) in [
        (0o600, 0, None),
        (
            0o644,
            0,
            Some("can read my key.pem: chmod go-r 'my key.pem'"),
        ),
        (
            0o646,
            3,
            Some("every user of this machine can change it\nhint: chmod o-w 'my key.pem'"),
        ),
    ] {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
        let run = mint(folder.path(), "my key.pem", &[]);
        assert_eq!(run.code, code, "{mode:o}: {run:?}");
        match words {
            Some(words) => assert!(run.stderr.contains(words), "{mode:o}: {run:?}"),
            None => assert!(!run.stderr.contains("chmod"), "{mode:o}: {run:?}"),
        }
    }
}

#[test]
fn every_key_format_mints_a_valid_token() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let password = ["--password-env", "STORE_PASSWORD"];
    for (name, more) in [
        ("test-only-rsa-2048.pem", &[][..]),
        ("test-only-rfc7520-3-4.jwk", &[]),
        ("test-only-encrypted.pem", &password),
        ("test-only.p12", &password),
        ("test-only-legacy.p12", &password),
        ("test-only.jks", &password),
        (
            "test-only.jks",
            &["--password-env", "STORE_PASSWORD", "--alias", "storefront"],
        ),
    ] {
        let minted = mint(here, &data(name), more);
        check(&minted, 0, &["eyJhbGciOiJSUzI1NiJ9."]);
        assert_eq!(minted.stdout.lines().count(), 1, "{name}: the JWT alone");
        if name.contains("7520") {
            continue;
        }
        let arguments = [
            "--audience",
            SITE,
            "--issuer",
            "3MVG9abc",
            minted.stdout.trim(),
        ];
        let cert = data("test-only-rsa-2048.cert.pem");
        let verify = [&["attest", "verify", "--cert", &cert], &arguments[..]].concat();
        let verified = run(here, &verify);
        check(
            &verified,
            0,
            &["valid until ", "issuer     3MVG9abc", "not checked: replay"],
        );
    }
}

#[test]
fn key_stores_that_do_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = data("test-only.p12");
    // The hint names the file: a user can run it unchanged.
    let check_password = format!("check the password: openssl pkcs12 -in {store} -noout");
    for (options, words) in [
        (
            &[][..],
            &[
                "test-only.p12 cannot be used",
                "needs a password",
                "hint: ",
                "--password-env",
            ][..],
        ),
        (
            &["--password-env", "NO_SUCH_VARIABLE"],
            &["NO_SUCH_VARIABLE"],
        ),
        (
            &["--password-env", "WRONG_PASSWORD"],
            &[
                "the password does not open the PKCS#12 key store",
                &check_password,
            ],
        ),
        // A password is not an argument: other users can read the arguments of a process.
        (&["--password", "test-only"], &["--password"]),
        (
            &["--password-env", "STORE_PASSWORD", "--alias", "x"],
            &["has no key named \"x\", it has: Storefront"],
        ),
    ] {
        let refused = mint(folder.path(), &store, options);
        check(&refused, 3, words);
        refused.assert_hides(&["guessed-wrongly"]);
    }
}

#[test]
fn a_password_comes_from_a_file_descriptor() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("secret"), "test-only\n").unwrap();
    let store = data("test-only.p12");
    let output = eca(here, &["cert", "inspect", &store, "--password-fd", "0"])
        .stdin(std::fs::File::open(here.join("secret")).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_token_is_printed_as_a_header_and_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let key = data("test-only-rsa-2048.pem");
    let header = mint(here, &key, &["--header"]);
    check(
        &header,
        0,
        &["OAuth-Client-Attestation: eyJhbGciOiJSUzI1NiJ9."],
    );
    assert_eq!(header.stdout.lines().count(), 1);
    check(
        &mint(here, &key, &["--header=X-Attest"]),
        0,
        &["X-Attest: eyJ"],
    );
    let document = mint(here, &key, &["--json", "--jti", "--subject", "s"]).json();
    assert_eq!(document["schema"], "eca/attest-mint/1");
    assert_eq!(document["header"], r#"{"alg":"RS256"}"#);
    assert_eq!(document["claims"]["sub"], "s");
    assert!(document["claims"]["jti"].is_string());
    assert_eq!(document.get("http_header"), None);
}

#[test]
fn tokens_that_are_not_valid() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let (cert, other) = (
        data("test-only-rsa-2048.cert.pem"),
        data("test-only-p256.cert.pem"),
    );
    let good = mint(here, &data("test-only-rsa-2048.pem"), &[])
        .stdout
        .trim()
        .to_owned();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let (_, claims) = input.split_once('.').unwrap();
    let forged = format!("eyJhbGciOiJub25lIn0.{claims}.{signature}");
    let changed = format!("{input}.AAAA{}", &signature[4..]);
    for (token, cert, more, failed) in [
        (
            &good,
            &cert,
            &["--audience", "https://login.salesforce.com"][..],
            "aud",
        ),
        (&good, &cert, &["--issuer", "3MVG9other"], "iss"),
        (&good, &cert, &["--max-lifetime", "1m"], "exp"),
        (&good, &other, &[], "alg"),
        (&forged, &cert, &[], "alg"),
        (&changed, &cert, &[], "signature"),
        (&"not.a.token".to_owned(), &cert, &[], "structure"),
    ] {
        let verify = [&["attest", "verify", "--cert", cert, token], more].concat();
        check(&run(here, &verify), 1, &[&format!("not valid: {failed}: ")]);
        let document = run(here, &[&verify[..], &["--json"]].concat()).json();
        assert_eq!(document["schema"], "eca/attest-verify/1");
        assert_eq!(document["outcome"], "failed");
        assert_eq!(document["valid"], false);
        assert_eq!(document["check"], failed);
        assert_eq!(
            document["claims"],
            Value::Null,
            "claims of an invalid token are not shown"
        );
    }
}

/// Both are valid until 2100 and signed by openssl with the key of the certificate.
#[test]
fn verify_needs_the_time_of_signing() {
    // {"iss":"a","exp":4102444800}
    const WITHOUT_IAT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIiwiZXhwIjo0MTAyNDQ0ODAwfQ.AItIcTulZYXAskJOsUKumOaCaN52_t\
         e72bV5ijSgQkncKRbZYevGFMGoFbn9OIy5vJbDbMx3fN2JbrYzEYbhhJ_cIOq47yWD1sAaZzfUefgrIZQ8F6xcf7h4\
         kgXrAm5-tGJ3xz40Ye1ysJW6Uo_DEJPOxwvnyfDXGCUkcnohxxQ2r93eQfFw-L-\
         3ahYt7gVeTjR02dEUkx1oXVQDAzEcAaDiiRztOMv0fZzvBdFyXCWtcRnxR0txpZkbby-\
         fymzkiboZIPJDnheS6QMhr_v2Vv2fh8pu3YU8IlQI-\
         fTETeMHLyDbqrLvhw7oU_MWCwh74wowMBzdb2JHk1zDUI274Q";
    // {"iss":"a","iat":4102444500,"exp":4102444800}
    const OF_THE_FUTURE: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIiwiaWF0Ijo0MTAyNDQ0NTAwLCJleHAiOjQxMDI0NDQ4MDB9.QeB70z30\
         MvunzPsK1btB0odDI6SzmtX1KL78lq4ntmBc6E-qm54e1nJwRAo-XK1lPKWDoxwfGpczucvqrcp8ufw74XAtDEim0N\
         2o3_HWFSIAnM1y8F5jhFbh_k3cjBUH45SYK6Qh4A5g2UDchHK3zewYVPmjuO_iwyjzrk5lACweoGhECbs-\
         YgDOtgqJ86hRVVmTDgKjkDJrmuVsL_XfGQ6Gyxp-gaLVkHhduUDiSfaCsWgA6OFlNBJh5GG5Odp0JSFMjKbB2D1ddJ\
         uKqafUneC_CdcUm6KYRU41-7I8pKFG-44C-11Ph6khZ-Q-WpPb7fTeY8o0zSE9hxnvC7WJ9g";
    let folder = tempfile::tempdir().unwrap();
    let cert = data("test-only-rsa-2048.cert.pem");
    for (token, words) in [
        (WITHOUT_IAT, "not valid: iat: the token has no claim iat"),
        (
            OF_THE_FUTURE,
            "not valid: iat: the token is not valid before its iat 2099-12-31T23:55:00Z",
        ),
    ] {
        let verify = [
            "attest",
            "verify",
            "--cert",
            &cert,
            "--max-lifetime",
            "100y",
            token,
        ];
        check(&run(folder.path(), &verify), 1, &[words]);
    }
}

#[test]
fn verify_lists_what_it_does_not_check() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let minted = mint(here, &data("test-only-rsa-2048.pem"), &[]);
    let token = minted.stdout.trim();
    let cert = data("test-only-rsa-2048.cert.pem");
    let verify = ["attest", "verify", "--cert", &cert, token, "--json"];
    let document = run(here, &verify).json();
    assert_eq!(document["valid"], true);
    assert_eq!(
        document["unchecked"],
        serde_json::json!(["iss", "aud", "replay"])
    );
    check(
        &run(here, &["attest", "verify", "--cert", "none", token]),
        3,
        &["cannot read none"],
    );
}

#[test]
fn inspect_does_not_verify() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let token = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJhbnlib2R5IiwiZXhwIjoxfQ.";
    let seen = run(here, &["attest", "inspect", token]);
    check(
        &seen,
        0,
        &[
            "NOT VERIFIED",
            r#"{"alg":"none"}"#,
            "anybody",
            "expires    1970-01-01T00:00:01Z",
            "ago",
        ],
    );
    let document = run(here, &["attest", "inspect", token, "--json"]).json();
    assert_eq!(document["schema"], "eca/attest-inspect/1");
    assert_eq!(document["verified"], false);
    assert_eq!(document["claims"]["iss"], "anybody");
    check(
        &run(here, &["attest", "inspect", "a.b"]),
        1,
        &["the token has 2 parts"],
    );
    std::fs::write(here.join("token"), format!("{token}\n")).unwrap();
    let output = eca(here, &["attest", "inspect", "-"])
        .stdin(std::fs::File::open(here.join("token")).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn certificates_in_files_that_expire_soon() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    make(root, "soon", "10d");
    make(root, "fine", "365d");
    for (arguments, code, words) in [
        ("fine.crt", 0, &["fine.crt: ok, valid to "][..]),
        ("soon.crt --within 5d", 0, &["soon.crt: ok"]),
        (
            "soon.crt fine.crt",
            1,
            &[
                "soon.crt: warning: the certificate expires at ",
                "fine.crt: ok",
            ],
        ),
        ("--within soon", 3, &["--within"]),
        ("none.crt", 3, &["cannot read none.crt"]),
    ] {
        check(
            &run_line(root, &format!("cert check {arguments}")),
            code,
            words,
        );
    }
}

/// The member that holds the certificate of the example project's app.
const REGISTERED: &str = "Storefront_oauth.ecaOauth-meta.xml clientAssertionCertificate";

#[test]
fn certificates_in_a_project_that_expire_soon() {
    let project = storefront_copy();
    let root = project.path();
    make(root, "soon", "10d");
    make(root, "fine", "365d");
    for (command, code, words) in [
        ("check", 0, &["holds no certificate"][..]),
        ("register fine.crt", 0, &["registered"]),
        ("check", 0, &[REGISTERED, "ok"]),
        ("register soon.crt", 0, &["registered"]),
    ] {
        check(&run_line(root, &format!("cert {command}")), code, words);
    }
    let due = run_line(root, "cert check --json");
    assert_eq!(due.code, 1);
    let document = due.json();
    assert_eq!(document["schema"], "eca/cert-check/1");
    assert_eq!(document["due"], 1);
    let certificate = &document["certificates"][0];
    assert!(
        certificate["location"]
            .as_str()
            .unwrap()
            .ends_with(REGISTERED)
    );
    assert_eq!(
        certificate["concerns"][0]["code"],
        "certificate-expires-soon"
    );
}

#[test]
fn a_registered_certificate_that_cannot_be_checked() {
    let project = storefront_copy();
    let root = project.path();
    make(root, "fine", "365d");
    let registered = run_line(root, "cert register fine.crt");
    check(&registered, 0, &["registered"]);
    let settings = find(root, ".ecaOauth-meta.xml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let (before, rest) = text.split_once("<clientAssertionCertificate>").unwrap();
    let (_, after) = rest.split_once('<').unwrap();
    let check_with = |value: &str| {
        let text = format!("{before}<clientAssertionCertificate>{value}<{after}");
        std::fs::write(&settings, text).unwrap();
        run_line(root, "cert check")
    };
    check(&check_with("MIIBroken"), 1, &[REGISTERED, "error: "]);
    let skipped = check_with("${CERTIFICATE}");
    let words = ["holds no certificate", "not checked", REGISTERED];
    check(&skipped, 0, &words);
    assert_eq!(skipped.stdout, "", "no result");
}

#[test]
fn certificates_of_the_org_and_of_saml_that_expire_soon() {
    let project = storefront_copy();
    let root = project.path();
    let (_, soon) = make(root, "soon", "10d");
    let (_, fine) = make(root, "fine", "365d");
    let default = root.join("force-app/main/default");
    let text = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let put = |path: &str, text: &str| {
        let path = default.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let root_of = |kind: &str, members: &str| {
        format!("<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">{members}</{kind}>")
    };
    put("certs/Org.crt", &text(&soon));
    put(
        "certs/Org.crt-meta.xml",
        &root_of("Certificate", "<masterLabel>Org</masterLabel>"),
    );
    let body = text(&fine);
    let body: String = body.lines().filter(|l| !l.starts_with("---")).collect();
    put(
        "extlClntAppSamlConfigurablePolicies/Sp.ecaSamlPlcy-meta.xml",
        &root_of(
            "ExtlClntAppSamlConfigurablePolicies",
            &format!(
                "<certificate>{body}</certificate><encryptionCertificate>Org</encryptionCertificate>"
            ),
        ),
    );
    check(
        &run(root, &["cert", "check"]),
        1,
        &[
            "certs/Org.crt CN=soon: warning: the certificate expires at ",
            "Sp.ecaSamlPlcy-meta.xml certificate: ok",
        ],
    );
}

#[test]
fn a_certificate_is_matched_with_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    make(here, "a", "1d");
    make(here, "b", "1d");
    for (arguments, code, words) in [
        ("match a.crt --key a.key", 0, "a.crt belongs to a.key"),
        ("match b.crt --key a.key", 1, "b.crt does not belong"),
        ("inspect a.crt", 0, "signed     by itself"),
    ] {
        check(
            &run_line(here, &format!("cert {arguments}")),
            code,
            &[words],
        );
    }
    let document = run_line(here, "cert match b.crt --key a.key --json").json();
    assert_eq!(document["schema"], "eca/cert-match/1");
    assert_eq!(document["outcome"], "failed");
    assert_eq!(document["matches"], false);
}

#[test]
fn kinds_of_keys() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let new = |kind: &str| {
        let files = format!("--key-out {kind}.key --cert-out {kind}.crt");
        run_line(here, &format!("cert new --name x --kind {kind} {files}"))
    };
    check(&new("p-256"), 0, &["accepts RSA keys only"]);
    let inspected = run_line(here, "cert inspect p-256.crt");
    check(&inspected, 1, &["attestation needs RSA"]);
    for (kind, most) in [("rsa-3072", 1200), ("rsa-4096", 1500)] {
        check(&new(kind), 0, &["SHA-256"]);
        let (key, cert) = (format!("{kind}.key"), format!("{kind}.crt"));
        let seen = run_line(here, &format!("cert inspect {cert} --key {key} --json"));
        assert_eq!(seen.code, 0, "{seen:?}");
        let document = seen.json();
        assert_eq!(document["key"], kind.replace("rsa-", "RSA "));
        assert_eq!(document["concerns"].as_array().unwrap().len(), 0);
        assert!(document["der_bytes"].as_u64().unwrap() < most);
        check(&mint(here, &key, &["--cert", &cert]), 0, &["eyJ"]);
    }
}

#[test]
fn certificates_that_cannot_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for (name, valid, words) in [
        ("", "1d", "1 to 64 characters"),
        ("x", "0s", "--valid 365d"),
        ("x", "99999y", "--valid 365d"),
    ] {
        let files = "--key-out no.key --cert-out no.crt";
        let new = run_line(
            here,
            &format!("cert new --name {name} --valid {valid} {files}"),
        );
        check(&new, 3, &[words, "hint: "]);
        assert!(!here.join("no.key").exists() && !here.join("no.crt").exists());
    }
}

/// A date in milliseconds, the most common fault of tokens made by hand.
#[test]
fn a_date_in_milliseconds_is_recognised() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let named = "exp is not a number of seconds since 1970 (milliseconds";
    // {"alg":"RS256"} and {"iss":"a","exp":1795262400000}, signed by openssl with the key of
    // the certificate below, which `cargo xtask fixtures` always makes the same.
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIiwiZXhwIjoxNzk1MjYyNDAwMDAwfQ.m3zz_E1LbW1p1OZJZfxWNWevp5CoG7TAg15VloL-o-NiYDzoyuWv4a-bcYx37d0Z1kW2KImUQe73UZ1M5hYyBxsk4b0OKFIC0JOrp-fMZWYhL_RZ7oPoZzxCvOtItZITpEhseKM3O2Nm7MifDsTTvQtIrgXifOwtDjPGOesvKkqfpAmRCiIXzNx-Kkj3Nsgwu9a5PvHa69vxiv4FMMcjA3k-J7uyoGDuIGtp5TtLiGuB1tYS4JmEhFJX5M-BSVftAoqm1A4rnvwF9i06kMQi7aFV_G-YzHg3GtAQyrvTZrDRJW3yarMm6qkfTtzDAZlYDCEIb5hpdQ1WdSttK5zfrA";
    check(&run(here, &["attest", "inspect", token]), 0, &[named]);
    let cert = data("test-only-rsa-2048.cert.pem");
    let verify = ["attest", "verify", "--cert", &cert, token];
    check(&run(here, &verify), 1, &["not valid: exp", named]);
    let document = run(here, &[&verify[..], &["--json"]].concat()).json();
    assert_eq!(document["check"], "exp");
    assert!(document["message"].as_str().unwrap().contains(named));
    check(
        &run(here, &["attest", "inspect", "abc"]),
        1,
        &["this is not a JWT", "1 parts instead of three", "hint: "],
    );
}
