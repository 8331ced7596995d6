//! Flows that wait for a one-time password: what they survive, and how they are stored.

use eca_http::{BoxFuture, TransportErrorKind};
use eca_oauth::{
    AttestationError, AttestationSource, ClientAttestationJwt, Error, IdentityClient, IdentityGate,
    IdentityPending, InvalidPending, OneTimePassword, PasswordlessInit, PendingVerification,
    Started, StepReport, Verification, VerificationMethod,
};
use futures_util::FutureExt as _;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{LEAK, chain, client_id, headless, in_header, site, world};
use crate::verified::{CODE, Flow, LOST, MORE, TOKEN, from_store, profile, start, verify};

/// What happens to the request with the one-time password, or to the one for the token.
#[derive(Clone, Copy)]
enum Event {
    Response(u16, &'static str),
    Failure(TransportErrorKind),
}

/// A passwordless login whose first `verify` meets these events and fails. If the flow is not over
/// then, the same one-time password logs in after the responses of `then`.
async fn check_survives(
    name: &str,
    events: &[Event],
    then: Option<&[(u16, &'static str)]>,
    stored: bool,
) {
    let (org, http) = world();
    let client = headless(http, profile(in_header()));
    org.json(400, MORE);
    let Ok(Started::Pending(mut pending)) = start(&client, Flow::Passwordless).await else {
        panic!("{name}")
    };
    for event in events {
        match event {
            Event::Response(status, body) => org.json(*status, *body),
            Event::Failure(kind) => org.fail(*kind),
        };
    }
    let error = verify(&client, &mut pending, "LEAK-1").await.unwrap_err();
    assert!(!chain(&error).contains(LEAK), "{name}");
    assert_eq!(org.remaining(), 0, "{name}");
    assert_eq!(pending.is_over(), then.is_none(), "{name}: {error}");
    if stored {
        *pending = from_store(&pending);
    }
    let sent = org.requests().len();
    for (status, body) in then.unwrap_or_default() {
        org.json(*status, *body);
    }
    let again = verify(&client, &mut pending, "LEAK-1").await;
    if then.is_some() {
        assert!(matches!(again, Ok(Verification::Token(_))), "{name}");
        let over = verify(&client, &mut pending, "LEAK-1").await;
        assert!(
            matches!(over, Err(Error::VerificationOver { .. })),
            "{name}"
        );
        assert_eq!(org.remaining(), 0, "{name}");
    } else {
        assert!(
            matches!(again, Err(Error::VerificationOver { .. })),
            "{name}"
        );
        assert_eq!(org.requests().len(), sent, "{name}: nothing more is sent");
    }
    assert!(pending.is_over(), "{name}");
}

#[tokio::test]
async fn a_flow_survives_every_error_that_leaves_its_session_alive() {
    use Event::{Failure, Response};
    use TransportErrorKind::{Reset, Tls};
    let code = Response(200, CODE);
    let [whole, token] = [&[(200, CODE), (200, TOKEN)][..], &[(200, TOKEN)]];
    for (name, events, then) in [
        ("no response", &[Failure(Reset)][..], Some(whole)),
        ("no connection", &[Failure(Tls)], Some(whole)),
        ("a proxy's page", &[Response(502, "{}")], Some(whole)),
        (
            "an attestation that is refused",
            &[Response(401, r#"{"error":"invalid_client"}"#)],
            Some(whole),
        ),
        (
            "a user whom nobody approved",
            &[Response(400, r#"{"error":"access_denied"}"#)],
            Some(whole),
        ),
        (
            "a server that is busy",
            &[Response(503, r#"{"error":"temporarily_unavailable"}"#)],
            Some(whole),
        ),
        ("a lost session", &[Response(400, LOST)], None),
        (
            "a browser",
            &[Response(400, r#"{"error":"redirect_to_web"}"#)],
            None,
        ),
        (
            "a token request without response",
            &[code, Failure(Reset)],
            Some(token),
        ),
        (
            "a token request during maintenance",
            &[code, Response(503, "{}")],
            Some(token),
        ),
        (
            "a code that is refused",
            &[code, Response(400, r#"{"error":"invalid_grant"}"#)],
            None,
        ),
    ] {
        for stored in [false, true] {
            check_survives(name, events, then, stored).await;
        }
    }
}

#[tokio::test]
async fn a_dropped_future_leaves_the_flow_as_it_was() {
    let (org, http) = world();
    let client = headless(http, profile(in_header()));
    org.json(400, MORE);
    let Ok(Started::Pending(mut pending)) = start(&client, Flow::Passwordless).await else {
        panic!("pending")
    };
    let before = pending.expose_json();
    let slow = client.clone().attestation(Never);
    let one_time_password = OneTimePassword::new("LEAK-1").unwrap();
    let verified = slow.verify(&mut pending, &one_time_password).now_or_never();
    assert!(verified.is_none());
    assert_eq!(pending.expose_json(), before);
}

/// A key that never signs.
struct Never;

impl AttestationSource for Never {
    fn attestation(&self) -> BoxFuture<'_, Result<ClientAttestationJwt, AttestationError>> {
        Box::pin(std::future::pending())
    }
}

#[test]
fn other_texts_are_no_pending_flow() {
    let whole = r#"{"session":"LEAK","first":false,"verifier":"LEAK-LEAK-LEAK-LEAK-LEAK-LEAK-LEAK-LEAK-LEAK","fields":[["a","LEAK"]],"one_time_password":"otp","code":null,"over":false}"#;
    let pending = PendingVerification::from_json(whole).unwrap();
    assert_eq!(*pending.expose_json(), whole);
    assert!(!format!("{pending:?}").contains(LEAK));
    for (part, other) in [
        ("{", "LEAK{"),
        (r#""over":false"#, r#""LEAK":false"#),
        (r#""over":false"#, r#""over":"LEAK""#),
        (r#""session":"LEAK""#, r#""session":"""#),
        ("LEAK-LEAK-", "LEAK"),
        (r#""otp""#, r#""auth_session""#),
    ] {
        let error = PendingVerification::from_json(&whole.replacen(part, other, 1)).unwrap_err();
        assert!(!format!("{error:?} {}", chain(&error)).contains(LEAK));
        assert!(matches!(
            error,
            InvalidPending::Json { .. } | InvalidPending::Secret(_)
        ));
    }
}

proptest! {
    /// Whatever a server and a user put into a flow.
    #[test]
    fn every_flow_survives_its_store(
        session in prop::option::of(".{1,40}"),
        code in prop::option::of("[ -~]{1,40}"),
        verifier in "[A-Za-z0-9._~-]{43,128}",
        fields in prop::collection::vec((".{0,9}", ".{0,40}"), 0..4),
        first: bool,
        over: bool,
    ) {
        let stored = json!({
            "session": session,
            "first": first,
            "verifier": verifier,
            "fields": fields,
            "one_time_password": "otp",
            "code": code,
            "over": over,
        });
        let pending = PendingVerification::from_json(&stored.to_string()).unwrap();
        let again: Value = serde_json::from_str(&pending.expose_json()).unwrap();
        prop_assert_eq!(again, stored);
    }
}

#[tokio::test]
async fn a_headless_identity_flow_survives_its_store() {
    let (org, http) = world();
    let client = IdentityClient::new(site(), client_id(), "https://acme.example/callback");
    let method = VerificationMethod::Sms;
    org.json(
        200,
        r#"{"identifier":"LEAK-0gx","email":"m***","LEAK":{"a":[1]}}"#,
    );
    let init = PasswordlessInit {
        username: "mia",
        method,
    };
    let silent = |_: &StepReport| {};
    let pending = client
        .start_passwordless(&http, init, IdentityGate::Open, &silent)
        .await
        .unwrap();
    assert!(!format!("{pending:?}").contains(LEAK));
    let json = pending.expose_json();
    let read = IdentityPending::from_json(&json).unwrap();
    assert_eq!(read.identifier(), pending.identifier());
    assert_eq!(read.expose_json(), json);
    let error = IdentityPending::from_json(&json.replace("sms", "LEAK")).unwrap_err();
    assert!(!format!("{error:?} {error}").contains(LEAK));
}
