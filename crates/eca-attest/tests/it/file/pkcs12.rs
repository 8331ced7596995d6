//! Rare forms of PKCS#12: with a PBMAC1 MAC, in BER.

use eca_attest::{Encoding, Format, KeyError, PrivateKey};
use proptest::prelude::*;

use crate::file::der::tlv;
use crate::oracle::Oracle;
use crate::support::{LEGACY_P12, P12, PASSWORD, RSA_CERT, RSA_PEM, bundle, certificate, chain};

/// RFC 9579, appendix A.1: SHA-256 as HMAC and PRF.
const A1: &[u8] = include_bytes!("../../data/test-only-rfc9579-a1.p12");
const A1_PASSWORD: &str = "1234";
/// [`P12`] and [`LEGACY_P12`], encoded again by `xtask/src/fixtures/ber.py`: indefinite lengths,
/// constructed strings with segments of 100 bytes, and a new MAC.
pub(crate) const BER: &[u8] = include_bytes!("../../data/test-only-ber.p12");
const LEGACY_BER: &[u8] = include_bytes!("../../data/test-only-legacy-ber.p12");

#[track_caller]
fn check(name: &str, store: &[u8], password: &str) {
    let read = bundle(store, password).map_err(|error| format!("{name}: {}", chain(&error)));
    let identity = read.unwrap().into_identity(None).unwrap();
    assert_eq!(*identity.key().expose_pkcs8_pem(), RSA_PEM, "{name}");
    assert_eq!(
        identity.certificate(),
        Some(&certificate(RSA_CERT)),
        "{name}"
    );
    let wrong = bundle(store, "other").unwrap_err();
    assert!(matches!(wrong, KeyError::WrongPassword { .. }), "{name}");
    let none = PrivateKey::read(store).unwrap_err();
    assert!(matches!(none, KeyError::PasswordNeeded { .. }), "{name}");
}

/// Replaces bytes that occur once.
fn changed(store: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let places: Vec<_> = (0..store.len())
        .filter(|&at| store[at..].starts_with(from))
        .collect();
    assert_eq!(places.len(), 1, "{from:02x?}");
    let at = places[0];
    [&store[..at], to, &store[at + from.len()..]].concat()
}

/// The first example of the RFC, and the changes of its examples A.4 to A.6.
#[test]
fn pbmac1_of_the_rfc() {
    let identity = bundle(A1, A1_PASSWORD).unwrap().into_identity(None);
    let identity = identity.unwrap();
    let certificate = identity.certificate().unwrap();
    assert!(certificate.matches(identity.key().public_key()));
    let refused = |store: &[u8], password, expected: &str| {
        let error = bundle(store, password).unwrap_err();
        assert_eq!(chain(&error).lines().last().unwrap().trim(), expected);
    };
    let wrong = "the password does not open the PKCS#12 key store";
    refused(A1, "12345", wrong);
    // Salt, rounds (2048) and key length (32) in the parameters.
    let salt = *b"\x6f\x47\x3c\x38\xb0\x2e\x31\x73";
    let place = [&salt[..], b"\x02\x02\x08\x00\x02\x01\x20"].concat();
    let with =
        |rounds_and_length: &[u8]| changed(A1, &place, &[&salt[..], rounds_and_length].concat());
    refused(&with(b"\x02\x02\x08\x01\x02\x01\x20"), A1_PASSWORD, wrong);
    refused(&changed(A1, &salt, b"another!"), A1_PASSWORD, wrong);
    let short = "the PBMAC1 has no supported key length";
    refused(&with(b"\x02\x02\x08\x00\x02\x01\x13"), A1_PASSWORD, short);
    // Without a key length, the five values around it are three bytes shorter.
    let mut without = changed(A1, b"\x02\x01\x20\x30\x0c\x06", b"\x30\x0c\x06");
    for (from, to) in [
        (&b"\x30\x82\x0a\x8a"[..], &b"\x30\x82\x0a\x87"[..]),
        (b"\x30\x7c\x30\x6d\x30\x49", b"\x30\x79\x30\x6a\x30\x46"),
        (
            b"\x30\x3c\x30\x2c\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c\x30\x1f\x04\x08\x6f",
            b"\x30\x39\x30\x29\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c\x30\x1c\x04\x08\x6f",
        ),
    ] {
        without = changed(&without, from, to);
    }
    refused(&without, A1_PASSWORD, short);
    // 2^31 - 1 rounds need two more bytes, so the salt is two bytes shorter.
    let rounds = changed(
        A1,
        &[b"\x04\x08", &place[..]].concat(),
        b"\x04\x06\x6f\x47\x3c\x38\xb0\x2e\x02\x04\x7f\xff\xff\xff\x02\x01\x20",
    );
    let costly = bundle(&rounds, A1_PASSWORD).unwrap_err();
    assert!(matches!(costly, KeyError::TooCostly { .. }), "{costly:?}");
}

/// Adds a PBMAC1 MAC to `plain.p12` and writes `FILE`. Arguments: PRF, HMAC digest, key length,
/// password.
const ADD_PBMAC1: &str = r#"
import hashlib, hmac, sys
prf, scheme, length, password = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
def tlv(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    digits = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (digits if size < 128 else bytes([128 | len(digits)]) + digits) + body
def number(value):
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))
def oid(last):
    return tlv(6, bytes.fromhex(last))
