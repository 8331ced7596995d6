//! Private keys inside of other files.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use eca_attest::EmbeddedKey;

use crate::support::{
    A2_PEM, A3_PEM, EC_PEM, ENCRYPTED_PEM, JKS, LEGACY_P12, P12, RSA_CERT, RSA_PEM, key,
};

/// The base64 of a PEM file, in one line.
fn bare(pem: &str) -> String {
    let lines = pem
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN"));
    let body = lines.skip(1).take_while(|line| !line.starts_with('-'));
    body.collect()
}

fn der(pem: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(bare(pem)).unwrap()
}

fn check(content: &[u8], expected: &[(usize, &str)]) {
    let keys = EmbeddedKey::find_all(content);
    let keys: Vec<_> = keys
        .iter()
        .map(|key| (key.offset, key.to_string()))
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(offset, what)| (*offset, (*what).to_owned()))
        .collect();
    assert_eq!(keys, expected, "{}", String::from_utf8_lossy(content));
}

#[test]
fn in_text() {
    const PKCS8: &str = "PKCS#8 private key";
    let line = bare(RSA_PEM);
    let (first, rest) = line.split_at(20);
    let wrapped = format!("{first}\n  {rest}");
    for (before, key, what) in [
        ("", RSA_PEM, PKCS8),
        ("<a>", RSA_PEM, PKCS8),
        (RSA_CERT, RSA_PEM, PKCS8),
        ("", EC_PEM, PKCS8),
        ("", ENCRYPTED_PEM, "encrypted PKCS#8 private key"),
        (
            "x ",
            "-----BEGIN RSA PRIVATE KEY-----",
            "PKCS#1 RSA private key",
        ),
        (
            "x ",
            "-----BEGIN EC PRIVATE KEY-----\\nMH",
            "SEC1 EC private key",
        ),
        (
            "ü",
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            "OpenSSH private key",
        ),
        (
            "",
            &format!(
                "{}\r\nProc-Type: 4,ENCRYPTED",
                "-----BEGIN RSA PRIVATE KEY-----"
            ),
            "encrypted PEM private key (Proc-Type: 4,ENCRYPTED)",
        ),
        ("", "-----BEGIN PGP PRIVATE KEY BLOCK-----", "private key"),
        ("", "-----BEGIN ANY PRIVATE KEY-----", "private key"),
        ("<a>", "PuTTY-User-Key-File-3: ssh-rsa", "PuTTY private key"),
        ("<a>", &bare(RSA_PEM), PKCS8),
        ("<a>\n  ", &wrapped, PKCS8),
        ("\"", &bare(EC_PEM), PKCS8),
        ("", &bare(ENCRYPTED_PEM), "encrypted PKCS#8 private key"),
        ("", &bare(A2_PEM), PKCS8),
        ("", &bare(A3_PEM), PKCS8),
        // 2048 bits in PKCS#1, P-256 in SEC1, P-384 in PKCS#8, Ed25519.
        (
            "<a>",
            "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn",
            "PKCS#1 RSA private key",
        ),
        ("<a>", "MHcCAQEEIIUQ5n0m7Yl5h1z8Yw0m", "SEC1 EC private key"),
        (
            "<a>",
            "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDD",
            PKCS8,
        ),
        ("<a>", "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06", PKCS8),
        (
            "<a>",
            r#"{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"c"}"#,
            "JSON Web Key with its private part",
        ),
        (
            "<a>[",
            "{&quot;d&quot; :\n&quot;AA&quot;, &quot;kty&quot;: &quot;OKP&quot;}",
            "JSON Web Key with its private part",
        ),
    ] {
        check(format!("{before}{key}").as_bytes(), &[(before.len(), what)]);
    }
    let two = format!("{RSA_PEM}{EC_PEM}");
    check(two.as_bytes(), &[(0, PKCS8), (RSA_PEM.len(), PKCS8)]);
    let utf16 = RSA_PEM.encode_utf16().flat_map(u16::to_le_bytes);
    check(
        &[&[0xff, 0xfe][..], &utf16.collect::<Vec<_>>()].concat(),
        &[(0, PKCS8)],
    );
}

#[test]
fn in_binary_files() {
    for (content, what) in [
        (der(RSA_PEM), "PKCS#8 private key"),
        (der(EC_PEM), "PKCS#8 private key"),
        (der(ENCRYPTED_PEM), "encrypted PKCS#8 private key"),
        (P12.to_vec(), "PKCS#12 key store"),
        (LEGACY_P12.to_vec(), "PKCS#12 key store"),
        (
            include_bytes!("../../data/test-only-ber.p12").to_vec(),
            "PKCS#12 key store",
        ),
        (JKS.to_vec(), "Java key store (JKS)"),
        // Cut, and with something behind it.
        (der(RSA_PEM)[..200].to_vec(), "PKCS#8 private key"),
        (
            [der(RSA_PEM), b"\r\n".to_vec()].concat(),
            "PKCS#8 private key",
        ),
    ] {
        check(&content, &[(0, what)]);
    }
}

#[test]
fn what_is_no_private_key() {
    let public = BASE64_STANDARD.encode(key(RSA_PEM).public_key().spki_der());
    for content in [
        "",
        "-----BEGIN PRIVATE KEY",
        "-----BEGIN CERTIFICATE-----\nPRIVATE KEY-----",
        "a PRIVATE KEY-----",
        RSA_CERT,
        &bare(RSA_CERT),
        &format!("-----BEGIN PUBLIC KEY-----\n{public}\n-----END PUBLIC KEY-----"),
        &public,
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA",
        "MIIDBTCCAe2gAwIBAgIUQ",
        "xMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw",
        r#"{"kty":"RSA","n":"AQ","e":"AQAB"}"#,
        r#"{"kty":"RSA"},{"d":"x"}"#,
        r#"{"kty":"RSA","x5c":["d"]}"#,
        "MAMBA MINIMUM MECHANISM <Metadata>",
    ] {
        check(content.as_bytes(), &[]);
    }
    check(&der(RSA_CERT), &[]);
    check(&[0xff, 0xfe, 0x2d], &[]);
    // A class file of Java.
    check(&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61], &[]);
}

proptest::proptest! {
    #[test]
    fn any_content_is_searched(
        content in "(\\PC|MII|MIG|EvQIBADAN|-----BEGIN |PRIVATE KEY|-----|\\{|\"kty\"|\"d\":\"a\"|\n){0,40}",
        cut in proptest::prelude::any::<proptest::sample::Index>(),
    ) {
        let content = &content.as_bytes()[..cut.index(content.len() + 1)];
        for key in EmbeddedKey::find_all(content) {
            assert!(key.offset < content.len());
        }
    }

    #[test]
    fn any_bytes_are_searched(content: Vec<u8>) {
        for key in EmbeddedKey::find_all(&content) {
            assert!(key.offset < content.len());
        }
    }
}
