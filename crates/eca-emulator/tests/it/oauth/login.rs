//! Parts of a headless login: attestations, requests, codes.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use eca_attest::{PrivateKey, Provider};
use eca_emulator::{Builder, ManualClock, Org};
use serde_json::{Value, json};

use crate::fixture::{APP, APP_KEY, Client, PASSWORD, USER, builder};
use crate::server::http::Answer;

pub(crate) const CHALLENGE: &str = "/storefront/services/oauth2/authorization_challenge";
pub(crate) const TOKEN: &str = "/storefront/services/oauth2/token";
pub(crate) const HEADER: &str = "OAuth-Client-Attestation";
// RFC 7636 appendix B.
pub(crate) const CODE_VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CODE_CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const NOW: u64 = 1_795_000_000;

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(
        SystemTime::UNIX_EPOCH + Duration::from_secs(NOW),
    ))
}

pub(crate) fn at_noon(clock: &Arc<ManualClock>) -> Builder {
    builder().clock(clock.clone())
}

/// A signed JWT.
pub(crate) fn jwt(key: &str, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let input = format!("{}.{}", part(header), part(claims));
    let signer = Provider::default()
        .signer(&PrivateKey::read(key.as_bytes()).unwrap())
        .unwrap();
    let signature = signer.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The claims of a valid attestation.
pub(crate) fn claims(org: &Org, jti: &str) -> Value {
    json!({
        "iss": org.consumer_key(APP).unwrap(),
        "aud": org.site_url(),
        "iat": NOW,
        "exp": NOW + 180,
        "jti": jti,
    })
}

pub(crate) fn attestation(org: &Org, jti: &str) -> String {
    jwt(APP_KEY, &json!({"alg": "RS256"}), &claims(org, jti))
}

pub(crate) fn login(key: &str) -> Vec<(&str, &str)> {
    vec![
        ("client_id", key),
        ("code_challenge", CODE_CHALLENGE),
        ("code_challenge_method", "S256"),
        ("username", USER),
        ("password", PASSWORD),
    ]
}

pub(crate) fn redeem(org: &Org, code: &str, verifier: Option<&str>) -> Answer {
    let key = org.consumer_key(APP).unwrap();
    let secret = org.consumer_secret(APP).unwrap();
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", &key),
        ("client_secret", secret.expose_secret()),
    ];
    fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
    Client(org).form(TOKEN, &[], &fields)
}

/// Logs in and returns the code.
pub(crate) fn code(org: &Org, jti: &str) -> String {
    let key = org.consumer_key(APP).unwrap();
    let answer = Client(org).form(CHALLENGE, &[(HEADER, &attestation(org, jti))], &login(&key));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.headers.contains("cache-control: no-store"));
    answer.json()["authorization_code"]
        .as_str()
        .unwrap()
        .to_owned()
}
