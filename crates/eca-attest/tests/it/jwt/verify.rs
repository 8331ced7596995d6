//! The verifier: which tokens pass, and which check fails.

use std::time::Duration;

use eca_attest::{
    ClientAttestation, Jti, MemoryReplayStore, Provider, ValidationPolicy, Verifier, VerifyError,
    jwt,
};

use serde_json::{Value, json};

use crate::support::{
    A2_PEM, CONSUMER_KEY, EC_PEM, FixedIds, RSA_PEM, SITE, certificate, key, now, signers,
};

/// Seconds since 1970 of [`now`].
const T: u64 = 1_795_262_400;

fn policy() -> ValidationPolicy {
    ValidationPolicy::new(CONSUMER_KEY.parse().unwrap(), SITE.parse().unwrap())
}

/// The claims of a valid token with these changes; `null` removes a claim.
fn claims(changes: &Value) -> String {
    let mut claims = json!({
        "iss": CONSUMER_KEY, "aud": SITE, "exp": T + 180, "iat": T, "jti": "one",
    });
    let members = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    claims.to_string()
}

fn sign(header: &str, claims: &str, pem: &str) -> String {
    let input = jwt::signing_input(header, claims);
    let signer = Provider::default().signer(&key(pem)).unwrap();
    jwt::compact(&input, &signer.sign(input.as_bytes()).unwrap())
}

/// Verifies with every provider and returns the failed check, or "ok".
fn outcome(policy: &ValidationPolicy, token: &str, pem: &str) -> &'static str {
    let outcomes = Provider::available().iter().map(|provider| {
        let verifier = Verifier::new(*provider, key(pem).public_key(), policy.clone()).unwrap();
        match verifier.verify(token, now(), &MemoryReplayStore::default()) {
            Ok(_) => "ok",
            Err(error) => error.check(),
        }
    });
    let mut outcomes: Vec<_> = outcomes.collect();
    outcomes.dedup();
    assert_eq!(outcomes.len(), 1, "providers differ: {outcomes:?}");
    outcomes[0]
}

fn strict() -> ValidationPolicy {
    policy()
        .skew(Duration::ZERO)
        .max_lifetime(Duration::from_mins(5))
        .require_id()
        .require_issued_at()
}

