//! The providers, compared with each other and with foreign programs.

use eca_attest::{Algorithm, KeyKind, Provider, SignError};
use proptest::prelude::*;

use crate::oracle::Oracle;
use crate::support::{A2_PEM, A3_PEM, EC_PEM, RSA_PEM, key, signers};

#[test]
fn each_feature_adds_its_provider() {
    let names: Vec<String> = Provider::available()
        .iter()
        .map(Provider::to_string)
        .collect();
    let mut expected = Vec::new();
    if cfg!(feature = "rustcrypto") {
        expected.push("rustcrypto");
    }
    if cfg!(feature = "aws-lc-rs") {
        expected.push("aws-lc-rs");
    }
    assert_eq!(names, expected);
    assert_eq!(Provider::default(), Provider::available()[0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn each_provider_verifies_signatures_of_the_others(message in any::<Vec<u8>>()) {
        for pem in [RSA_PEM, EC_PEM] {
            let signed: Vec<_> = signers(pem)
                .iter()
                .map(|(provider, signer)| (*provider, signer.sign(&message).unwrap()))
                .collect();
            for (by, signature) in &signed {
                for provider in Provider::available() {
                    let verified = provider.verify(key(pem).public_key(), &message, signature);
                    prop_assert!(verified.is_ok(), "{by} -> {provider}");
                }
                if pem == RSA_PEM {
                    prop_assert_eq!(signature, &signed[0].1, "RS256 is deterministic");
                } else {
                    prop_assert_eq!(signature.len(), 64);
                }
            }
        }
    }
}

#[test]
fn openssl_makes_the_same_rs256_signature() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    oracle.write("key.pem", RSA_PEM);
    oracle.write("message", "signed by both");
    oracle.run("openssl dgst -sha256 -sign key.pem -out theirs message");
    for (provider, signer) in signers(RSA_PEM) {
        assert_eq!(signer.algorithm(), Algorithm::Rs256);
        assert_eq!(
            signer.sign(b"signed by both").unwrap(),
            oracle.read("theirs"),
            "{provider}"
        );
    }
}

#[test]
fn node_verifies_and_makes_the_same_signatures() {
    let Some(oracle) = Oracle::with(&["node"]) else {
        return;
    };
    for (name, pem, options) in [
        ("rsa", RSA_PEM, ""),
        ("ec", EC_PEM, ", dsaEncoding: 'ieee-p1363'"),
    ] {
        oracle.write("key.pem", pem);
        oracle.write("message", name);
        oracle.write(
            "sign.js",
            format!(
                "const c = require('crypto'), fs = require('fs');
                 const key = c.createPrivateKey(fs.readFileSync('key.pem'));
                 fs.writeFileSync('theirs',
                   c.sign('sha256', fs.readFileSync('message'), {{ key{options} }}));"
            ),
        );
        oracle.write(
            "verify.js",
            format!(
                "const c = require('crypto'), fs = require('fs');
                 const key = c.createPublicKey(fs.readFileSync('key.pem'));
                 if (!c.verify('sha256', fs.readFileSync('message'), {{ key{options} }},
                   fs.readFileSync('ours'))) process.exit(1);"
            ),
        );
        oracle.run("node sign.js");
        let theirs = oracle.read("theirs");
        for (provider, signer) in signers(pem) {
            let verified = provider.verify(signer.public_key(), name.as_bytes(), &theirs);
            assert!(verified.is_ok(), "{provider}: node's {name}");
            oracle.write("ours", signer.sign(name.as_bytes()).unwrap());
            oracle.run("node verify.js");
        }
    }
}

#[test]
fn a_generated_key_works_with_every_provider() {
    for maker in Provider::available() {
        // RustCrypto generates RSA keys slowly in test builds, so one size is enough.
        for kind in [KeyKind::P256, KeyKind::Rsa2048] {
            let key = maker.generate(kind).unwrap();
            assert_eq!(key.public_key().algorithm().to_string(), kind.to_string());
            for provider in Provider::available() {
                let signature = provider.signer(&key).unwrap().sign(b"m").unwrap();
                for verifier in Provider::available() {
                    let verified = verifier.verify(key.public_key(), b"m", &signature);
                    assert!(verified.is_ok(), "{maker} {provider} {verifier}");
                }
            }
        }
    }
}

#[test]
fn small_and_inconsistent_keys_are_refused() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    oracle.run("openssl genrsa -out small.pem 1024");
    let small = eca_attest::PrivateKey::read(&oracle.read("small.pem")).unwrap();
    for provider in Provider::available() {
        let refused = provider.signer(&small).err().unwrap();
        assert!(
            matches!(refused, SignError::RsaSize { bits: 1024 }),
            "{provider}"
        );
    }
    // An RSA key with another `d`.
    let der = key(RSA_PEM).expose_pkcs8_der().to_vec();
    let mut changed = der.clone();
    changed[26 + 11 + 257 + 5 + 40] ^= 0x55;
    for provider in Provider::available() {
        let key = eca_attest::PrivateKey::read(&changed).unwrap();
        let refused = provider.signer(&key).err().unwrap();
        assert!(
            matches!(refused, SignError::KeyRejected(_)),
            "{provider}: {refused}"
        );
    }
    // An EC key with the public key of another one.
    let (one, other) = (key(EC_PEM), key(A3_PEM));
    let (one, other) = (one.expose_pkcs8_der(), other.expose_pkcs8_der());
    let mixed = [&one[..one.len() - 64], &other[other.len() - 64..]].concat();
    for provider in Provider::available() {
        let key = eca_attest::PrivateKey::read(&mixed).unwrap();
        let refused = provider.signer(&key).err().unwrap();
        assert!(
            matches!(refused, SignError::KeyRejected(_)),
            "{provider}: {refused}"
        );
    }
}

