//! No part of a key stays in memory after it and its signers are dropped. The process searches its
//! own memory, which Linux allows. A separate program with one test, so that no other test has the
//! same key.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use eca_attest::{Bundle, Password, PrivateKey, Provider};

/// A position inside the second prime of the RSA key in its PKCS#8 DER.
const PRIME: usize = 740;
/// A position inside the private number of the P-256 key in its PKCS#8 DER.
const SCALAR: usize = 40;

/// A part of a private number with every bit inverted, so that the search does not find itself.
struct Inverted(Vec<u8>);

impl Inverted {
    fn is_at(&self, memory: &[u8]) -> bool {
        let pairs = memory.iter().zip(&self.0);
        memory.len() == self.0.len() && pairs.clone().all(|(byte, inverted)| *byte == !inverted)
    }

    /// How often it occurs in the writable memory of this process.
    fn traces(&self) -> usize {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let memory = File::open("/proc/self/mem").unwrap();
        let mut chunk = vec![0; 1 << 16];
        let mut count = 0;
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let (range, rights) = (words.next().unwrap(), words.next().unwrap());
            if !rights.starts_with("rw") || line.contains("[v") {
                continue;
            }
            let (start, end) = range.split_once('-').unwrap();
            let number = |hex| u64::from_str_radix(hex, 16).unwrap();
            let (mut at, end) = (number(start), number(end));
            while at < end {
                let Ok(len @ 1..) = memory.read_at(&mut chunk, at) else {
                    break;
                };
                let found = chunk[..len].windows(self.0.len());
                count += found.filter(|window| self.is_at(window)).count();
                // The chunk is a copy, which the next search would find.
                chunk.fill(0);
                let overlap = if len == chunk.len() {
                    self.0.len() - 1
                } else {
                    0
                };
                at += u64::try_from(len - overlap).unwrap();
            }
        }
        count
    }
}

fn read(file: &str) -> PrivateKey {
    let path = format!("{}/tests/data/{file}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    let bundle = Bundle::read(&bytes, &mut |_| Some(Password::new("test-only"))).unwrap();
    bundle.into_identity(None).unwrap().into_parts().0
}

#[test]
fn no_part_of_a_key_stays_in_memory() {
    // All these files have the same key. The needle is in its second prime.
    let key = read("test-only-rsa-2048.pem");
    let der = key.expose_pkcs8_der();
    let needle = Inverted(der[PRIME..PRIME + 24].iter().map(|byte| !byte).collect());
    assert!(needle.traces() > 0, "the key is found while it is in use");
    drop(key);
    assert_eq!(needle.traces(), 0, "PEM");
    for file in [
        "test-only-encrypted.pem",
        "test-only.p12",
        "test-only-legacy.p12",
        "test-only-ber.p12",
        "test-only.jks",
    ] {
        let key = read(file);
        assert!(
            needle.traces() > 0,
            "{file}: the key is found while it is in use"
        );
        let texts = (
            key.expose_pkcs8_pem(),
            key.expose_jwk(),
            key.expose_pkcs1_der(),
        );
        drop((key, texts));
        assert_eq!(needle.traces(), 0, "{file}");
    }

    // Libraries store numbers with the least significant byte first, DER the most significant.
    for (file, skipped) in [
        ("test-only-rsa-2048.pem", PRIME),
        ("test-only-p256.pem", SCALAR),
    ] {
        let key = read(file);
        let part = key.expose_pkcs8_der()[skipped..skipped + 24].iter();
        let forwards = Inverted(part.clone().map(|byte| !byte).collect());
        let backwards = Inverted(part.rev().map(|byte| !byte).collect());
        drop(key);
        let traces = || [forwards.traces(), backwards.traces()];
        assert_eq!(traces(), [0, 0], "{file}");
        for provider in Provider::available() {
            let signer = provider.signer(&read(file)).unwrap();
            let in_use = traces();
            println!("{file}, {provider}: {in_use:?} while the signer is in use");
            assert!(
                in_use.iter().sum::<usize>() > 0,
                "the signer is found while it is in use"
            );
            signer.sign(b"message").unwrap();
            drop(signer);
            // rsa 0.10.0 frees the intermediate values of its precomputation without wiping them.
            let is_left = provider.to_string() == "rustcrypto" && skipped == PRIME;
            assert!(is_left || traces() == [0, 0], "{file}, {provider}");
        }
    }
}
