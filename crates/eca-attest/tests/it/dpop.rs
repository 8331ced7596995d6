//! DPoP proofs: the examples of RFC 9449, the signed bytes, and each check.

use std::time::Duration;

use eca_attest::dpop::{DpopPolicy, DpopProof};
use eca_attest::{MemoryReplayStore, Provider, PublicKey, Signer, VerifyError, jwt};
use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{A3_PEM, EC_PEM, FixedIds, at, key, now, signers};

/// The proof of RFC 9449, section 5.
const RFC_TOKEN_REQUEST: &str = include_str!("../data/rfc9449-5.jwt");
/// The proof of RFC 9449, section 7.1, for a request with [`RFC_ACCESS_TOKEN`].
const RFC_RESOURCE_REQUEST: &str = include_str!("../data/rfc9449-7-1.jwt");
const RFC_ACCESS_TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
/// The `jkt` of that token (RFC 9449, section 6.1).
const RFC_THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

const URL: &str = "https://as.example.com/token";
/// Seconds since 1970 of [`now`].
const T: u64 = 1_795_262_400;
/// RFC 9449, section 4.2: base64url of the SHA-256 digest of `token`.
const TOKEN_HASH: &str = "PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A";

fn signer(pem: &str) -> Box<dyn Signer> {
    signers(pem).remove(0).1
}

/// The failed check and its error, or "ok".
fn name(result: Result<PublicKey, VerifyError>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(error) => {
            let variant = format!("{error:?}");
            let variant = variant.split([' ', '(']).next().unwrap();
            format!("{variant} {}", error.check())
        }
    }
}

#[test]
fn the_proofs_of_the_rfc_verify() {
    let token_request = DpopProof::new("POST", "https://server.example.com/token");
    let resource_request = DpopProof::new("GET", "https://resource.example.org/protectedresource")
        .access_token(RFC_ACCESS_TOKEN);
    for (proof, expected, seconds) in [
        (RFC_TOKEN_REQUEST, token_request, 1_562_262_616),
        (RFC_RESOURCE_REQUEST, resource_request, 1_562_262_618),
    ] {
        for provider in Provider::available() {
            let verify = |expected: &DpopProof, proof: &str, after: u64| {
                let policy = DpopPolicy::new(expected.clone());
                let seen = MemoryReplayStore::default();
                policy.verify(*provider, proof.trim(), at(seconds + after), &seen)
            };
            let key = verify(&expected, proof, 0).unwrap();
            assert_eq!(key.jwk_thumbprint().as_deref(), Some(RFC_THUMBPRINT));
            assert_eq!(name(verify(&expected, proof, 361)), "TooOld iat");
            let other = expected.clone().access_token("another");
            assert!(name(verify(&other, proof, 0)).ends_with(" ath"));
            let (signed, signature) = proof.rsplit_once('.').unwrap();
            let forged = format!("{signed}.A{}", &signature[1..]);
            assert_eq!(name(verify(&expected, &forged, 0)), "Signature signature");
        }
    }
}

#[test]
fn golden_header_and_claims() {
    let proof = DpopProof::new("POST", "https://as.example.com/token?a=b#c")
        .nonce("n")
        .access_token("token")
        .sign(&*signer(EC_PEM), now(), &FixedIds(1))
        .unwrap();
    expect![[r#"{"typ":"dpop+jwt","alg":"ES256","jwk":{"crv":"P-256","kty":"EC","x":"FRGLleJEG4oCg3LNzaFYPz9ed7pgstDJH58xfnVzao4","y":"ddQ1OkeUWxrEqg_u3Fcr_F_oS1SJjL58M5I0WZ4dDiw"}}"#]].assert_eq(proof.header());
    expect![[r#"{"jti":"AQEBAQEBAQEBAQEBAQEBAQ","htm":"POST","htu":"https://as.example.com/token","iat":1795262400,"ath":"PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A","nonce":"n"}"#]].assert_eq(proof.claims());
}

fn changed(mut base: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            base.as_object_mut().unwrap().remove(name);
        } else {
            base[name] = value.clone();
        }
    }
    base
}

/// Verifies a valid proof with these changes.
fn check(header: &Value, claims: &Value, expected: &str) {
    let jwk = key(EC_PEM).public_key().to_jwk().unwrap();
    let valid_header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk});
    let valid_claims = json!({
        "jti": "1", "htm": "POST", "htu": URL, "iat": T, "nonce": "n", "ath": TOKEN_HASH,
    });
    let header = changed(valid_header, header);
    let claims = changed(valid_claims, claims);
    let input = jwt::signing_input(&header.to_string(), &claims.to_string());
    let signature = signer(EC_PEM).sign(input.as_bytes()).unwrap();
    let token = jwt::compact(&input, &signature);
    let request = DpopProof::new("POST", URL).nonce("n").access_token("token");
    let policy = DpopPolicy::new(request).skew(Duration::ZERO);
    for provider in Provider::available() {
        let seen = MemoryReplayStore::default();
        let verified = policy.verify(*provider, &token, now(), &seen);
        let passed = usize::from(verified.is_ok());
        assert_eq!(name(verified), expected, "{header} {claims}");
        assert_eq!(seen.len(), passed, "only valid proofs are recorded");
        if passed == 1 {
            let again = policy.verify(*provider, &token, now(), &seen);
            assert_eq!(name(again), "Replayed replay");
        }
    }
}

#[test]
fn each_header_member_is_checked() {
    let other = key(A3_PEM).public_key().to_jwk().unwrap();
    let private: Value = serde_json::from_str(&key(EC_PEM).expose_jwk()).unwrap();
    for (change, expected) in [
        (json!({}), "ok"),
        (json!({"typ": "application/DPoP+JWT"}), "ok"),
        (json!({"typ": "jwt"}), "Type typ"),
        (json!({"typ": null}), "Type typ"),
        (json!({"alg": "none"}), "Algorithm alg"),
        (json!({"alg": "RS256"}), "Algorithm alg"),
        (json!({"crit": ["x"]}), "Header header"),
        (json!({"jwk": null}), "Key jwk"),
        (json!({"jwk": {}}), "Key jwk"),
        (json!({"jwk": private}), "Key jwk"),
        (json!({"jwk": other}), "Signature signature"),
    ] {
        check(&change, &json!({}), expected);
    }
}

#[test]
fn each_claim_is_checked() {
    for (change, expected) in [
        (json!({"htu": "https://as.example.com/token?x=y"}), "ok"),
        (
            json!({"htu": "https://as.example.com/other"}),
            "Mismatch htu",
        ),
        (json!({"htm": "GET"}), "Mismatch htm"),
        (json!({"htm": 1}), "InvalidClaim htm"),
        (json!({"nonce": "m"}), "Mismatch nonce"),
        (json!({"nonce": null}), "MissingClaim nonce"),
        (json!({"ath": "x"}), "Mismatch ath"),
        (json!({"ath": null}), "MissingClaim ath"),
        (json!({"jti": null}), "MissingClaim jti"),
        (json!({"iat": null}), "MissingClaim iat"),
        (json!({"iat": T - 300}), "ok"),
        (json!({"iat": T - 301}), "TooOld iat"),
        (json!({"iat": T + 1}), "NotYetValid iat"),
        (json!({"iat": T * 1000}), "InvalidClaim iat"),
    ] {
        check(&json!({}), &change, expected);
    }
}
