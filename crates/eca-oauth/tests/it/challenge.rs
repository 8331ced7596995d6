//! The state machine of a challenge: the outcome of each response, whatever the status, and
//! invariants in any order of responses.

use eca_oauth::{AuthSession, Challenge, ChallengeOutcome, EndpointSource, Fields, OAuthErrorKind};
use proptest::prelude::*;
use url::form_urlencoded;

use crate::support::{client_id, in_header, jwt, profile, response, verifier};

fn challenge() -> Challenge {
    let profile = profile(in_header(), []);
    let EndpointSource::At(endpoint) = profile.endpoint.clone() else {
        panic!("the profile of these tests has an endpoint")
    };
    Challenge::new(endpoint, profile, client_id(), verifier().challenge())
}

fn parameter(challenge: &Challenge, name: &str) -> Option<String> {
    let request = challenge.request(&Fields::new(), jwt());
    form_urlencoded::parse(request.body())
        .find(|(parameter, _)| parameter == name)
        .map(|(_, value)| value.into_owned())
}

fn name(outcome: &ChallengeOutcome) -> &'static str {
    match outcome {
        ChallengeOutcome::Code(_) => "code",
        ChallengeOutcome::InsufficientAuthorization { .. } => "more",
        ChallengeOutcome::RedirectToWeb { .. } => "web",
        ChallengeOutcome::InvalidSession { .. } => "restart",
        ChallengeOutcome::Refused { .. } => "refused",
        ChallengeOutcome::Unreadable { .. } => "unreadable",
        _ => "new",
    }
}

