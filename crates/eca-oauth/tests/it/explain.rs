//! Refusals and their likely causes, in order.

use eca_oauth::StepKind::{
    AuthorizationCode, Challenge, ClientCredentials, IdentityInit, JwtBearer, Refresh, Userinfo,
};
use eca_oauth::explain::{Cause, Check, all, causes, causes_in, causes_of, rank};
use eca_oauth::{Error, Step, StepKind, TokenResponse};

use proptest::prelude::*;

use crate::support::response;

/// Flow, `error`, `error_description`, and the ids of the causes.
const REFUSALS: &[(StepKind, &str, &str, &str)] = &[
    (
        JwtBearer,
        "invalid_grant",
        "user hasn't approved this consumer",
        "pre-authorisation host",
    ),
    (
        JwtBearer,
        "invalid_grant",
        "audience is invalid",
        "audience",
    ),
    (
        JwtBearer,
        "invalid_grant",
        "Audience validation failed",
        "audience",
    ),
    (
        JwtBearer,
        "invalid_grant",
        "invalid assertion",
        "key certificate expiry audience",
    ),
    (
        JwtBearer,
        "invalid_grant",
        "expired authorization code",
        "expiry",
    ),
    (
        AuthorizationCode,
        "invalid_grant",
        "expired authorization code",
        "code",
    ),
    (
        AuthorizationCode,
        "invalid_grant",
        "invalid code verifier",
        "pkce",
    ),
    (
        Refresh,
        "invalid_grant",
        "expired access/refresh token",
        "refresh-token token-limit idle ip-restrictions",
    ),
    (
        ClientCredentials,
        "invalid_grant",
        "no client credentials user enabled",
        "run-as-user",
    ),
    (
        ClientCredentials,
        "invalid_client",
        "invalid client credentials",
        "secret app",
    ),
    (
        JwtBearer,
        "invalid_request",
        "External client app is not installed in this org",
        "app host",
    ),
    (
        Challenge,
        "invalid_client",
        "attestation was sent before",
        "jti",
    ),
    (
        Challenge,
        "invalid_client",
        "",
        "certificate key audience expiry profile",
    ),
    (Challenge, "unauthorized_client", "", "first-party site"),
    (IdentityInit, "invalid_request", "", "gate site"),
    (Userinfo, "inactive_user", "", "user"),
    (Userinfo, "unknown_code", "", ""),
];

#[test]
fn a_refusal_has_causes() {
    for &(flow, code, description, expected) in REFUSALS {
        let causes = causes_of(flow, code, description);
        let ids: Vec<_> = causes.iter().map(|cause| cause.id).collect();
        assert_eq!(ids.join(" "), expected, "{flow} {code} {description}");
    }
}

#[test]
fn errors_have_causes() {
    let step = Step::new(StepKind::JwtBearer, "acme.my.salesforce.com");
    let body = r#"{"error":"invalid_grant","error_description":"audience is invalid"}"#;
    let error = TokenResponse::parse(&step, &response(400, "application/json", body)).unwrap_err();
    assert_eq!(causes(&error)[0].check, Check::Audience);
    let page = TokenResponse::parse(&step, &response(200, "text/html", "<html>")).unwrap_err();
    assert_eq!(causes(&page)[0].id, "host");
    assert!(causes(&Error::TokenRefused).is_empty());
}

#[test]
fn a_text_without_a_flow_has_causes() {
    for (text, expected) in [
        (
            "{\"error\":\"invalid_grant\",\"error_description\":\"audience is invalid\"}",
            "audience",
        ),
        (
            "invalid_grant: user hasn\u{2019}t approved\n  this consumer",
            "pre-authorisation host",
        ),
        ("OAuth Error: INVALID_CLIENT_ID", "app"),
        ("error=redirect_uri_mismatch", "redirect-uri"),
        ("invalid_grant: expired authorization code", "code | expiry"),
        ("invalid_client: invalid client credentials", "secret app"),
        ("our target audience expired", ""),
        ("", ""),
    ] {
        let found = causes_in(text).into_iter().map(|(_, causes)| {
            let ids: Vec<_> = causes.iter().map(|cause| cause.id).collect();
            ids.join(" ")
        });
        let found: Vec<_> = found.collect();
        assert_eq!(found.join(" | "), expected, "{text}");
    }
}

#[test]
fn a_cause_whose_check_has_passed_comes_last() {
    let causes = causes_of(StepKind::JwtBearer, "invalid_grant", "invalid assertion");
    for (passed, expected) in [
        (&[][..], "key certificate expiry audience"),
        (&[Check::Clock], "key certificate audience expiry"),
        (
            &[Check::KeyMatchesCertificate, Check::CertificateRegistered],
            "expiry audience key certificate",
        ),
        (&[Check::Scopes], "key certificate expiry audience"),
    ] {
        let ranked = rank(causes, |check| passed.contains(&check));
        let ids: Vec<_> = ranked.iter().map(|cause| cause.id).collect();
        assert_eq!(ids.join(" "), expected, "{passed:?}");
    }
}

proptest! {
    /// No cause is lost, those whose check has passed come last, and the order is else the same.
    #[test]
    fn ranking_keeps_every_cause(passed in prop::collection::vec(any::<bool>(), all().len())) {
        let passed = |check| all().iter().position(|cause| cause.check == check).is_some_and(|at| passed[at]);
        let position = |cause: &Cause| all().iter().position(|other| other == cause).unwrap();
        let ranked = rank(all(), passed);
        let key = |cause: &&Cause| (passed(cause.check), position(cause));
        prop_assert!(ranked.is_sorted_by_key(key));
        prop_assert_eq!(ranked.len(), all().len());
    }
}
