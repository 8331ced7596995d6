//! Project Wycheproof: what other implementations got wrong. Every case of each file is run.

use eca_attest::{Provider, PublicKey, SignatureError};
use wycheproof::{TestResult, ecdsa, rsa_pkcs1_verify};

/// Cases whose result the test accepts either way, counted so that none joins them unnoticed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    cases: usize,
    valid: usize,
    /// `Acceptable` in the file: encodings that a verifier may take or leave.
    either: usize,
    /// Not in the form that a JWS has, so never given to the verifier; all of them are invalid.
    other_form: usize,
    /// With a key of more than 4096 bits, which is refused before any signature is looked at.
    key_refused: usize,
}

#[test]
fn rsa_pkcs1_sha256() {
    use rsa_pkcs1_verify::TestName;
    let mut outcomes = Vec::new();
    for name in [
        TestName::Rsa2048Sha256,
        TestName::Rsa3072Sha256,
        TestName::Rsa4096Sha256,
        TestName::Rsa8192Sha256,
    ] {
        let outcome = rsa(name);
        outcomes.push((format!("{name:?}"), outcome));
    }
    expect_test::expect![[r#"
        [
            (
                "Rsa2048Sha256",
                Outcome {
                    cases: 259,
                    valid: 9,
                    either: 1,
                    other_form: 0,
                    key_refused: 0,
                },
            ),
            (
                "Rsa3072Sha256",
                Outcome {
                    cases: 259,
                    valid: 8,
                    either: 1,
                    other_form: 0,
                    key_refused: 0,
                },
            ),
            (
                "Rsa4096Sha256",
                Outcome {
                    cases: 258,
                    valid: 7,
                    either: 1,
                    other_form: 0,
                    key_refused: 0,
                },
            ),
            (
                "Rsa8192Sha256",
                Outcome {
                    cases: 258,
                    valid: 0,
                    either: 0,
                    other_form: 0,
                    key_refused: 258,
                },
            ),
        ]
    "#]]
    .assert_debug_eq(&outcomes);
}

fn rsa(name: rsa_pkcs1_verify::TestName) -> Outcome {
    let set = rsa_pkcs1_verify::TestSet::load(name).unwrap();
    let mut outcome = Outcome::default();
    for group in &set.test_groups {
        let key = PublicKey::from_spki_der(&group.der).unwrap();
        for case in &group.tests {
            outcome.cases += 1;
            if group.key_size > 4096 {
                outcome.key_refused += 1;
                for provider in Provider::available() {
                    let refused = provider.verify(&key, &case.msg, &case.sig);
                    assert!(matches!(refused, Err(SignatureError::Key(_))));
                }
                continue;
            }
            for provider in Provider::available() {
                let verified = provider.verify(&key, &case.msg, &case.sig).is_ok();
                let id = (provider, case.tc_id, &case.comment);
                match case.result {
                    TestResult::Valid => assert!(verified, "{id:?}"),
                    TestResult::Invalid => assert!(!verified, "{id:?}"),
                    TestResult::Acceptable => {}
                }
            }
            outcome.valid += usize::from(case.result == TestResult::Valid);
            outcome.either += usize::from(case.result == TestResult::Acceptable);
        }
    }
    outcome
}

#[test]
fn ecdsa_p256_sha256() {
    use ecdsa::TestName;
    let mut outcomes = Vec::new();
    let as_it_is: Form = |signature| Some(signature.to_vec());
    for (name, form) in [
        (TestName::EcdsaSecp256r1Sha256P1363, as_it_is),
        (TestName::EcdsaSecp256r1Sha256, der),
    ] {
        let set = ecdsa::TestSet::load(name).unwrap();
        let mut outcome = Outcome::default();
        for group in &set.test_groups {
            let key = PublicKey::from_spki_der(&group.der).unwrap();
            for case in &group.tests {
                outcome.cases += 1;
                let Some(signature) = form(&case.sig) else {
                    outcome.other_form += 1;
                    assert_eq!(case.result, TestResult::Invalid, "{}", case.tc_id);
                    continue;
                };
                for provider in Provider::available() {
                    let verified = provider.verify(&key, &case.msg, &signature).is_ok();
                    let id = (provider, case.tc_id, &case.comment);
                    match case.result {
                        TestResult::Valid => assert!(verified, "{id:?}"),
                        TestResult::Invalid => assert!(!verified, "{id:?}"),
                        TestResult::Acceptable => {}
                    }
                }
                outcome.valid += usize::from(case.result == TestResult::Valid);
                outcome.either += usize::from(case.result == TestResult::Acceptable);
            }
        }
        outcomes.push((format!("{name:?}"), outcome));
    }
    expect_test::expect![[r#"
        [
            (
                "EcdsaSecp256r1Sha256P1363",
                Outcome {
                    cases: 262,
                    valid: 173,
                    either: 0,
                    other_form: 0,
                    key_refused: 0,
                },
            ),
            (
                "EcdsaSecp256r1Sha256",
                Outcome {
                    cases: 484,
                    valid: 174,
                    either: 0,
                    other_form: 235,
                    key_refused: 0,
                },
            ),
        ]
    "#]]
    .assert_debug_eq(&outcomes);
}

/// A signature of a file in the form that a JWS has, if it is one.
type Form = fn(&[u8]) -> Option<Vec<u8>>;

/// `SEQUENCE { r, s }` in strict DER with numbers of at most 32 bytes, which is how signatures
/// stand in certificates.
fn der(signature: &[u8]) -> Option<Vec<u8>> {
    let [0x30, len, body @ ..] = signature else {
        return None;
    };
    if usize::from(*len) != body.len() || *len > 0x7f {
        return None;
    }
    let (r, rest) = integer(body)?;
    let (s, rest) = integer(rest)?;
    rest.is_empty().then(|| [r, s].concat())
}

fn integer(der: &[u8]) -> Option<([u8; 32], &[u8])> {
    let [2, len, rest @ ..] = der else {
        return None;
    };
    let (number, rest) = rest.split_at_checked(usize::from(*len))?;
    let number = match number {
        [] => return None,
        [0, next, ..] if *next < 0x80 => return None,
        [0, more @ ..] => more,
        [first, ..] if *first > 0x7f => return None,
        number => number,
    };
    let mut out = [0; 32];
    out.get_mut(32_usize.checked_sub(number.len())?..)?
        .copy_from_slice(number);
    Some((out, rest))
}
