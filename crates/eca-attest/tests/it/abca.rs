//! Attestation-based client authentication: the draft's vectors, and each check of ours.

use std::time::Duration;

use eca_attest::abca::{
    AbcaError, AttestationChecks, Attested, DpopChecks, DpopProof, InstanceAttestation,
    InstanceLifetime, PossessionProof, ProofChecks, inspect_attestation,
};
use eca_attest::{Audience, MemoryReplayStore, Provider, Signer, jwt};
use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{A3_PEM, EC_PEM, FixedIds, RSA_PEM, at, key, now, signers};

/// The examples of the draft (`examples/` in the working group's repository).
const ATTESTATION: &str = include_str!("../data/abca-attestation.jwt");
const PROOF: &str = include_str!("../data/abca-proof.jwt");
const PROOF_WITH_CHALLENGE: &str = include_str!("../data/abca-proof-challenge.jwt");
/// The examples of version -08, whose text shows them at an authorization and a resource server.
const ATTESTATION_08: &str = include_str!("../data/abca-08-attestation.jwt");
const PROOF_08: &str = include_str!("../data/abca-08-proof.jwt");
const PROOF_08_RESOURCE: &str = include_str!("../data/abca-08-proof-resource.jwt");
/// Those of the working group's copy after -12; the attestation is that of -08.
const PROOF_12: &str = include_str!("../data/abca-12-proof.jwt");
const PROOF_12_RESOURCE: &str = include_str!("../data/abca-12-proof-resource.jwt");
const DRAFT_CHALLENGE: &str = "5c1a9e10-29ff-4c2b-ae73-57c0957c09c4";
const DRAFT_TIME: u64 = 1_300_815_780;

const CLIENT: &str = "https://client.example.com";
const SERVER: &str = "https://as.example.com";
/// Seconds since 1970 of [`now`].
const T: u64 = 1_795_262_400;

fn server() -> Audience {
    SERVER.parse().unwrap()
}

fn signer(pem: &str) -> Box<dyn Signer> {
    signers(pem).remove(0).1
}

/// The attester's key of the example is not published, the instance's key is inside.
#[test]
fn the_drafts_proofs_verify_with_the_attested_key() {
    let attested = inspect_attestation(ATTESTATION.trim()).unwrap();
    assert_eq!(attested.client(), CLIENT);
    for provider in Provider::available() {
        let check = |checks: ProofChecks, proof: &str, after| {
            let seen = MemoryReplayStore::default();
            let now = at(DRAFT_TIME + after);
            checks.verify(*provider, &attested, proof.trim(), now, &seen)
        };
        let checks = || ProofChecks::new(server());
        check(checks(), PROOF, 0).unwrap();
        check(checks(), PROOF_WITH_CHALLENGE, 0).unwrap();
        check(checks().challenge(DRAFT_CHALLENGE), PROOF_WITH_CHALLENGE, 0).unwrap();
        let missing = check(checks().challenge(DRAFT_CHALLENGE), PROOF, 0).unwrap_err();
        assert_eq!(missing.code(), "use_attestation_challenge");
        let other = check(checks().challenge("other"), PROOF_WITH_CHALLENGE, 0).unwrap_err();
        assert_eq!(other.code(), "use_attestation_challenge");
        let late = check(checks(), PROOF, 361).unwrap_err();
        assert!(matches!(late, AbcaError::Time { claim: "iat", .. }));
        let changed = PROOF.replacen(".-qsT", ".-qsU", 1);
        let changed = check(checks(), &changed, 0).unwrap_err();
        assert!(matches!(changed, AbcaError::Signature));
    }
}

