//! Certificates that are made here.

use std::time::Duration;

use eca_attest::{MakeError, SelfSigned, SerialNumber, SignError, Signer, preflight};
use expect_test::expect_file;

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
            preflight(&certificate, Some(signer.public_key()), now()),
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
fn openssl_accepts_them_as_their_own_issuer() {
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

/// The largest key gives a certificate that is well below Salesforce's limit.
#[cfg(feature = "aws-lc-rs")]
#[test]
fn rsa_4096_fits_into_the_limit() {
    use eca_attest::{KeyKind, Provider};

    let key = Provider::AwsLcRs.generate(KeyKind::Rsa4096).unwrap();
    for provider in Provider::available() {
        let signer = provider.signer(&key).unwrap();
        let certificate = request().sign(&*signer).unwrap();
        assert_eq!(preflight(&certificate, Some(key.public_key()), now()), []);
        assert!(certificate.der().len() < 1500);
    }
}

#[test]
fn what_cannot_be_made_is_an_error() {
    let (_, signer) = signers(RSA_PEM).remove(0);
    let serial = SerialNumber::from_bytes([0; 16]);
    let make = |name: &str, from, until| {
        SelfSigned::new(name, from, until, serial)
            .sign(&*signer)
            .unwrap_err()
    };
    assert!(matches!(
        make("", now(), now()),
        MakeError::CommonName { len: 0 }
    ));
    assert!(matches!(
        make(&"n".repeat(65), now(), now()),
        MakeError::CommonName { len: 65 }
    ));
    assert!(matches!(
        make("n", now(), now() - YEAR),
        MakeError::Validity
    ));
    assert!(matches!(
        make("n", now(), at(300_000_000_000)),
        MakeError::Date
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

/// The cause of a failed signature survives the way through the certificate encoder.
#[test]
fn a_failing_signer_is_named() {
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
