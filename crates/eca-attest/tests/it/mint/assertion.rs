//! JWT bearer grants and client assertions.

use eca_attest::{Assertion, AssertionMinter, IssuedAt, Jti, Lifetime, OsIds, inspect};
use expect_test::expect_file;
use futures_util::FutureExt as _;

use crate::support::{CONSUMER_KEY, EC_PEM, FixedIds, RSA_PEM, chain, data, now, signers};

const LOGIN: &str = "https://login.salesforce.com";
const TOKEN_ENDPOINT: &str = "https://example.my.salesforce.com/services/oauth2/token";

fn bearer() -> Assertion {
    let client = CONSUMER_KEY.parse().unwrap();
    Assertion::jwt_bearer(client, "deployer@example.com", LOGIN.parse().unwrap())
}

fn client() -> Assertion {
    let audience = TOKEN_ENDPOINT.parse().unwrap();
    Assertion::client_authentication(CONSUMER_KEY.parse().unwrap(), audience)
}

/// Header, claims, signing input and token of each variant, equal for all providers.
#[test]
fn golden_tokens() {
    for (name, assertion) in [
        ("bearer", bearer()),
        ("client", client()),
        (
            "everything",
            client()
                .kind("client-authentication+jwt")
                .key_id("2026")
                .issued_at(IssuedAt::Absent)
                .lifetime(Lifetime::MAX)
                .id(Jti::Given("given".to_owned())),
        ),
    ] {
        for (_, signer) in signers(RSA_PEM) {
            let signed = assertion.sign(&*signer, now(), &FixedIds(7)).unwrap();
            let jwt = signed.expose_jwt();
            expect_file![data(&format!("assertion-{name}.golden"))].assert_eq(&format!(
                "header\n{}\n\nclaims\n{}\n\nsigning input\n{}\n\njwt\n{jwt}\n",
                signed.header(),
                signed.claims(),
                signed.signing_input(),
            ));
            let decoded = inspect(jwt).unwrap();
            assert_eq!(decoded.unverified_claims().as_json(), signed.claims());
            // No date is in milliseconds.
            let claims: serde_json::Value = serde_json::from_str(signed.claims()).unwrap();
            let numbers = claims.as_object().unwrap().values();
            assert!(
                numbers
                    .filter_map(serde_json::Value::as_u64)
                    .all(|n| n < 100_000_000_000)
            );
        }
    }
}

#[test]
fn the_signers_key_determines_the_algorithm() {
    for (pem, header) in [
        (RSA_PEM, r#"{"alg":"RS256"}"#),
        (EC_PEM, r#"{"alg":"ES256"}"#),
    ] {
        for (provider, signer) in signers(pem) {
            let signed = bearer().sign(&*signer, now(), &FixedIds(7)).unwrap();
            assert_eq!(signed.header(), header);
            let (input, _) = signed.expose_jwt().rsplit_once('.').unwrap();
            assert_eq!(input, signed.signing_input(), "{provider}");
        }
    }
}

#[test]
fn an_empty_user_name_is_an_error() {
    let (_, signer) = signers(RSA_PEM).remove(0);
    let empty = Assertion::jwt_bearer(CONSUMER_KEY.parse().unwrap(), "", LOGIN.parse().unwrap());
    let refused = empty.sign(&*signer, now(), &FixedIds(7)).unwrap_err();
    assert_eq!(chain(&refused), "the token's sub is empty");
}

#[test]
fn an_asynchronous_signer_makes_the_same_token() {
    use std::task::{Context, Poll, Waker};
    let (_, signer) = signers(RSA_PEM).remove(0);
    let assertion = bearer();
    let mut waiting = Box::pin(assertion.sign_async(&signer, now(), &FixedIds(7)));
    let Poll::Ready(waited) = waiting
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    else {
        panic!("a signer in this process is ready at once");
    };
    let direct = bearer().sign(&*signer, now(), &FixedIds(7)).unwrap();
    assert_eq!(waited.unwrap().expose_jwt(), direct.expose_jwt());
    assert_eq!(format!("{direct:?}"), "SignedJwt([secret])");
}

/// A minter signs a new token for each request.
#[test]
fn a_minter_never_gives_a_token_twice() {
    let (_, signer) = signers(RSA_PEM).remove(0);
    let minter = AssertionMinter::new(client(), Box::new(signer), now, OsIds);
    let mint = || minter.mint().now_or_never().unwrap().unwrap();
    let (one, other) = (mint(), mint());
    assert!(one.id().is_some());
    assert_ne!(one.id(), other.id());
    assert_eq!(one.expires_at(), other.expires_at());
    assert!(format!("{minter:?}").starts_with("AssertionMinter"));
}
