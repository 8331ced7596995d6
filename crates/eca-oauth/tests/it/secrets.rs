//! No output contains a secret.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::SystemTime;

use eca_attest::{
    Assertion, AssertionMinter, AsyncMinter, Audience, ClientAttestation, Jti, Minter, OsIds,
    PrivateKey, Provider, inspect,
};
use eca_oauth::{
    AccessToken, AccessTokenFormat, AssertionJwt, AssertionSource, AttestationSource, AuthSession,
    AuthorizationCode, AuthorizationCodeGrant, Challenge, ClientAttestationJwt,
    ClientAuthentication, ClientCredential, ClientCredentials, ClientCredentialsGrant, ClientProof,
    ClientSecret, DeviceSecret, EndpointSource, ExchangedTokens, Fields, IdToken, IdentityPending,
    InvalidSecret, OneTimePassword, Password, PendingVerification, PkceVerifier, RefreshToken,
    State, StaticToken, Step, StepKind, SubjectToken, SubjectTokenType, TokenResponse, UserData,
};

use crate::support::{
    LEAK, chain, client_id, client_secret, headless, in_header, profile, response, site, verifier,
    world,
};

fn check(shown: &str) {
    assert!(!shown.contains(LEAK), "{shown}");
    assert!(!shown.contains("dBjftJeZ4CVP"), "{shown}");
}

const TEXT: &str = "LEAK-0123456789";

fn access_token() -> AccessToken {
    AccessToken::new(TEXT).unwrap()
}

#[test]
fn the_debug_output_of_a_secret_is_a_constant() {
    let secrets: [&dyn Debug; 14] = [
        &access_token(),
        &RefreshToken::new(TEXT),
        &IdToken::new(TEXT),
        &ClientSecret::new(TEXT),
        &AuthorizationCode::new(TEXT),
        &AuthSession::new(TEXT),
        &Password::new(TEXT),
        &OneTimePassword::new(TEXT),
        &ClientAttestationJwt::new(TEXT),
        &AssertionJwt::new(TEXT),
        &DeviceSecret::new(TEXT),
        &SubjectToken::new(TEXT),
        &PkceVerifier::new(TEXT.repeat(3)),
        &access_token().bearer_header(),
    ];
    for secret in secrets {
        let shown = format!("{secret:?}");
        assert!(!shown.contains("Err("), "{shown}");
        check(&shown);
    }
}

#[test]
fn the_debug_output_of_user_input_has_no_values() {
    let fields = Fields::new().with(&"pw".parse().unwrap(), TEXT);
    check(&format!("{fields:?}"));
    check(&format!("{:?}", UserData::new().with("name", TEXT)));
    let (_, http) = world();
    check(&format!("{:?}", headless(http, profile(in_header(), []))));
}

#[test]
fn the_debug_output_of_a_grant_has_no_secrets() {
    let endpoint = site().token_endpoint();
    let (id, secret) = (client_id(), client_secret());
    let proof = ClientProof::Secret(&secret, ClientAuthentication::Basic);
    let grant = ClientCredentialsGrant::new(&endpoint, &id, proof).unwrap();
    check(&format!("{grant:?}"));
    check(&format!("{:?}", grant.request()));
    let code = AuthorizationCode::new(TEXT).unwrap();
    let grant = AuthorizationCodeGrant::new(&endpoint, &id, code, verifier())
        .with_secret(&secret, ClientAuthentication::Form);
    check(&format!("{grant:?}"));
}

#[test]
fn the_debug_output_of_a_token_source_has_no_secrets() {
    let (_, http) = world();
    let endpoint = site().token_endpoint();
    let credential = ClientCredential::Secret(client_secret(), ClientAuthentication::Basic);
    let tokens = ClientCredentials::new(http.clone(), endpoint.clone(), client_id(), credential);
    check(&format!("{:?}", tokens.unwrap()));
    let tokens = ExchangedTokens::new(
        http,
        endpoint,
        client_id(),
        ClientCredential::Public,
        Arc::new(|| SubjectToken::new(TEXT)),
        SubjectTokenType::Jwt,
    );
    check(&format!("{:?}", tokens.unwrap()));
    check(&format!("{:?}", StaticToken::new(access_token())));
}

#[test]
fn the_debug_output_of_a_challenge_has_no_session_and_no_code() {
    let json = |body: &'static str| response(200, "application/json", body);
    let EndpointSource::At(endpoint) = profile(in_header(), []).endpoint else {
        panic!("the profile of these tests has an endpoint")
    };
    let challenge = Challenge::new(
        endpoint,
        profile(in_header(), []),
        client_id(),
        verifier().challenge(),
    )
    .with_session(AuthSession::new("LEAK").unwrap())
    .with_secret(Arc::new(client_secret()));
    check(&format!("{challenge:?}"));
    let body = r#"{"authorization_code":"LEAK","auth_session":"LEAK","extra":"LEAK"}"#;
    check(&format!("{:?}", challenge.handle_response(&json(body))));

    let body = r#"{"access_token":"LEAK","refresh_token":"LEAK","id_token":"LEAK","extra":"LEAK"}"#;
    let step = Step::new(StepKind::AuthorizationCode, "acme.my.site.com");
    let token = TokenResponse::parse(&step, &json(body)).unwrap();
    check(&format!("{token:?}"));
}

