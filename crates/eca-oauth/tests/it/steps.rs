//! Flows of one step: their responses, and the parsed results.

use std::collections::BTreeSet;
use std::fmt::{Debug, Write};

use bytes::Bytes;
use eca_oauth::{
    AuthorizationCode, AuthorizationCodeGrant, ClientCredentialsGrant, DeviceCode, DeviceGrant,
    Error, Introspection, JwtBearerGrant, LoginUrl, OpenIdConfiguration, RefreshGrant, Revocation,
    ServerMetadata, Step, StepKind, TokenExchangeGrant, TokenResponse, UserInfo,
};
use expect_test::expect_file;

use crate::support::{METADATA, TOKEN, client_id, json, read, shown_response, site, verifier};

/// Parses one response; the text has no secrets.
type Read = Box<dyn Fn(&http::Response<Bytes>) -> String>;

fn reading<T: Debug + 'static>(
    step: Step,
    parse: fn(&Step, &http::Response<Bytes>) -> Result<T, Error>,
) -> (StepKind, Read) {
    let kind = step.kind();
    (
        kind,
        Box::new(move |response| read(&parse(&step, response))),
    )
}

/// The steps of one request and one response, each with a successful response. Their requests are
/// in the golden files of `grants` and `requests`.
fn single_steps() -> Vec<((StepKind, Read), &'static str)> {
    let mut steps = endpoint_steps();
    steps.extend(grant_steps());
    steps
}

fn endpoint_steps() -> Vec<((StepKind, Read), &'static str)> {
    let host: LoginUrl = "https://acme.my.salesforce.com".parse().unwrap();
    let read_metadata = |step: &Step, response: &_| ServerMetadata::parse(step, &site(), response);
    let openid = r#"{"issuer":"https://acme.my.salesforce.com","token_endpoint":"https://acme.my.salesforce.com/services/oauth2/token","scopes_supported":["api"]}"#;
    let user = r#"{"sub":"https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA","user_id":"005000000000001AAA","organization_id":"00D000000000001EAA","preferred_username":"mia@acme.com","x":"LEAK"}"#;
    let active = r#"{"active":true,"scope":"api","client_id":"3MVG9","username":"mia@acme.com","exp":1795000000}"#;
    let (userinfo, introspection, revocation) = (
        site().userinfo_endpoint(),
        host.introspection_endpoint(),
        host.revocation_endpoint(),
    );
    vec![
        (
            reading(ServerMetadata::step(&site()), read_metadata),
            METADATA,
        ),
        (
            reading(OpenIdConfiguration::step(&host), OpenIdConfiguration::parse),
            openid,
        ),
        (reading(UserInfo::step(&userinfo), UserInfo::parse), user),
        (
            reading(Introspection::step(&introspection), Introspection::parse),
            active,
        ),
        (
            reading(Revocation::step(&revocation), Revocation::parse),
            "",
        ),
    ]
}

fn grant_steps() -> Vec<((StepKind, Read), &'static str)> {
    let host: LoginUrl = "https://acme.my.salesforce.com".parse().unwrap();
    let (tokens, id) = (host.token_endpoint(), client_id());
    let code = AuthorizationCode::new("LEAK").unwrap();
    let code = AuthorizationCodeGrant::new(&tokens, &id, code, verifier());
    let device = r#"{"device_code":"LEAK","user_code":"GH4S","verification_uri":"https://acme.my.salesforce.com/connect","interval":5}"#;
    let rotated = r#"{"access_token":"00D000000000001!LEAK","refresh_token":"5Aep_LEAK","scope":"api refresh_token","instance_url":"https://acme.my.salesforce.com"}"#;
    let token = |step, body| (reading(step, TokenResponse::parse), body);
    vec![
        token(code.step(), rotated),
        token(ClientCredentialsGrant::step(&tokens), TOKEN),
        token(JwtBearerGrant::step(&tokens), TOKEN),
        token(RefreshGrant::step(&tokens), rotated),
        token(TokenExchangeGrant::step(&tokens), TOKEN),
        (
            reading(DeviceCode::step(&tokens), DeviceCode::parse),
            device,
        ),
        (
            reading(DeviceGrant::new(&tokens, &id).step(), DeviceGrant::parse),
            rotated,
        ),
    ]
}

#[test]
fn responses_to_single_steps() {
    let mut text = String::new();
    for ((kind, read), body) in single_steps() {
        let refusals = [
            r#"{"error":"invalid_grant","error_description":"the server's words"}"#,
            r#"{"error":"authorization_pending"}"#,
        ];
        let refusals = match kind {
            StepKind::Device => &refusals[..],
            _ => &refusals[..1],
        };
        let refusals = refusals.iter().map(|body| json(400, body));
        let responses = [json(200, body)].into_iter().chain(refusals);
        for response in responses {
            let shown = shown_response(&response);
            writeln!(text, "{kind:?} --> {shown}\n==> {}\n", read(&response)).unwrap();
        }
    }
    expect_file!["golden/responses.txt"].assert_eq(&text);
}

/// A new step needs an entry here or a conversation.
#[test]
fn every_step_has_a_test() {
    let source = include_str!("../../src/step.rs");
    let (_, variants) = source.split_once("pub enum StepKind {").unwrap();
    let (variants, _) = variants.split_once("\n}").unwrap();
    let named = variants
        .lines()
        .filter_map(|line| line.trim().strip_suffix(','));
    let named: BTreeSet<_> = named
        .filter(|line| !line.starts_with("///"))
        .map(str::to_owned)
        .collect();
    let conversations = [
        StepKind::Challenge,
        StepKind::IdentityInit,
        StepKind::IdentityAuthorize,
        StepKind::ForgotPassword,
        // A URL and a callback instead of a request and a response: `web`.
        StepKind::Authorize,
    ];
    let singles = single_steps().into_iter().map(|((kind, _), _)| kind);
    let shown = singles.chain(conversations).map(|kind| format!("{kind:?}"));
    assert_eq!(named, shown.collect());
}