/// The newest examples: one attestation, and proofs for two servers, each of which takes its own
/// alone.
#[test]
fn the_proofs_of_the_newest_text_verify() {
    let attested = inspect_attestation(ATTESTATION_08.trim()).unwrap();
    let resource = "https://rs.example.com";
    for provider in Provider::available() {
        for (proof, server, other) in [
            (PROOF_12, SERVER, resource),
            (PROOF_12_RESOURCE, resource, SERVER),
        ] {
            let seen = MemoryReplayStore::default();
            let verify = |server: &str, challenge: &str, after: u64| {
                let checks = ProofChecks::new(server.parse().unwrap()).challenge(challenge);
                let now = at(1_772_487_595 + after);
                name(checks.verify(*provider, &attested, proof.trim(), now, &seen))
            };
            assert_eq!(verify(other, DRAFT_CHALLENGE, 0), "Mismatch aud");
            assert_eq!(verify(server, "another", 0), "Mismatch challenge");
            assert_eq!(verify(server, DRAFT_CHALLENGE, 361), "Time iat");
            assert_eq!(verify(server, DRAFT_CHALLENGE, 0), "ok");
            assert_eq!(verify(server, DRAFT_CHALLENGE, 1), "Replayed");
        }
    }
}

/// The examples of -08 are signed with the attested key, and are for one server each. They are not
/// proofs by that version's own rules, since they carry neither the `iat` that it requires nor
/// `challenge`, but `nonce` as before -06; so a server has to refuse them, and for just that.
#[test]
fn the_drafts_proof_for_a_resource_server() {
    let resource = "https://rs.example.com";
    let attested = inspect_attestation(ATTESTATION_08.trim()).unwrap();
    assert_eq!(attested.client(), CLIENT);
    let verify = |audience: &str, proof: &str| {
        let seen = MemoryReplayStore::default();
        let checks = ProofChecks::new(audience.parse().unwrap());
        let at = at(1_772_487_595);
        let verified = |provider: &Provider| {
            name(checks.verify(*provider, &attested, proof.trim(), at, &seen))
        };
        let mut found: Vec<_> = Provider::available().iter().map(verified).collect();
        found.dedup();
        found.join(", ")
    };
    for (proof, server, other) in [
        (PROOF_08, SERVER, resource),
        (PROOF_08_RESOURCE, resource, SERVER),
    ] {
        assert_eq!(verify(server, proof), "MissingClaim iat");
        assert_eq!(verify(other, proof), "Mismatch aud");
        let (signed, signature) = proof.trim().rsplit_once('.').unwrap();
        let forged = format!("{signed}.A{}", &signature[1..]);
        assert_eq!(verify(server, &forged), "Signature");
    }
    let swapped = inspect_attestation(ATTESTATION.trim()).unwrap();
    let checks = ProofChecks::new(resource.parse().unwrap());
    let seen = MemoryReplayStore::default();
    let swapped = checks.verify(
        Provider::available()[0],
        &swapped,
        PROOF_08_RESOURCE.trim(),
        now(),
        &seen,
    );
    assert_eq!(name(swapped), "Signature");

    // What we make for a resource server passes there, and only there.
    let provider = Provider::available()[0];
    let attested = {
        let token = InstanceAttestation::new(CLIENT, key(EC_PEM).public_key());
        let token = token.sign(&*signer(RSA_PEM), now()).unwrap();
        let checks = AttestationChecks::new(CLIENT);
        checks
            .verify(
                provider,
                key(RSA_PEM).public_key(),
                token.expose_jwt(),
                now(),
            )
            .unwrap()
    };
    let proof = PossessionProof::new(resource.parse().unwrap());
    let proof = proof.sign(&*signer(EC_PEM), now(), &FixedIds(1)).unwrap();
    for (server, expected) in [(resource, "ok"), (SERVER, "Mismatch aud")] {
        let checks = ProofChecks::new(server.parse().unwrap());
        let seen = MemoryReplayStore::default();
        let verified = checks.verify(provider, &attested, proof.expose_jwt(), now(), &seen);
        assert_eq!(name(verified), expected, "{server}");
    }
}