/// Compiles only if the type lacks the trait: with it, two implementations would fit.
macro_rules! never {
    ($trait:path: $($secret:ty),+ $(,)?) => {$(
        const _: fn() = || {
            trait Fits<Marker> {
                fn fits() {}
            }
            impl<T: ?Sized> Fits<()> for T {}
            struct Has;
            impl<T: ?Sized + $trait> Fits<Has> for T {}
            let _ = <$secret as Fits<_>>::fits;
        };
    )+};
}

macro_rules! never_any {
    ($($trait:path),+ $(,)?) => {$(
        never!($trait: AccessToken, RefreshToken, IdToken, ClientSecret, AuthorizationCode,
            AuthSession, Password, OneTimePassword, ClientAttestationJwt, PkceVerifier, AssertionJwt,
            DeviceSecret, SubjectToken, State, PendingVerification, IdentityPending);
    )+};
}

never_any!(Clone, PartialEq, serde::Serialize, std::fmt::Display);

#[test]
fn errors_do_not_contain_the_refused_text() {
    fn check<T>(made: Result<T, InvalidSecret>, expected: &str) {
        let error = made.err().unwrap();
        assert_eq!(error.to_string(), expected);
        self::check(&format!("{error:?}"));
    }
    check(AccessToken::new(""), "access token is empty");
    check(
        AccessToken::new("LEAK\n"),
        "access token has a character outside printable ASCII, such as a line break",
    );
    check(AccessToken::new("LEAK LEAK"), "access token has a space");
    check(ClientSecret::new(""), "client secret is empty");
    check(Password::new(""), "password is empty");
    check(
        PkceVerifier::new("LEAK"),
        "pkce verifier is not 43 to 128 characters long",
    );
    check(
        PkceVerifier::new("LEAK+".repeat(10)),
        "pkce verifier has a character other than letters, digits and - . _ ~",
    );
}

#[test]
fn access_tokens_have_a_format() {
    use AccessTokenFormat::{Jwt, Opaque, Unknown};
    for (text, expected) in [
        ("00D000000000001!AQEAQ.x_y", Opaque),
        ("00D000000000001EAA!AQEAQ", Opaque),
        ("00D1!AQ", Unknown),
        ("00D000000000001!", Unknown),
        ("00E000000000001!AQ", Unknown),
        ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", Jwt),
        ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0", Unknown),
        ("abc", Unknown),
    ] {
        assert_eq!(AccessToken::new(text).unwrap().format(), expected, "{text}");
    }
}

#[test]
fn verifiers_are_random() {
    let fixed = PkceVerifier::from_random(&[0xff; 32]);
    assert_eq!(fixed.expose_secret(), "_".repeat(42) + "8");
    let (one, other) = (
        PkceVerifier::generate().unwrap(),
        PkceVerifier::generate().unwrap(),
    );
    assert_ne!(one.challenge(), other.challenge());
    assert!(PkceVerifier::new(one.expose_secret()).is_ok());
}

#[test]
fn a_challenge_is_the_hash_of_the_verifier() {
    // RFC 7636 appendix B.
    let challenge = verifier().challenge();
    assert_eq!(
        challenge.as_str(),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
}

#[tokio::test]
async fn minters_are_sources() {
    let rsa = include_bytes!("../../../eca-attest/tests/data/test-only-rsa-2048.pem");
    let key = PrivateKey::read(rsa).unwrap();
    let signer = || Provider::default().signer(&key).unwrap();
    let audience: Audience = "https://acme.my.site.com/portal".parse().unwrap();
    let claims = ClientAttestation::new(client_id(), audience.clone()).id(Jti::Fresh);
    let minter = Minter::new(claims.clone(), signer(), SystemTime::now, OsIds);
    let waiting = AsyncMinter::new(claims, Box::new(signer()), SystemTime::now, OsIds);
    let shared = Arc::new(minter);
    let sources: [Box<dyn AttestationSource>; 2] = [Box::new(shared.clone()), Box::new(waiting)];
    for source in sources {
        let (one, other) = (source.attestation().await, source.attestation().await);
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_ne!(
            one.expose_secret(),
            other.expose_secret(),
            "a `jti` is used once"
        );
        let decoded = inspect(one.expose_secret()).unwrap();
        let issuer = decoded.unverified_claims().issuer();
        assert_eq!(issuer.unwrap(), Some(client_id().as_str()));
    }
    let claims = Assertion::client_authentication(client_id(), audience);
    let source = AssertionMinter::new(claims, Box::new(signer()), SystemTime::now, OsIds);
    let made = source.assertion().await.unwrap();
    assert!(
        inspect(made.expose_secret())
            .unwrap()
            .unverified_claims()
            .has("jti")
    );

    let ec = include_bytes!("../../../eca-attest/tests/data/test-only-p256.pem");
    let wrong = PrivateKey::read(ec).unwrap();
    let wrong = Provider::default().signer(&wrong).unwrap();
    let audience = "https://acme.my.site.com".parse().unwrap();
    let claims = ClientAttestation::new(client_id(), audience);
    let minter = Minter::new(claims, wrong, SystemTime::now, OsIds);
    let error = minter.attestation().await.unwrap_err();
    assert!(chain(&error).contains("RS256"), "{}", chain(&error));
}
