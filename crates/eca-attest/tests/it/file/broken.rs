//! Damaged and hostile input: an error in bounded time, never a panic.

use std::time::{Duration, Instant};

use eca_attest::{Certificate, Format, PrivateKey, PublicKey};
use proptest::prelude::*;

use crate::file::hostile;
use crate::file::pkcs12::BER;
use crate::support::{
    EC_CERT, EC_PEM, ENCRYPTED_PEM, JKS, LEGACY_P12, P12, PASSWORD, RSA_CERT, RSA_PEM, bundle,
    certificate, key,
};

/// Each file takes at most a second on an idle machine. Without the limits it would take hours.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// Gives the input to every reader. Fails if they take too long.
fn read(name: &str, input: &[u8]) {
    let start = Instant::now();
    let _ = Format::detect(input);
    let _ = PrivateKey::read(input);
    let _ = bundle(input, PASSWORD);
    let _ = Certificate::read(input);
    let _ = Certificate::from_der(input);
    let _ = PublicKey::from_spki_der(input);
    let took = start.elapsed();
    assert!(took < LIMIT, "{name}: {took:?}");
}

#[test]
fn truncated_files_are_refused() {
    let files = [
        RSA_PEM.as_bytes().to_vec(),
        EC_PEM.as_bytes().to_vec(),
        RSA_CERT.as_bytes().to_vec(),
        key(RSA_PEM).expose_pkcs8_der().to_vec(),
        key(EC_PEM).expose_pkcs8_der().to_vec(),
        certificate(RSA_CERT).der().to_vec(),
        certificate(EC_CERT).der().to_vec(),
        ENCRYPTED_PEM.as_bytes().to_vec(),
        P12.to_vec(),
        LEGACY_P12.to_vec(),
        BER.to_vec(),
        JKS.to_vec(),
        key(RSA_PEM).expose_jwk().as_bytes().to_vec(),
    ];
    for file in files {
        for len in 0..file.len() {
            let cut = &file[..len];
            read("truncated", cut);
            // Only the last line end of a PEM file may be missing.
            let harmless = file.starts_with(b"-----") && len + 1 == file.len();
            assert!(harmless || PrivateKey::read(cut).is_err(), "{len}");
            let opened = bundle(cut, PASSWORD).and_then(|read| read.into_identity(None));
            assert!(harmless || opened.is_err(), "{len}");
            assert!(harmless || Certificate::read(cut).is_err(), "{len}");
        }
    }
}

#[test]
fn hostile_files_are_refused() {
    for (name, input) in hostile::files() {
        read(name, &input);
        assert!(PrivateKey::read(&input).is_err(), "{name}");
        assert!(Certificate::read(&input).is_err(), "{name}");
    }
}

/// The digest finds every changed bit.
#[test]
fn changed_java_key_stores_are_refused() {
    for position in 0..JKS.len() {
        let mut changed = JKS.to_vec();
        changed[position] ^= 1 << (position % 8);
        assert!(bundle(&changed, PASSWORD).is_err(), "{position}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_changed_byte_causes_no_panic(position in any::<prop::sample::Index>(), value in any::<u8>(), which in 0..9) {
        let mut file = match which {
            0 => key(RSA_PEM).expose_pkcs8_der().to_vec(),
            1 => key(EC_PEM).expose_pkcs8_der().to_vec(),
            2 => certificate(RSA_CERT).der().to_vec(),
            3 => certificate(EC_CERT).der().to_vec(),
            4 => key(RSA_PEM).expose_jwk().as_bytes().to_vec(),
            5 => P12.to_vec(),
            6 => LEGACY_P12.to_vec(),
            7 => BER.to_vec(),
            _ => JKS.to_vec(),
        };
        *position.get_mut(&mut file) = value;
        read("changed byte", &file);
        if let Ok(key) = PrivateKey::read(&file) {
            for provider in eca_attest::Provider::available() {
                if let Ok(signer) = provider.signer(&key) {
                    let _ = signer.sign(b"message");
                }
            }
        }
    }

    #[test]
    fn any_bytes_cause_no_panic(input in any::<Vec<u8>>()) {
        read("any", &input);
        read("any sequence", &[&[0x30, u8::try_from(input.len()).unwrap_or(0x7f)], input.as_slice()].concat());
    }
}