#[test]
fn the_error_decides_not_the_status() {
    for (body, expected) in [
        (
            r#"{"error":"insufficient_authorization","auth_session":"s1"}"#,
            "more",
        ),
        (r#"{"error":"insufficient_authorization"}"#, "more"),
        (
            r#"{"error":"redirect_to_web","request_uri":"urn:x","expires_in":60}"#,
            "web",
        ),
        (r#"{"error":"invalid_session"}"#, "restart"),
        (
            r#"{"error":"invalid_client","error_description":"no"}"#,
            "refused",
        ),
        (
            r#"{"error":"access_denied","authorization_code":"c"}"#,
            "refused",
        ),
        (r#"{"error":"something_else"}"#, "refused"),
        (r#"{"error":7}"#, "unreadable"),
    ] {
        for status in [200, 400, 401, 403] {
            for content_type in [
                "application/json",
                "application/oauth.error+JSON; charset=utf-8",
            ] {
                let outcome = challenge().handle_response(&response(status, content_type, body));
                assert_eq!(name(&outcome), expected, "{status} {body}");
            }
        }
    }
    let code = r#"{"authorization_code":"c"}"#;
    assert_eq!(
        name(&challenge().handle_response(&response(200, "application/json", code))),
        "code"
    );
    assert_eq!(
        name(&challenge().handle_response(&response(400, "application/json", code))),
        "unreadable"
    );
    assert_eq!(
        name(&challenge().handle_response(&response(200, "application/json", "{}"))),
        "unreadable"
    );
}

#[test]
fn request_uri_and_session_of_a_response_are_available() {
    let json = |body: &'static str| response(400, "application/json", body);
    let web = challenge().handle_response(&json(
        r#"{"error":"redirect_to_web","request_uri":"urn:x","expires_in":60,"auth_session":"s1"}"#,
    ));
    let ChallengeOutcome::RedirectToWeb {
        challenge,
        request_uri,
        expires_in,
        ..
    } = web
    else {
        panic!("{web:?}")
    };
    assert_eq!(request_uri.as_deref(), Some("urn:x"));
    assert_eq!(expires_in.map(|time| time.as_secs()), Some(60));
    assert_eq!(
        challenge.session().map(AuthSession::expose_secret),
        Some("s1")
    );

    let refused = challenge.handle_response(&json(r#"{"error":"invalid_grant","tries_left":2}"#));
    let ChallengeOutcome::Refused { challenge, error } = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(error.kind(), OAuthErrorKind::InvalidGrant);
    assert_eq!(error.extras().json("tries_left").as_deref(), Some("2"));

    let code = r#"{"authorization_code":"c","auth_session":"s2","next":"x"}"#;
    let outcome = challenge.handle_response(&response(200, "application/json", code));
    let ChallengeOutcome::Code(authorized) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(authorized.code.expose_secret(), "c");
    assert_eq!(authorized.auth_session.unwrap().expose_secret(), "s2");
    assert_eq!(authorized.extras.text("next"), Some("x"));
}

/// A response of a server.
#[derive(Debug, Clone)]
enum ServerResponse {
    Error(&'static str, Option<Session>),
    Code(Option<Session>),
    Page,
    Unreadable(Option<Session>),
}

#[derive(Debug, Clone)]
enum Session {
    Text(String),
    Empty,
    Number,
}

impl Session {
    fn json(&self) -> String {
        match self {
            Self::Text(text) => format!("\"{text}\""),
            Self::Empty => "\"\"".to_owned(),
            Self::Number => "7".to_owned(),
        }
    }

    /// The session that must be used from now on, if this is one.
    fn fresh(session: Option<&Self>) -> Option<String> {
        match session {
            Some(Self::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }
}

fn body(first: &str, session: Option<&Session>) -> String {
    let session = session.map_or(String::new(), |s| format!(",\"auth_session\":{}", s.json()));
    format!("{{{first}{session}}}")
}

fn session() -> impl Strategy<Value = Option<Session>> {
    prop::option::of(prop_oneof![
        4 => "[a-z]{1,6}".prop_map(Session::Text),
        1 => Just(Session::Empty),
        1 => Just(Session::Number),
    ])
}

fn server_response() -> impl Strategy<Value = ServerResponse> {
    let code = prop::sample::select(vec![
        "insufficient_authorization",
        "redirect_to_web",
        "invalid_session",
        "invalid_client",
        "invalid_request",
        "new_in_draft_99",
    ]);
    prop_oneof![
        8 => (code, session()).prop_map(|(code, session)| ServerResponse::Error(code, session)),
        1 => session().prop_map(ServerResponse::Code),
        1 => Just(ServerResponse::Page),
        1 => session().prop_map(ServerResponse::Unreadable),
    ]
}

proptest! {
    /// The newest session is in the next request, only `invalid_session` makes the challenge discard
    /// it, and there is one code at most.
    #[test]
    fn in_any_order_of_responses(responses in prop::collection::vec((server_response(), 0_usize..4), 0..40)) {
        let mut challenge = challenge();
        let mut newest: Option<String> = None;
        for (sent, status) in responses {
            prop_assert_eq!(parameter(&challenge, "auth_session"), newest.clone());
            prop_assert_eq!(parameter(&challenge, "code_challenge").is_some(), challenge.is_first());
            let errors = [400, 401, 403, 200][status];
            let response = match &sent {
                ServerResponse::Error(code, session) => {
                    let text = body(&format!("\"error\":\"{code}\""), session.as_ref());
                    let fresh = Session::fresh(session.as_ref());
                    newest = if *code == "invalid_session" { fresh } else { fresh.or(newest) };
                    response(errors, "application/json", text)
                }
                ServerResponse::Code(session) => {
                    newest = Session::fresh(session.as_ref()).or(newest);
                    response(200, "application/json", body("\"authorization_code\":\"c\"", session.as_ref()))
                }
                ServerResponse::Page => response(errors, "text/html", "<html>"),
                ServerResponse::Unreadable(session) => {
                    newest = Session::fresh(session.as_ref()).or(newest);
                    response(errors, "application/json", body("\"x\":1", session.as_ref()))
                }
            };
            challenge = match challenge.handle_response(&response) {
                ChallengeOutcome::Code(authorized) => {
                    prop_assert!(matches!(sent, ServerResponse::Code(_)));
                    let session = authorized.auth_session.map(|s| s.expose_secret().to_owned());
                    prop_assert_eq!(session, newest);
                    // The challenge was consumed, so there is no second code.
                    return Ok(());
                }
                ChallengeOutcome::InsufficientAuthorization { challenge, .. }
                | ChallengeOutcome::RedirectToWeb { challenge, .. }
                | ChallengeOutcome::Refused { challenge, .. }
                | ChallengeOutcome::Unreadable { challenge, .. } => challenge,
                ChallengeOutcome::InvalidSession { challenge, .. } => {
                    prop_assert!(challenge.is_first());
                    challenge
                }
                other => panic!("{other:?}"),
            };
        }
    }
}
