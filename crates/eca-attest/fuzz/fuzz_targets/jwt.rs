//! Tokens: decoding and verifying. Decoded header and claims encode to the signed bytes.
#![no_main]

use std::time::SystemTime;

use eca_attest::dpop::{DpopPolicy, DpopProof};
use eca_attest::{Certificate, ValidationPolicy, MemoryReplayStore, Provider, Verifier, inspect, jwt};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    if let Ok(token) = inspect(input) {
        let claims = token.unverified_claims();
        let again = jwt::signing_input(token.header_json(), claims.as_json());
        assert_eq!(
            input.rsplit_once('.').map(|(signed, _)| signed),
            Some(again.as_str())
        );
        let _ = (
            claims.audiences(),
            claims.expires_at(),
            claims.issued_at(),
            claims.id(),
        );
    }
    // The key of a DPoP proof is in its header.
    let dpop = DpopPolicy::new(DpopProof::new("POST", "https://as.example.com/token"));
    let seen = MemoryReplayStore::default();
    let _ = dpop.verify(Provider::RustCrypto, input, SystemTime::now(), &seen);
    let certificate = include_bytes!("../../tests/data/test-only-rsa-2048.cert.pem");
    let certificate = Certificate::read(certificate).expect("the certificate is read");
    let policy = ValidationPolicy::any_issuer_and_audience();
    let verifier = Verifier::new(Provider::RustCrypto, certificate.public_key(), policy);
    let verified = verifier
        .expect("the key is supported")
        .verify_ignoring_replay(input, SystemTime::now());
    assert!(verified.is_err(), "a forged token was accepted");
});
