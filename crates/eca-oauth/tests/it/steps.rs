//! Every step of every flow, request and answer, as they stand on the wire and as they are read.

use std::collections::BTreeSet;
use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use eca_http::testing::ScriptedTransport;
use eca_oauth::{
    AuthorizationCode, AuthorizationCodeGrant, ChallengeProfile, ClientAttestationJwt,
    ClientCredentialsGrant, Credentials, DeviceCode, DeviceGrant, EndpointSource, Error,
    ForgotPassword, IdentityClient, IdentityGate, Introspection, JwtBearerGrant, LoginField,
    LoginUrl, OneTimePassword, OpenIdConfiguration, Password, PasswordlessInit, PasswordlessLogin,
    RefreshGrant, Registration, RegistrationInit, Revocation, ServerMetadata, Started, Step,
    StepKind, StepReport, TokenExchangeGrant, TokenResponse, UserData, UserInfo,
    UsernamePasswordLogin, VerificationMethod,
};
use expect_test::{ExpectFile, expect_file};

use crate::support::{
    LEAK, answer, chain, client_id, client_secret, in_header, profile, shown, site, verifier, world,
};

const METADATA: &str = r#"{"issuer":"https://acme.my.site.com/portal","authorization_challenge_endpoint":"https://acme.my.site.com/portal/made-up/challenge"}"#;
const MORE: &str = r#"{"error":"insufficient_authorization","auth_session":"LEAK-s1"}"#;
const CODE: &str = r#"{"authorization_code":"LEAK-code","auth_session":"LEAK-s2"}"#;
const TOKEN: &str =
    r#"{"access_token":"00D000000000001!LEAK","token_type":"Bearer","issued_at":"1732147200123"}"#;
const ECHO: &str = "https://acme.my.site.com/portal/services/oauth2/echo";

fn response(status: u16, body: &str) -> http::Response<Bytes> {
    answer(status, "application/json", body.to_owned())
}

fn redirect() -> http::Response<Bytes> {
    let location = format!("{ECHO}?code=LEAK-code");
    let response = http::Response::builder()
        .status(302)
        .header("location", location);
    response.body(Bytes::new()).unwrap()
}

fn shown_answer(answer: &http::Response<Bytes>) -> String {
    let mut text = format!("{}\n", answer.status().as_u16());
    for (name, value) in answer.headers() {
        writeln!(text, "{name}: {}", value.to_str().unwrap()).unwrap();
    }
    let body = std::str::from_utf8(answer.body()).unwrap();
    if !body.is_empty() {
        writeln!(text, "\n{body}").unwrap();
    }
    text
}

fn read<T: Debug>(result: &Result<T, Error>) -> String {
    let text = match result {
        Ok(value) => format!("{value:#?}"),
        Err(error) => format!("refused: {}", chain(error)),
    };
    assert!(!text.contains(LEAK), "{text}");
    text
}

/// A conversation: each request with its answer, then what came of it.
fn check<T: Debug>(
    org: &ScriptedTransport,
    answers: &[http::Response<Bytes>],
    result: &Result<T, Error>,
    golden: ExpectFile,
) {
    let requests = org.requests();
    assert_eq!(requests.len(), answers.len());
    let mut text = String::new();
    for (request, answer) in requests.iter().zip(answers) {
        let (request, answer) = (shown(request), shown_answer(answer));
        writeln!(text, "{request}\n--> {answer}").unwrap();
    }
    writeln!(text, "==> {}", read(result)).unwrap();
    golden.assert_eq(&text);
}

fn script(org: &ScriptedTransport, answers: &[http::Response<Bytes>]) {
    for answer in answers {
        org.respond(answer.clone());
    }
}

fn silent(_: &StepReport) {}

fn password() -> Password {
    Password::new("LEAK-pw").unwrap()
}

fn one_time_password() -> OneTimePassword {
    OneTimePassword::new("LEAK-1").unwrap()
}

fn with_flows() -> ChallengeProfile {
    let mut profile = profile(in_header(), [LoginField::Username]);
    profile.endpoint = EndpointSource::Discover;
    let passwordless = r#"
        identifier = "who"
        method = { name = "how", email = "mail", sms = "text" }
        one_time_password = "otp"
        steps = [["identifier", "method"], ["one_time_password"]]
    "#;
    profile.passwordless = Some(toml::from_str(passwordless).unwrap());
    let registration = r#"
        user_data = { parameters = { email = "mail", lastName = "surname" } }
        password = "pw"
        one_time_password = "otp"
        fixed = { kind = "registration" }
        steps = [["user_data", "password"], ["one_time_password"]]
    "#;
    profile.registration = Some(toml::from_str(registration).unwrap());
    profile
}

