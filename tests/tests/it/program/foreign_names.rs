//! The names in certificates and key stores are text, too: whoever sends one chooses them.

use std::fs;
use std::path::Path;
use std::process::Command;

use eca_tests::{FakeOrg, Run, find, replace, run_with, skip, storefront_copy};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType, string::Ia5String};
use sha1::{Digest as _, Sha1};

use crate::keys::attest::data;
use crate::program::foreign_text::{HOSTILE, check};

const PASSWORD: &str = "test-only";

/// The characters of [`HOSTILE`] that an alternative name can have.
fn hostile_ascii() -> Ia5String {
    let ascii: String = HOSTILE.chars().filter(char::is_ascii).collect();
    ascii.try_into().unwrap()
}

fn eca(here: &Path, arguments: &[&str]) -> Run {
    run_with(here, arguments, [("STORE_PASSWORD", PASSWORD)])
}

/// `hostile.der` and `hostile.pem`, a chain: certificates of the test key, with control characters
/// and workflow commands in every name.
fn certificates(here: &Path) {
    let key = data("test-only-rsa-2048.pem");
    let convert = [
        "key",
        "convert",
        &key,
        "--to",
        "pkcs8-der",
        "--out",
        "key.der",
    ];
    assert_eq!(eca(here, &convert).code, 0);
    let key = KeyPair::try_from(fs::read(here.join("key.der")).unwrap()).unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for kind in [
        DnType::CommonName,
        DnType::OrganizationName,
        DnType::LocalityName,
    ] {
        params.distinguished_name.push(kind, HOSTILE);
    }
    let name = hostile_ascii();
    params.subject_alt_names = vec![
        SanType::DnsName(name.clone()),
        SanType::Rfc822Name(name.clone()),
        SanType::URI(name),
    ];
    let certificate = params.self_signed(&key).unwrap();
    fs::write(here.join("hostile.der"), certificate.der()).unwrap();
    let pem = fs::read_to_string(data("test-only-rsa-2048.cert.pem")).unwrap();
    fs::write(here.join("other.pem"), pem).unwrap();
}

/// A JKS with the entry of the test key store under two names (`JavaKeyStore` of OpenJDK).
fn jks(aliases: [&str; 2]) -> Vec<u8> {
    let original = fs::read(data("test-only.jks")).unwrap();
    let alias_len = usize::from(u16::from_be_bytes([original[16], original[17]]));
    let entry = &original[18 + alias_len..original.len() - 20];
    let mut content = [&original[..8], &[0, 0, 0, 2]].concat();
    for alias in aliases {
        let len = u16::try_from(alias.len()).unwrap();
        content.extend(
            [
                &[0, 0, 0, 1],
                &len.to_be_bytes()[..],
                alias.as_bytes(),
                entry,
            ]
            .concat(),
        );
    }
    let password: Vec<u8> = PASSWORD.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let digest = Sha1::new()
        .chain_update(password)
        .chain_update("Mighty Aphrodite");
    let digest = digest.chain_update(&content).finalize();
    content.extend(digest);
    content
}

/// A set of JSON Web Keys with two of the test keys.
fn jwk_set(here: &Path) -> String {
    let key = |kid: &str, pem: &str| {
        let file = data(pem);
        let made = eca(
            here,
            &["key", "convert", &file, "--to", "jwk", "--out", kid],
        );
        assert_eq!(made.code, 0, "{made:?}");
        let mut key: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(here.join(kid)).unwrap()).unwrap();
        key["kid"] = format!("{HOSTILE}{kid}").into();
        key
    };
    let keys = [
        key("a", "test-only-rsa-2048.pem"),
        key("b", "test-only-p256.pem"),
    ];
    serde_json::json!({ "keys": keys }).to_string()
}

/// A PKCS#12 store by openssl, whose key has a hostile friendly name.
fn pkcs12(here: &Path) -> bool {
    let made = Command::new("openssl")
        .args([
            "pkcs12",
            "-export",
            "-passout",
            "env:STORE_PASSWORD",
            "-out",
            "store.p12",
        ])
        .args(["-inkey", &data("test-only-rsa-2048.pem")])
        .args([
            "-in",
            &data("test-only-rsa-2048.cert.pem"),
            "-name",
            HOSTILE,
        ])
        .env("STORE_PASSWORD", PASSWORD)
        .current_dir(here)
        .output();
    let Ok(made) = made else {
        skip("openssl");
        return false;
    };
    assert!(made.status.success(), "{made:?}");
    true
}

/// Runs each line as it stands, with `--json` and with `-vvv`. Those marked with `+` show the
/// names.
fn walk(here: &Path, lines: &[&str]) {
    for line in lines {
        let (shows, line) = match line.strip_prefix('+') {
            Some(line) => (true, line),
            None => (false, *line),
        };
        for more in ["", " --json", " -vvv"] {
            let line = format!("{line}{more}");
            let arguments: Vec<_> = line.split(' ').collect();
            let run = eca(here, &arguments);
            check(&arguments, &run);
            let text = format!("{}{}", run.stdout, run.stderr);
            if shows {
                assert!(text.contains("pwned"), "{line} shows no name: {text}");
            }
        }
    }
}

