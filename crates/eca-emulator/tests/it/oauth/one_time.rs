//! Passwordless login and registration through the challenge endpoint.

use std::time::Duration;

use eca_emulator::Org;
use expect_test::expect;
use serde_json::json;

use crate::fixture::{APP, APP_KEY, Client, USER, storefront};
use crate::oauth::login::{
    CHALLENGE, CODE_CHALLENGE, CODE_VERIFIER, HEADER, NOW, at_noon, claims, clock, jwt, redeem,
};
use crate::server::http::Answer;

fn step(org: &Org, jti: &str, more: &[(&str, &str)]) -> Answer {
    step_later(org, jti, 0, more)
}

/// A step this many seconds after noon.
fn step_later(org: &Org, jti: &str, later: u64, more: &[(&str, &str)]) -> Answer {
    let key = org.consumer_key(APP).unwrap();
    let mut fields = vec![
        ("client_id", key.as_str()),
        ("code_challenge", CODE_CHALLENGE),
    ];
    fields.extend(more);
    let mut claims = claims(org, jti);
    claims["iat"] = json!(NOW + later);
    claims["exp"] = json!(NOW + later + 180);
    let attestation = jwt(APP_KEY, &json!({"alg": "RS256"}), &claims);
    Client(org).form(CHALLENGE, &[(HEADER, &attestation)], &fields)
}

fn outbox(org: &Org) -> Vec<(String, String)> {
    let json = Client(org).rest("GET", "/_org/outbox", "").json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mails = json["outbox"].as_array().unwrap();
    mails
        .iter()
        .map(|mail| (text(&mail["to"]), text(&mail["otp"])))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_logs_in_without_a_password() {
    let org = storefront(at_noon(&clock())).await;
    let fields = [("username", USER), ("verification_method", "email")];
    let begun = step(&org, "1", &fields);
    expect!["400 insufficient_authorization: verification code sent"].assert_eq(&begun.error());
    let (to, otp) = outbox(&org).pop().unwrap();
    assert_eq!((to.as_str(), otp.len()), (USER, 6));
    let session = begun.json()["auth_session"].as_str().unwrap().to_owned();
    let wrong = step(&org, "2", &[("auth_session", &session), ("otp", "x")]);
    expect!["400 invalid_grant: invalid verification code"].assert_eq(&wrong.error());
    let session = wrong.json()["auth_session"].as_str().unwrap().to_owned();
    let done = step(&org, "3", &[("auth_session", &session), ("otp", &otp)]);
    assert_eq!(done.status, 200, "{}", done.body);
    let code = done.json()["authorization_code"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(redeem(&org, &code, Some(CODE_VERIFIER)).status, 200);
    // The session has been used.
    let again = step(&org, "4", &[("auth_session", &session), ("otp", &otp)]);
    expect!["400 invalid_session: the auth_session is not valid"].assert_eq(&again.error());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_password_has_ten_minutes_and_five_attempts() {
    let clock = clock();
    let org = storefront(at_noon(&clock)).await;
    let fields = [("username", USER), ("verification_method", "email")];
    // A wrong one prolongs the login, but not the one-time password.
    let begun = step(&org, "1", &fields);
    let session = |answer: &Answer| answer.json()["auth_session"].as_str().map(str::to_owned);
    clock.advance(Duration::from_secs(90));
    let wrong = step_later(
        &org,
        "2",
        90,
        &[("auth_session", &session(&begun).unwrap()), ("otp", "x")],
    );
    clock.advance(Duration::from_secs(510));
    let otp = outbox(&org).pop().unwrap().1;
    let late = step_later(
        &org,
        "3",
        600,
        &[("auth_session", &session(&wrong).unwrap()), ("otp", &otp)],
    );
    expect!["400 invalid_grant: invalid verification code"].assert_eq(&late.error());

    let mut session_text = session(&step_later(&org, "4", 600, &fields));
    for jti in ["5", "6", "7", "8", "9"] {
        let text = session_text.unwrap();
        let wrong = step_later(&org, jti, 600, &[("auth_session", &text), ("otp", "x")]);
        session_text = session(&wrong);
    }
    assert_eq!(session_text, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_do_not_show_who_is_a_customer() {
    let org = storefront(at_noon(&clock())).await;
    let begin = |jti, name| {
        step(
            &org,
            jti,
            &[("username", name), ("verification_method", "sms")],
        )
    };
    let (known, unknown) = (begin("1", USER), begin("2", "nobody@example.com"));
    assert_eq!(
        (known.status, known.error()),
        (unknown.status, unknown.error())
    );
    assert_eq!(outbox(&org).len(), 1);
    let fax = [("username", USER), ("verification_method", "fax")];
    expect!["400 invalid_request: unknown verification method: fax"]
        .assert_eq(&step(&org, "3", &fax).error());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_becomes_a_customer() {
    let org = storefront(at_noon(&clock())).await;
    let register = [
        ("username", "new@example.com"),
        ("password", "a new password 1"),
        ("registration", "true"),
    ];
    let mut weak = register;
    weak[1].1 = "no digits";
    expect!["400 invalid_request: the password must have at least 8 characters, letters and digits among them"]
        .assert_eq(&step(&org, "0", &weak).error());
    assert_eq!(outbox(&org).len(), 0);
    let begun = step(&org, "1", &register);
    expect!["400 insufficient_authorization: verification code sent"].assert_eq(&begun.error());
    let session = begun.json()["auth_session"].as_str().unwrap().to_owned();
    let (_, otp) = outbox(&org).pop().unwrap();
    let done = step(&org, "2", &[("auth_session", &session), ("otp", &otp)]);
    assert_eq!(done.status, 200, "{}", done.body);
    // The password works now, and the name cannot be registered again.
    let login = step(&org, "3", &register[..2]);
    assert_eq!(login.status, 200, "{}", login.body);
    let count = outbox(&org).len();
    assert_eq!(step(&org, "4", &register).status, 400);
    assert_eq!(outbox(&org).len(), count);
}