/// A key whose parts do not belong together could sign with a fault that gives away its primes.
#[test]
fn a_key_with_a_changed_part_signs_nothing() {
    let jwk =
        |pem: &str| -> serde_json::Value { serde_json::from_str(&key(pem).expose_jwk()).unwrap() };
    let (one, other) = (jwk(RSA_PEM), jwk(A2_PEM));
    let part = |member: &str| one[member].as_str().unwrap().to_owned();
    let foreign = |member: &str| other[member].as_str().unwrap().to_owned();
    let mut changes: Vec<(&str, String)> = vec![
        ("e", "AA".to_owned()),
        ("e", "AQ".to_owned()),
        ("e", "Ag".to_owned()),
        ("e", "AQAA".to_owned()),
        ("e", "_".repeat(342)),
        ("n", String::new()),
        ("d", "AQ".to_owned()),
        ("d", "AA".to_owned()),
        ("p", part("q")),
        ("p", "AQ".to_owned()),
        ("p", part("n")),
        ("q", "AA".to_owned()),
    ];
    changes.extend(["n", "d", "p", "q", "dp", "dq", "qi"].map(|member| (member, foreign(member))));
    for (member, value) in changes {
        let mut altered = one.clone();
        altered[member] = value.clone().into();
        let Ok(key) = eca_attest::PrivateKey::read(altered.to_string().as_bytes()) else {
            continue;
        };
        for provider in Provider::available() {
            let Ok(signer) = provider.signer(&key) else {
                continue;
            };
            let Ok(signature) = signer.sign(b"message") else {
                continue;
            };
            // What a library computes by itself may be ignored; then the signature is right.
            let verified = provider.verify(key.public_key(), b"message", &signature);
            assert!(
                verified.is_ok(),
                "{provider} signs wrongly with {member} = {value}"
            );
            assert!(
                ["dp", "dq", "qi"].contains(&member),
                "{provider} signs with {member} = {value}"
            );
        }
    }
    // The same members, unchanged, sign.
    let unchanged = eca_attest::PrivateKey::read(one.to_string().as_bytes()).unwrap();
    for provider in Provider::available() {
        provider
            .signer(&unchanged)
            .unwrap()
            .sign(b"message")
            .unwrap();
    }
}
