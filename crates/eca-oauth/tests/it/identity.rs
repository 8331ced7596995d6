//! The Headless Identity APIs: requests on the wire, and the meaning of responses.

use eca_http::Redirects;
use eca_oauth::{
    AccessToken, CredentialPlace, Error, ForgotPassword, Identifier, IdentityClient, IdentityGate,
    IdentityRequest, IdentityScheme, OneTimePassword, Password, PasswordlessInit, Recaptcha,
    RegistrationInit, ResetStatus, Scopes, Step, StepKind, StepReport, UserData,
    VerificationMethod,
};
use expect_test::expect_file;

use crate::support::{
    LEAK, chain, client_id, client_secret, response, shown, site, verifier, world,
};

macro_rules! check {
    ($name:literal, $request:expr) => {
        expect_file![concat!("golden/identity_", $name, ".txt")].assert_eq(&shown(&$request))
    };
}

const ECHO: &str = "https://acme.my.site.com/portal/services/oauth2/echo";

fn password() -> Password {
    Password::new("LEAK:pässword").unwrap()
}

fn one_time_password() -> OneTimePassword {
    OneTimePassword::new("LEAK42").unwrap()
}

#[test]
fn requests_before_a_one_time_password() {
    let token = AccessToken::new("00D000000000001!LEAK").unwrap();
    let event = Recaptcha::Token("03AF".to_owned());
    let init = PasswordlessInit {
        username: "mia@acme.com",
        method: VerificationMethod::Sms,
    };
    check!(
        "passwordless_token",
        init.request(&site(), IdentityGate::AccessToken(&token))
    );
    check!(
        "passwordless_recaptcha",
        init.request(&site(), IdentityGate::Recaptcha(&event))
    );
    let user = UserData::new()
        .with("email", "mia@acme.com")
        .with("username", "mia@acme.com")
        .with("lastName", "O'Hara");
    let password = password();
    let registration = RegistrationInit {
        user: &user,
        password: &password,
        method: VerificationMethod::Email,
    };
    check!(
        "registration",
        registration.request(&site(), IdentityGate::Open)
    );
    let username = "mia@acme.com";
    check!(
        "forgot_start",
        ForgotPassword::Start { username }.request(&site(), IdentityGate::Recaptcha(&event))
    );
    let reset = ForgotPassword::Reset {
        username,
        new_password: &password,
        one_time_password: &one_time_password(),
    };
    check!("forgot_reset", reset.request(&site(), IdentityGate::Open));
    assert!(!format!("{reset:?} {registration:?}").contains(LEAK));
}

/// Calls `with` with a request of this scheme.
fn authorize<T>(
    scheme: IdentityScheme<'_>,
    state: Option<&str>,
    with: impl Fn(&IdentityRequest<'_>) -> T,
) -> T {
    let scope: Scopes = "openid api".parse().unwrap();
    with(&IdentityRequest {
        site: &site(),
        client_id: &client_id(),
        redirect_uri: ECHO,
        code_challenge: &verifier().challenge(),
        scope: Some(&scope),
        state,
        scheme,
        place: CredentialPlace::Header,
        gate: IdentityGate::Open,
    })
}

#[test]
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the path is not general enough in its lifetime"
)]
fn requests_with_credentials() {
    let (password, one_time_password) = (password(), one_time_password());
    let named = IdentityScheme::NamedUser {
        username: "mia@acme.com",
        password: &password,
    };
    let passwordless = IdentityScheme::Passwordless {
        identifier: "0gx1",
        one_time_password: &one_time_password,
        method: VerificationMethod::Sms,
    };
    let registration = IdentityScheme::Registration {
        identifier: "0gx2",
        one_time_password: &one_time_password,
        method: VerificationMethod::Email,
    };
    check!("login", authorize(named, Some("s t"), |r| r.request()));
    let solved = Recaptcha::Token("solved".to_owned());
    let in_body = authorize(named, None, |r| {
        let in_body = IdentityRequest {
            place: CredentialPlace::Body,
            gate: IdentityGate::Recaptcha(&solved),
            ..*r
        };
        in_body.request()
    });
    check!("login_in_body", in_body);
    check!(
        "passwordless_login",
        authorize(passwordless, None, |r| r.request())
    );
    check!(
        "registration_login",
        authorize(registration, None, |r| r.request())
    );
    authorize(named, None, |request| {
        assert_eq!(
            Redirects::from_request(&request.request()),
            Redirects::Return
        );
        assert!(!format!("{request:?}").contains(LEAK));
    });
}

fn redirect(to: &str) -> http::Response<bytes::Bytes> {
    let mut response = response(302, "text/html", "<html>");
    let headers = response.headers_mut();
    headers.insert("location", to.parse().unwrap());
    response
}