#[test]
fn what_is_made() {
    let proof = PossessionProof::new(server()).challenge("c");
    let proof = proof.sign(&*signer(EC_PEM), now(), &FixedIds(1)).unwrap();
    expect![[r#"{"typ":"oauth-client-attestation-pop+jwt","alg":"ES256"}"#]]
        .assert_eq(proof.header());
    expect![[r#"{"aud":"https://as.example.com","jti":"AQEBAQEBAQEBAQEBAQEBAQ","iat":1795262400,"challenge":"c"}"#]].assert_eq(proof.claims());
    let attestation = InstanceAttestation::new(CLIENT, key(EC_PEM).public_key())
        .key_id("11")
        .lifetime(InstanceLifetime::nearest(Duration::from_secs(1)))
        .sign(&*signer(RSA_PEM), now())
        .unwrap();
    expect![[r#"{"typ":"oauth-client-attestation+jwt","alg":"RS256","kid":"11"}"#]]
        .assert_eq(attestation.header());
    expect![[r#"{"sub":"https://client.example.com","iat":1795262400,"exp":1795262460,"cnf":{"jwk":{"crv":"P-256","kty":"EC","x":"FRGLleJEG4oCg3LNzaFYPz9ed7pgstDJH58xfnVzao4","y":"ddQ1OkeUWxrEqg_u3Fcr_F_oS1SJjL58M5I0WZ4dDiw"}}}"#]].assert_eq(attestation.claims());
    let dpop = DpopProof::new("POST", "https://as.example.com/token?a=b#c")
        .nonce("n")
        .access_token("token")
        .sign(&*signer(EC_PEM), now(), &FixedIds(1))
        .unwrap();
    expect![[r#"{"typ":"dpop+jwt","alg":"ES256","jwk":{"crv":"P-256","kty":"EC","x":"FRGLleJEG4oCg3LNzaFYPz9ed7pgstDJH58xfnVzao4","y":"ddQ1OkeUWxrEqg_u3Fcr_F_oS1SJjL58M5I0WZ4dDiw"}}"#]].assert_eq(dpop.header());
    expect![[r#"{"jti":"AQEBAQEBAQEBAQEBAQEBAQ","htm":"POST","htu":"https://as.example.com/token","iat":1795262400,"ath":"PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A","nonce":"n"}"#]].assert_eq(dpop.claims());
}

/// A token with that header and those claims, with changes.
fn token(pem: &str, header: &Value, claims: &Value) -> String {
    let input = jwt::signing_input(&header.to_string(), &claims.to_string());
    let signature = signer(pem).sign(input.as_bytes()).unwrap();
    jwt::compact(&input, &signature)
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

/// The failed check, or "ok".
fn name(result: Result<(), AbcaError>) -> String {
    match result {
        Ok(()) => "ok".to_owned(),
        Err(error) => {
            let text = format!("{error:?}");
            let name = text.split([' ', '(']).next().unwrap().to_owned();
            match &error {
                AbcaError::MissingClaim { claim }
                | AbcaError::Mismatch { claim, .. }
                | AbcaError::Time { claim, .. } => format!("{name} {claim}"),
                _ => name,
            }
        }
    }
}

#[test]
fn attestations_are_checked_one_by_one() {
    let jwk = key(EC_PEM).public_key().to_jwk().unwrap();
    let check = |header: Value, claims: Value, expected: &str| {
        let header = changed(
            json!({"typ": "oauth-client-attestation+jwt", "alg": "RS256"}),
            &header,
        );
        let good = json!({"sub": CLIENT, "iat": T, "exp": T + 60, "cnf": {"jwk": jwk}});
        let token = token(RSA_PEM, &header, &changed(good, &claims));
        for provider in Provider::available() {
            let verified = AttestationChecks::new(CLIENT)
                .skew(Duration::ZERO)
                .max_age(Duration::from_mins(10))
                .verify(*provider, key(RSA_PEM).public_key(), &token, now());
            assert_eq!(name(verified.map(|_| ())), expected, "{header} {claims}");
        }
    };
    check(json!({}), json!({}), "ok");
    check(json!({"kid": "1"}), json!({"iss": "x", "more": 1}), "ok");
    check(
        json!({"typ": "application/OAuth-Client-Attestation+JWT"}),
        json!({}),
        "ok",
    );
    check(json!({"typ": "JWT"}), json!({}), "Type");
    check(json!({"typ": null}), json!({}), "Type");
    check(
        json!({"typ": "oauth-client-attestation-pop+jwt"}),
        json!({}),
        "Type",
    );
    check(json!({"alg": "none"}), json!({}), "Algorithm");
    check(json!({"alg": "HS256"}), json!({}), "Algorithm");
    check(json!({"alg": "ES256"}), json!({}), "Algorithm");
    check(json!({"crit": ["x"]}), json!({}), "Header");
    check(json!({}), json!({"sub": null}), "MissingClaim sub");
    check(json!({}), json!({"sub": "x"}), "Mismatch sub");
    check(json!({}), json!({"sub": 1}), "InvalidClaim");
    check(json!({}), json!({"exp": null}), "MissingClaim exp");
    check(json!({}), json!({"exp": T}), "Time exp");
    check(json!({}), json!({"nbf": T + 1}), "Time nbf");
    check(json!({}), json!({"iat": T + 1}), "Time iat");
    check(json!({}), json!({"iat": T - 600}), "ok");
    check(json!({}), json!({"iat": T - 601}), "Stale");
    check(json!({}), json!({"iat": null}), "MissingClaim iat");
    check(json!({}), json!({"cnf": null}), "MissingClaim cnf");
    check(json!({}), json!({"cnf": {}}), "InvalidClaim");
    check(json!({}), json!({"cnf": {"jwk": {}}}), "Jwk");
    let private: Value = serde_json::from_str(&key(EC_PEM).expose_jwk()).unwrap();
    check(json!({}), json!({"cnf": {"jwk": private}}), "Jwk");
}

/// An attestation for the key in [`EC_PEM`].
fn attested() -> Attested {
    let made = InstanceAttestation::new(CLIENT, key(EC_PEM).public_key())
        .sign(&*signer(RSA_PEM), now())
        .unwrap();
    AttestationChecks::any_client()
        .verify(
            Provider::default(),
            key(RSA_PEM).public_key(),
            made.expose_jwt(),
            now(),
        )
        .unwrap()
}

#[test]
fn proofs_are_checked_one_by_one() {
    let attested = attested();
    let check_with = |pem: &str, header: Value, claims: Value, expected: &str| {
        let header = changed(
            json!({"typ": "oauth-client-attestation-pop+jwt", "alg": "ES256"}),
            &header,
        );
        let good = json!({"aud": SERVER, "jti": "1", "iat": T, "challenge": "c"});
        let token = token(pem, &header, &changed(good, &claims));
        let checks = ProofChecks::new(server())
            .challenge("c")
            .skew(Duration::ZERO);
        for provider in Provider::available() {
            let seen = MemoryReplayStore::default();
            let verified = checks.verify(*provider, &attested, &token, now(), &seen);
            let passed = verified.is_ok();
            assert_eq!(name(verified), expected, "{header} {claims}");
            assert_eq!(
                seen.len(),
                usize::from(passed),
                "only good ones are remembered"
            );
            let again = checks.verify(*provider, &attested, &token, now(), &seen);
            assert!(matches!(again, Err(AbcaError::Replayed { .. })) || !passed);
        }
    };
    let check = |header, claims, expected: &str| check_with(EC_PEM, header, claims, expected);
    check(json!({}), json!({}), "ok");
    check(json!({}), json!({"iss": CLIENT}), "ok");
    check(
        json!({}),
        json!({"iss": "https://other.example.com"}),
        "Mismatch iss",
    );
    check(
        json!({"typ": "oauth-client-attestation+jwt"}),
        json!({}),
        "Type",
    );
    check(json!({"alg": "RS256"}), json!({}), "Algorithm");
    check_with(A3_PEM, json!({}), json!({}), "Signature");
    check(
        json!({}),
        json!({"aud": "https://rs.example.com"}),
        "Mismatch aud",
    );
    check(json!({}), json!({"aud": [SERVER]}), "InvalidClaim");
    check(json!({}), json!({"aud": null}), "MissingClaim aud");
    check(json!({}), json!({"jti": null}), "MissingClaim jti");
    check(json!({}), json!({"iat": null}), "MissingClaim iat");
    check(json!({}), json!({"iat": T + 1}), "Time iat");
    check(json!({}), json!({"iat": T - 300}), "ok");
    check(json!({}), json!({"iat": T - 301}), "Time iat");
    check(
        json!({}),
        json!({"challenge": null}),
        "MissingClaim challenge",
    );
    check(json!({}), json!({"challenge": "d"}), "Mismatch challenge");
}

#[test]
fn dpop_proofs_are_checked_one_by_one() {
    let attested = attested();
    let url = "https://as.example.com/token";
    let expected = DpopProof::new("POST", url).nonce("n").access_token("token");
    let check_with = |pem: &str, header: Value, claims: Value, wanted: &str| {
        let jwk = key(pem).public_key().to_jwk().unwrap();
        let header = changed(
            json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}),
            &header,
        );
        let good = json!({
            "jti": "1", "htm": "POST", "htu": url, "iat": T, "nonce": "n",
            // RFC 9449, section 4.3: base64url of the SHA-256 digest of the token.
            "ath": "PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A",
        });
        let token = token(pem, &header, &changed(good, &claims));
        let checks = DpopChecks::new(expected.clone()).skew(Duration::ZERO);
        for provider in Provider::available() {
            let seen = MemoryReplayStore::default();
            let verified = checks.verify(*provider, &attested, &token, now(), &seen);
            assert_eq!(name(verified), wanted, "{header} {claims}");
        }
    };
    let check = |header, claims, wanted: &str| check_with(EC_PEM, header, claims, wanted);
    check(json!({}), json!({}), "ok");
    check(
        json!({}),
        json!({"htu": "https://as.example.com/token?x=y"}),
        "ok",
    );
    check_with(A3_PEM, json!({}), json!({}), "OtherKey");
    let other = key(A3_PEM).public_key().to_jwk().unwrap();
    check(json!({"jwk": other}), json!({}), "Signature");
    check(json!({"jwk": null}), json!({}), "Jwk");
    check(json!({"typ": "jwt"}), json!({}), "Type");
    check(json!({}), json!({"htm": "GET"}), "Mismatch htm");
    check(
        json!({}),
        json!({"htu": "https://as.example.com/other"}),
        "Mismatch htu",
    );
    check(json!({}), json!({"nonce": "m"}), "Mismatch nonce");
    check(json!({}), json!({"nonce": null}), "MissingClaim nonce");
    check(json!({}), json!({"ath": "x"}), "Mismatch ath");
    check(json!({}), json!({"jti": null}), "MissingClaim jti");
    check(json!({}), json!({"iat": T - 301}), "Time iat");
}

/// What a server answers (section 7.4 of the draft).
#[test]
fn codes_of_the_answer() {
    let at = eca_attest::NumericDate::try_from(now()).unwrap();
    let mismatch = |claim| AbcaError::Mismatch {
        claim,
        expected: "a".to_owned(),
        found: "b".to_owned(),
    };
    for (error, code) in [
        (
            AbcaError::Time { claim: "exp", at },
            "use_fresh_attestation",
        ),
        (AbcaError::Stale { at }, "use_fresh_attestation"),
        (
            AbcaError::Time { claim: "iat", at },
            "invalid_client_attestation",
        ),
        (mismatch("challenge"), "use_attestation_challenge"),
        (
            AbcaError::MissingClaim { claim: "challenge" },
            "use_attestation_challenge",
        ),
        (mismatch("nonce"), "use_dpop_nonce"),
        (AbcaError::MissingClaim { claim: "nonce" }, "use_dpop_nonce"),
        (mismatch("aud"), "invalid_client_attestation"),
        (AbcaError::Signature, "invalid_client_attestation"),
    ] {
        assert_eq!(error.code(), code, "{error}");
    }
}
