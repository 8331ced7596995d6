//! Self-signed certificates.

use std::time::{Duration, SystemTime};

use eca_attest::{
    IdSource, KeyKind, OsIds, Provider, SelfSignError, SelfSigned, SerialNumber, SignError, Signer,
};
use expect_test::expect_file;

#[cfg(feature = "aws-lc-rs")]
use crate::file::der::tlv;
use crate::oracle::Oracle;
use crate::support::{EC_PEM, FixedIds, NoIds, RSA_PEM, at, chain, data, now, signers};

const YEAR: Duration = Duration::from_hours(365 * 24);

fn request() -> SelfSigned {
    let serial = SerialNumber::fresh(&FixedIds(0xff)).unwrap();
    SelfSigned::new("Störefront test", now(), now() + YEAR, serial).organization("eca")
}

#[test]
fn golden_certificate_is_the_same_with_every_provider() {
    for (provider, signer) in signers(RSA_PEM) {
        let certificate = request().sign(&*signer).unwrap();
        expect_file![data("self-signed.golden.pem")].assert_eq(&certificate.to_pem());
        assert_eq!(
            certificate.check(Some(signer.public_key()), now()),
            [],
            "{provider}"
        );
        assert_eq!(certificate.subject(), "CN=Störefront test, O=eca");
        assert_eq!(certificate.serial_hex(), format!("7F{}", "FF".repeat(15)));
        assert_eq!(certificate.not_before(), now());
        assert_eq!(certificate.not_after(), now() + YEAR);
    }
}

#[test]
fn openssl_verifies_them() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    for pem in [RSA_PEM, EC_PEM] {
        for (_, signer) in signers(pem) {
            let certificate = request().sign(&*signer).unwrap();
            oracle.write("cert.pem", certificate.to_pem());
            let attime = now()
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap()
                .as_secs();
            oracle.run(&format!(
                "openssl verify -attime {attime} -check_ss_sig -x509_strict -partial_chain \
                 -CAfile cert.pem cert.pem"
            ));
            let text = oracle.run("openssl x509 -in cert.pem -noout -text");
            assert!(text.contains("Version: 3"), "{text}");
            assert!(text.contains("Digital Signature"), "{text}");
            assert!(!text.contains("CA:TRUE"), "{text}");
        }
    }
}

/// For every kind of key and every provider, the certificate is below Salesforce's limit, and
/// openssl reads the same key in it. The faster provider generates the keys.
#[cfg(feature = "aws-lc-rs")]
#[test]
fn every_kind_is_below_the_limit() {
    use eca_attest::MAX_CERTIFICATE_LEN;

    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    for (kind, name, bits, most) in [
        (KeyKind::Rsa2048, "RSA 2048", "(2048 bit", 900),
        (KeyKind::Rsa3072, "RSA 3072", "(3072 bit", 1200),
        (KeyKind::Rsa4096, "RSA 4096", "(4096 bit", 1500),
        (KeyKind::P256, "EC P-256", "(256 bit", 500),
    ] {
        let (key, made) = request().generate(Provider::AwsLcRs, kind).unwrap();
        assert!(made.is_self_signed(Provider::AwsLcRs), "{name}");
        assert!(made.matches(key.public_key()), "{name}");
        for provider in Provider::available() {
            let signer = provider.signer(&key).unwrap();
            let certificate = request().sign(&*signer).unwrap();
            assert_eq!(certificate.key_algorithm().to_string(), name);
            assert!(certificate.is_self_signed(*provider), "{name} {provider}");
            let issues = certificate.check(Some(key.public_key()), now());
            let codes: Vec<_> = issues
                .iter()
                .map(eca_attest::CertificateIssue::code)
                .collect();
            let expected: &[_] = match kind {
                KeyKind::P256 => &["certificate-not-rsa"],
                _ => &[],
            };
            assert_eq!(codes, expected, "{name} {provider}");
            let len = certificate.der().len();
            assert!(len <= most && most < MAX_CERTIFICATE_LEN, "{name}: {len}");
            oracle.write("cert.pem", certificate.to_pem());
            oracle.write("key.pem", key.expose_pkcs8_pem());
            let text = oracle.run("openssl x509 -in cert.pem -noout -text");
            assert!(text.contains(bits), "{name}: {text}");
            assert_eq!(
                oracle.run("openssl x509 -in cert.pem -noout -pubkey"),
                oracle.run("openssl pkey -in key.pem -pubout"),
            );
            oracle.write("message", "message");
            oracle.write("signature", ecdsa_as_der(&*signer, b"message"));
            let output = oracle.run(
                "openssl x509 -in cert.pem -noout -pubkey > public.pem; \
                 openssl dgst -sha256 -verify public.pem -signature signature message",
            );
            assert!(
                output.contains("Verified OK"),
                "{name} {provider}: {output}"
            );
        }
    }
}

