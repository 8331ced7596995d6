//! The issues of certificates.

use std::time::{Duration, SystemTime};

use eca_attest::{Certificate, CertificateIssue, Provider, PublicKey, Severity};
use expect_test::{Expect, expect};

use crate::oracle::Oracle;
use crate::support::{A2_PEM, EC_CERT, EC_PEM, RSA_CERT, RSA_PEM, certificate, key, now};

fn check(certificate: &Certificate, key: Option<&PublicKey>, now: SystemTime, expected: &Expect) {
    let lines: Vec<String> = certificate
        .check(key, now)
        .iter()
        .map(|issue| format!("{} {}: {issue}", issue.severity(), issue.code()))
        .collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn a_valid_certificate_has_no_issues() {
    let certificate = certificate(RSA_CERT);
    assert_eq!(
        certificate.check(Some(key(RSA_PEM).public_key()), now()),
        []
    );
    assert_eq!(certificate.check(None, certificate.not_before()), []);
    assert_eq!(certificate.check(None, certificate.not_after()), []);
}

#[test]
fn each_issue_is_named() {
    let rsa = certificate(RSA_CERT);
    let second = Duration::from_secs(1);
    check(
        &rsa,
        Some(key(A2_PEM).public_key()),
        now(),
        &expect![
            "error certificate-key-mismatch: the certificate does not belong to the private key"
        ],
    );
    check(
        &rsa,
        None,
        rsa.not_before() - second,
        &expect![
            "warning certificate-not-yet-valid: the certificate is not valid before 2026-11-20T19:04:56Z"
        ],
    );
    check(
        &rsa,
        None,
        rsa.not_after() + second,
        &expect!["warning certificate-expired: the certificate expired at 2126-10-27T19:04:56Z"],
    );
    check(
        &certificate(EC_CERT),
        Some(key(EC_PEM).public_key()),
        now(),
        &expect![
            "error certificate-not-rsa: the certificate is for a key of type EC P-256, attestation needs RSA"
        ],
    );
}

#[test]
fn validity_until_a_date() {
    let rsa = certificate(RSA_CERT);
    let day = Duration::from_hours(24);
    let until = |until| rsa.check_until(None, rsa.not_after() - day, until);
    assert_eq!(until(rsa.not_after()), []);
    let second = Duration::from_secs(1);
    let soon = until(rsa.not_after() + second);
    assert_eq!(soon[0].code(), "certificate-expires-soon");
    assert_eq!(
        soon[0].to_string(),
        "the certificate expires at 2126-10-27T19:04:56Z"
    );
    // An expired certificate has one issue, not two.
    let over = rsa.check_until(None, rsa.not_after() + second, rsa.not_after() + day);
    assert_eq!(over.len(), 1);
    assert_eq!(over[0].code(), "certificate-expired");
}

#[test]
fn a_self_issued_certificate_need_not_be_self_signed() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    oracle.write("rsa.pem", RSA_PEM);
    oracle.run(
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -subj /CN=x -out root
         openssl req -new -key rsa.pem -subj /CN=x -out csr
         openssl x509 -req -in csr -CA root -CAkey root.key -CAcreateserial -out leaf",
    );
    let leaf = Certificate::read(&oracle.read("leaf")).unwrap();
    for provider in Provider::available() {
        assert!(certificate(RSA_CERT).is_self_signed(*provider));
        assert!(certificate(EC_CERT).is_self_signed(*provider));
        // The same name, but the signature of another key.
        assert!(leaf.is_self_issued() && !leaf.is_self_signed(*provider));
    }
}

#[test]
fn small_keys_weak_digests_and_large_certificates() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    oracle.run(
        "openssl req -x509 -newkey rsa:1024 -nodes -keyout /dev/null -sha1 -subj /CN=x -out cert",
    );
    let weak = Certificate::read(&oracle.read("cert")).unwrap();
    check(
        &weak,
        None,
        weak.not_before(),
        &expect![[r#"
        error certificate-rsa-too-small: the certificate's RSA key has 1024 bits, at least 2048 are needed
        warning certificate-weak-signature: the certificate is signed with the broken sha1WithRSAEncryption"#]],
    );

    oracle.write("rsa.pem", RSA_PEM);
    let padded = |bytes: usize| {
        let comment = "A".repeat(bytes);
        oracle.run(&format!(
            "openssl req -x509 -key rsa.pem -set_serial 1 -subj /CN=x -addext nsComment={comment} -out cert"
        ));
        Certificate::read(&oracle.read("cert")).unwrap()
    };
    // At this size the lengths in DER have two bytes, so one more letter is one more byte.
    let start = padded(3000);
    let room = 4096 - start.der().len();
    let fits = padded(3000 + room);
    assert_eq!(fits.der().len(), 4096);
    assert_eq!(fits.check(None, fits.not_before()), []);
    let over = padded(3001 + room);
    assert_eq!(
        over.check(None, over.not_before()),
        [CertificateIssue::TooLarge { len: 4097 }]
    );
}

#[test]
fn errors_outrank_warnings() {
    assert!(Severity::Error > Severity::Warning);
}