#[tokio::test]
async fn conversations_of_the_challenge() {
    let answers = [(200, METADATA), (400, MORE), (200, CODE), (200, TOKEN)];
    let answers = answers.map(|(status, body)| response(status, body));
    let count = AtomicU32::new(0);
    let fresh = || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        ClientAttestationJwt::new(format!("eyJ.LEAK.{number}"))
    };

    let (org, http) = world();
    script(&org, &answers);
    let credentials = Credentials::new("mia@acme.com", password());
    let login = UsernamePasswordLogin::new(
        site(),
        with_flows(),
        client_id(),
        client_secret(),
        credentials,
    );
    let result = login.login(&http, &fresh, verifier(), &silent).await;
    check(
        &org,
        &answers,
        &result,
        expect_file!["golden/conversation_login.txt"],
    );

    let (org, http) = world();
    script(&org, &answers);
    let method = VerificationMethod::Sms;
    let login = PasswordlessLogin::new(
        site(),
        with_flows(),
        client_id(),
        client_secret(),
        "mia@acme.com",
        method,
    );
    let started = login.start(&http, &fresh, verifier(), &silent).await;
    let Ok(Started::Pending(pending)) = started else {
        panic!("{started:?}")
    };
    let result = pending
        .verify(&http, &fresh, &one_time_password(), &silent)
        .await;
    check(
        &org,
        &answers,
        &result,
        expect_file!["golden/conversation_passwordless.txt"],
    );

    let (org, http) = world();
    script(&org, &answers);
    let user = UserData::new()
        .with("lastName", "O'Hara")
        .with("email", "mia@acme.com");
    let registration = Registration::new(
        site(),
        with_flows(),
        client_id(),
        client_secret(),
        user,
        VerificationMethod::Email,
    )
    .with_password(password());
    let started = registration.start(&http, &fresh, verifier(), &silent).await;
    let Ok(Started::Pending(pending)) = started else {
        panic!("{started:?}")
    };
    let result = pending
        .verify(&http, &fresh, &one_time_password(), &silent)
        .await;
    check(
        &org,
        &answers,
        &result,
        expect_file!["golden/conversation_registration.txt"],
    );
}

