//! RSA keys that can be broken are refused, with the name of the weakness.

use eca_attest::{KeyError, PrivateKey, Weakness};
use pkcs8::der::Encode as _;
use pkcs8::der::asn1::UintRef;

const KEYS: &str = include_str!("../../data/weak-rsa.txt");

#[test]
fn weak_rsa_keys() {
    // The PKCS#1 of a key. Only its form matters here, so the other numbers are 1.
    let pkcs1_der = |n: &[u8], p: &[u8], q: &[u8]| {
        let [one, n, e, p, q] =
            [&[1], n, &[1, 0, 1], p, q].map(|number| UintRef::new(number).unwrap());
        let key = pkcs1::RsaPrivateKey {
            modulus: n,
            public_exponent: e,
            private_exponent: one,
            prime1: p,
            prime2: q,
            exponent1: one,
            exponent2: one,
            coefficient: one,
            other_prime_infos: None,
        };
        key.to_der().unwrap()
    };
    let keys = KEYS.lines().filter(|line| !line.starts_with('#'));
    for line in keys {
        let [name, n, p, q] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("four words: {line}");
        };
        let [n, p, q] = [n, p, q].map(|hex| {
            let digits = hex.as_bytes().chunks(2);
            digits
                .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
                .collect::<Vec<_>>()
        });
        let expected = match name {
            "roca" => Some(Weakness::Roca),
            "2^400" | "2^923" => Some(Weakness::ClosePrimes),
            _ => None,
        };
        let weakness = match PrivateKey::read(&pkcs1_der(&n, &p, &q)) {
            Err(KeyError::Weak(weakness)) => Some(weakness),
            _ => None,
        };
        assert_eq!(weakness, expected, "{name}");
    }
}
