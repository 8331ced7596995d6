//! Headless login, and the checks of attestations and codes.

use std::time::Duration;

use eca_emulator::{AttestationCarrier, ChallengeProfile, DraftVintage, Org};
use serde_json::{Value, json};

use crate::fixture::{APP, APP_KEY, Client, OTHER_KEY, PASSWORD, USER, storefront};
use crate::server::http::send;

use crate::oauth::login::{
    CHALLENGE, CODE_CHALLENGE, CODE_VERIFIER, HEADER, NOW, TOKEN, at_noon, attestation, claims,
    clock, code, jwt, login, redeem,
};

const UNKNOWN_CODE: &str = "400 invalid_grant: invalid authorization code";

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_logs_in() {
    let clock = clock();
    let org = storefront(at_noon(&clock)).await;
    let answer = redeem(&org, &code(&org, "1"), Some(CODE_VERIFIER));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let json = answer.json();
    assert_eq!(json["sfdc_site_url"], org.site_url());
    assert_eq!(json["scope"], "api refresh_token openid");
    let bearer = format!("Bearer {}", json["access_token"].as_str().unwrap());
    let get = |path: &str| {
        send(
            org.address(),
            "GET",
            path,
            &[("Authorization", &bearer)],
            b"",
        )
    };
    let who = get("/storefront/services/oauth2/userinfo").json();
    assert_eq!(who["preferred_username"], USER);
    assert_eq!(who["sub"], json["id"]);
    // Neither the instance nor the Metadata API accepts a customer's token.
    assert_eq!(get("/services/oauth2/userinfo").status, 403);
    assert_eq!(get("/services/data/v66.0").status, 403);
    // Tokens expire.
    clock.advance(Duration::from_hours(2));
    assert_eq!(get("/storefront/services/oauth2/userinfo").status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_login_can_take_two_steps() {
    let org = storefront(at_noon(&clock())).await;
    let client = Client(&org);
    let key = org.consumer_key(APP).unwrap();
    let first = client.form(
        CHALLENGE,
        &[(HEADER, &attestation(&org, "1"))],
        &[
            ("client_id", &key),
            ("code_challenge", CODE_CHALLENGE),
            ("scope", "openid"),
        ],
    );
    assert_eq!(
        first.error(),
        "400 insufficient_authorization: send username and password"
    );
    let session = first.json()["auth_session"].as_str().unwrap().to_owned();
    assert_eq!(session.len(), 43);
    let step = |session: &str, jti: &str, more: &[(&str, &str)]| {
        let mut fields = vec![("auth_session", session), ("username", USER)];
        fields.extend(more);
        client.form(CHALLENGE, &[(HEADER, &attestation(&org, jti))], &fields)
    };
    // The session is bound to the client and to the challenge of the first step.
    assert_eq!(
        step(
            &session,
            "2",
            &[("password", PASSWORD), ("code_challenge", &"A".repeat(43))]
        )
        .error(),
        "400 invalid_session: the auth_session is not valid"
    );
    // A wrong password leaves another attempt, under another session.
    let wrong = step(&session, "3", &[("password", "wrong")]);
    assert_eq!(wrong.error(), "400 invalid_grant: authentication failure");
    let next = wrong.json()["auth_session"].as_str().unwrap().to_owned();
    assert_eq!(
        step(&session, "4", &[("password", PASSWORD)]).error(),
        "400 invalid_session: the auth_session is not valid"
    );
    let done = step(&next, "5", &[("password", PASSWORD)]);
    assert_eq!(done.status, 200, "{}", done.body);
    let token = redeem(
        &org,
        done.json()["authorization_code"].as_str().unwrap(),
        Some(CODE_VERIFIER),
    );
    assert_eq!(token.json()["scope"], "openid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_has_five_attempts() {
    let org = storefront(at_noon(&clock())).await;
    let client = Client(&org);
    let key = org.consumer_key(APP).unwrap();
    let mut session = String::new();
    for attempt in 1..=5 {
        let mut fields = login(&key);
        fields.retain(|(name, _)| *name != "password");
        fields.push(("password", "wrong"));
        if !session.is_empty() {
            fields.push(("auth_session", &session));
        }
        let answer = client.form(
            CHALLENGE,
            &[(HEADER, &attestation(&org, &attempt.to_string()))],
            &fields,
        );
        assert_eq!(answer.error(), "400 invalid_grant: authentication failure");
        let next = answer.json()["auth_session"].as_str().map(str::to_owned);
        assert_eq!(next.is_some(), attempt < 5);
        session = next.unwrap_or_default();
    }
}

/// Checks the refusal of an attestation, if any.
fn refusal(org: &Org, attestation: &str) -> Option<String> {
    let key = org.consumer_key(APP).unwrap();
    let answer = Client(org).form(CHALLENGE, &[(HEADER, attestation)], &login(&key));
    if answer.status == 200 {
        return None;
    }
    assert!(answer.json()["authorization_code"].is_null());
    let error = answer.error();
    let start = "401 invalid_client: the client attestation was refused: ";
    assert!(error.starts_with(start), "{error}");
    Some(error[start.len()..].to_owned())
}

/// The claims of a valid attestation with one change; `null` leaves the claim out.
fn claims_with(org: &Org, member: &str, value: Value) -> Value {
    let mut claims = claims(org, "fresh");
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(member);
    } else {
        claims[member] = value;
    }
    claims
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attestation_with_a_wrong_claim_is_refused() {
    let org = storefront(at_noon(&clock())).await;
    let rs256 = json!({"alg": "RS256"});
    for (member, value, expected) in [
        ("exp", json!(NOW - 61), "the token expired at"),
        ("exp", json!((NOW + 180) * 1000), "exp"),
        ("exp", Value::Null, "the token has no claim exp"),
        ("aud", json!(org.instance_url()), "the token's audience is"),
        (
            "aud",
            json!("https://login.salesforce.com"),
            "the token's audience is",
        ),
        ("aud", Value::Null, "the token has no claim aud"),
        ("iss", json!("3MVG9other"), "the token's issuer is"),
        ("iss", Value::Null, "the token has no claim iss"),
        (
            "iat",
            json!(NOW + 600),
            "the token is not valid before its iat",
        ),
    ] {
        let attestation = jwt(APP_KEY, &rs256, &claims_with(&org, member, value));
        let refusal = refusal(&org, &attestation).unwrap();
        assert!(refusal.contains(expected), "{expected}: {refusal}");
    }
    // None of these refusals has consumed the jti.
    assert_eq!(refusal(&org, &attestation(&org, "fresh")), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attestation_with_a_wrong_signature_is_refused() {
    let org = storefront(at_noon(&clock())).await;
    let claims = claims(&org, "fresh");
    let mut tampered = attestation(&org, "fresh");
    let flipped = if tampered.ends_with('A') { "B" } else { "A" };
    tampered.replace_range(tampered.len() - 8..tampered.len() - 7, flipped);
    let signed = |key, algorithm| jwt(key, &json!({ "alg": algorithm }), &claims);
    for (attestation, expected) in [
        (
            signed(OTHER_KEY, "RS256"),
            "the token's signature does not verify",
        ),
        (tampered, "the token's signature does not verify"),
        (signed(APP_KEY, "none"), "the token's algorithm is \"none\""),
        (
            signed(APP_KEY, "HS256"),
            "the token's algorithm is \"HS256\"",
        ),
        ("no.jwt".to_owned(), "the token is malformed"),
    ] {
        let refusal = refusal(&org, &attestation).unwrap();
        assert!(refusal.contains(expected), "{expected}: {refusal}");
    }
    assert_eq!(refusal(&org, &attestation(&org, "fresh")), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_has_one_attestation() {
    let org = storefront(at_noon(&clock())).await;
    let key = org.consumer_key(APP).unwrap();
    let one = attestation(&org, "one");
    let error = |headers: &[(&str, &str)]| {
        let answer = Client(&org).form(CHALLENGE, headers, &login(&key));
        answer.error()
    };
    assert_eq!(
        error(&[]),
        "401 invalid_client: the client attestation is missing"
    );
    assert_eq!(
        error(&[(HEADER, &one), (HEADER, &one)]),
        format!("401 invalid_client: more than one {HEADER} header")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jti_is_optional_and_works_once() {
    let org = storefront(at_noon(&clock())).await;
    let once = attestation(&org, "fresh");
    assert_eq!(refusal(&org, &once), None);
    assert_eq!(
        refusal(&org, &once).unwrap(),
        "the token with the jti \"fresh\" was used before"
    );
    let without = claims_with(&org, "jti", Value::Null);
    let without = jwt(APP_KEY, &json!({"alg": "RS256"}), &without);
    for _ in 0..2 {
        assert_eq!(refusal(&org, &without), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_bound_to_its_verifier() {
    let org = storefront(at_noon(&clock())).await;
    let one = code(&org, "1");
    assert_eq!(
        redeem(&org, &one, Some(&"a".repeat(43))).error(),
        "400 invalid_grant: invalid code verifier"
    );
    // A wrong verifier consumes the code.
    assert_eq!(
        redeem(&org, &one, Some(CODE_VERIFIER)).error(),
        UNKNOWN_CODE
    );
    assert_eq!(
        redeem(&org, &code(&org, "2"), None).error(),
        "400 invalid_request: missing required code verifier"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_use_of_a_code_revokes_its_token() {
    let org = storefront(at_noon(&clock())).await;
    let code = code(&org, "1");
    let token = redeem(&org, &code, Some(CODE_VERIFIER)).json();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let userinfo = || {
        let path = "/storefront/services/oauth2/userinfo";
        send(
            org.address(),
            "GET",
            path,
            &[("Authorization", &bearer)],
            b"",
        )
        .status
    };
    assert_eq!(userinfo(), 200);
    assert_eq!(
        redeem(&org, &code, Some(CODE_VERIFIER)).error(),
        UNKNOWN_CODE
    );
    assert_eq!(userinfo(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_lives_a_minute() {
    let clock = clock();
    let org = storefront(at_noon(&clock)).await;
    let code = code(&org, "1");
    clock.advance(Duration::from_mins(1));
    assert_eq!(
        redeem(&org, &code, Some(CODE_VERIFIER)).error(),
        "400 invalid_grant: expired authorization code"
    );
    assert_eq!(
        redeem(&org, "nonsense", Some(CODE_VERIFIER)).error(),
        UNKNOWN_CODE
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_redeemed_with_the_secret() {
    let org = storefront(at_noon(&clock())).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code(&org, "1")),
        ("client_id", &org.consumer_key(APP).unwrap()),
        ("code_verifier", CODE_VERIFIER),
    ];
    assert_eq!(
        Client(&org).form(TOKEN, &[], &fields).error(),
        "400 invalid_client: invalid client credentials"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn other_profiles() {
    let mut profile = ChallengeProfile::default();
    profile.endpoint_path = "/auth/challenge".to_owned();
    profile.attestation = AttestationCarrier::form();
    profile.draft = DraftVintage::Draft04;
    profile.username_parameter = "login".to_owned();
    let org = storefront(
        at_noon(&clock())
            .challenge_profile(profile)
            .site_path("/a/b"),
    )
    .await;
    let client = Client(&org);
    let key = org.consumer_key(APP).unwrap();
    let assertion = [
        ("client_id", key.clone()),
        ("code_challenge", CODE_CHALLENGE.to_owned()),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned(),
        ),
    ];
    let send = |jti: &str, more: &[(&str, &str)]| {
        let attestation = attestation(&org, jti);
        let mut fields: Vec<_> = assertion
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        fields.push(("client_assertion", &attestation));
        fields.extend(more);
        client.form("/a/b/auth/challenge", &[], &fields)
    };
    assert_eq!(
        send("1", &[]).error(),
        "400 invalid_request: response_type must be code"
    );
    assert_eq!(
        send("2", &[("response_type", "code")]).error(),
        "403 insufficient_authorization: send login and password"
    );
    let answer = send(
        "3",
        &[
            ("response_type", "code"),
            ("login", USER),
            ("password", PASSWORD),
        ],
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
}
