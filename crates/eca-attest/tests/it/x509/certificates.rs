//! Reading certificates, compared with openssl.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use eca_attest::{AltName, Certificate};
use expect_test::{Expect, expect};

use crate::oracle::Oracle;
use crate::support::{EC_CERT, EC_PEM, RSA_CERT, RSA_PEM, certificate, chain, key};

#[test]
fn every_form_of_a_certificate_is_the_same_certificate() {
    for pem in [RSA_CERT, EC_CERT] {
        let certificate = certificate(pem);
        let body = certificate.to_body();
        let wrapped: Vec<&str> = body
            .as_bytes()
            .chunks(76)
            .map(|c| str::from_utf8(c).unwrap())
            .collect();
        let wrapped = wrapped.join("\r\n\t");
        let written = certificate.to_pem();
        let forms: [&[u8]; 9] = [
            pem.as_bytes(),
            certificate.der(),
            body.as_bytes(),
            &[b"\n        ", body.as_bytes(), b"\n    "].concat(),
            wrapped.as_bytes(),
            body.trim_end_matches('=').as_bytes(),
            &[b"\xef\xbb\xbf", body.as_bytes()].concat(),
            &[b"Bag Attributes\n", EC_PEM.as_bytes(), pem.as_bytes()].concat(),
            written.as_bytes(),
        ];
        for (number, form) in forms.into_iter().enumerate() {
            let read = Certificate::read(form);
            let read = read.unwrap_or_else(|error| panic!("form {number}: {}", chain(&error)));
            assert_eq!(read, certificate, "form {number}");
        }
        assert_eq!(certificate.to_pem(), pem);
    }
}

#[test]
fn openssl_reads_the_same_fields() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    for pem in [RSA_CERT, EC_CERT] {
        let certificate = certificate(pem);
        oracle.write("cert.pem", pem);
        let theirs = oracle.run(
            "openssl x509 -in cert.pem -noout -fingerprint -sha256 -serial -dateopt iso_8601 -dates",
        );
        let dates = [certificate.not_before(), certificate.not_after()].map(|date| {
            let date = eca_attest::NumericDate::try_from(date).unwrap().to_string();
            date.replace('T', " ")
        });
        let ours = format!(
            "sha256 Fingerprint={}\nserial={}\nnotBefore={}\nnotAfter={}\n",
            certificate.thumbprint(),
            certificate.serial_hex(),
            dates[0],
            dates[1],
        );
        assert_eq!(theirs, ours);
    }
}

#[test]
fn the_fields_of_a_certificate() {
    let rsa = certificate(RSA_CERT);
    assert_eq!(rsa.subject(), "CN=test-only, O=eca");
    assert_eq!(rsa.issuer(), rsa.subject());
    assert_eq!(rsa.key_algorithm().to_string(), "RSA 2048");
    assert_eq!(
        rsa.signature_algorithm().to_string(),
        "sha256WithRSAEncryption"
    );
    assert!(!rsa.signature_algorithm().is_weak());
    assert!(rsa.matches(key(RSA_PEM).public_key()));
    assert!(!rsa.matches(key(EC_PEM).public_key()));
    assert!(rsa.alt_names().is_empty());

    let ec = certificate(EC_CERT);
    assert_eq!(ec.key_algorithm().to_string(), "EC P-256");
    assert_eq!(ec.signature_algorithm().to_string(), "ecdsa-with-SHA256");
    assert!(ec.matches(key(EC_PEM).public_key()));
    let names: Vec<String> = ec.alt_names().iter().map(AltName::to_string).collect();
    let expected = [
        "DNS:example.com",
        "URI:https://example.com/a",
        "email:a@example.com",
        "IP:127.0.0.1",
        "IP:::1",
    ];
    assert_eq!(names, expected);
}

fn check(input: impl AsRef<[u8]>, expected: &Expect) {
    let error = Certificate::read(input.as_ref()).unwrap_err();
    let hint = error.hint().map(|hint| format!("\nhint: {hint}"));
    expected.assert_eq(&(chain(&error) + &hint.unwrap_or_default()));
}

