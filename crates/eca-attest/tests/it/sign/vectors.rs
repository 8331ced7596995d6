//! The signatures of RFC 7515, appendix A.2 (RS256) and A.3 (ES256), and of RFC 7520, section 4.1
//! (RS256).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use eca_attest::{PrivateKey, Provider, jwt};

use crate::support::{A2_PEM, A3_PEM, key, signers};

const A2: &str = include_str!("../../data/rfc7515-a2.jws");
const A3: &str = include_str!("../../data/rfc7515-a3.jws");

/// The key of RFC 7520, section 3.4.
const COOKBOOK_KEY: &[u8] = include_bytes!("../../data/test-only-rfc7520-3-4.jwk");
const COOKBOOK: &str = include_str!("../../data/rfc7520-4-1.jws");

fn split(jws: &str) -> (&str, Vec<u8>) {
    let (input, signature) = jws.trim().rsplit_once('.').unwrap();
    (input, BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap())
}

#[test]
fn the_signature_of_a2_is_the_same() {
    let (input, signature) = split(A2);
    for (provider, signer) in signers(A2_PEM) {
        let made = signer.sign(input.as_bytes()).unwrap();
        assert_eq!(made, signature, "{provider}");
        assert_eq!(jwt::compact(input, &made), A2.trim(), "{provider}");
    }
}

/// The key is a JSON Web Key.
#[test]
fn the_signature_of_the_cookbook_is_the_same() {
    let (input, signature) = split(COOKBOOK);
    let key = PrivateKey::read(COOKBOOK_KEY).unwrap();
    for provider in Provider::available() {
        let made = provider.signer(&key).unwrap().sign(input.as_bytes());
        assert_eq!(made.unwrap(), signature, "{provider}");
        let verified = provider.verify(key.public_key(), input.as_bytes(), &signature);
        assert!(verified.is_ok(), "{provider}");
    }
}

#[test]
fn changed_signatures_of_a2_and_a3_do_not_verify() {
    for (pem, jws) in [(A2_PEM, A2), (A3_PEM, A3)] {
        let (input, signature) = split(jws);
        let key = key(pem);
        for provider in Provider::available() {
            let verify = |message: &[u8], signature: &[u8]| {
                provider
                    .verify(key.public_key(), message, signature)
                    .is_ok()
            };
            assert!(verify(input.as_bytes(), &signature), "{provider}");
            for bit in [0, 7, signature.len() * 4, signature.len() * 8 - 1] {
                let mut changed = signature.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                assert!(!verify(input.as_bytes(), &changed), "{provider}: bit {bit}");
            }
            assert!(!verify(&input.as_bytes()[1..], &signature), "{provider}");
            for len in [0, 1, signature.len() - 1] {
                assert!(
                    !verify(input.as_bytes(), &signature[..len]),
                    "{provider}: {len}"
                );
            }
            let longer = [signature.as_slice(), &[0]].concat();
            assert!(!verify(input.as_bytes(), &longer), "{provider}");
        }
    }
}
