//! The browser flow: the authorization URL and the callback.

use eca_oauth::{AuthorizationRequest, Callback, LoginUrl, State};
use expect_test::expect;
use proptest::prelude::*;

use crate::support::{LEAK, client_id, verifier};

const REDIRECT: &str = "http://localhost:1717/callback";

fn state() -> State {
    State::from_random([7; 16])
}

#[test]
fn authorization_url() {
    let login: LoginUrl = "https://login.salesforce.com".parse().unwrap();
    let scope = "api refresh_token".parse().unwrap();
    let url = AuthorizationRequest {
        endpoint: &login.authorize_endpoint(),
        client_id: &client_id(),
        redirect_uri: REDIRECT,
        code_challenge: &verifier().challenge(),
        state: &state(),
        scope: Some(&scope),
        login_hint: None,
        prompt: Some("login"),
    }
    .url();
    expect!["https://login.salesforce.com/services/oauth2/authorize?response_type=code&client_id=3MVG9.example_Key&redirect_uri=http%3A%2F%2Flocalhost%3A1717%2Fcallback&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&state=BwcHBwcHBwcHBwcHBwcHBw&scope=api+refresh_token&prompt=login"].assert_eq(&url);
}

fn check(target: &str, expected: &str) {
    let target = target.replace("STATE", state().expose_secret());
    let is_issuer = |issuer: &str| issuer == "https://login.salesforce.com";
    let callback = Callback::read(&target, REDIRECT, &state(), is_issuer);
    let shown = match &callback {
        Callback::Code(code) => format!("code {}", code.expose_secret()),
        Callback::Refused(error) => format!("refused {error}"),
        Callback::Unrelated => "unrelated".to_owned(),
        Callback::OtherIssuer(issuer) => format!("issuer {issuer}"),
        Callback::Unreadable(reason) => format!("unreadable {reason}"),
        other => panic!("{other:?}"),
    };
    assert_eq!(shown, expected, "{target}");
    assert!(!format!("{callback:?}").contains(LEAK));
}

#[test]
fn callbacks() {
    check("/callback?code=LEAK%3D%3D&state=STATE", "code LEAK==");
    check(
        "/callback?state=STATE&code=c&sfdc_community_url=x",
        "code c",
    );
    let issuer = "iss=https%3A%2F%2Flogin.salesforce.com";
    check(&format!("/callback?code=c&state=STATE&{issuer}"), "code c");
    for (iss, shown) in [
        (
            "iss=https%3A%2F%2Fevil.example",
            "issuer https://evil.example",
        ),
        (
            "iss=https%3A%2F%2Flogin.salesforce.com%2F",
            "issuer https://login.salesforce.com/",
        ),
        ("iss=", "issuer "),
        (&format!("{issuer}&{issuer}"), "issuer "),
    ] {
        check(&format!("/callback?code=c&state=STATE&{iss}"), shown);
        check(&format!("/callback?error=x&state=STATE&{iss}"), shown);
    }
    check(
        "/callback?error=access_denied&error_description=end-user+denied&state=STATE",
        "refused access_denied: end-user denied (http 302)",
    );
    check(
        "/callback?state=STATE",
        "unreadable member `code` is missing",
    );
    check(
        "/callback?code=%0A&state=STATE",
        "unreadable member `code` cannot be used",
    );
    for target in [
        "/favicon.ico",
        "/callback",
        "/callback?code=c",
        "/callback?code=c&state=other",
        "/callback?code=c&state=STATE&state=STATE",
        "/callback/?code=c&state=STATE",
        "/other?code=c&state=STATE",
        "//evil.example/callback?code=c&state=STATE",
        "http://evil.example/callback?code=c&state=STATE",
        "",
    ] {
        check(target, "unrelated");
    }
}

proptest! {
    #[test]
    fn no_target_panics_or_gives_a_code_without_the_state(target in "\\PC*") {
        let read = Callback::read(&target, REDIRECT, &state(), |_| true);
        prop_assert!(matches!(read, Callback::Unrelated));
    }
}
