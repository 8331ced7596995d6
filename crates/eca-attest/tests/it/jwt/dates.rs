//! Dates in milliseconds: none can be minted, and errors name those in tokens.

use std::time::{Duration, SystemTime};

use eca_attest::dpop::DpopProof;
use eca_attest::{
    Assertion, ClientAttestation, Lifetime, MintError, Provider, ValidationPolicy, Verifier,
    inspect, jwt,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{CONSUMER_KEY, EC_PEM, FixedIds, RSA_PEM, SITE, at, chain, key, now, signers};

/// This number and larger ones are milliseconds: as seconds they are in the year 5138 or later.
const MILLISECONDS: u64 = 100_000_000_000;
/// Seconds since 1970 of [`now`].
const T: u64 = 1_795_262_400;
/// The message for each invalid date.
const MESSAGE: &str = "is not a number of seconds since 1970 (milliseconds are a common mistake)";

/// The claims of each kind of token, minted at that time.
fn mint(now: SystemTime, lifetime: Duration) -> [Result<String, MintError>; 4] {
    let signer = |pem| signers(pem).remove(0).1;
    let (ec, ids) = (signer(EC_PEM), FixedIds(1));
    // Only client attestation requires RSA, which is slow in a debug build.
    let client = || CONSUMER_KEY.parse().unwrap();
    let site = || SITE.parse().unwrap();
    let lifetime = Lifetime::try_from(lifetime).unwrap_or_default();
    let claims = |signed: eca_attest::SignedJwt| signed.claims().to_owned();
    [
        ClientAttestation::new(client(), site())
            .lifetime(lifetime)
            .sign(&*signer(RSA_PEM), now, &ids)
            .map(|signed| signed.claims().to_owned()),
        Assertion::jwt_bearer(client(), "user@example.com", site())
            .lifetime(lifetime)
            .sign(&*ec, now, &ids)
            .map(claims),
        Assertion::client_authentication(client(), site())
            .lifetime(lifetime)
            .sign(&*ec, now, &ids)
            .map(claims),
        DpopProof::new("POST", SITE)
            .sign(&*ec, now, &ids)
            .map(claims),
    ]
}

/// For any time and lifetime: no token, or a token with dates in seconds near that time.
fn check_minting(seconds: u64, lifetime: Duration) {
    for minted in mint(at(seconds), lifetime) {
        let Ok(claims) = minted else {
            assert!(
                matches!(minted, Err(MintError::Clock(_))),
                "{seconds}: {minted:?}"
            );
            assert!(seconds >= MILLISECONDS - 86_400, "{seconds} is refused");
            continue;
        };
        let claims: Value = serde_json::from_str(&claims).unwrap();
        let dates = ["iat", "nbf", "exp"].map(|claim| claims.get(claim));
        assert!(dates.iter().any(Option::is_some), "{claims}");
        for date in dates.into_iter().flatten() {
            let date = date.as_u64().unwrap();
            assert!(date < MILLISECONDS, "{claims}");
            assert!((seconds..=seconds + 86_400).contains(&date), "{claims}");
        }
    }
}

#[test]
fn a_clock_in_milliseconds_mints_nothing() {
    let minute = Duration::from_mins(1);
    for minted in mint(at(T * 1000), minute) {
        assert_eq!(
            chain(&minted.unwrap_err()),
            "the clock is out of range\n  \
             the time is in the year 5138 or later, perhaps milliseconds instead of seconds"
        );
    }
    // The last second at which a token can be minted, and the first at which none can.
    for seconds in [0, T, MILLISECONDS - 86_401, MILLISECONDS - 1, MILLISECONDS] {
        check_minting(seconds, minute);
        check_minting(seconds, Duration::from_hours(24));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_time_and_lifetime(
        seconds in prop_oneof![0..4 * T, MILLISECONDS - 200_000..MILLISECONDS + 1000, T * 900..T * 1100],
        lifetime in (0..400_000_u64).prop_map(Duration::from_millis),
    ) {
        check_minting(seconds, lifetime);
    }
}

/// A token that another program signed.
fn foreign(header: &Value, claims: &Value, pem: &str) -> String {
    let input = jwt::signing_input(&header.to_string(), &claims.to_string());
    let signature = signers(pem).remove(0).1.sign(input.as_bytes()).unwrap();
    jwt::compact(&input, &signature)
}

#[test]
fn verifier_and_inspect_name_a_date_in_milliseconds() {
    let policy = ValidationPolicy::new(CONSUMER_KEY.parse().unwrap(), SITE.parse().unwrap());
    let valid = json!({"iss": CONSUMER_KEY, "aud": SITE, "exp": T + 60, "iat": T, "nbf": T});
    for (claim, value) in [
        ("exp", json!((T + 60) * 1000)),
        ("iat", json!(T * 1000)),
        ("nbf", json!(T * 1000)),
        ("exp", json!(1_795_262_460_000.5)),
        ("exp", json!(MILLISECONDS)),
        ("iat", json!(1e300)),
        ("exp", json!(u64::MAX)),
    ] {
        let mut claims = valid.clone();
        claims[claim] = value;
        let token = foreign(&json!({"alg": "RS256"}), &claims, RSA_PEM);
        let expected = format!("the claim {claim} {MESSAGE}");
        for provider in Provider::available() {
            let key = key(RSA_PEM);
            let verifier = Verifier::new(*provider, key.public_key(), policy.clone()).unwrap();
            let refused = verifier.verify_ignoring_replay(&token, now()).unwrap_err();
            assert_eq!(refused.check(), claim);
            assert_eq!(
                chain(&refused),
                format!("the token has an invalid claim\n  {expected}")
            );
        }
        let inspected = inspect(&token).unwrap();
        let shown = inspected.unverified_claims();
        let dates = [shown.expires_at(), shown.issued_at(), shown.not_before()];
        let errors: Vec<_> = dates.into_iter().filter_map(Result::err).collect();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].to_string(), expected);
    }
}
