//! Signed tokens.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use eca_attest::{PrivateKey, Provider, ValidationPolicy, Verifier, jwt};
use eca_tests::test_file;
use fastrand::Rng;

use crate::damage::{damaged_text, one, one_or_word};
use crate::{Case, End};

const CLIENT: &str = "3MVG9torture";
const SITE: &str = "https://storefront.my.site.com";

/// Only the token that was signed is accepted.
pub(crate) fn verified() -> Case {
    let now = UNIX_EPOCH + Duration::from_hours(498_684);
    let keys = ["test-only-rsa-2048.pem", "test-only-p256.pem"].map(|name| sound(name, now));
    Box::new(move |rng| {
        let (token, judge) = one(rng, &[&keys[0], &keys[1]]);
        let hostile = hostile(rng, token);
        let verified = judge.verify_ignoring_replay(&hostile, now);
        let is_the_same = hostile == *token;
        assert_eq!(verified.is_ok(), is_the_same, "{hostile:?}: {verified:?}");
        End::of(&verified)
    })
}

fn sound(name: &str, now: SystemTime) -> (String, Verifier) {
    let key = PrivateKey::read(&test_file(name)).expect("a key");
    let provider = Provider::default();
    let signer = provider.signer(&key).expect("a signer");
    let since = now.duration_since(UNIX_EPOCH).expect("later").as_secs();
    let header = format!(r#"{{"alg":"{}"}}"#, signer.algorithm().name());
    let claims = format!(
        r#"{{"iss":"{CLIENT}","sub":"{CLIENT}","aud":"{SITE}","iat":{since},"exp":{}}}"#,
        since + 300
    );
    let input = jwt::signing_input(&header, &claims);
    let signature = signer.sign(input.as_bytes()).expect("a signature");
    let (issuer, audience) = (CLIENT.parse(), SITE.parse());
    let policy = ValidationPolicy::new(issuer.expect("an id"), audience.expect("a URL"));
    let verifier = Verifier::new(provider, key.public_key(), policy).expect("a verifier");
    (jwt::compact(&input, &signature), verifier)
}

/// Another header, other claims, another signature, or damage anywhere.
fn hostile(rng: &mut Rng, token: &str) -> String {
    let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    match rng.u8(..6) {
        0 => {
            let algorithm = one(
                rng,
                &[
                    "none", "None", "HS256", "RS256", "ES256", "PS256", "RS512", "",
                ],
            );
            let header = format!(r#"{{"alg":"{algorithm}","typ":"JWT"}}"#);
            parts[0] = URL_SAFE_NO_PAD.encode(header);
            if rng.bool() {
                parts[2].clear();
            }
        }
        1 => {
            let at = rng.usize(..2);
            let bytes = URL_SAFE_NO_PAD.decode(&parts[at]).expect("base64");
            let text = damaged_text(rng, &String::from_utf8_lossy(&bytes));
            parts[at] = URL_SAFE_NO_PAD.encode(text);
        }
        2 => {
            let mut bytes = URL_SAFE_NO_PAD.decode(&parts[2]).expect("base64");
            let at = rng.usize(..bytes.len());
            bytes[at] ^= 1 << rng.u8(..8);
            parts[2] = URL_SAFE_NO_PAD.encode(bytes);
        }
        3 => {
            let at = rng.usize(..3);
            parts[at].push_str(one_or_word(rng, &["=", "==", "A", ".", "\n", " "]));
        }
        4 => return damaged_text(rng, token),
        _ => return token.to_owned(),
    }
    parts.join(".")
}
