//! Project Wycheproof: known mistakes of other implementations. Every case of each file is run.

use std::fmt;

use eca_attest::{Provider, PublicKey, SignatureError};
use expect_test::expect;
use wycheproof::{TestResult, ecdsa, rsa_pkcs1_verify};

/// The number of cases of a file by their result. The numbers are compared, so that no case is
/// skipped unnoticed.
#[derive(Default)]
struct Outcome {
    cases: usize,
    valid: usize,
    /// `Acceptable` in the file: a verifier may accept or refuse the encoding.
    acceptable: usize,
    /// Not in the form of a JWS signature, so not given to the verifier. All of them are invalid.
    other_form: usize,
    /// With a key of more than 4096 bits, which is refused before the signature is checked.
    key_refused: usize,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} cases: {} valid, {} acceptable, {} in another form, {} with a refused key",
            self.cases, self.valid, self.acceptable, self.other_form, self.key_refused
        )
    }
}

impl Outcome {
    /// Verifies a signature with every provider and compares with the result in the file.
    fn check(
        &mut self,
        key: &PublicKey,
        case: &str,
        message: &[u8],
        signature: &[u8],
        result: TestResult,
    ) {
        for provider in Provider::available() {
            let verified = provider.verify(key, message, signature).is_ok();
            match result {
                TestResult::Valid => assert!(verified, "{provider}: {case}"),
                TestResult::Invalid => assert!(!verified, "{provider}: {case}"),
                TestResult::Acceptable => {}
            }
        }
        self.valid += usize::from(result == TestResult::Valid);
        self.acceptable += usize::from(result == TestResult::Acceptable);
    }
}

#[test]
fn rsa_pkcs1_sha256() {
    use rsa_pkcs1_verify::TestName;
    let outcomes = [
        TestName::Rsa2048Sha256,
        TestName::Rsa3072Sha256,
        TestName::Rsa4096Sha256,
        TestName::Rsa8192Sha256,
    ]
    .map(|name| format!("{name:?}, {}", rsa(name)));
    expect![[r#"
        Rsa2048Sha256, 259 cases: 9 valid, 1 acceptable, 0 in another form, 0 with a refused key
        Rsa3072Sha256, 259 cases: 8 valid, 1 acceptable, 0 in another form, 0 with a refused key
        Rsa4096Sha256, 258 cases: 7 valid, 1 acceptable, 0 in another form, 0 with a refused key
        Rsa8192Sha256, 258 cases: 0 valid, 0 acceptable, 0 in another form, 258 with a refused key"#]]
    .assert_eq(&outcomes.join("\n"));
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
            let id = format!("{}, {}", case.tc_id, case.comment);
            outcome.check(&key, &id, &case.msg, &case.sig, case.result);
        }
    }
    outcome
}

#[test]
fn ecdsa_p256_sha256() {
    use ecdsa::TestName;
    let unchanged: Form = |signature| Some(signature.to_vec());
    let outcomes = [
        (TestName::EcdsaSecp256r1Sha256P1363, unchanged),
        (TestName::EcdsaSecp256r1Sha256, from_der),
    ]
    .map(|(name, form)| format!("{name:?}, {}", p256(name, form)));
    expect![[r#"
        EcdsaSecp256r1Sha256P1363, 262 cases: 173 valid, 0 acceptable, 0 in another form, 0 with a refused key
        EcdsaSecp256r1Sha256, 484 cases: 174 valid, 0 acceptable, 235 in another form, 0 with a refused key"#]]
    .assert_eq(&outcomes.join("\n"));
}

fn p256(name: ecdsa::TestName, form: Form) -> Outcome {
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
            let id = format!("{}, {}", case.tc_id, case.comment);
            outcome.check(&key, &id, &case.msg, &signature, case.result);
        }
    }
    outcome
}

/// Converts a signature of a file to the form of a JWS signature. `None` if it has none.
type Form = fn(&[u8]) -> Option<Vec<u8>>;

/// Reads `SEQUENCE { r, s }` in strict DER, with numbers of at most 32 bytes, as in certificates.
fn from_der(signature: &[u8]) -> Option<Vec<u8>> {
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
