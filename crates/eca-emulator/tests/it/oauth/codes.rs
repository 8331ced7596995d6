//! Authorization codes in wrong hands, and the sizes of PKCE.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use eca_emulator::Org;
use sha2::{Digest as _, Sha256};

use crate::fixture::{APP, Client};
use crate::oauth::flows::{CALLBACK, allow, code_of, package, start};
use crate::oauth::login::CODE_VERIFIER;
use crate::server::http::Answer;

const TOKEN: &str = "/services/oauth2/token";

/// Redeems a code as the app, but for these parameters; an empty one is left out.
fn redeem(org: &Org, code: &str, other: &[(&str, &str)]) -> Answer {
    let key = org.consumer_key(APP).unwrap();
    let secret = org.consumer_secret(APP).unwrap();
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("client_id", &key),
        ("client_secret", secret.expose_secret()),
        ("code_verifier", CODE_VERIFIER),
    ];
    for (name, value) in other {
        fields.retain(|(own, _)| own != name);
        fields.push((name, value));
    }
    fields.retain(|(_, value)| !value.is_empty());
    Client(org).form(TOKEN, &[], &fields)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_has_one_try() {
    let (org, _) = start(&package()).await;
    let wrong = "w".repeat(43);
    for (other, expected) in [
        (
            [("client_secret", "wrong")],
            "400 invalid_client: invalid client credentials",
        ),
        (
            [("client_secret", "")],
            "400 invalid_client: invalid client credentials",
        ),
        (
            [("code_verifier", &*wrong)],
            "400 invalid_grant: invalid code verifier",
        ),
        (
            [("code_verifier", "short")],
            "400 invalid_grant: invalid code verifier",
        ),
        (
            [("code_verifier", "")],
            "400 invalid_request: missing required code verifier",
        ),
    ] {
        let code = code_of(&allow(&org, &[])).unwrap();
        assert_eq!(redeem(&org, &code, &other).error(), expected);
        let then = redeem(&org, &code, &[]);
        assert_eq!(
            then.error(),
            "400 invalid_grant: invalid authorization code",
            "after {other:?}"
        );
    }
    // An unused code works.
    let code = code_of(&allow(&org, &[])).unwrap();
    assert_eq!(redeem(&org, &code, &[]).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn verifiers_are_long_enough_and_may_be_longer_than_the_rfc_allows() {
    let (org, _) = start(&package()).await;
    // 128 is the longest of RFC 7636; the Salesforce CLI sends 171.
    for (length, expected) in [(42, 400), (43, 200), (128, 200), (171, 200)] {
        let verifier = "v".repeat(length);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let code = code_of(&allow(&org, &[("code_challenge", &challenge)])).unwrap();
        let answer = redeem(&org, &code, &[("code_verifier", &verifier)]);
        assert_eq!(answer.status, expected, "{length}: {}", answer.body);
    }
    for challenge in [
        "short".to_owned(),
        "a".repeat(42),
        "a".repeat(44),
        "+".repeat(43),
    ] {
        let location = allow(&org, &[("code_challenge", &challenge)]);
        assert!(location.contains("error=invalid_request"), "{location}");
        assert!(location.contains("invalid+code+challenge"), "{location}");
    }
}
