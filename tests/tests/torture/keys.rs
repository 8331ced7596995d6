//! Private keys, certificates and key stores, and their key derivations.

use std::time::{Duration, Instant};

use eca_attest::{Bundle, Certificate, Password, PrivateKey, Provider};
use eca_tests::test_file;
use fastrand::Rng;

use crate::damage::damage;
use crate::{Case, End};

/// No input keeps a reader longer, on the slowest machine.
const LONGEST: Duration = Duration::from_secs(20);

const FILES: [&str; 10] = [
    "test-only-rsa-2048.pem",
    "test-only-p256.pem",
    "test-only-rsa-2048.cert.pem",
    "test-only-p256.cert.pem",
    "test-only-encrypted.pem",
    "test-only.p12",
    "test-only-legacy.p12",
    "test-only-ber.p12",
    "test-only-rfc7520-3-4.jwk",
    "test-only.jks",
];

/// A key that is accepted makes signatures that its own public key verifies.
pub(crate) fn files() -> Case {
    let files = FILES.map(test_file);
    Box::new(move |rng| {
        let mut bytes = files[rng.usize(..files.len())].clone();
        if rng.u8(..8) > 0 {
            damage(rng, &mut bytes);
        }
        let start = Instant::now();
        let certificate = Certificate::read(&bytes);
        let key = PrivateKey::read(&bytes);
        if let Ok(key) = &key {
            check_pair(key);
        }
        let bundle = open(&bytes);
        assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
        if let Ok(identity) = bundle.and_then(|bundle| bundle.into_identity(None)) {
            check_pair(identity.key());
            return End::Accepted;
        }
        End::of(&certificate)
    })
}

fn check_pair(key: &PrivateKey) {
    for provider in Provider::available() {
        // A key can be readable and too weak to sign.
        let Ok(signer) = provider.signer(key) else {
            continue;
        };
        let signature = signer.sign(b"torture").expect("a signature");
        let checked = provider.verify(key.public_key(), b"torture", &signature);
        checked.unwrap_or_else(|error| panic!("{provider:?}: {error}"));
    }
}

fn open(bytes: &[u8]) -> Result<Bundle, eca_attest::KeyError> {
    Bundle::read(bytes, &mut |_| Some(Password::new("test-only")))
}

/// An encrypted key that asks for more work than a second's is refused before the work.
pub(crate) fn derivations() -> Case {
    Box::new(|rng| {
        let bomb = encrypted(rng);
        let start = Instant::now();
        let opened = open(&bomb);
        assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
        End::of(&opened)
    })
}

/// An `EncryptedPrivateKeyInfo` (RFC 5958) with PBES2 (RFC 8018) and random costs. What is
/// encrypted is no key.
fn encrypted(rng: &mut Rng) -> Vec<u8> {
    const PBES2: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
    const PBKDF2: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
    const SCRYPT: &[u8] = b"\x06\x09\x2b\x06\x01\x04\x01\xda\x47\x04\x0b";
    const SHA256: &[u8] = b"\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x09\x05\x00";
    const AES256: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a";
    let salt = tlv(4, &[7; 16]);
    let derivation = if rng.bool() {
        let rounds = integer(1 << rng.u32(8..64));
        [PBKDF2, &tlv(0x30, &[&salt[..], &rounds, SHA256].concat())].concat()
    } else {
        let costs = [1 << rng.u32(8..40), 1 << rng.u32(..24), 1 << rng.u32(..24)].map(integer);
        [SCRYPT, &tlv(0x30, &[&salt[..], &costs.concat()].concat())].concat()
    };
    let cipher = tlv(0x30, &[AES256, &tlv(4, &[9; 16])].concat());
    let parameters = tlv(0x30, &[tlv(0x30, &derivation), cipher].concat());
    let algorithm = tlv(0x30, &[PBES2, &parameters].concat());
    tlv(0x30, &[algorithm, tlv(4, &[3; 160])].concat())
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("short");
    let [high, low] = length.to_be_bytes();
    let head = match length {
        0..0x80 => vec![tag, low],
        0x80..0x100 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [&head, content].concat()
}

fn integer(value: u64) -> Vec<u8> {
    // The zero in front keeps it positive.
    let bytes = [&[0][..], &value.to_be_bytes()].concat();
    let skipped = bytes
        .windows(2)
        .take_while(|pair| pair[0] == 0 && pair[1] < 0x80);
    let content = &bytes[skipped.count()..];
    let length = u8::try_from(content.len()).expect("short");
    [&[2, length], content].concat()
}