HMAC = {name: "2a864886f70d02" + last for name, last in
        [("sha1", "07"), ("sha224", "08"), ("sha256", "09"), ("sha384", "0a"), ("sha512", "0b")]}
store = open("plain.p12", "rb").read()
def head(data):
    size, at = data[1], 2
    if size & 128:
        at += size & 127
        size = int.from_bytes(data[2:at], "big")
    return data[at:at + size], data[at + size:]
members, _ = head(store)                # version, authSafe
_, rest = head(members)
info, _ = head(rest)
_, explicit = head(info)
string, _ = head(explicit)
safe, _ = head(string)
salt = bytes(range(16))
key = hashlib.pbkdf2_hmac(prf, password.encode(), salt, 1000, length)
digest = hmac.new(key, safe, scheme).digest()
null = tlv(5)
kdf = tlv(0x30, oid("2a864886f70d01050c"), tlv(0x30, tlv(4, salt), number(1000), number(length),
          b"" if prf == "sha1" else tlv(0x30, oid(HMAC[prf]), null)))
parameters = tlv(0x30, kdf, tlv(0x30, oid(HMAC[scheme]), null))
algorithm = tlv(0x30, oid("2a864886f70d01050e"), parameters)
mac = tlv(0x30, tlv(0x30, algorithm, tlv(4, digest)), tlv(4, b"unused"), number(1))
open("FILE", "wb").write(tlv(0x30, members, mac))
"#;

/// openssl writes the key store without a MAC, Python adds the MAC.
#[test]
fn pbmac1_by_python() {
    let Some(oracle) = Oracle::with(&["openssl", "python3"]) else {
        return;
    };
    oracle.write("rsa.pem", RSA_PEM);
    oracle.write("cert.pem", RSA_CERT);
    oracle.write("mac.py", ADD_PBMAC1);
    for (prf, scheme, len, password) in [
        ("sha1", "sha1", 20, "secret"),
        ("sha224", "sha256", 32, "secret"),
        ("sha256", "sha256", 32, "pässwörd ∆"),
        ("sha384", "sha384", 48, "secret"),
        ("sha512", "sha512", 64, "secret"),
        ("sha512", "sha224", 128, "secret"),
    ] {
        oracle.run(&format!(
            "openssl pkcs12 -export -nomac -inkey rsa.pem -in cert.pem -passout 'pass:{password}' -out plain.p12
             python3 mac.py {prf} {scheme} {len} '{password}'"
        ));
        check(&format!("{prf} {scheme}"), &oracle.read("FILE"), password);
    }
}

#[test]
fn key_stores_in_ber() {
    check("modern", BER, PASSWORD);
    check("legacy", LEGACY_BER, PASSWORD);
    assert_eq!(
        Format::detect(BER),
        Some((Format::Pkcs12, Encoding::Binary))
    );
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    // openssl confirms the files.
    for store in [BER, LEGACY_BER] {
        oracle.write("FILE", store);
        let opened = oracle.run(&format!(
            "openssl pkcs12 -in FILE -legacy -nodes -nocerts -passin pass:{PASSWORD} | openssl pkey"
        ));
        assert_eq!(opened, RSA_PEM);
    }
}

/// Encodes one value again in BER; `choices` select the form of each value inside.
fn in_ber(der: &[u8], choices: &mut impl Iterator<Item = u8>) -> Vec<u8> {
    let (tag, content, rest) = split(der);
    assert!(rest.is_empty());
    let choice = choices.next().unwrap_or_default();
    if tag == 4 && choice & 1 != 0 {
        let size = usize::from(choice | 1) + 40;
        let segments: Vec<u8> = content
            .chunks(size)
            .flat_map(|segment| tlv(4, &[segment]))
            .collect();
        return if choice & 2 == 0 {
            tlv(0x24, &[&segments])
        } else {
            [&[0x24, 0x80][..], &segments, &[0, 0]].concat()
        };
    }
    if tag & 0x20 == 0 {
        return tlv(tag, &[content]);
    }
    let mut members = Vec::new();
    let mut content = content;
    while !content.is_empty() {
        let (_, _, rest) = split(content);
        let (one, _) = content.split_at(content.len() - rest.len());
        members.extend(in_ber(one, choices));
        content = rest;
    }
    match choice % 3 {
        0 => tlv(tag, &[&members]),
        1 => [&[tag, 0x80][..], &members, &[0, 0]].concat(),
        _ => {
            let len = u64::try_from(members.len()).unwrap().to_be_bytes();
            [&[tag, 0x88][..], &len, &members].concat()
        }
    }
}

/// Tag and content of the first value, and the bytes after it.
fn split(der: &[u8]) -> (u8, &[u8], &[u8]) {
    let digits = match der[1] {
        short if short < 0x80 => &der[1..2],
        long => &der[2..2 + usize::from(long & 0x7f)],
    };
    let start = if der[1] < 0x80 { 2 } else { 2 + digits.len() };
    let len = digits
        .iter()
        .fold(0, |len, &digit| len << 8 | usize::from(digit));
    (der[0], &der[start..start + len], &der[start + len..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Any BER encoding of the outermost layer has the same key and the same MAC.
    #[test]
    fn any_ber_is_read(choices in prop::collection::vec(any::<u8>(), 0..40)) {
        for store in [P12, LEGACY_P12] {
            check("any", &in_ber(store, &mut choices.clone().into_iter()), PASSWORD);
        }
    }
}
