//! Guessing passwords and one-time passwords.

use std::time::Duration;

use eca_emulator::Org;
use serde_json::{Value, json};

use crate::fixture::{Client, PASSWORD, USER, builder, storefront};
use crate::oauth::flows::{CALLBACK, allow, package, start};
use crate::oauth::login::{CHALLENGE, HEADER, at_noon, attestation, clock, code, login};
use crate::oauth::policies::{last_code, policy, second_page};
use crate::server::http::send;

const FORGOT: &str = "/storefront/services/auth/headless/forgot_password";
/// Not an address of this machine (RFC 5737).
const ELSEWHERE: &str = "203.0.113.7";

/// `redirect`, or the status of the page.
fn page(org: &Org, password: &str) -> String {
    let answer = allow(org, &[("password", password)]);
    let status = answer.split(' ').next().unwrap_or_default().to_owned();
    if answer.starts_with(CALLBACK) {
        "redirect".to_owned()
    } else {
        status
    }
}

fn right(org: &Org) -> String {
    org.admin_password().expose_secret().to_owned()
}

fn statuses(org: &Org) -> Vec<String> {
    org.logins().into_iter().map(|row| row.status).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_wrong_passwords_lock_a_user_for_fifteen_minutes() {
    let (org, clock) = start(&package()).await;
    let right = right(&org);
    // A right password in between starts again.
    for wrong in [9, 10] {
        for _ in 0..wrong {
            assert_eq!(page(&org, "wrong"), "401");
        }
        let expected = if wrong < 10 { "redirect" } else { "401" };
        assert_eq!(page(&org, &right), expected);
    }
    assert_eq!(statuses(&org).last().unwrap(), "Password Lockout");
    // The page for devices knows of it.
    let device = [
        ("user_code", "x"),
        ("username", org.admin_username()),
        ("password", &right),
    ];
    assert_eq!(
        Client(&org).form("/setup/connect", &[], &device).status,
        401
    );
    clock.advance(Duration::from_secs(15 * 60 - 1));
    assert_eq!(page(&org, &right), "401");
    clock.advance(Duration::from_secs(1));
    assert_eq!(page(&org, &right), "redirect");
}

#[tokio::test(flavor = "multi_thread")]
async fn locks_can_be_lifted_and_switched_off() {
    let (org, _) = start(&package()).await;
    let right = right(&org);
    let control = |method, body| Client(&org).rest(method, "/_org/lockout", body);
    let wrong = |count| {
        for _ in 0..count {
            page(&org, "wrong");
        }
        page(&org, &right)
    };
    let defaults = json!({"per_user": 10, "per_address": 50, "seconds": 900});
    assert_eq!(control("GET", "").json(), defaults);
    assert_eq!(wrong(10), "401");
    assert_eq!(control("DELETE", "").status, 200);
    assert_eq!(page(&org, &right), "redirect");
    assert_eq!(wrong(10), "401");
    org.unlock_all();
    assert_eq!(page(&org, &right), "redirect");
    assert_eq!(control("POST", r#"{"per_user": 3}"#).json()["per_user"], 3);
    assert_eq!(wrong(3), "401");
    assert_eq!(control("POST", r#"{"per_user": 0}"#).json()["per_user"], 0);
    assert_eq!(wrong(30), "redirect");
    for bad in ["", "{}", r#"{"per_user": -1}"#, r#"{"per_users": 1}"#] {
        assert_eq!(control("POST", bad).status, 400, "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_wrong_passwords_lock_an_address_unless_it_is_loopback() {
    let (org, clock) = start(&package()).await;
    let right = right(&org);
    // The names do not exist: no user is locked.
    let guess = |count: usize| {
        for number in 0..count {
            let name = format!("nobody{number}@example.com");
            let answer = allow(&org, &[("username", &name), ("password", "wrong")]);
            assert!(answer.starts_with("401 "), "{answer}");
        }
        page(&org, &right)
    };
    assert_eq!(guess(60), "redirect");
    org.set_source_address(ELSEWHERE.parse().unwrap());
    assert_eq!(guess(49), "redirect");
    assert_eq!(guess(1), "401");
    assert_eq!(statuses(&org).last().unwrap(), "Password Lockout");
    // Others are served.
    org.set_source_address("203.0.113.8".parse().unwrap());
    assert_eq!(page(&org, &right), "redirect");
    org.set_source_address(ELSEWHERE.parse().unwrap());
    clock.advance(Duration::from_mins(15));
    assert_eq!(page(&org, &right), "redirect");
    // A client with a network of IPv6 has one count.
    for number in 0..50 {
        let source = format!("2001:db8:1:2::{number:x}");
        org.set_source_address(source.parse().unwrap());
        let wrong = [("username", "nobody@example.com"), ("password", "wrong")];
        assert!(allow(&org, &wrong).starts_with("401 "));
    }
    assert_eq!(page(&org, &right), "401");
}

fn post(org: &Org, body: &Value) -> (u16, String) {
    let headers = [("Content-Type", "application/json")];
    let answer = send(
        org.address(),
        "POST",
        FORGOT,
        &headers,
        body.to_string().as_bytes(),
    );
    (answer.status, answer.body)
}

fn last_otp(org: &Org) -> String {
    org.outbox().pop().unwrap().otp.expose_secret().to_owned()
}

/// Another one-time password.
fn other(otp: &str) -> &'static str {
    if otp == "000000" { "111111" } else { "000000" }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_one_time_passwords_give_no_new_guesses() {
    let clock = clock();
    let org = storefront(at_noon(&clock)).await;
    let begin = || post(&org, &json!({"username": USER, "recaptcha": "x"}));
    let reset = |otp: &str| {
        let body = json!({"username": USER, "newpassword": "another 1 password", "otp": otp});
        post(&org, &body).0
    };
    for _ in 0..10 {
        assert_eq!(begin().0, 200);
        assert_eq!(reset(other(&last_otp(&org))), 400);
    }
    begin();
    assert_eq!(reset(&last_otp(&org)), 400, "locked");
    // The password still works, at the other endpoint: each credential has its own count.
    code(&org, "1");
    clock.advance(Duration::from_mins(15));
    begin();
    assert_eq!(reset(&last_otp(&org)), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn headless_guesses_lock_too() {
    let org = storefront(at_noon(&clock())).await;
    let key = org.consumer_key(crate::fixture::APP).unwrap();
    let step = |jti: usize, password: &str| {
        let mut fields = login(&key);
        fields.retain(|(name, _)| *name != "password");
        fields.push(("password", password));
        let attestation = attestation(&org, &jti.to_string());
        Client(&org).form(CHALLENGE, &[(HEADER, &attestation)], &fields)
    };
    for jti in 0..10 {
        assert_eq!(
            step(jti, "wrong").error(),
            "400 invalid_grant: authentication failure"
        );
    }
    // The same words as for a wrong password; the history tells the reason.
    assert_eq!(
        step(10, PASSWORD).error(),
        "400 invalid_grant: authentication failure"
    );
    assert!(statuses(&org).contains(&"Password Lockout".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn knowing_the_password_gives_no_more_guesses_at_the_second_factor() {
    let (org, _) = start(&policy("requiredSessionLevel", "HIGH_ASSURANCE")).await;
    for _ in 0..10 {
        let page = allow(&org, &[]);
        assert!(page.contains("verification_code"), "{page}");
        let wrong = second_page(&org, &page, other(&last_code(&org)));
        assert!(wrong.starts_with("401 "), "{wrong}");
    }
    let page = allow(&org, &[]);
    let right = second_page(&org, &page, &last_code(&org));
    assert!(right.starts_with("401 "), "{right}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let org = storefront(builder().state_dir(folder.path())).await;
    let begin = |org: &Org| post(org, &json!({"username": USER, "recaptcha": "x"}));
    let reset = |org: &Org, otp: &str| {
        let body = json!({"username": USER, "newpassword": "another 1 password", "otp": otp});
        post(org, &body).0
    };
    for _ in 0..10 {
        begin(&org);
        reset(&org, other(&last_otp(&org)));
    }
    org.stop().await;
    let org = builder().state_dir(folder.path()).start().await.unwrap();
    begin(&org);
    assert_eq!(reset(&org, &last_otp(&org)), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_is_not_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let org = storefront(builder().state_dir(folder.path())).await;
    let file = || std::fs::read(folder.path().join("org.redb")).unwrap();
    let path = |api: &str| format!("/storefront/services/auth/headless/{api}");
    let ask = |api: &str, body: &Value| {
        let headers = [("Content-Type", "application/json")];
        let body = body.to_string();
        send(org.address(), "POST", &path(api), &headers, body.as_bytes())
    };
    let before = file();
    for number in 0..20 {
        let name = format!("nobody{number}@example.com");
        let forgot = ask(
            "forgot_password",
            &json!({"username": name, "recaptcha": "x"}),
        );
        assert_eq!(forgot.status, 200, "{}", forgot.body);
        let begun = ask(
            "init/passwordless/login",
            &json!({"username": name, "recaptcha": "x", "verificationmethod": "email"}),
        );
        assert_eq!(begun.status, 200, "{}", begun.body);
        let wrong = allow(&org, &[("username", &name), ("password", "wrong")]);
        assert!(wrong.starts_with('4'), "{wrong}");
    }
    assert!(file() == before, "the file has changed");
    assert!(org.outbox().is_empty());

    // Names that are too long are refused, wherever they are remembered.
    let long = "n".repeat(900_000);
    let words = "400 invalid_request";
    for (api, body) in [
        (
            "forgot_password",
            json!({"username": long, "recaptcha": "x"}),
        ),
        (
            "init/passwordless/login",
            json!({"username": long, "recaptcha": "x", "verificationmethod": "email"}),
        ),
        (
            "init/registration",
            json!({
                "userdata": {"email": long}, "password": "a password 1",
                "recaptcha": "x", "verificationmethod": "email",
            }),
        ),
        (
            "init/registration",
            json!({
                "userdata": {"email": "a@example.com", "username": long},
                "password": "a password 1", "recaptcha": "x", "verificationmethod": "email",
            }),
        ),
    ] {
        let error = ask(api, &body).error();
        assert!(
            error.starts_with(words) && error.contains("255"),
            "{api}: {error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_forgets_its_oldest() {
    let org = storefront(builder()).await;
    for _ in 0..1_100 {
        post(&org, &json!({"username": USER, "recaptcha": "x"}));
    }
    let count = org.outbox().len();
    assert!((900..=1_000).contains(&count), "{count}");
}
