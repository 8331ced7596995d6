//! Every flow of several steps: each request and response on the wire, and the result.

use std::fmt::{Debug, Write};
use std::sync::Arc;

use bytes::Bytes;
use eca_http::HttpClient;
use eca_http::testing::ScriptedTransport;
use eca_oauth::{
    ChallengeProfile, EndpointSource, Error, ForgotPassword, HeadlessClient, IdentityClient,
    IdentityGate, LoginField, OneTimePassword, Password, PasswordlessInit, RegistrationInit,
    Started, StepReport, TokenResponse, UserData, Verification, VerificationMethod,
};
use expect_test::{ExpectFile, expect_file};

use crate::support::{
    METADATA, TOKEN, client_id, client_secret, headless, in_header, json, profile, read, shown,
    shown_response, site, verifier, world,
};

const MORE: &str = r#"{"error":"insufficient_authorization","auth_session":"LEAK-s1"}"#;
const CODE: &str = r#"{"authorization_code":"LEAK-code","auth_session":"LEAK-s2"}"#;
const ECHO: &str = "https://acme.my.site.com/portal/services/oauth2/echo";
const USER: &str = "mia@acme.com";

/// A scripted org and its responses.
struct Conversation {
    org: Arc<ScriptedTransport>,
    http: HttpClient,
    responses: Vec<http::Response<Bytes>>,
}

impl Conversation {
    fn new(responses: impl Into<Vec<http::Response<Bytes>>>) -> Self {
        let (org, http) = world();
        let responses = responses.into();
        for response in &responses {
            org.respond(response.clone());
        }
        Self {
            org,
            http,
            responses,
        }
    }

    /// The responses to a challenge of two steps.
    fn challenge() -> Self {
        let responses = [(200, METADATA), (400, MORE), (200, CODE), (200, TOKEN)];
        Self::new(responses.map(|(status, body)| json(status, body)))
    }

    /// The responses to a Headless Identity flow with a one-time password.
    fn one_time_password() -> Self {
        let sent = json(200, r#"{"identifier":"0gx","email":"m***@acme.com"}"#);
        Self::new([sent, redirect(), json(200, TOKEN)])
    }

    fn check<T: Debug>(&self, result: &Result<T, Error>, golden: ExpectFile) {
        let requests = self.org.requests();
        assert_eq!(requests.len(), self.responses.len());
        let mut text = String::new();
        for (request, response) in requests.iter().zip(&self.responses) {
            let (request, response) = (shown(request), shown_response(response));
            writeln!(text, "{request}\n--> {response}").unwrap();
        }
        writeln!(text, "==> {}", read(result)).unwrap();
        golden.assert_eq(&text);
    }
}

fn redirect() -> http::Response<Bytes> {
    let location = format!("{ECHO}?code=LEAK-code");
    let response = http::Response::builder()
        .status(302)
        .header("location", location);
    response.body(Bytes::new()).unwrap()
}

fn silent(_: &StepReport) {}

fn password() -> Password {
    Password::new("LEAK-pw").unwrap()
}

fn one_time_password() -> OneTimePassword {
    OneTimePassword::new("LEAK-1").unwrap()
}

fn identity_client() -> IdentityClient {
    IdentityClient::new(site(), client_id(), ECHO).with_secret(client_secret())
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

/// A client for the org of a conversation.
fn client(conversation: &Conversation) -> HeadlessClient {
    headless(conversation.http.clone(), with_flows())
}

/// Sends the one-time password.
async fn verify(
    client: &HeadlessClient,
    started: Result<Started, Error>,
) -> Result<Verification, Error> {
    let Ok(Started::Pending(mut pending)) = started else {
        panic!("{started:?}")
    };
    client.verify(&mut pending, &one_time_password()).await
}

#[tokio::test]
async fn login() {
    let conversation = Conversation::challenge();
    let result = client(&conversation).password(USER, &password()).await;
    conversation.check(&result, expect_file!["golden/conversation_login.txt"]);
}

#[tokio::test]
async fn passwordless_login() {
    let conversation = Conversation::challenge();
    let client = client(&conversation);
    let started = client.passwordless(USER, VerificationMethod::Sms).await;
    let result = verify(&client, started).await;
    conversation.check(
        &result,
        expect_file!["golden/conversation_passwordless.txt"],
    );
}

#[tokio::test]
async fn registration() {
    let conversation = Conversation::challenge();
    let client = client(&conversation);
    let user = UserData::new()
        .with("lastName", "O'Hara")
        .with("email", USER);
    let method = VerificationMethod::Email;
    let started = client.register(&user, Some(&password()), method).await;
    let result = verify(&client, started).await;
    conversation.check(
        &result,
        expect_file!["golden/conversation_registration.txt"],
    );
}

#[tokio::test]
async fn identity_login() {
    let conversation = Conversation::new([redirect(), json(200, TOKEN)]);
    let result = identity_client()
        .login(
            &conversation.http,
            USER,
            &password(),
            IdentityGate::Open,
            verifier(),
            &silent,
        )
        .await;
    conversation.check(
        &result,
        expect_file!["golden/conversation_identity_login.txt"],
    );
}

/// Sends the one-time password of a Headless Identity flow.
async fn finish(
    http: &HttpClient,
    pending: Result<eca_oauth::IdentityPending, Error>,
) -> Result<TokenResponse, Error> {
    let (pending, code) = (pending.unwrap(), one_time_password());
    identity_client()
        .finish(http, &pending, &code, verifier(), &silent)
        .await
}

#[tokio::test]
async fn identity_passwordless_login() {
    let conversation = Conversation::one_time_password();
    let init = PasswordlessInit {
        username: USER,
        method: VerificationMethod::Sms,
    };
    let http = &conversation.http;
    let pending = identity_client()
        .start_passwordless(http, init, IdentityGate::Open, &silent)
        .await;
    let result = finish(http, pending).await;
    conversation.check(
        &result,
        expect_file!["golden/conversation_identity_passwordless.txt"],
    );
}

#[tokio::test]
async fn identity_registration() {
    let conversation = Conversation::one_time_password();
    let init = RegistrationInit {
        user: &UserData::new().with("email", USER),
        password: &password(),
        method: VerificationMethod::Email,
    };
    let http = &conversation.http;
    let pending = identity_client()
        .start_registration(http, init, IdentityGate::Open, &silent)
        .await;
    let result = finish(http, pending).await;
    conversation.check(
        &result,
        expect_file!["golden/conversation_identity_registration.txt"],
    );
}

#[tokio::test]
async fn identity_forgot_password() {
    let statuses = ["otp_sent", "success"];
    let conversation = Conversation::new(
        statuses.map(|status| json(200, &format!(r#"{{"status_code":"{status}"}}"#))),
    );
    let steps = [
        ForgotPassword::Start { username: USER },
        ForgotPassword::Reset {
            username: USER,
            new_password: &password(),
            one_time_password: &one_time_password(),
        },
    ];
    let mut statuses = Vec::new();
    for step in steps {
        let status = identity_client()
            .forgot_password(&conversation.http, step, IdentityGate::Open, &silent)
            .await;
        statuses.push(status.unwrap());
    }
    conversation.check(
        &Ok(statuses),
        expect_file!["golden/conversation_identity_forgot.txt"],
    );
}