#[tokio::test]
async fn conversations_of_the_headless_identity_apis() {
    let client = IdentityClient::new(site(), client_id(), ECHO).with_secret(client_secret());
    let (password, token) = (password(), response(200, TOKEN));
    let sent = response(200, r#"{"identifier":"0gx","email":"m***@acme.com"}"#);

    let (org, http) = world();
    let answers = [redirect(), token.clone()];
    script(&org, &answers);
    let credentials = Credentials::new("mia@acme.com", self::password());
    let result = client.login(&http, &credentials, verifier(), &silent).await;
    check(
        &org,
        &answers,
        &result,
        expect_file!["golden/conversation_identity_login.txt"],
    );

    let (org, http) = world();
    let answers = [sent.clone(), redirect(), token.clone()];
    script(&org, &answers);
    let init = PasswordlessInit {
        username: "mia@acme.com",
        method: VerificationMethod::Sms,
    };
    let pending = client
        .start_passwordless(&http, init, IdentityGate::Open, &silent)
        .await;
    let result = client
        .finish(
            &http,
            &pending.unwrap(),
            &one_time_password(),
            verifier(),
            &silent,
        )
        .await;
    check(
        &org,
        &answers,
        &result,
        expect_file!["golden/conversation_identity_passwordless.txt"],
    );

    let (org, http) = world();
    script(&org, &answers);
    let user = UserData::new().with("email", "mia@acme.com");
    let init = RegistrationInit {
        user: &user,
        password: &password,
        method: VerificationMethod::Email,
    };
    let pending = client
        .start_registration(&http, init, IdentityGate::Open, &silent)
        .await;
    let result = client
        .finish(
            &http,
            &pending.unwrap(),
            &one_time_password(),
            verifier(),
            &silent,
        )
        .await;
    check(
        &org,
        &answers,
        &result,
        expect_file!["golden/conversation_identity_registration.txt"],
    );

    let (org, http) = world();
    let answers = [
        response(200, r#"{"status_code":"otp_sent"}"#),
        response(200, r#"{"status_code":"success"}"#),
    ];
    script(&org, &answers);
    let username = "mia@acme.com";
    let reset = ForgotPassword::Reset {
        username,
        new_password: &password,
        one_time_password: &one_time_password(),
    };
    let mut result = Ok(Vec::new());
    for what in [ForgotPassword::Start { username }, reset] {
        let status = client
            .forgot_password(&http, what, IdentityGate::Open, &silent)
            .await;
        result = result.and_then(|mut all: Vec<_>| {
            all.push(status?);
            Ok(all)
        });
    }
    check(
        &org,
        &answers,
        &result,
        expect_file!["golden/conversation_identity_forgot.txt"],
    );
}

/// Reads one answer; what it says, without a secret.
type Read = Box<dyn Fn(&http::Response<Bytes>) -> String>;

fn reading<T: Debug + 'static>(
    step: Step,
    parse: fn(&Step, &http::Response<Bytes>) -> Result<T, Error>,
) -> (StepKind, Read) {
    let kind = step.kind();
    (kind, Box::new(move |answer| read(&parse(&step, answer))))
}

/// The steps that are one request and one answer, and what a server says when it is content. Their
/// requests are the golden files of `grants` and `requests`.
fn single_steps() -> Vec<((StepKind, Read), &'static str)> {
    let host: LoginUrl = "https://acme.my.salesforce.com".parse().unwrap();
    let (tokens, id) = (host.token_endpoint(), client_id());
    let code = AuthorizationCode::new("LEAK").unwrap();
    let code = AuthorizationCodeGrant::new(&tokens, &id, code, verifier());
    let metadata = ServerMetadata::step(&site());
    let read_metadata = |step: &Step, answer: &_| ServerMetadata::parse(step, &site(), answer);
    let openid = r#"{"issuer":"https://acme.my.salesforce.com","token_endpoint":"https://acme.my.salesforce.com/services/oauth2/token","scopes_supported":["api"]}"#;
    let device = r#"{"device_code":"LEAK","user_code":"GH4S","verification_uri":"https://acme.my.salesforce.com/connect","interval":5}"#;
    let rotated = r#"{"access_token":"00D000000000001!LEAK","refresh_token":"5Aep_LEAK","scope":"api refresh_token","instance_url":"https://acme.my.salesforce.com"}"#;
    let user = r#"{"sub":"https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA","user_id":"005000000000001AAA","organization_id":"00D000000000001EAA","preferred_username":"mia@acme.com","x":"LEAK"}"#;
    let active = r#"{"active":true,"scope":"api","client_id":"3MVG9","username":"mia@acme.com","exp":1795000000}"#;
    vec![
        (reading(metadata, read_metadata), METADATA),
        (
            reading(OpenIdConfiguration::step(&host), OpenIdConfiguration::parse),
            openid,
        ),
        (reading(code.step(), TokenResponse::parse), rotated),
        (
            reading(ClientCredentialsGrant::step(&tokens), TokenResponse::parse),
            TOKEN,
        ),
        (
            reading(JwtBearerGrant::step(&tokens), TokenResponse::parse),
            TOKEN,
        ),
        (
            reading(RefreshGrant::step(&tokens), TokenResponse::parse),
            rotated,
        ),
        (
            reading(TokenExchangeGrant::step(&tokens), TokenResponse::parse),
            TOKEN,
        ),
        (
            reading(DeviceCode::step(&tokens), DeviceCode::parse),
            device,
        ),
        (
            reading(DeviceGrant::new(&tokens, &id).step(), DeviceGrant::parse),
            rotated,
        ),
        (
            reading(UserInfo::step(&site().userinfo_endpoint()), UserInfo::parse),
            user,
        ),
        (
            reading(
                Introspection::step(&host.introspection_endpoint()),
                Introspection::parse,
            ),
            active,
        ),
        (
            reading(
                Revocation::step(&host.revocation_endpoint()),
                Revocation::parse,
            ),
            "",
        ),
    ]
}

#[test]
fn answers_to_single_steps() {
    let mut text = String::new();
    for ((kind, read), content) in single_steps() {
        let refusals = [
            r#"{"error":"invalid_grant","error_description":"the server's words"}"#,
            r#"{"error":"authorization_pending"}"#,
        ];
        let refusals = match kind {
            StepKind::Device => &refusals[..],
            _ => &refusals[..1],
        };
        let refusals = refusals.iter().map(|body| response(400, body));
        let answers = [response(200, content)].into_iter().chain(refusals);
        for answer in answers {
            let shown = shown_answer(&answer);
            writeln!(text, "{kind:?} --> {shown}\n==> {}\n", read(&answer)).unwrap();
        }
    }
    expect_file!["golden/answers.txt"].assert_eq(&text);
}

/// A new step has to be entered here, or stand in a conversation.
#[test]
fn no_step_is_forgotten() {
    let source = include_str!("../../src/step.rs");
    let (_, own) = source.split_once("pub enum StepKind {").unwrap();
    let (own, _) = own.split_once("\n}").unwrap();
    let named = own.lines().filter_map(|line| line.trim().strip_suffix(','));
    let named: BTreeSet<_> = named
        .filter(|line| !line.starts_with("///"))
        .map(str::to_owned)
        .collect();
    let conversations = [
        StepKind::Challenge,
        StepKind::IdentityInit,
        StepKind::IdentityAuthorize,
        StepKind::ForgotPassword,
        // A URL and a callback instead of a request and an answer: `web`.
        StepKind::Authorize,
    ];
    let singles = single_steps().into_iter().map(|((kind, _), _)| kind);
    let shown = singles.chain(conversations).map(|kind| format!("{kind:?}"));
    assert_eq!(named, shown.collect());
}
