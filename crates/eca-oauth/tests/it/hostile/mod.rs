//! Hostile responses. Each causes an error that names the problem and contains nothing of the body.

mod reflected;

use bytes::Bytes;
use eca_oauth::{
    Challenge, ChallengeOutcome, DeviceCode, DeviceGrant, EndpointSource, Identifier,
    Introspection, OpenIdConfiguration, ResetStatus, Revocation, ServerMetadata, Step, StepKind,
    TokenResponse, UserInfo,
};
use proptest::prelude::*;

use crate::support::{LEAK, chain, client_id, in_header, profile, response, site, verifier};

fn challenge() -> Challenge {
    let profile = profile(in_header(), []);
    let EndpointSource::At(endpoint) = profile.endpoint.clone() else {
        panic!("the profile of these tests has an endpoint")
    };
    Challenge::new(endpoint, profile, client_id(), verifier().challenge())
}

fn check(content_type: &str, body: impl Into<Bytes>, expected: &str) {
    let body = body.into();
    for status in [200, 400, 401, 403, 500] {
        let response = response(status, content_type, body.clone());
        let step = Step::new(StepKind::ClientCredentials, "acme.my.site.com");
        let error = TokenResponse::parse(&step, &response).unwrap_err();
        assert_eq!(
            chain(&error),
            format!(
                "client credentials grant at acme.my.site.com got a response that cannot be read \
                 (http {status}): {expected}"
            )
        );
        let shown = format!("{error:?}");
        assert!(!shown.contains(LEAK), "{shown}");
        let ChallengeOutcome::Unreadable { challenge, .. } = challenge().handle_response(&response)
        else {
            panic!("not unreadable: {expected}")
        };
        assert!(challenge.is_first());
    }
}

#[test]
fn unreadable_bodies() {
    check(
        "text/html",
        "<html>LEAK</html>",
        "content type is text/html, not json",
    );
    check(
        "Text/HTML; charset=utf-8",
        r#"{"access_token":"LEAK"}"#,
        "content type is text/html, not json",
    );
    check(
        "application/jsonx",
        "{}",
        "content type is application/jsonx, not json",
    );
    check(
        "application/json",
        "<html>LEAK</html>",
        "body is not json (line 1, column 1)",
    );
    check(
        "application/json",
        "",
        "body is not json (line 1, column 0)",
    );
    check("application/json", "\"LEAK\"", "body is not a json object");
    check(
        "application/json",
        "[{\"access_token\":\"LEAK\"}]",
        "body is not a json object",
    );
    check(
        "application/json",
        &b"{\"a\":\"LEAK\xff\"}"[..],
        "body is not json (line 1, column 11)",
    );
    check(
        "application/problem+json",
        "{\"LEAK\":\n",
        "body is not json (line 2, column 0)",
    );
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
    check(
        "application/json",
        deep,
        "body is not json (line 1, column 132)",
    );
}

/// Every parser returns an error for the same bodies, and the error contains nothing of them.
#[test]
fn no_parser_accepts_an_unreadable_body() {
    let deep = format!("{{\"a\":{}\"LEAK\"{}}}", "[".repeat(100), "]".repeat(100));
    let bodies: [(&str, Bytes); 6] = [
        ("text/html", "<html>LEAK</html>".into()),
        ("application/json", "<html>LEAK</html>".into()),
        (
            "application/json",
            Bytes::from_static(b"{\"a\":\"LEAK\xff\"}"),
        ),
        ("application/json", deep.into()),
        ("application/json", "[\"LEAK\"]".into()),
        ("application/json", "".into()),
    ];
    let step = Step::new(StepKind::DeviceCode, "acme.my.site.com");
    for (content_type, body) in bodies {
        for status in [200, 302, 400, 503] {
            let response = response(status, content_type, body.clone());
            let mut errors = vec![
                TokenResponse::parse(&step, &response).err(),
                UserInfo::parse(&step, &response).err(),
                ServerMetadata::parse(&step, &site(), &response).err(),
                DeviceCode::parse(&step, &response).err(),
                DeviceGrant::parse(&step, &response).err(),
                Introspection::parse(&step, &response).err(),
                OpenIdConfiguration::parse(&step, &response).err(),
                Identifier::parse(&step, &response).err(),
                ResetStatus::parse(&step, &response).err(),
            ];
            if status != 200 {
                errors.push(Revocation::parse(&step, &response).err());
            }
            for error in errors {
                let error = error.unwrap();
                let shown = format!("{error:?} {}", chain(&error));
                assert!(!shown.contains(LEAK), "{shown}");
            }
        }
    }
}

#[test]
fn a_missing_content_type_is_not_json() {
    let mut response = response(200, "application/json", r#"{"access_token":"LEAK"}"#);
    response.headers_mut().clear();
    let step = Step::new(StepKind::ClientCredentials, "acme.my.site.com");
    let error = TokenResponse::parse(&step, &response).unwrap_err();
    assert!(chain(&error).ends_with("content type is missing, not json"));
}

proptest! {
    #[test]
    fn no_body_panics(status in 100_u16..600, body in any::<Vec<u8>>()) {
        let response = response(status, "application/json", body);
        let step = Step::new(StepKind::ClientCredentials, "acme.my.site.com");
        TokenResponse::parse(&step, &response).ok();
        UserInfo::parse(&step, &response).ok();
        ServerMetadata::parse(&step, &site(), &response).ok();
        DeviceCode::parse(&step, &response).ok();
        DeviceGrant::parse(&step, &response).ok();
        Introspection::parse(&step, &response).ok();
        OpenIdConfiguration::parse(&step, &response).ok();
        Identifier::parse(&step, &response).ok();
        ResetStatus::parse(&step, &response).ok();
        Revocation::parse(&step, &response).ok();
        let _ = challenge().handle_response(&response);
    }
}