/// An org that does not answer logins.
fn configure(here: &Path, key: &str, certificate: &str) -> FakeOrg {
    let org = FakeOrg::start(|_, _| (500, "{}".to_owned()));
    let url = &org.url;
    let key = format!(
        "key = '{key}'\nkey-password = 'env:STORE_PASSWORD'\ncertificate = '{certificate}'"
    );
    let text = format!(
        "default-org = 'a'\n[orgs.a]\ninstance-url = '{url}'\naudience = 'https://login.salesforce.com'\n\
         [orgs.a.auth]\nmethod = 'jwt'\nclient-id = '3MVG9abc'\nusername = 'u@example.com'\n{key}\n\
         [orgs.a.headless]\nsite-url = '{url}'\nclient-id = '3MVG9abc'\nclient-secret = 'cmd:echo none'\naudience = '{url}'\n{key}\n\
         [orgs.a.headless.profile]\nendpoint = 'discover'\nattestation = {{ header = 'X' }}\n"
    );
    fs::write(here.join("eca.toml"), text).unwrap();
    org
}

/// The commands that read the key and the certificate of an org in `eca.toml`.
const OF_AN_ORG: [&str; 5] = ["token", "list", "login", "doctor login", "doctor headless"];

#[test]
fn names_in_certificates() {
    let project = storefront_copy();
    let here = project.path();
    certificates(here);
    let certs = here.join("force-app/main/default/certs");
    fs::create_dir_all(&certs).unwrap();
    let meta = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <Certificate xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <caSigned>false</caSigned>\n    \
        <keySize>4096</keySize>\n    <masterLabel>Shop</masterLabel>\n</Certificate>\n";
    fs::write(certs.join("Shop.crt-meta.xml"), meta).unwrap();
    fs::copy(here.join("hostile.der"), certs.join("Shop.crt")).unwrap();
    let _org = configure(here, &data("test-only-rsa-2048.pem"), "hostile.der");
    let key = data("test-only-rsa-2048.pem");
    let ec = data("test-only-p256.pem");
    walk(
        here,
        &[
            "+cert inspect hostile.der",
            &format!("+cert inspect hostile.der --key {ec}"),
            "+cert check",
            "cert check hostile.der",
            &format!("cert match hostile.der --key {key}"),
            &format!("cert match hostile.der --key {ec}"),
            &format!("cert register hostile.der --key {ec}"),
            &format!("cert register hostile.der --key {key}"),
            "lint",
            "lint --format short",
            "show",
            "graph",
            "diff . force-app",
            "package --output p.zip",
            "deploy",
            &format!(
                "attest mint --key {key} --cert hostile.der --client-id 3MVG9 --audience https://x.my.site.com"
            ),
            &format!(
                "attest mint --key {ec} --cert hostile.der --client-id 3MVG9 --audience https://x.my.site.com"
            ),
            "attest verify a.b.c --cert hostile.der --audience https://x.my.site.com --issuer 3MVG9",
        ],
    );
    walk(here, &OF_AN_ORG);
    // The linter names a certificate of the org that it finds fault with.
    let header = find(here, "Shop.crt-meta.xml");
    replace(&header, "4096", "2048");
    walk(here, &["lint", "cert check --within 100000d"]);
}

#[test]
fn names_in_key_stores() {
    let project = storefront_copy();
    let here = project.path();
    fs::write(
        here.join("several.jks"),
        jks([HOSTILE, &format!("{HOSTILE}2")]),
    )
    .unwrap();
    fs::write(here.join("several.jwk"), jwk_set(here)).unwrap();
    let mut stores = vec!["several.jks", "several.jwk"];
    if pkcs12(here) {
        stores.push("store.p12");
    }
    let certificate = data("test-only-rsa-2048.cert.pem");
    for store in stores {
        // A store with several keys, and one that has no key of this name.
        for alias in ["", " --alias none"] {
            let shows = if store == "store.p12" && alias.is_empty() {
                ""
            } else {
                "+"
            };
            let mint = "attest mint --client-id 3MVG9 --audience https://x.my.site.com --key";
            let mut lines = vec![
                format!("key convert {store} --out x.pem"),
                format!("{mint} {store}"),
                format!("cert match {certificate} --key {store}"),
                format!("cert register {certificate} --key {store}"),
                format!("cert inspect {certificate} --key {store}"),
            ];
            if store != "several.jwk" {
                lines.push(format!("cert inspect {store}"));
                lines.push(format!("cert check {store}"));
            }
            let lines: Vec<_> = lines
                .iter()
                .map(|line| format!("{shows}{line}{alias} --password-env STORE_PASSWORD"))
                .collect();
            walk(here, &lines.iter().map(String::as_str).collect::<Vec<_>>());
        }
        let _org = configure(here, store, &certificate);
        walk(here, &OF_AN_ORG);
        replace(
            &here.join("eca.toml"),
            "key-password",
            "key-alias = 'none'\nkey-password",
        );
        walk(
            here,
            &[
                "+token",
                "+list",
                "+login",
                "+doctor login",
                "+doctor headless",
            ],
        );
    }
}
