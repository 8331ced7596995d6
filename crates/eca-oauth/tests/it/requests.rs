//! Requests on the wire.

use std::sync::Arc;

use bytes::Bytes;
use eca_oauth::{
    AccessToken, AssertionJwt, AttestationCarrier, AuthSession, AuthorizationCode,
    AuthorizationCodeGrant, Challenge, ChallengeOutcome, ChallengeProfile, ClientAuthentication,
    ClientCredentialsGrant, ClientProof, EndpointSource, Error, Fields, ServerMetadata,
    TokenEndpoint, UserInfo,
};
use expect_test::expect_file;

use crate::support::{
    chain, client_id, client_secret, in_form, in_header, jwt, profile, response, shown, site,
    verifier,
};

macro_rules! check {
    ($name:literal, $request:expr) => {
        expect_file![concat!("golden/", $name, ".txt")].assert_eq(&shown(&$request))
    };
}

#[test]
fn client_credentials() {
    let endpoint: TokenEndpoint = "https://acme.my.salesforce.com/services/oauth2/token"
        .parse()
        .unwrap();
    let (id, secret) = (client_id(), client_secret());
    let request = |proof| {
        let grant = ClientCredentialsGrant::new(&endpoint, &id, proof);
        grant.unwrap().request()
    };
    let jwt = |text| AssertionJwt::new(text).unwrap();
    check!(
        "client_credentials",
        request(ClientProof::Secret(&secret, ClientAuthentication::Basic))
    );
    check!(
        "client_credentials_assertion",
        request(ClientProof::Assertion(jwt("eyJ.LEAK.c2ln")))
    );

    let login: TokenEndpoint = "https://test.salesforce.com/services/oauth2/token"
        .parse()
        .unwrap();
    let refused = ClientCredentialsGrant::new(&login, &id, ClientProof::None).unwrap_err();
    assert!(matches!(refused, Error::LoginHost { .. }));
    assert_eq!(
        chain(&refused),
        "client credentials grant at test.salesforce.com is not served on a shared login host; \
         use the org's own url"
    );
}

fn authorization_code(
    how: Option<ClientAuthentication>,
    redirect_uri: Option<&str>,
) -> http::Request<Bytes> {
    let (endpoint, id, secret) = (site().token_endpoint(), client_id(), client_secret());
    let code = AuthorizationCode::new("aPrx.code==").unwrap();
    let mut grant = AuthorizationCodeGrant::new(&endpoint, &id, code, verifier());
    if let Some(how) = how {
        grant = grant.with_secret(&secret, how);
    }
    if let Some(redirect_uri) = redirect_uri {
        grant = grant.with_redirect_uri(redirect_uri);
    }
    grant.into_request()
}

#[test]
fn authorization_codes() {
    check!(
        "code_basic",
        authorization_code(Some(ClientAuthentication::Basic), None)
    );
    check!(
        "code_form_redirect",
        authorization_code(
            Some(ClientAuthentication::Form),
            Some("http://localhost:1717/cb")
        )
    );
    check!("code_public", authorization_code(None, None));
}

#[test]
fn userinfo_and_metadata() {
    let token = AccessToken::new("00D000000000001!AQ").unwrap();
    check!(
        "userinfo",
        UserInfo::request(&site().userinfo_endpoint(), &token)
    );
    check!("metadata", ServerMetadata::request(&site()));
}

fn challenge(profile: ChallengeProfile) -> Challenge {
    let EndpointSource::At(endpoint) = profile.endpoint.clone() else {
        panic!("the profile of these tests has an endpoint")
    };
    Challenge::new(endpoint, profile, client_id(), verifier().challenge())
        .with_scope("openid api".parse().unwrap())
        .with_secret(Arc::new(client_secret()))
}

fn username() -> Fields {
    Fields::new().with(&"username".parse().unwrap(), "mia@acme.com")
}

/// The first request, and the second after a response that asks for more.
fn two_requests(profile: ChallengeProfile) -> [http::Request<Bytes>; 2] {
    let challenge = challenge(profile);
    let first = challenge.request(&username(), jwt());
    let more = r#"{"error":"insufficient_authorization","auth_session":"s1"}"#;
    let ChallengeOutcome::InsufficientAuthorization { challenge, .. } =
        challenge.handle_response(&response(400, "application/json", more))
    else {
        panic!("more is needed")
    };
    let fields = Fields::new().with(&"password".parse().unwrap(), "p&ss wörd");
    [first, challenge.request(&fields, jwt())]
}

#[test]
fn challenges() {
    let [first, second] = two_requests(profile(in_header(), []));
    check!("challenge_header_1", first);
    check!("challenge_header_2", second);
    let [first, second] = two_requests(profile(in_form(), []));
    check!("challenge_form_1", first);
    check!("challenge_form_2", second);

    let mut bare = profile(in_header(), []);
    bare.response_type = false;
    bare.client_id = false;
    check!(
        "challenge_bare",
        challenge(bare.clone()).request(&Fields::new(), jwt())
    );

    bare.client_id = true;
    bare.client_secret = ClientAuthentication::Form;
    check!(
        "challenge_secret_form",
        challenge(bare.clone()).request(&Fields::new(), jwt())
    );

    bare.client_secret = ClientAuthentication::Basic;
    let step_up = challenge(bare).with_session(AuthSession::new("stored").unwrap());
    check!(
        "challenge_secret_basic_step_up",
        step_up.request(&Fields::new(), jwt())
    );
}

#[test]
fn profiles_are_read_from_toml() {
    let text = r#"
        endpoint = "https://acme.my.site.com/portal/made-up/challenge"
        attestation = { header = "OAuth-Client-Attestation" }
        [login]
        username = "username"
        password = "password"
        first_step = []
    "#;
    let read = |text: &str| toml::from_str::<ChallengeProfile>(text);
    assert_eq!(read(text).unwrap(), profile(in_header(), []));

    let form = text.replace(
        r#"{ header = "OAuth-Client-Attestation" }"#,
        r#"{ form_fields = { assertion = "client_assertion", assertion_type = "client_assertion_type",
             assertion_type_value = "urn:ietf:params:oauth:client-assertion-type:jwt-client-attestation" } }"#,
    );
    // TOML 1.0 has no line breaks in inline tables.
    let form = form.replace(",\n            ", ",");
    assert_eq!(read(&form).unwrap(), profile(in_form(), []));
    let back: AttestationCarrier =
        serde_json::from_str(&serde_json::to_string(&in_form()).unwrap()).unwrap();
    assert_eq!(back, in_form());

    let discover = text.replace(
        "https://acme.my.site.com/portal/made-up/challenge",
        "discover",
    );
    assert_eq!(read(&discover).unwrap().endpoint, EndpointSource::Discover);

    for (from, to, expected) in [
        ("first_step = []", "", "missing field `first_step`"),
        ("[]", "[\"otp\"]", "unknown variant `otp`"),
        ("[login]", "typo = 1\n[login]", "unknown field `typo`"),
        (
            "\"username\"\n",
            "\"auth_session\"\n",
            "\"auth_session\" cannot be the name of a parameter",
        ),
        (
            "OAuth-Client-Attestation",
            "Host",
            "\"Host\" cannot be the header of a client attestation",
        ),
        (
            "acme.my.site.com",
            "login.salesforce.com",
            "authorization challenge endpoint login.salesforce.com cannot be used",
        ),
    ] {
        let error = read(&text.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