fn check(policy: &ValidationPolicy, changes: &Value, expected: &str) {
    let token = sign(r#"{"alg":"RS256"}"#, &claims(changes), RSA_PEM);
    assert_eq!(outcome(policy, &token, RSA_PEM), expected, "{changes}");
}

#[test]
fn claims_are_checked_one_by_one() {
    let (default, strict) = (policy(), strict());
    check(&default, &json!({}), "ok");
    check(&strict, &json!({}), "ok");
    check(&default, &json!({"jti": null, "iat": null}), "ok");
    check(&strict, &json!({"jti": null}), "jti");
    check(&strict, &json!({"iat": null}), "iat");
    check(&default, &json!({"jti": 7}), "jti");

    check(&default, &json!({"iss": null}), "iss");
    check(&default, &json!({"iss": "3MVG9other"}), "iss");
    check(&default, &json!({"iss": [CONSUMER_KEY]}), "iss");

    check(&default, &json!({"aud": null}), "aud");
    check(
        &default,
        &json!({"aud": "https://storefront.my.site.com/"}),
        "aud",
    );
    check(
        &default,
        &json!({"aud": "https://login.salesforce.com"}),
        "aud",
    );
    check(
        &default,
        &json!({"aud": ["https://else.example", SITE]}),
        "ok",
    );
    check(&default, &json!({"aud": []}), "aud");
    check(&default, &json!({"aud": 1}), "aud");
}

#[test]
fn dates_are_checked_one_by_one() {
    let (default, strict) = (policy(), strict());
    check(&default, &json!({"exp": null}), "exp");
    check(&default, &json!({"exp": T - 59}), "ok");
    check(&default, &json!({"exp": T - 60}), "exp");
    check(&strict, &json!({"exp": T + 1}), "ok");
    check(&strict, &json!({"exp": T}), "exp");
    check(&strict, &json!({"exp": T + 300}), "ok");
    check(&strict, &json!({"exp": T + 301}), "exp");
    check(&default, &json!({"exp": (T + 180) * 1000}), "exp");
    check(&default, &json!({"exp": "soon"}), "exp");

    check(&default, &json!({"nbf": T + 60}), "ok");
    check(&default, &json!({"nbf": T + 61}), "nbf");
    check(&strict, &json!({"iat": T + 1}), "iat");
    check(&default, &json!({"iat": T * 1000}), "iat");
}

#[test]
fn issuers_and_audiences_of_a_policy() {
    let two = policy().audience("https://second.example".parse().unwrap());
    check(&two, &json!({"aud": "https://second.example"}), "ok");
    check(&two, &json!({}), "ok");
    let any = ValidationPolicy::any_issuer_and_audience();
    check(&any, &json!({"iss": null, "aud": null}), "ok");
    check(&any, &json!({"exp": null}), "exp");
    let issuer_only =
        ValidationPolicy::any_issuer_and_audience().issuer(CONSUMER_KEY.parse().unwrap());
    check(&issuer_only, &json!({"aud": null}), "ok");
    check(&issuer_only, &json!({"iss": "x"}), "iss");
}

#[test]
fn the_key_determines_the_algorithm() {
    let claims = claims(&json!({}));
    let check = |header: &str, signed_with: &str, verified_with: &str, expected: &str| {
        let token = sign(header, &claims, signed_with);
        assert_eq!(
            outcome(&policy(), &token, verified_with),
            expected,
            "{header}"
        );
    };
    check(r#"{"alg":"RS256"}"#, RSA_PEM, RSA_PEM, "ok");
    check(r#"{"alg":"ES256"}"#, EC_PEM, EC_PEM, "ok");
    check(
        r#"{"alg":"RS256","typ":"JWT","kid":"1"}"#,
        RSA_PEM,
        RSA_PEM,
        "ok",
    );
    check(r#"{"alg":"RS256"}"#, A2_PEM, RSA_PEM, "signature");
    check(r#"{"alg":"RS256"}"#, EC_PEM, RSA_PEM, "signature");
    check(r#"{"alg":"ES256"}"#, EC_PEM, RSA_PEM, "alg");
    check(r#"{"alg":"RS256"}"#, RSA_PEM, EC_PEM, "alg");
    for header in [
        "{}",
        r#"{"alg":"none"}"#,
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"rs256"}"#,
        r#"{"alg":["RS256"]}"#,
        r#"{"alg":null}"#,
    ] {
        check(header, RSA_PEM, RSA_PEM, "alg");
    }
    check(
        r#"{"alg":"RS256","crit":["b64"],"b64":false}"#,
        RSA_PEM,
        RSA_PEM,
        "header",
    );
}

#[test]
fn unsigned_and_changed_tokens_fail() {
    let valid = sign(r#"{"alg":"RS256"}"#, &claims(&json!({})), RSA_PEM);
    let (input, _) = valid.rsplit_once('.').unwrap();
    assert_eq!(
        outcome(&policy(), &format!("{input}."), RSA_PEM),
        "signature"
    );
    assert_eq!(outcome(&policy(), input, RSA_PEM), "structure");
    assert_eq!(
        outcome(&policy(), &valid[..valid.len() - 2], RSA_PEM),
        "signature"
    );
    assert_eq!(
        outcome(&policy(), &format!("{valid}="), RSA_PEM),
        "structure"
    );
    let other = claims(&json!({"iss": "3MVG9other"}));
    let (_, signature) = valid.rsplit_once('.').unwrap();
    let swapped = format!(
        "{}.{signature}",
        jwt::signing_input(r#"{"alg":"RS256"}"#, &other)
    );
    assert_eq!(outcome(&policy(), &swapped, RSA_PEM), "signature");
}

/// Signatures that faulty implementations accept, such as r = s = 0 (CVE-2022-21449).
#[test]
fn forged_signatures_fail() {
    // The order of P-256 (SEC 2, section 2.4.2).
    let n = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let byte = |at: usize| u8::from_str_radix(&n[at..at + 2], 16).unwrap();
    let n: Vec<u8> = (0..64).step_by(2).map(byte).collect();
    let one = [&[0; 31][..], &[1]].concat();
    for (header, pem) in [
        (r#"{"alg":"ES256"}"#, EC_PEM),
        (r#"{"alg":"RS256"}"#, RSA_PEM),
    ] {
        let input = jwt::signing_input(header, &claims(&json!({})));
        for signature in [
            vec![],
            vec![0; 64],
            vec![0; 256],
            vec![0xff; 64],
            vec![0xff; 256],
            [n.clone(), n.clone()].concat(),
            [n.clone(), one.clone()].concat(),
            [one.clone(), n.clone()].concat(),
            [one.clone(), one.clone()].concat(),
            [vec![0; 255], vec![1]].concat(),
            // DER instead of the form of RFC 7518, section 3.4.
            vec![0x30, 6, 2, 1, 0, 2, 1, 0],
            vec![0x30, 6, 2, 1, 1, 2, 1, 1],
        ] {
            let token = jwt::compact(&input, &signature);
            assert_eq!(
                outcome(&policy(), &token, pem),
                "signature",
                "{header} {signature:?}"
            );
        }
    }
}

#[test]
fn a_token_with_a_jti_passes_once_and_only_valid_tokens_are_recorded() {
    let certificate = certificate(crate::support::RSA_CERT);
    for (provider, signer) in signers(RSA_PEM) {
        let verifier = Verifier::new(provider, certificate.public_key(), policy()).unwrap();
        let seen = MemoryReplayStore::default();
        let attestation =
            ClientAttestation::new(CONSUMER_KEY.parse().unwrap(), SITE.parse().unwrap());
        let once = attestation
            .clone()
            .id(Jti::Fresh)
            .sign(&*signer, now(), &FixedIds(1))
            .unwrap();

        let wrong_key = sign(r#"{"alg":"RS256"}"#, once.claims(), A2_PEM);
        verifier.verify(&wrong_key, now(), &seen).unwrap_err();
        let late = now() + Duration::from_hours(1);
        let expired = verifier.verify(once.expose_jwt(), late, &seen).unwrap_err();
        assert!(matches!(expired, VerifyError::Expired { .. }) && expired.is_stale());
        assert!(seen.is_empty(), "a refused token was recorded");

        let passed = verifier.verify(once.expose_jwt(), now(), &seen).unwrap();
        assert_eq!(passed.claims().id().unwrap(), once.id());
        assert_eq!(Some(passed.expires_at()), once.expires_at());
        let again = verifier
            .verify(once.expose_jwt(), now(), &seen)
            .unwrap_err();
        assert!(matches!(again, VerifyError::Replayed { .. }) && again.is_stale());
        assert_eq!(again.check(), "replay");
        assert!(
            verifier
                .verify_ignoring_replay(once.expose_jwt(), now())
                .is_ok()
        );

        let many = attestation.sign(&*signer, now(), &FixedIds(1)).unwrap();
        for _ in 0..3 {
            verifier.verify(many.expose_jwt(), now(), &seen).unwrap();
        }
        assert_eq!(seen.len(), 1);
    }
}

#[test]
fn a_full_replay_store_refuses() {
    let verifier = Verifier::new(Provider::default(), key(RSA_PEM).public_key(), policy()).unwrap();
    let token = sign(r#"{"alg":"RS256"}"#, &claims(&json!({})), RSA_PEM);
    let refused = verifier
        .verify(&token, now(), &MemoryReplayStore::with_limit(0))
        .unwrap_err();
    assert!(matches!(refused, VerifyError::Replay(_)));
}

#[test]
fn messages_name_the_failed_check() {
    let check = |changes: &Value, expected: &str| {
        let token = sign(r#"{"alg":"RS256"}"#, &claims(changes), RSA_PEM);
        let verifier = Verifier::new(Provider::default(), key(RSA_PEM).public_key(), policy());
        let refused = verifier
            .unwrap()
            .verify_ignoring_replay(&token, now())
            .unwrap_err();
        assert_eq!(crate::support::chain(&refused), expected);
    };
    check(&json!({"exp": null}), "the token has no claim exp");
    check(
        &json!({"exp": T - 60}),
        "the token expired at 2026-11-21T11:59:00Z, it is 2026-11-21T12:00:00Z now",
    );
    check(
        &json!({"exp": T * 1000}),
        "the token has an invalid claim\n  the claim exp is not a number of seconds since 1970 \
         (milliseconds are a common mistake)",
    );
    check(
        &json!({"aud": "https://login.salesforce.com"}),
        "the token's audience is [\"https://login.salesforce.com\"], not \
         [\"https://storefront.my.site.com\"]",
    );
}