/// A signature in the form of openssl: for P-256 a SEQUENCE of two INTEGERs (RFC 3279, section
/// 2.2.3).
#[cfg(feature = "aws-lc-rs")]
fn ecdsa_as_der(signer: &dyn Signer, message: &[u8]) -> Vec<u8> {
    let signature = signer.sign(message).unwrap();
    if signer.algorithm() != eca_attest::Algorithm::Es256 {
        return signature;
    }
    let integer = |half: &[u8]| {
        let zeros = half.iter().take_while(|byte| **byte == 0).count();
        let sign: &[u8] = if half[zeros] > 0x7f { &[0] } else { &[] };
        tlv(2, &[sign, &half[zeros..]])
    };
    let (r, s) = signature.split_at(32);
    tlv(0x30, &[&integer(r), &integer(s)])
}

/// The validity of a request that names its length.
#[test]
fn validity_from_a_time_on() {
    let (_, signer) = signers(RSA_PEM).remove(0);
    let check = |name: &str, now, valid, ids: &dyn IdSource| -> Result<SystemTime, String> {
        let request = SelfSigned::valid_for(name, now, valid, ids);
        let made = request.and_then(|request| request.sign(&*signer));
        let made = made.map_err(|error| chain(&error))?;
        assert_eq!(made.not_before(), now);
        assert_eq!(made.serial_hex(), format!("7F{}", "FF".repeat(15)));
        Ok(made.not_after())
    };
    let ids = FixedIds(0xff);
    let second = Duration::from_secs(1);
    assert_eq!(check("n", now(), second, &ids), Ok(now() + second));
    assert_eq!(check("n", now(), YEAR, &ids), Ok(now() + YEAR));
    let dates = "the certificate's validity is outside of the years 1950 to 9999";
    for (name, valid, ids, expected) in [
        (
            "n",
            Duration::ZERO,
            &ids as &dyn IdSource,
            "the certificate's validity ends before it begins",
        ),
        ("n", Duration::MAX, &ids, dates),
        ("n", 8_000 * YEAR, &ids, dates),
        (
            &"n".repeat(65),
            YEAR,
            &ids,
            "the certificate's common name must have 1 to 64 characters, not 65",
        ),
        (
            "n",
            YEAR,
            &NoIds,
            "the certificate's serial number could not be made\n  \
             the source of random identifiers failed\n  the entropy pool is empty",
        ),
    ] {
        assert_eq!(check(name, now(), valid, ids), Err(expected.to_owned()));
    }
}

/// Every provider makes the key that was asked for, and nothing is made for a wrong request.
#[test]
fn new_keys_with_their_certificates() {
    for &provider in Provider::available() {
        let (key, certificate) = request().generate(provider, KeyKind::P256).unwrap();
        assert!(certificate.matches(key.public_key()), "{provider}");
        assert!(certificate.is_self_signed(provider), "{provider}");
        assert_eq!(certificate.subject(), "CN=Störefront test, O=eca");
        let nameless = SelfSigned::valid_for("", now(), YEAR, &OsIds).unwrap();
        let error = nameless.generate(provider, KeyKind::Rsa4096).unwrap_err();
        assert!(matches!(error, SelfSignError::CommonName { len: 0 }));
    }
}

#[test]
fn invalid_names_and_dates_are_errors() {
    let (_, signer) = signers(RSA_PEM).remove(0);
    let serial = SerialNumber::from_bytes([0; 16]);
    let make = |name: &str, from, until| {
        SelfSigned::new(name, from, until, serial)
            .sign(&*signer)
            .unwrap_err()
    };
    assert!(matches!(
        make("", now(), now()),
        SelfSignError::CommonName { len: 0 }
    ));
    assert!(matches!(
        make(&"n".repeat(65), now(), now()),
        SelfSignError::CommonName { len: 65 }
    ));
    assert!(matches!(
        make("n", now(), now() - YEAR),
        SelfSignError::Validity
    ));
    assert!(matches!(
        make("n", now(), at(300_000_000_000)),
        SelfSignError::Date
    ));
    assert!(SerialNumber::fresh(&NoIds).is_err());
    assert_eq!(
        SelfSigned::new("n", now(), now(), serial)
            .sign(&*signer)
            .unwrap()
            .serial(),
        [1]
    );
}

/// The certificate encoder keeps the cause of a failed signature.
#[test]
fn the_error_of_the_signer_is_the_cause() {
    struct Unplugged(Box<dyn Signer>);
    impl Signer for Unplugged {
        fn algorithm(&self) -> eca_attest::Algorithm {
            self.0.algorithm()
        }
        fn public_key(&self) -> &eca_attest::PublicKey {
            self.0.public_key()
        }
        fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> {
            Err(SignError::Failed("the HSM is unplugged".into()))
        }
    }
    let signer = Unplugged(signers(RSA_PEM).remove(0).1);
    let error = request().sign(&signer).unwrap_err();
    assert_eq!(
        chain(&error),
        "the certificate could not be signed\n  the signature could not be made\n  \
         the HSM is unplugged"
    );
}
