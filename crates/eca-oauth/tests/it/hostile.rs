//! Answers that no server should give. Each ends in an error that says what is wrong and shows
//! nothing of the body.

use bytes::Bytes;
use eca_oauth::{
    Challenge, ChallengeOutcome, EndpointSource, ServerMetadata, Step, StepKind, TokenResponse,
    UserInfo,
};
use proptest::prelude::*;

use crate::support::{LEAK, answer, chain, client_id, in_header, profile, site, verifier};

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
        let response = answer(status, content_type, body.clone());
        let step = Step::new(StepKind::ClientCredentials, "acme.my.site.com");
        let error = TokenResponse::parse(&step, &response).unwrap_err();
        assert_eq!(
            chain(&error),
            format!(
                "client credentials grant at acme.my.site.com got an answer that cannot be read \
                 (http {status}): {expected}"
            )
        );
        let shown = format!("{error:?}");
        assert!(!shown.contains(LEAK), "{shown}");
        let ChallengeOutcome::Unreadable { challenge, .. } = challenge().answer(&response) else {
            panic!("{expected}: read after all")
        };
        assert!(challenge.is_first());
    }
}

#[test]
fn bodies_that_are_no_answer() {
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

#[test]
fn a_missing_content_type_is_no_json() {
    let mut response = answer(200, "application/json", r#"{"access_token":"LEAK"}"#);
    response.headers_mut().clear();
    let step = Step::new(StepKind::ClientCredentials, "acme.my.site.com");
    let error = TokenResponse::parse(&step, &response).unwrap_err();
    assert!(chain(&error).ends_with("content type is missing, not json"));
}

proptest! {
    #[test]
    fn no_body_panics(status in 100_u16..600, body in any::<Vec<u8>>()) {
        let response = answer(status, "application/json", body);
        let step = Step::new(StepKind::ClientCredentials, "acme.my.site.com");
        TokenResponse::parse(&step, &response).ok();
        UserInfo::parse(&step, &response).ok();
        ServerMetadata::parse(&step, &site(), &response).ok();
        let _ = challenge().answer(&response);
    }
}