#[test]
fn messages_name_the_input() {
    let key = key(RSA_PEM);
    check(
        "",
        &expect![[r#"
            the certificate is empty
            hint: export the certificate again, as PEM or DER, and check it: openssl x509 -in FILE -noout -subject"#]],
    );
    check(
        "  \n ",
        &expect![[r#"
            the certificate is empty
            hint: export the certificate again, as PEM or DER, and check it: openssl x509 -in FILE -noout -subject"#]],
    );
    check(
        "not a certificate!",
        &expect![[r#"
            the certificate is neither PEM nor DER nor base64
            hint: export the certificate again, as PEM or DER, and check it: openssl x509 -in FILE -noout -subject"#]],
    );
    check(
        RSA_PEM,
        &expect![[r#"
        the certificate input is not a certificate but another format: PKCS#8 private key
        hint: this is a private key, keep it secret; give the certificate for it"#]],
    );
    check(
        key.expose_pkcs8_der(),
        &expect![[r#"
        the certificate input is not a certificate but another format: PKCS#8 private key
        hint: this is a private key, keep it secret; give the certificate for it"#]],
    );
    check(
        BASE64_STANDARD.encode(key.expose_pkcs8_der()),
        &expect![[r#"
            the certificate input is not a certificate but another format: PKCS#8 private key
            hint: this is a private key, keep it secret; give the certificate for it"#]],
    );
    check(
        [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2],
        &expect![[r#"
            the certificate input is not a certificate but another format: Java key store (JKS)
            hint: extract it: keytool -exportcert -rfc -keystore FILE -alias ALIAS -file cert.pem"#]],
    );
}

#[test]
fn messages_name_the_damage() {
    let der = certificate(RSA_CERT).der().to_vec();
    check(
        BASE64_STANDARD.encode(b"not DER at all"),
        &expect![[r#"
            the certificate is damaged
              ASN.1 DER message is incomplete: expected 113, actual 14 at DER byte 2
            hint: export the certificate again, as PEM or DER, and check it: openssl x509 -in FILE -noout -subject"#]],
    );
    check(
        BASE64_STANDARD.encode(&der[..der.len() - 1]),
        &expect![[r#"
            the certificate is damaged
              ASN.1 DER message is incomplete: expected 811, actual 810 at DER byte 4
            hint: export the certificate again, as PEM or DER, and check it: openssl x509 -in FILE -noout -subject"#]],
    );
    check(
        [der.as_slice(), b"more"].concat(),
        &expect![[r#"
            4 bytes follow after the end of the certificate
            hint: export the certificate again, as PEM or DER, and check it: openssl x509 -in FILE -noout -subject"#]],
    );
    check(
        BASE64_STANDARD.encode([der.as_slice(), b"more"].concat()),
        &expect![[r#"
            4 bytes follow after the end of the certificate
            hint: export the certificate again, as PEM or DER, and check it: openssl x509 -in FILE -noout -subject"#]],
    );
    check(
        RSA_CERT.replace("END CERT", "end CERT"),
        &expect![[r#"
            the certificate is damaged PEM
              the block "CERTIFICATE" has no -----END line
            hint: export the certificate again, as PEM or DER, and check it: openssl x509 -in FILE -noout -subject"#]],
    );
    check(
        RSA_CERT.replace('M', "!"),
        &expect![[r#"
            the certificate is damaged PEM
              the block "CERTIFICATE" is not base64
            hint: export the certificate again, as PEM or DER, and check it: openssl x509 -in FILE -noout -subject"#]],
    );
}

#[test]
fn unsupported_certificates_are_read_too() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    let check = |make: &str, expected: Expect| {
        oracle.run(make);
        let certificate = Certificate::read(&oracle.read("FILE")).unwrap();
        expected.assert_eq(&format!(
            "{}, signed with {}{}, subject {:?}",
            certificate.key_algorithm(),
            certificate.signature_algorithm(),
            if certificate.signature_algorithm().is_weak() {
                " (weak)"
            } else {
                ""
            },
            certificate.subject(),
        ));
    };
    let new = "openssl req -x509 -nodes -keyout /dev/null -out FILE";
    check(
        &format!("{new} -newkey ed25519 -subj /CN=x"),
        expect![[r#"Ed25519, signed with Ed25519, subject "CN=x""#]],
    );
    check(
        &format!("{new} -newkey ec -pkeyopt ec_paramgen_curve:P-384 -subj /CN=x"),
        expect![[r#"EC P-384, signed with ecdsa-with-SHA256, subject "CN=x""#]],
    );
    check(
        &format!("{new} -newkey rsa:1024 -sha1 -utf8 -subj /CN=Ünï -outform DER"),
        expect![[r#"RSA 1024, signed with sha1WithRSAEncryption (weak), subject "CN=Ünï""#]],
    );
    check(
        &format!("{new} -newkey rsa:2048 -sha512 -subj /"),
        expect![[r#"RSA 2048, signed with sha512WithRSAEncryption, subject """#]],
    );
}

/// The hint of each format is a command that extracts the certificate.
#[test]
fn hints_extract_the_certificate() {
    let Some(oracle) = Oracle::with(&["openssl", "keytool", "iconv"]) else {
        return;
    };
    oracle.write("key.pem", RSA_PEM);
    oracle.write("in.pem", RSA_CERT);
    let cases = [
        ("openssl crl2pkcs7 -nocrl -certfile in.pem -out FILE", ""),
        (
            "openssl crl2pkcs7 -nocrl -certfile in.pem -outform DER -out FILE",
            "",
        ),
        (
            "openssl pkcs12 -export -inkey key.pem -in in.pem -passout pass:secret -name k -out FILE",
            "-passin pass:secret",
        ),
        (
            "mv FILE in.p12; keytool -importkeystore -srckeystore in.p12 -srcstoretype PKCS12 \
             -srcstorepass secret -destkeystore FILE -deststoretype JKS -deststorepass secret",
            "-storepass secret",
        ),
        ("iconv -f UTF-8 -t UTF-16 in.pem > FILE", ""),
    ];
    for (make, password) in cases {
        oracle.run("rm -f cert.pem");
        oracle.run(make);
        let hint = Certificate::read(&oracle.read("FILE"))
            .unwrap_err()
            .hint()
            .unwrap();
        let (_, command) = hint.split_once(": ").unwrap();
        let command = command.split(" (").next().unwrap().replace("ALIAS", "k");
        oracle.run(&format!("{command} {password}"));
        let read = Certificate::read(&oracle.read("cert.pem"));
        let read = read.unwrap_or_else(|error| panic!("{command}: {}", chain(&error)));
        assert_eq!(read, certificate(RSA_CERT), "{command}");
    }
}
