use std::sync::Arc;
use std::time::SystemTime;

use eca_oauth::{
    AccessToken, AccessTokenFormat, AssertionJwt, AuthSession, AuthorizationCode,
    AuthorizationCodeGrant, Challenge, ClientAttestationJwt, ClientAuthentication,
    ClientCredential, ClientCredentials, ClientCredentialsGrant, ClientProof, ClientSecret,
    Credentials, DeviceSecret, EndpointSource, ExchangedTokens, Fields, IdToken, InvalidSecret,
    OneTimePassword, Password, PkceVerifier, RefreshToken, State, StaticToken, Step, StepKind,
    SubjectToken, SubjectTokenType, TokenResponse, UsernamePasswordLogin,
};

use crate::support::{
    LEAK, answer, client_id, client_secret, in_header, profile, site, verifier, world,
};

fn check(shown: &str) {
    assert!(!shown.contains(LEAK), "{shown}");
    assert!(!shown.contains("dBjftJeZ4CVP"), "{shown}");
}

#[test]
fn secrets_and_their_holders_show_a_constant() {
    let leak = "LEAK-0123456789";
    check(&format!("{:?}", AccessToken::new(leak).unwrap()));
    check(&format!("{:?}", RefreshToken::new(leak).unwrap()));
    check(&format!("{:?}", IdToken::new(leak).unwrap()));
    check(&format!("{:?}", ClientSecret::new(leak).unwrap()));
    check(&format!("{:?}", AuthorizationCode::new(leak).unwrap()));
    check(&format!("{:?}", AuthSession::new(leak).unwrap()));
    check(&format!("{:?}", Password::new(leak).unwrap()));
    check(&format!("{:?}", OneTimePassword::new(leak).unwrap()));
    check(&format!("{:?}", ClientAttestationJwt::new(leak).unwrap()));
    check(&format!("{:?}", AssertionJwt::new(leak).unwrap()));
    check(&format!("{:?}", DeviceSecret::new(leak).unwrap()));
    check(&format!("{:?}", SubjectToken::new(leak).unwrap()));
    check(&format!(
        "{:?}",
        eca_oauth::UserData::new().with("name", leak)
    ));
    check(&format!("{:?}", PkceVerifier::new(leak.repeat(3)).unwrap()));
    check(&format!(
        "{:?}",
        Fields::new().with(&"pw".parse().unwrap(), leak)
    ));
    check(&format!(
        "{:?}",
        AccessToken::new(leak).unwrap().bearer_header()
    ));

    let (_, http) = world();
    let endpoint = site().token_endpoint();
    let (id, secret) = (client_id(), client_secret());
    let proof = ClientProof::Secret(&secret, ClientAuthentication::Basic);
    let grant = ClientCredentialsGrant::new(&endpoint, &id, proof).unwrap();
    check(&format!("{grant:?}"));
    check(&format!("{:?}", grant.request()));
    let credential = ClientCredential::Secret(client_secret(), ClientAuthentication::Basic);
    let tokens = ClientCredentials::new(http.clone(), endpoint.clone(), client_id(), credential);
    check(&format!("{:?}", tokens.unwrap()));
    let subject = || SubjectToken::new("LEAK");
    let tokens = ExchangedTokens::new(
        http,
        endpoint.clone(),
        client_id(),
        ClientCredential::Public,
        Arc::new(subject),
        SubjectTokenType::Jwt,
    );
    check(&format!("{:?}", tokens.unwrap()));
    check(&format!(
        "{:?}",
        StaticToken::new(AccessToken::new(leak).unwrap())
    ));
    let secret = client_secret();
    let id = client_id();
    let code = AuthorizationCode::new(leak).unwrap();
    let grant = AuthorizationCodeGrant::new(&endpoint, &id, code, verifier())
        .with_secret(&secret, eca_oauth::ClientAuthentication::Form);
    check(&format!("{grant:?}"));
    let login = UsernamePasswordLogin::new(
        site(),
        profile(in_header(), []),
        client_id(),
        client_secret(),
        Credentials::new("mia", Password::new(leak).unwrap()),
    );
    check(&format!("{login:?}"));
}

#[test]
fn what_holds_a_session_or_a_code_shows_neither() {
    let json = |body: &'static str| answer(200, "application/json", body);
    let EndpointSource::At(endpoint) = profile(in_header(), []).endpoint else {
        panic!("the profile of these tests has an endpoint")
    };
    let machine = Challenge::new(
        endpoint,
        profile(in_header(), []),
        client_id(),
        verifier().challenge(),
    )
    .with_session(AuthSession::new("LEAK").unwrap())
    .with_secret(Arc::new(client_secret()));
    check(&format!("{machine:?}"));
    let body = r#"{"authorization_code":"LEAK","auth_session":"LEAK","extra":"LEAK"}"#;
    check(&format!("{:?}", machine.answer(&json(body))));

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
            DeviceSecret, SubjectToken, State);
    )+};
}

never_any!(Clone, PartialEq, serde::Serialize, std::fmt::Display);

#[test]
fn what_cannot_be_a_secret_is_refused_without_showing_it() {
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
    check(
        AccessToken::new("LEAK LEAK"),
        "access token has a space in it",
    );
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
fn access_tokens_have_a_shape() {
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
fn verifiers_are_made_of_random_bytes_and_differ() {
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
fn a_challenge_is_what_other_programs_make_of_the_verifier() {
    // RFC 7636 appendix B.
    let challenge = verifier().challenge();
    assert_eq!(
        challenge.as_str(),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
}

#[test]
fn a_signed_attestation_becomes_one_to_send() {
    let attestation = eca_attest::ClientAttestation::new(
        "3MVG9.example_Key".parse().unwrap(),
        "https://acme.my.site.com/portal".parse().unwrap(),
    );
    let unsigned = attestation
        .prepare(SystemTime::UNIX_EPOCH, &eca_attest::OsIds)
        .unwrap();
    let signed = unsigned.with_signature(b"LEAK");
    let text = signed.expose_jwt().to_owned();
    let jwt = ClientAttestationJwt::from(signed);
    assert_eq!(jwt.expose_secret(), text);
    check(&format!("{jwt:?}"));
}
