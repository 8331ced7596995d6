//! Passwordless login and registration through the challenge endpoint.

use eca_emulator::Org;
use expect_test::expect;

use crate::{
    fixture::{APP, Client, USER, storefront},
    http::Answer,
    login::{
        CHALLENGE, CODE_CHALLENGE, CODE_VERIFIER, HEADER, at_noon, attestation, clock, redeem,
    },
};

fn step(org: &Org, jti: &str, more: &[(&str, &str)]) -> Answer {
    let key = org.consumer_key(APP).unwrap();
    let mut fields = vec![
        ("client_id", key.as_str()),
        ("code_challenge", CODE_CHALLENGE),
    ];
    fields.extend(more);
    Client(org).form(CHALLENGE, &[(HEADER, &attestation(org, jti))], &fields)
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
    // The session has served.
    let again = step(&org, "4", &[("auth_session", &session), ("otp", &otp)]);
    expect!["400 invalid_session: the auth_session is not valid"].assert_eq(&again.error());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_who_is_a_customer() {
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
        ("password", "a new password"),
        ("registration", "true"),
    ];
    let begun = step(&org, "1", &register);
    expect!["400 insufficient_authorization: verification code sent"].assert_eq(&begun.error());
    let session = begun.json()["auth_session"].as_str().unwrap().to_owned();
    let (_, otp) = outbox(&org).pop().unwrap();
    let done = step(&org, "2", &[("auth_session", &session), ("otp", &otp)]);
    assert_eq!(done.status, 200, "{}", done.body);
    // From now on with the password; and nobody registers twice.
    let login = step(&org, "3", &register[..2]);
    assert_eq!(login.status, 200, "{}", login.body);
    let count = outbox(&org).len();
    assert_eq!(step(&org, "4", &register).status, 400);
    assert_eq!(outbox(&org).len(), count);
}