#[test]
fn a_code_comes_by_redirect_or_by_echo() {
    let password = password();
    let named = IdentityScheme::NamedUser {
        username: "mia",
        password: &password,
    };
    let community = "https://acme.my.site.com/other";
    let query = format!("{ECHO}?code=aPrx%3D%3D&sfdc_community_url={community}&state=s");
    let json = format!(r#"{{"code":"aPrx==","sfdc_community_url":"{community}","state":"s"}}"#);
    for response in [redirect(&query), response(200, "application/json", json)] {
        authorize(named, Some("s"), |request| {
            let code = request.parse(&response).unwrap();
            assert_eq!(code.code.expose_secret(), "aPrx==");
            assert_eq!(code.site.as_str(), community);
            assert!(!format!("{code:?}").contains("aPrx"));
        });
    }
    let bare = redirect(&format!("{ECHO}?code=c"));
    authorize(named, None, |request| {
        assert_eq!(request.parse(&bare).unwrap().site, site());
    });
}

/// The error for a response that has no usable code.
fn check_no_code(response: &http::Response<bytes::Bytes>, expected: &str) {
    let password = password();
    let named = IdentityScheme::NamedUser {
        username: "mia",
        password: &password,
    };
    authorize(named, Some("s"), |request| {
        let error = request.parse(response).unwrap_err();
        let text = chain(&error);
        assert!(text.ends_with(expected), "{text}");
        assert!(!format!("{error:?}{text}").contains(LEAK));
    });
}

#[test]
fn redirects_without_a_usable_code() {
    for location in [
        "https://acme.my.site.com/portal/login?startURL=x",
        "/portal/login",
    ] {
        let expected = "(http 302): a redirect that does not go to the redirect uri";
        check_no_code(&redirect(location), expected);
    }
    for (query, expected) in [
        (
            "error=invalid_grant&error_description=authentication%20failure&state=s",
            "was refused: invalid_grant: authentication failure (http 302)",
        ),
        ("code=LEAK&state=other", "member `state` cannot be used"),
        ("state=s", "member `code` is missing"),
        (
            "code=LEAK&state=s&sfdc_community_url=https://evil.example",
            "an endpoint is on evil.example, not on the site's own origin",
        ),
        (
            "code=LEAK&state=s&sfdc_community_url=https://login.salesforce.com",
            "member `sfdc_community_url` cannot be used",
        ),
    ] {
        check_no_code(&redirect(&format!("{ECHO}?{query}")), expected);
    }
}

#[test]
fn bodies_without_a_usable_code() {
    check_no_code(
        &response(200, "text/html", "<html>log in</html>"),
        "(http 200): content type is text/html, not json",
    );
    check_no_code(
        &response(400, "application/json", r#"{"error":"invalid_client_id"}"#),
        "was refused: invalid_client_id (http 400)",
    );
}

#[test]
fn responses_before_a_one_time_password() {
    let step = Step::new(StepKind::IdentityInit, "acme.my.site.com");
    let json = |status, body: &'static str| response(status, "application/json", body);
    let read = |body| Identifier::parse(&step, &json(200, body));
    let identifier = read(r#"{"identifier":"0gx","email":"m***@acme.com","x":1}"#).unwrap();
    assert_eq!(identifier.identifier, "0gx");
    assert_eq!(identifier.email.as_deref(), Some("m***@acme.com"));
    for (body, expected) in [
        ("{}", "member `identifier` is missing"),
        (r#"{"identifier":""}"#, "member `identifier` is missing"),
        (r#"{"identifier":7}"#, "member `identifier` cannot be used"),
    ] {
        assert!(chain(&read(body).unwrap_err()).ends_with(expected));
    }
    let reset = |body| ResetStatus::parse(&step, &json(200, body));
    assert_eq!(
        reset(r#"{"status_code":"otp_sent"}"#).unwrap(),
        ResetStatus::Sent
    );
    assert_eq!(
        reset(r#"{"status_code":"success"}"#).unwrap(),
        ResetStatus::Done
    );
    assert_eq!(
        reset(r#"{"status_code":"new"}"#).unwrap(),
        ResetStatus::Other("new".to_owned())
    );
    assert!(reset("{}").is_err());
    assert!(matches!(
        ResetStatus::parse(&step, &json(400, r#"{"error":"invalid_request"}"#)),
        Err(Error::Refused { .. })
    ));
}

#[tokio::test]
async fn the_code_is_redeemed_at_the_site_of_the_response() {
    const TOKEN: &str = r#"{"access_token":"00D000000000001!LEAK"}"#;
    let (org, http) = world();
    let client = IdentityClient::new(site(), client_id(), ECHO).with_secret(client_secret());
    let silent = |_: &StepReport| {};
    org.respond(redirect(&format!(
        "{ECHO}?code=c&sfdc_community_url=https://acme.my.site.com/other"
    )))
    .json(200, TOKEN);
    client
        .login(
            &http,
            "mia",
            &password(),
            IdentityGate::Open,
            verifier(),
            &silent,
        )
        .await
        .unwrap();
    let uris: Vec<_> = org.requests().iter().map(|r| r.uri().to_string()).collect();
    assert_eq!(
        uris,
        [
            "https://acme.my.site.com/portal/services/oauth2/authorize",
            "https://acme.my.site.com/other/services/oauth2/token"
        ]
    );

    let (org, http) = world();
    org.json(200, r#"{"identifier":"0gx"}"#)
        .respond(redirect(&format!("{ECHO}?code=c")))
        .json(200, TOKEN);
    let init = PasswordlessInit {
        username: "mia",
        method: VerificationMethod::Email,
    };
    let sent = client
        .start_passwordless(&http, init, IdentityGate::Open, &silent)
        .await
        .unwrap();
    client
        .finish(&http, &sent, &one_time_password(), verifier(), &silent)
        .await
        .unwrap();
    assert_eq!(org.requests().len(), 3);
    assert_eq!(
        org.requests()[1].headers()["auth-verification-type"],
        "email"
    );
}
